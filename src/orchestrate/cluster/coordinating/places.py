"""Which workflows may begin, or go on after a pause: holds, freezes, concurrency groups, and how
many run at once. Pure.

All three keep those that have not begun; one that goes on needs a place only. Who waits for one of
the first two is in nobody's way. The order is that of `workflow/ranking.py`.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from orchestrate.workflow.admitting import FREEZE, Freezes, Halt
from orchestrate.workflow.ranking import rank

MADE, QUEUED, RUNNING, RESTING, RETURNING = "made", "queued", "running", "resting", "returning"
_BEGUN = frozenset({RUNNING, RESTING, RETURNING})
_FORGOTTEN = 3600.0
"""Seconds after which one that was made has lost its place in the order."""
_PROMISED = 60.0
"""Seconds for which a workflow that was made, and not begun, counts as one that comes."""


class Seat(NamedTuple):
    """A workflow that wants to begin, or has begun and is not over."""

    workflow: str
    priority: str
    environment: str
    group: str | None = None
    overlap: str | None = None
    overrides: tuple[str, ...] = ()
    playbook: str = ""
    resumed: bool = False
    """It has begun before: no freeze keeps it."""
    number: int = 0
    since: float = 0.0
    state: str = MADE
    reason: str = ""
    """Why it waits, as it was told."""
    superseded: bool = False

    @property
    def place(self) -> tuple[float, int]:
        """Its place in the queue."""
        return rank(self.priority, self.since, self.number)


class Told(NamedTuple):
    """What a workflow is to hear: it may go on if there is no `reason`."""

    workflow: str
    reason: str


class Verdict(NamedTuple):
    """What has become of those that wait."""

    told: list[Told]
    cancels: list[tuple[str, str]]
    """Earlier workflows of a group, and the one by which each is superseded."""
    until: float | None
    """When to look again in any case (seconds since the epoch)."""


class Hold(NamedTuple):
    """Somebody said that nothing new begins."""

    actor: str
    reason: str
    held_at: float


class Places:
    """Every workflow for which it matters."""

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        """`data`: what `to_data` gave."""
        data = data or {"count": 0, "seats": [], "hold": None}
        self._count: int = data["count"]
        self._seats: dict[str, Seat] = {row[0]: _seat(row) for row in data["seats"]}
        self.hold: Hold | None = None if data["hold"] is None else Hold(*data["hold"])
        self.touched = False
        """Whether something changed that a decision depends on."""

    def to_data(self) -> dict[str, Any]:
        """As JSON, to be gone on with later."""
        seats = list(self._seats.values())
        return {"count": self._count, "seats": seats, "hold": self.hold}

    @property
    def seats(self) -> list[Seat]:
        """All of them, those that wait in the order of their turn."""
        return sorted(self._seats.values(), key=lambda seat: seat.place)

    def seat(self, workflow: str) -> Seat | None:
        """What is known of one."""
        return self._seats.get(workflow)

    def make(self, seat: Seat, now: float) -> None:
        """It was made, and will want to begin."""
        if seat.workflow not in self._seats:
            self._count += 1
            # A clock that was set back lets nobody in front of those who came before.
            last = max((other.since for other in self._seats.values()), default=0.0)
            since = max(now, last)
            self._seats[seat.workflow] = seat._replace(number=self._count, since=since)

    def enter(self, seat: Seat, now: float) -> None:
        """It wants to begin."""
        self.make(seat, now)
        known = self._seats[seat.workflow]
        if known.state == MADE:
            self._set(known._replace(state=QUEUED, resumed=seat.resumed))
        elif known.state != QUEUED:
            self._set(known._replace(state=RETURNING))  # it ended, or was rewritten, and goes on

    def restore(self, seat: Seat, now: float) -> None:
        """It has begun already, which was not known any more."""
        if seat.workflow not in self._seats:
            self.make(seat, now)
            self._set(self._seats[seat.workflow]._replace(state=RUNNING))

    def rest(self, workflow: str) -> None:
        """It is paused, or waits for people: others may run in its place."""
        self._change(workflow, RESTING)

    def come_back(self, workflow: str) -> None:
        """It wants to go on."""
        self._change(workflow, RETURNING)

    def forget_promises(self, now: float) -> None:
        """Workflows that were to come, and have not."""
        for seat in tuple(self._seats.values()):
            if seat.state == MADE and now - seat.since > _FORGOTTEN:
                del self._seats[seat.workflow]

    def gone(self, workflow: str) -> None:
        """It is over."""
        if self._seats.pop(workflow, None) is not None:
            self.touched = True

    def _change(self, workflow: str, state: str) -> None:
        known = self._seats.get(workflow)
        if known is not None and known.state in _BEGUN and known.state != state:
            self._set(known._replace(state=state))

    def _set(self, seat: Seat) -> None:
        self._seats[seat.workflow] = seat._replace(reason="")
        self.touched = True

    # Deciding

    def halt(self, seat: Seat, freezes: Freezes | None, now: float) -> Halt | None:
        """What keeps a new workflow from beginning now."""
        if seat.resumed or FREEZE in seat.overrides:
            return None
        if self.hold is not None:
            reason = f": {self.hold.reason}" if self.hold.reason else ""
            return Halt(f"{self.hold.actor} holds all new workflows{reason}", None)
        return None if freezes is None else freezes(now, seat.environment, seat.priority)

    def rivals(self, seat: Seat, now: float) -> list[Seat]:
        """Others of its group that have begun, or are about to."""
        return [
            other
            for other in self.seats
            if other.group == seat.group
            and other.workflow != seat.workflow
            and (other.state != MADE or now - other.since < _PROMISED)
        ]

    def decide(self, limit: int | None, freezes: Freezes | None, now: float) -> Verdict:
        """Whoever may go on now; what the others wait for, where that is news."""
        self.touched = False
        self.forget_promises(now)
        verdict = Verdict([], [], None)
        running = sum(seat.state == RUNNING for seat in self._seats.values())
        taken: set[str] = set()
        for seat in self.seats:
            if seat.state not in (QUEUED, RETURNING):
                continue
            reason = ""
            if seat.state == QUEUED:
                halt = self.halt(seat, freezes, now)
                if halt is not None:
                    reason = halt.reason
                    verdict = _until(verdict, halt.until)
                else:
                    reason = self._in_the_way(seat, taken, verdict)
            if not reason and limit is not None and running >= limit:
                what = "workflow runs or comes" if limit == 1 else "workflows run or come"
                reason = f"{limit} {what} first, as many as may run at once"
            if not reason:
                running += 1
            self._tell(seat, reason, verdict)
        return verdict

    def _tell(self, seat: Seat, reason: str, verdict: Verdict) -> None:
        if reason and reason == seat.reason:
            return
        state = seat.state if reason else RUNNING
        self._seats[seat.workflow] = self._seats[seat.workflow]._replace(state=state, reason=reason)
        verdict.told.append(Told(seat.workflow, reason))

    def _in_the_way(self, seat: Seat, taken: set[str], verdict: Verdict) -> str:
        """Others of its group: those that have begun, and those whose turn is before."""
        if seat.group is None or seat.overlap == "allow":
            return ""
        others = [
            other
            for other in self._seats.values()
            if other.group == seat.group and other.workflow != seat.workflow
        ]
        found = [other for other in others if other.state in _BEGUN]
        if seat.overlap == "cancel_previous":
            found += [o for o in others if o.state == QUEUED and o.place < seat.place]
            self._supersede(seat, found, verdict)
        elif not found and seat.group in taken:
            found = [o for o in others if o.state == QUEUED and o.place < seat.place]
        taken.add(seat.group)
        if not found:
            return ""
        names = ", ".join(other.workflow for other in found[:3]) + (" …" if len(found) > 3 else "")
        return f"{names} of the group {seat.group} is not over"

    def _supersede(self, seat: Seat, found: list[Seat], verdict: Verdict) -> None:
        for other in found:
            if other.number < seat.number and not other.superseded:
                known = self._seats[other.workflow]
                self._seats[other.workflow] = known._replace(superseded=True)
                verdict.cancels.append((other.workflow, seat.workflow))


def _until(verdict: Verdict, until: float | None) -> Verdict:
    known = [moment for moment in (verdict.until, until) if moment is not None]
    return verdict._replace(until=min(known, default=None))


def _seat(data: list[Any]) -> Seat:
    seat = Seat(*data)
    return seat._replace(overrides=tuple(seat.overrides))
