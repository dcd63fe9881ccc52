"""What a call of the core has still to do when its share was used up.

A host that must not be kept for long gives the core a share of work for each call (see
`scope.Scheduler`) and goes on until it is settled, before it brings anything else: what comes from
outside always finds a workflow that stands still, as if there were no shares.
"""

from collections.abc import Generator

from orchestrate.workflow.scope import Scheduler

_STILL = object()


class Moves:
    """The call that is under way, if any."""

    __slots__ = ("_moving", "_scheduler")

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._moving: Generator[None] | None = None

    def share(self, units: int | None) -> None:
        """How much may be done from now on; None, as at first: everything at once."""
        self._scheduler.share(units)

    def spend(self, units: int) -> None:
        """What was asked of the host takes time too: that much of the share."""
        self._scheduler.spend(units)

    @property
    def spent(self) -> bool:
        """Whether the share is used up."""
        return self._scheduler.spent

    @property
    def settled(self) -> bool:
        """Whether nothing moves any more until something comes from outside."""
        return self._moving is None

    def begin(self, moving: Generator[None]) -> None:
        """Something came: do what it sets off, as far as the share reaches."""
        assert self._moving is None
        self._moving = moving
        self.go_on()

    def go_on(self) -> None:
        """Go on where the share was used up."""
        if self._moving is not None and next(self._moving, _STILL) is _STILL:
            self._moving = None

    def until_still(self) -> Generator[None]:
        """Move tasks until none can move; gives way whenever the share is used up."""
        while not self._scheduler.run():
            yield
