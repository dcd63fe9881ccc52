"""What keeps a process that runs for months at the size of its work: a daemon, a worker.

It does several things at once in threads. Left alone, the C library gives nearly each of them an
arena of its own, which keeps the most that was ever needed in it; and the collector is set for
commands that end after seconds: once in hours it would look for the cycles that workflows leave.
"""

import gc
import sys

_M_ARENA_MAX = -8
"""The parameter's number in glibc's `malloc.h`."""
_ARENAS = 2
_COLLECT_AFTER = (2_000, 5, 5)
"""For `gc.set_threshold`: what there is for good is not looked at, so a look is cheap."""


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
    """What there is now stays for good: the collector looks at what comes after, and often.

    It looks at everything once that has grown by a quarter, so it collects once more: from nothing.
    """
    gc.collect()
    gc.freeze()
    gc.collect()
    gc.set_threshold(*_COLLECT_AFTER)
