"""What is asked of the loop of whoever starts processes: a selector's, or asyncio's."""

from collections.abc import Callable
from typing import Protocol


class Loop(Protocol):
    """Runs callbacks in one thread."""

    def post(self, callback: Callable[[], None]) -> None:
        """Have something done by the loop's thread, soon; any thread may call it."""
        ...

    def watch(self, descriptor: int, ready: Callable[[], None], *, writable: bool = False) -> None:
        """Call `ready` whenever the descriptor can be read (or written, if asked for)."""
        ...

    def forget(self, descriptor: int) -> None:
        """Stop watching a descriptor, before it is closed."""
        ...
