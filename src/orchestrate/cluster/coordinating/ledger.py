"""All that workflows share, in one place: what they say goes in, in the order in which each said
it; what they are to hear comes out. Pure, and goes on from what it wrote down.

A message names its workflow, the run and its number in that run; what comes twice counts once, what
comes early waits. `base` is the first number that may not have arrived: if an earlier one is
missing here, what was known is lost, and the workflow is asked to say everything again.
"""

import json
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from orchestrate.cluster.coordinating.claims import Claims, Name
from orchestrate.cluster.coordinating.places import MADE, Hold, Places, Seat
from orchestrate.cluster.coordinating.rates import Rates
from orchestrate.cluster.coordinating.settings import Settings
from orchestrate.workflow.program import Claim, LockWanted

_REMEMBERED = 2000
"""Workflows that are over, of which late messages are known as such."""

Answers = dict[str, list[dict[str, Any]]]
"""What each workflow is to hear."""


class Member(NamedTuple):
    """A workflow that has, or wants, anything."""

    run: float
    next: int
    """The number of its message that comes next."""
    early: Mapping[int, list[Any]]
    priority: str
    linger: float
    """Seconds for which its steps may go on after somebody terminated it."""
    until: float | None = None
    """It was terminated: what it has is free from then on."""


class Decided(NamedTuple):
    """What follows from all that was said."""

    answers: Answers
    cancels: list[tuple[str, str]]
    until: float | None


