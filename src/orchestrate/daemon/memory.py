"""What keeps a process that runs for months at the size of its work: a daemon, a worker.

It does several things at once in threads. Left alone, the C library gives nearly each of them an
arena of its own, and each keeps the most that was ever needed in it. Ended workflows hang in
cycles, and the collector, set for commands that end after seconds, would look for those once in
hours; left to its own rules it waits until what is new is a quarter of everything.
"""

import gc
import sys
import time
from collections.abc import Callable

_M_ARENA_MAX = -8
"""The parameter's number in glibc's `malloc.h`."""
_ARENAS = 2
_EVERY = 30.0
"""Seconds between two looks for cycles."""


def limit_arenas() -> None:
    """Have all threads share a few arenas; before there are threads. Other C libraries than glibc
    do not need it.
    """
    mallopt = _of_libc("mallopt")
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)


def _of_libc(name: str) -> Callable[..., int] | None:
    if sys.platform != "linux":
        return None
    import ctypes

    return getattr(ctypes.CDLL(None), name, None)


def settle() -> None:
    """What there is now stays for good: the collector looks only at what comes after, so a look
    takes some hundredths of a second, and may come often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 10, 10)


class Collecting:
    """Looks for cycles now and then, once all that stays for good is there, and gives the system
    back what a burst of work needed: between blocks that are in use the C library keeps it.
    """

    def __init__(self) -> None:
        settle()
        self._trim = _of_libc("malloc_trim")
        self._next = time.monotonic() + _EVERY

    def tick(self) -> None:
        """Look if it is time to."""
        if time.monotonic() >= self._next:
            gc.collect()
            if self._trim is not None:
                self._trim(0)
            self._next = time.monotonic() + _EVERY
