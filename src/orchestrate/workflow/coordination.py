"""The port `Coordination`: what users ask about that which workflows share. Both engines offer it.

Every method is synchronous and may block.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

PLACES = "workflows"
"""The pool of places for workflows that run."""


class Pool(NamedTuple):
    """Something of which there is only so much; None: no limit."""

    name: str
    used: int
    there: int | None


class Rate(NamedTuple):
    """A rate limit, and how far it is used up now."""

    name: str
    commands: Sequence[str]
    """What calls begin with that it counts, without the slash."""
    most: int
    period: float
    """At most `most` calls in so many seconds."""
    left: int
    """So many may begin at once."""
    waiting: int
    """So many calls wait for their turn."""
    next_at: float | None
    """When one more may begin (seconds since the epoch); None: now."""


class Waiting(NamedTuple):
    """Who waits, since when (seconds since the epoch), and for what."""

    workflow: str
    playbook: str
    priority: str
    since: float
    reason: str


class Hold(NamedTuple):
    """Somebody said that nothing new begins; `since`: seconds since the epoch."""

    actor: str
    reason: str
    since: float


class Coordination(Protocol):
    """Locks, capacity and places of all workflows together."""

    def locks(self) -> dict[str, Any]:
        """Who holds which lock and how much capacity, and who waits, as `locks --json` tells."""
        ...

    def release_lock(self, lock: str, *, actor: str, reason: str) -> list[dict[str, Any]]:
        """Take a lock away from all that hold it, which is recorded with each of them; returns
        these holders. Raises NotFoundError if there is none.
        """
        ...

    def pools(self) -> Sequence[Pool]:
        """What there is and how much of it is used: the places, then each resource."""
        ...

    def rates(self) -> Sequence[Rate]:
        """The rate limits, in the order of their names."""
        ...

    def differing(self) -> Sequence[str]:
        """Where the settings of whoever asks say something else than what is in force, in words."""
        ...

    def queued(self) -> Sequence[Waiting]:
        """Who waits to begin, in the order of their turn; then who waits for what it claims."""
        ...

    def usual_duration(self, playbook: str) -> float | None:
        """The median of its last successful workflows, in seconds; None if there was none."""
        ...

    def held(self) -> Hold | None:
        """Who holds new workflows, if anybody does."""
        ...

    def hold(self, *, actor: str, reason: str) -> None:
        """No new workflows begin from now on. Raises ConflictError if they are held already."""
        ...

    def unhold(self, *, actor: str) -> str:
        """New workflows begin again; gives the reason of the hold. Raises ConflictError if there
        is none.
        """
        ...
