"""Schedules: what they are, and what becomes of each of their slots.

`Schedules` is the port to where they are kept; `DueSchedules` is what a daemon asks of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from hashlib import sha256
from itertools import islice, takewhile
from typing import Any, NamedTuple, Protocol

from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.playbook.cron import parse_cron, zone_named
from orchestrate.playbook.plan import Json
from orchestrate.playbook.spelling import nearest
from orchestrate.triggers.slots import Dst, Slot, slots

LATE = 60.0
"""Seconds after which a slot counts as missed: nobody was there to start it."""
_MOST = 1000
"""Slots that are decided one by one; of still more that were missed only the newest count."""


class CatchUp(StrEnum):
    """Which slots that were missed, because no daemon ran, are made up for."""

    SKIP = "skip"
    LATEST = "latest"
    ALL = "all"


class Overlap(StrEnum):
    """What becomes of a slot while the workflow of an earlier one is not over."""

    SKIP = "skip"
    """it is left out, and said to be"""
    QUEUE = "queue"
    """it waits for the end of that"""
    ALLOW = "allow"
    """both run"""
    CANCEL_PREVIOUS = "cancel_previous"
    """the earlier one is cancelled"""


class Schedule(NamedTuple):
    """When a playbook is started, and how. Times are seconds since the epoch."""

    name: str
    playbook: str
    cron: str
    zone: str
    environment: str | None
    parameters: Mapping[str, Json]
    actor: str
    dst: Dst = Dst.RUN_ONCE
    catch_up: CatchUp = CatchUp.LATEST
    overlap: Overlap = Overlap.SKIP
    jitter: float = 0.0
    """Seconds; each slot is put off by its own share of them, always the same."""
    enabled: bool = False
    declared_in: str | None = None
    """The playbook whose `triggers:` it stands in; None: made on the command line."""
    decided_until: float = 0.0
    """Slots up to this moment are decided."""

    def same_as(self, other: "Schedule") -> bool:
        """Whether both mean the same, whoever made them."""
        return self._replace(actor="", enabled=False, decided_until=0.0) == other._replace(
            actor="", enabled=False, decided_until=0.0
        )

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Schedule":
        """What `_asdict` gave, after it was JSON."""
        found = cls(**data)
        return found._replace(
            dst=Dst(found.dst), catch_up=CatchUp(found.catch_up), overlap=Overlap(found.overlap)
        )


class Decided(NamedTuple):
    """What became of a slot. `outcome`: started, skipped, missed, or refused (it could not be
    started; `reason` says why).
    """

    slot: str
    at: float
    outcome: str
    workflow: str | None = None
    reason: str = ""
    decided_at: float = 0.0


class Due(NamedTuple):
    """A slot that is due: to be started (after the workflow before it was cancelled, if
    `cancels`), or `decided` already, or, if it `waits`, to be looked at again later.
    """

    slot: Slot
    due_at: float
    decided: Decided | None = None
    waits: bool = False
    cancels: bool = False


def due_at(schedule: Schedule, slot: Slot) -> float:
    """When a slot is started: its time, put off by its share of the jitter."""
    if not schedule.jitter:
        return slot.at
    digest = sha256(f"{schedule.name}\0{slot.name}".encode()).digest()
    return slot.at + schedule.jitter * int.from_bytes(digest[:6]) / (1 << 48)


def coming(schedule: Schedule, after: float, count: int, until: float | None = None) -> list[Slot]:
    """The next slots after a moment: so many at most, and none after `until`."""
    return list(islice(ahead(schedule, after, until), count))


def ahead(schedule: Schedule, after: float, until: float | None = None) -> Iterator[Slot]:
    """The slots after a moment, and none after `until`, in the order of their moments. Each costs a
    look at the calendar when it is asked for.
    """
    found = slots(parse_cron(schedule.cron), zone_named(schedule.zone), schedule.dst, after)
    return found if until is None else takewhile(lambda slot: slot.at <= until, found)


def next_due(schedule: Schedule) -> float | None:
    """When something has to be decided; None: never."""
    found = coming(schedule, schedule.decided_until, 1)
    return due_at(schedule, found[0]) if found else None


def decide(schedule: Schedule, now: float, running: str | None) -> list[Due]:
    """What to do at `now`, in the order of the slots. `running`: the workflow that an earlier slot
    started, if it is not over.
    """
    due = _due(schedule, now)
    found: list[Due] = []
    for position, slot in enumerate(due):
        when = due_at(schedule, slot)
        newest = position == len(due) - 1
        if now - when > LATE and not _is_made_up_for(schedule.catch_up, newest=newest):
            reason = "nothing was there to start it: no daemon ran"
            found.append(Due(slot, when, Decided(slot.name, slot.at, "missed", None, reason, now)))
            continue
        if running is None or schedule.overlap is Overlap.ALLOW:
            found.append(Due(slot, when))
        elif schedule.overlap is Overlap.CANCEL_PREVIOUS:
            found.append(Due(slot, when, cancels=True))
        elif schedule.overlap is Overlap.QUEUE:
            return [*found, Due(slot, when, waits=True)]
        else:
            reason = f"{running} was not over"
            found.append(Due(slot, when, Decided(slot.name, slot.at, "skipped", None, reason, now)))
            continue
        running = f"the workflow of {slot.name}"
    return found


def _is_made_up_for(catch_up: CatchUp, *, newest: bool) -> bool:
    return catch_up is CatchUp.ALL or (catch_up is CatchUp.LATEST and newest)


def _due(schedule: Schedule, now: float) -> list[Slot]:
    found: list[Slot] = []
    for slot in slots(
        parse_cron(schedule.cron), zone_named(schedule.zone), schedule.dst, schedule.decided_until
    ):
        if due_at(schedule, slot) > now:
            break  # in order: jitter never lets a slot overtake the one before it
        found.append(slot)
        if len(found) > 2 * _MOST:
            del found[:_MOST]
    return found[-_MOST:]


def taken(known: Schedule) -> ConflictError:
    """Another schedule has the name of a new one."""
    return ConflictError(
        f"there is a schedule {known.name} already, which is another: "
        f"{known.playbook} at `{known.cron}` ({known.zone})",
        hint="Give this one another --name, or pass --replace.",
    )


def missing(name: str, known: Sequence[str]) -> NotFoundError:
    """No schedule has that name."""
    near = nearest(name, known)
    hint = f"Did you mean `{near}`?" if near else "`orchestrate schedule --list` lists them."
    return NotFoundError(f"there is no schedule {name}", hint=hint)


class Schedules(Protocol):
    """Where schedules are kept, as people see them. Each method is one transaction."""

    def put(self, schedule: Schedule, *, replace: bool = False) -> bool:
        """Keep it; False if the same one was there. Raises ConflictError if another one has its
        name and is not to be replaced.
        """
        ...

    def get(self, name: str) -> Schedule:
        """Raises NotFoundError."""
        ...

    def all(self) -> Sequence[Schedule]:
        """By name."""
        ...

    def enable(self, name: str, *, enabled: bool, now: float) -> None:
        """What was due while it was disabled is not made up for. Raises NotFoundError."""
        ...

    def remove(self, name: str) -> None:
        """Its slots go, its workflows stay. Raises NotFoundError."""
        ...

    def history(self, name: str, limit: int) -> Sequence[Decided]:
        """What became of its last slots, newest first."""
        ...


class DueSchedules(Schedules, Protocol):
    """The same for a daemon that starts what is due."""

    def due(self, now: float) -> tuple[Sequence[Schedule], float | None]:
        """Those of which something has to be decided, and when the next has."""
        ...

    def record(self, name: str, decided: Sequence[Decided]) -> None:
        """What became of slots, in their order."""
        ...
