"""What other systems are told, as whoever lists and steers it sees it. `Deliveries` is the port to
where it is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.audit import Author
from orchestrate.workflow.moments import rfc3339

WAITING, DELIVERED = "waiting", "delivered"
FAILED = ("refused", "given_up")
STATES = (WAITING, *FAILED, "dropped", DELIVERED)


class Delivery(NamedTuple):
    """What one receiver is told of one event. Times are seconds since the epoch."""

    number: int
    workflow: str
    seq: int
    integration: str
    channel: str
    kind: str
    recovered: bool
    at: float
    """When the event happened that it tells of."""
    since: float
    """From when on it is tried."""
    state: str
    """waiting, delivered, refused, given_up or dropped."""
    attempts: int
    """How many have failed."""
    next_at: float
    error: str
    """Why the last one failed."""
    held: tuple[str, ...]
    """Environment variables that were not set where it was tried."""
    settled_at: float | None
    playbook: str

    @property
    def key(self) -> str:
        """Its idempotency key."""
        return f"{self.workflow}/{self.seq}/{self.integration}"

    def to_json(self) -> dict[str, Json]:
        """As in `deliveries --json`."""
        return {
            "key": self.key,
            "workflow": self.workflow,
            "playbook": self.playbook,
            "integration": self.integration,
            "event": self.kind,
            "at": rfc3339(self.at),
            "state": self.state,
            "failed_attempts": self.attempts,
            "next_at": rfc3339(self.next_at) if self.state == WAITING else None,
            "settled_at": rfc3339(self.settled_at),
            "error": self.error,
            "unset_variables": list(self.held),
        }


class Tally(NamedTuple):
    """What became of all that one integration of one playbook was to be told."""

    playbook: str
    integration: str
    counts: Mapping[str, int]
    """By state."""
    delivered_at: float | None
    """When the last one was, in seconds since the epoch."""
    failing: Delivery | None
    """The newest that waits after an attempt that failed, or failed for good."""


class Remembered(NamedTuple):
    """What a service wants to know next time."""

    scope: str
    body: Mapping[str, Json]


class Deliveries(Protocol):
    """Where deliveries are kept."""

    def find(
        self, states: Sequence[str], limit: int, workflow: str | None = None
    ) -> list[Delivery]:
        """The newest in one of these states, in their order; of all workflows, or of one. Raises
        NotFoundError if that one does not exist.
        """
        ...

    def counts(self) -> Mapping[str, int]:
        """How many there are in each state."""
        ...

    def tallies(self) -> list[Tally]:
        """What became of them, for each integration of each playbook."""
        ...

    def retry(self, key: str | None, author: Author, now: float) -> int:
        """Have one, or all that wait or failed, tried at once; how many. Raises NotFoundError, and
        ConflictError for one that was delivered.
        """
        ...

    def drop(self, key: str, author: Author, now: float) -> None:
        """Give one up. Raises NotFoundError, and ConflictError for one that was delivered."""
        ...


def tally(deliveries: Iterable[Delivery]) -> list[Tally]:
    """What became of these, the oldest of which come first."""
    found: dict[tuple[str, str], Tally] = {}
    for one in deliveries:
        which = one.playbook, one.integration
        known = found.get(which) or Tally(*which, {}, None, None)
        counts = {**known.counts, one.state: known.counts.get(one.state, 0) + 1}
        delivered = [at for at in (known.delivered_at, one.settled_at) if at is not None]
        is_failing = bool(one.error) and one.state in (WAITING, *FAILED)
        found[which] = known._replace(
            counts=counts,
            delivered_at=max(delivered) if one.state == DELIVERED else known.delivered_at,
            failing=one if is_failing else known.failing,
        )
    return [found[which] for which in sorted(found)]


def no_delivery(key: str) -> NotFoundError:
    """There is none of that key."""
    return NotFoundError(
        f"there is no delivery {key}",
        hint="`orchestrate deliveries` lists those that wait or failed.",
    )


def was_delivered(key: str) -> ConflictError:
    """Nothing can be changed."""
    return ConflictError(f"{key} was delivered", hint="What was delivered is not sent again.")
