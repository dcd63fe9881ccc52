"""asyncio's loop, as those who watch over processes use one."""

import asyncio
from collections.abc import Callable


class Reactor:
    """Implements `launching.watching.Loop` for the loop that runs now."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._writable: set[int] = set()

    def post(self, callback: Callable[[], None]) -> None:
        """Have something done by the loop's thread; any thread may call it."""
        self._loop.call_soon_threadsafe(callback)

    def watch(self, descriptor: int, ready: Callable[[], None], *, writable: bool = False) -> None:
        """Call `ready` whenever the descriptor can be read (or written, if asked for)."""
        self._loop.add_reader(descriptor, ready)
        if writable:
            self._loop.add_writer(descriptor, ready)
            self._writable.add(descriptor)
        else:
            self._forget_writing(descriptor)

    def forget(self, descriptor: int) -> None:
        """Stop watching a descriptor, before it is closed."""
        self._loop.remove_reader(descriptor)
        self._forget_writing(descriptor)

    def _forget_writing(self, descriptor: int) -> None:
        if descriptor in self._writable:
            self._writable.discard(descriptor)
            self._loop.remove_writer(descriptor)
