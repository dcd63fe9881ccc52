"""The gate: what may start now.

Nothing starts while the history is replayed or the workflow is paused, nor above the limit of
attempts at once. Those that wait start in the order in which they came. An attempt that is
cancelled while it waits never starts.
"""

from orchestrate.workflow.scope import Cancelled, Pending, Scope


class Gate:
    """Admission of attempts within one workflow."""

    __slots__ = ("_limit", "_shut", "_waiting", "running")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._shut: set[str] = set()
        self._waiting: dict[Pending[None], None] = {}
        self.running = 0

    @property
    def waiting(self) -> int:
        """How many attempts would start if they could."""
        return len(self._waiting)

    def shut(self, reason: str) -> None:
        """Let nothing start until `open(reason)`."""
        self._shut.add(reason)

    def open(self, reason: str) -> None:
        """Take that reason away; when it was the last, `admit` lets those that wait start."""
        self._shut.discard(reason)

    def is_shut(self, reason: str) -> bool:
        """Whether it is shut for `reason`."""
        return reason in self._shut

    def resume(self) -> None:
        """An attempt that the journal says was started: it has its place already."""
        self.running += 1

    async def enter(self, scope: Scope) -> None:
        """Wait for a place and take it; raises `Cancelled`, and then holds none."""
        if scope.cancelled:
            raise Cancelled
        if not self._shut and not self._waiting and self.running < self._limit:
            self.running += 1
            return
        place: Pending[None] = Pending()
        self._waiting[place] = None
        try:
            await scope.wait(place)
        except Cancelled:
            self._waiting.pop(place, None)
            raise
        if scope.cancelled:
            self.leave()
            raise Cancelled

    def leave(self) -> None:
        """Give the place back."""
        self.running -= 1

    def admit(self) -> bool:
        """Let those that wait start, as many as may; False if that is none.

        Called only when nothing moves any more: what has just ended may cancel those that wait.
        """
        if not self._waiting or self._shut or self.running >= self._limit:
            return False
        while self._waiting and not self._shut and self.running < self._limit:
            place = next(iter(self._waiting))
            del self._waiting[place]
            self.running += 1
            place.resolve(None)
        return True
