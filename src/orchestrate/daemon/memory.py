"""What keeps a process that runs for months at the size of its work.

A daemon answers requests in several threads. Left alone, the C library gives nearly each of them an
arena of its own, which keeps the most that was ever needed in it; and the collector waits until
there is a quarter of everything that was ever imported, before it looks for cycles.
"""

import gc
import sys

_M_ARENA_MAX = -8
"""The parameter's number in glibc's `malloc.h`."""
_ARENAS = 2


def limit_arenas() -> None:
    """Have all threads share a few arenas; before there are threads. Other C libraries than glibc
    do not need it.
    """
    if sys.platform != "linux":
        return
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)


def settle() -> None:
    """What there is now stays for good: the collector looks at what comes after, and so more often.

    Collected once more, as that is from when it reckons.
    """
    gc.collect()
    gc.freeze()
    gc.collect()
