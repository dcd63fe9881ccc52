"""What keeps a process that runs for months at the size of its work: a daemon, a worker.

It does several things at once in threads. Left alone, the C library gives nearly each of them an
arena of its own, which keeps the most that was ever needed in it. Ended workflows hang in cycles,
and the collector, set for commands that end after seconds, would look for those once in hours; left
to its own rules it waits until what is new is a quarter of everything.
"""

import gc
import sys
import time

_M_ARENA_MAX = -8
"""The parameter's number in glibc's `malloc.h`."""
_ARENAS = 2
_EVERY = 30.0
"""Seconds between two looks for cycles."""


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
    """What there is now stays for good: the collector looks only at what comes after, so a look
    takes some hundredths of a second, and may come often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 10, 10)


class Collecting:
    """Looks for cycles now and then, once all that stays for good is there."""

    def __init__(self) -> None:
        settle()
        self._next = time.monotonic() + _EVERY

    def tick(self) -> None:
        """Look if it is time to."""
        if time.monotonic() >= self._next:
            gc.collect()
            self._next = time.monotonic() + _EVERY