class Ledger:
    """Locks, capacity, places and rates."""

    def __init__(self, state: bytes) -> None:
        """`state`: what `dump` gave; b"": nothing is known."""
        data: dict[str, Any] = json.loads(zlib.decompress(state)) if state else {}
        self.settings = Settings.of(data["settings"]) if data else Settings()
        self.set_by: Mapping[str, Any] = data.get("set_by", {})
        """Who said how much there is, and when."""
        self.claims = Claims(data.get("claims"))
        self.places = Places(data.get("places"))
        self.rates = Rates(data.get("rates"))
        self._members = {name: _member(row) for name, row in data.get("members", {}).items()}
        self._ended: dict[str, float] = data.get("ended", {})
        self.unsent: Answers = data.get("unsent", {})
        """What nobody was told yet."""
        self._answers: Answers = {}

    def dump(self) -> bytes:
        """All of it."""
        data = {
            "settings": self.settings.to_data(),
            "set_by": self.set_by,
            "claims": self.claims.to_data(),
            "places": self.places.to_data(),
            "rates": self.rates.to_data(),
            "members": self._members,
            "ended": self._ended,
            "unsent": self.unsent,
        }
        return zlib.compress(json.dumps(data).encode(), 6)

    @property
    def suspected(self) -> dict[str, float]:
        """Workflows that would keep others waiting if they had ended without a word, and the run
        in which each spoke last.
        """
        names = [row.workflow for row in self.claims.rows if row.holds]
        names += [seat.workflow for seat in self.places.seats if seat.state != MADE]
        return {name: self._members[name].run for name in names if name in self._members}

    @property
    def waited_for(self) -> bool:
        """Whether anybody waits."""
        return any(row.waits for row in self.claims.rows) or any(
            seat.reason for seat in self.places.seats
        )

    # What workflows say

    def hear(self, message: Mapping[str, Any], now: float) -> None:
        """Something that a workflow said."""
        workflow, run, base = str(message["workflow"]), float(message["run"]), int(message["base"])
        if run <= self._ended.get(workflow, 0.0):
            return
        member = self._members.get(workflow)
        if member is None or member.run < run:
            member = Member(run, 1, {}, message["priority"], message["linger"])
        elif member.run > run:
            return
        if base > member.next:
            self._answer(workflow, {"kind": "again"})
            member = member._replace(next=base)
        early = {**member.early, int(message["number"]): message["says"]}
        while member.next in early:
            says = early.pop(member.next)
            self._take(workflow, member, says, now)
            if says[0] == "gone":
                return
            member = member._replace(next=member.next + 1)
        later = {number: says for number, says in early.items() if number > member.next}
        self._members[workflow] = member._replace(early=later)

    def _take(self, workflow: str, member: Member, says: list[Any], now: float) -> None:
        what, *more = says
        match what:
            case "claim":
                name = Name(member.run, member.next)
                self.claims.claim(workflow, claim_of(more), member.priority, name, now)
            case "hold":
                name = Name(member.run, member.next)
                self.claims.restore(workflow, claim_of(more), member.priority, name, now)
            case "release":
                self.claims.release(workflow, more[0])
            case "suspend":
                self.claims.suspend(workflow)
            case "broken":
                self.claims.take_away(workflow, *more)
            case "enter":
                self.places.enter(seat_of(workflow, more[0]), now)
            case "seated":
                self.places.restore(seat_of(workflow, more[0]), now)
            case "rest":
                self.places.rest(workflow)
            case "return":
                self.places.come_back(workflow)
            case "pace":
                given = self.rates.take(workflow, more[0], more[1], self.settings.limits, now)
                answer = {"kind": "paced", "attempt": more[0], **given._asdict()}
                self._answer(workflow, answer)
            case "unpace":
                self.rates.give_back(workflow, more[0], self.settings.limits)
            case "gone":
                self._end(workflow, member.run)
            case _:
                # Its task fails until a worker of the other program has a look at it.
                raise ValueError(f"an older program does not know what {what} means")

    def _end(self, workflow: str, run: float) -> None:
        self.forget(workflow)
        self._ended[workflow] = run
        while len(self._ended) > _REMEMBERED:
            del self._ended[next(iter(self._ended))]

    def forget(self, workflow: str) -> None:
        """It is over: whatever it had is free."""
        self._members.pop(workflow, None)
        self.claims.gone(workflow)
        self.places.gone(workflow)
        self.rates.gone(workflow)
        self._answers.pop(workflow, None)
        self.unsent.pop(workflow, None)

    def terminated(self, workflow: str, at: float) -> None:
        """Somebody ended it from outside: its steps may go on for a while."""
        member = self._members.get(workflow)
        if member is None:
            self.places.gone(workflow)
        elif member.until is None:
            self._members[workflow] = member._replace(until=at + member.linger)

    def lives(self, workflow: str) -> None:
        """It was seen open."""
        member = self._members.get(workflow)
        if member is not None and member.until is not None:
            self._members[workflow] = member._replace(until=None)

    # What people say

    def apply(self, settings: Settings, set_by: Mapping[str, Any]) -> None:
        """So much there is from now on."""
        self.settings, self.set_by = settings, set_by
        self.claims.look_again()
        self.places.touched = True

    def take_hold(self, hold: Hold | None) -> None:
        """Nothing new begins, or does again."""
        self.places.hold = hold
        self.places.touched = True

    def may_be_made(self, seat: Seat, now: float, *, waits: bool) -> str:
        """Why that workflow is not to be made; "" if it may, and then it is expected."""
        if not waits:
            halt = self.places.halt(seat, self.settings.halts(), now)
            if halt is not None:
                return f"halt {halt.reason}"
        if seat.group is not None and seat.overlap == "skip":
            for other in self.places.rivals(seat, now):
                state = "queued" if other.state in (MADE, "queued") else "begun"
                return f"alone {other.workflow} ({state})"
        self.places.make(seat, now)
        return ""

    # What follows

    def wait(self) -> Decided:
        """Nobody is granted anything yet: who has what is still being asked. Only those are
        answered who have to say something for that.
        """
        asked = {
            workflow: [answer for answer in answers if answer["kind"] == "again"]
            for workflow, answers in self._answers.items()
        }
        for answers in self._answers.values():
            answers[:] = [answer for answer in answers if answer["kind"] != "again"]
        return Decided({name: answers for name, answers in asked.items() if answers}, [], None)

    def decide(self, now: float) -> Decided:
        """What everybody is to hear now."""
        until: float | None = None
        for workflow, member in tuple(self._members.items()):
            if member.until is not None and member.until <= now:
                self._end(workflow, member.run)
            elif member.until is not None:
                until = _earlier(until, member.until)
        for answer in self.claims.decide(self.settings.capacity, now):
            self._answer(answer.workflow, {"kind": "claim", **answer.to_data()})
        verdict = self.places.decide(self.settings.places, self.settings.halts(), now)
        for told in verdict.told:
            self._answer(told.workflow, {"kind": "place", "reason": told.reason})
        answers, self._answers = self._answers, {}
        return Decided(answers, verdict.cancels, _earlier(until, verdict.until))

    def _answer(self, workflow: str, answer: dict[str, Any]) -> None:
        self._answers.setdefault(workflow, []).append(answer)


def seat_of(workflow: str, data: Mapping[str, Any]) -> Seat:
    """What a workflow says of itself that wants to begin."""
    told: dict[str, Any] = {**data, "workflow": workflow, "overrides": tuple(data["overrides"])}
    return Seat(**told)


def claim_data(claim: Claim) -> list[Any]:
    """A claim as JSON."""
    return [claim.path, claim.locks, dict(claim.resources), dict(claim.tokens)]


def claim_of(data: list[Any]) -> Claim:
    """What `claim_data` gave."""
    path, locks, resources, tokens = data
    return Claim(path, tuple(LockWanted(*lock) for lock in locks), resources, tokens)


def _earlier(one: float | None, other: float | None) -> float | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)


def _member(data: list[Any]) -> Member:
    member = Member(*data)
    return member._replace(early={int(number): says for number, says in member.early.items()})
