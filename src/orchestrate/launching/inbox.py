"""Events that were sent to a project, as whoever sends and lists them sees it. `Inbox` is the port
to where they are kept.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from orchestrate.triggers.cloud_events import CloudEvent
from orchestrate.workflow.audit import Author


class Arrived(NamedTuple):
    """An event as it is kept. `state`: pending, started, taken (by a step that waited for it),
    unmatched, refused or ignored.
    """

    number: int
    at: float
    event: CloudEvent
    state: str
    reason: str
    workflows: tuple[str, ...]


class Waiter(NamedTuple):
    """A step to which an event was offered, and the socket of whoever runs its workflow, if that is
    a process of this machine.
    """

    workflow: str
    path: str
    socket: str | None = None


class Kept(NamedTuple):
    """What became of an event that was sent. `fresh` False: it came before, nothing happens."""

    fresh: bool
    waiters: tuple[Waiter, ...] = ()
    """Steps that wait for such an event."""


class Settled(NamedTuple):
    """What triggers made of an event. `state`: started, unmatched, refused or ignored."""

    state: str
    workflows: tuple[str, ...]
    reason: str


class Inbox(Protocol):
    """Where events are kept."""

    def put(self, events: Sequence[CloudEvent], now: float, author: Author) -> list[Kept]:
        """Keep them, durably: from then on they are looked at, each once."""
        ...

    def unmatched(self, limit: int) -> list[Arrived]:
        """Those that started nothing, newest first."""
        ...

    def try_again(self, author: Author, now: float) -> int:
        """Have those that started nothing looked at once more; how many there are."""
        ...
