"""What a scenario has happen, one thing after another, and what it does once a fault has made it
take another way.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from contract.scenario_runner import INPUTS, Case
from faulty import calls

from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.workflow.approvals import Answer, Approver
from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.events import Event, EventType


class End(NamedTuple):
    """How an attempt is to end."""

    path: str
    number: int
    data: Any


_BEGINNINGS = (EventType.WORKFLOW_STARTED, EventType.STEP_STARTED, EventType.ATTEMPT_STARTED)

Work = Callable[[str], Callable[[EmbeddedEngine], object]]
"""From a workflow's id to what is asked of an engine."""


class Ask(NamedTuple):
    """Something that somebody is to ask for, and which of those events then comes."""

    type: EventType
    number: int
    work: Work


class Script:
    """What is to happen, one thing after another, as on the virtual clock. Once a fault has made a
    step fail it goes another way: then all that runs ends well, and the rest is cancelled.
    """

    def __init__(self, case: Case) -> None:
        self._inputs = [event for event in case.played.events if event.type in INPUTS]
        self._before = _begun_before(case.played.events)
        self._known = frozenset(map(_key, case.played.events))
        self._begun: set[Any] = set()
        self._next = 0
        self._started: dict[tuple[str, int], bool] = {}
        """Attempts, and whether they were told how to end."""
        self._asked: set[str] = set()
        self._done: Counter[object] = Counter()
        """Inputs that have come to pass, as `_kind` names them."""
        self._rests = 0
        self._is_resting = False
        self._told = False
        self._cancelled = False
        self.is_off = False

    def see(self, events: tuple[Event, ...]) -> None:
        """What has happened."""
        for event in events:
            if event.type in _BEGINNINGS:
                self._begun.add(_key(event))
            match event.type:
                case EventType.ATTEMPT_STARTED:
                    self._started[event.path, int(event.data["number"])] = False
                    # Whoever followed the one that was to pause went on instead.
                    if _key(event) not in self._known and self._is_pause_over():
                        self.is_off = True
                case EventType.APPROVAL_REQUESTED:
                    self._asked.add(event.path)
                case EventType.PAUSED:
                    self._rests += 1
                    self._is_resting = True
                case EventType.UNPAUSED:
                    self._is_resting = False
                case EventType.CANCEL_REQUESTED:
                    self._cancelled = True
                case _:
                    pass
            if event.type in INPUTS:
                self._done[_kind(event)] += 1
                self._advance()
            self.is_off = self.is_off or _is_fault(event)

    def due(self, *, can_ask: bool) -> "list[End | Ask]":
        """What is to be done now."""
        if self.is_off:
            ends: list[End | Ask] = [
                End(*key, {}) for key, told in self._started.items() if not told
            ]
            self._started = dict.fromkeys(self._started, True)
            if can_ask and not self._cancelled:
                number = self._done[EventType.CANCEL_REQUESTED] + 1
                ends.append(Ask(EventType.CANCEL_REQUESTED, number, _over))
            return ends
        if self._next == len(self._inputs):
            return []
        return self._due(self._inputs[self._next], can_ask=can_ask)

    def _advance(self) -> None:
        """Past what has come to pass."""
        while self._next < len(self._inputs):
            kind = _kind(self._inputs[self._next])
            if self._done[kind] < self._count(kind, self._next + 1):
                return
            self._next += 1
            self._told = False

    def has_come(self, ask: Ask) -> bool:
        """Whether what was asked for has come to pass."""
        return self._done[ask.type] >= ask.number

    def _count(self, kind: object, before: int) -> int:
        """How many inputs of a kind there are before one of them."""
        return sum(1 for event in self._inputs[:before] if _kind(event) == kind)

    def _is_pause_over(self) -> bool:
        """Whether a pause was ended by somebody who was not to end it."""
        unpaused = EventType.UNPAUSED
        return self._done[unpaused] > self._count(unpaused, self._next)

    def _due(self, wanted: Event, *, can_ask: bool) -> "list[End | Ask]":
        data = wanted.data
        if wanted.type is EventType.ATTEMPT_FINISHED:
            key = (wanted.path, int(data["number"]))
            if data["status"] == "cancelled":
                # Paused without that end: it was never started, so there was nothing to stop. Or
                # the pause is over, as whoever was to stop it ended and was followed by another.
                is_over = self._is_pause_over() or self._has_come_to_rest()
                self.is_off = bool(data.get("again")) and is_over
                return []
            if self._is_resting:  # it was to end before, but had never begun
                self.is_off = True
                return []
            if self._told or key not in self._started:
                return []
            self._told = self._started[key] = True
            return [End(*key, data)]
        if not can_ask or not self._may(wanted):
            return []
        work = _work(wanted)
        if work is None:
            return []
        return [Ask(wanted.type, self._count(wanted.type, self._next + 1), work)]

    def _may(self, wanted: Event) -> bool:
        if not self._begun >= self._before[wanted.seq]:
            return False
        if wanted.type is EventType.UNPAUSED and wanted.data.get("actor"):
            return self._has_come_to_rest()
        if wanted.type in (EventType.APPROVAL_GIVEN, EventType.APPROVAL_REJECTED):
            return wanted.path in self._asked
        return True

    def _has_come_to_rest(self) -> bool:
        """Whether each pause that was asked for has come, and one was."""
        return self._rests >= self._count(EventType.PAUSE_REQUESTED, self._next) > 0


def _begun_before(events: Sequence[Event]) -> dict[int, frozenset[Any]]:
    """What has begun when something is asked, by the number of its event."""
    begun: set[Any] = set()
    found: dict[int, frozenset[Any]] = {}
    for event in events:
        if event.type in _BEGINNINGS:
            begun.add(_key(event))
        elif event.type in INPUTS:
            found[event.seq] = frozenset(begun)
    return found


def _key(event: Event) -> tuple[str, str, Any]:
    return event.type, event.path, event.data.get("number")


def _kind(event: Event) -> object:
    """What counts as the same input: one end of an attempt does not stand for that of another."""
    return _key(event) if event.type is EventType.ATTEMPT_FINISHED else event.type


def _is_fault(event: Event) -> bool:
    """Whether an attempt ended as it did because of a fault."""
    if event.type is EventType.PARKED:
        return True
    if event.type is not EventType.ATTEMPT_FINISHED:
        return False
    message = str(event.data.get("message", "")).lower()
    return event.data["status"] == "unknown" or any(text in message for text in calls.MESSAGES)


def _over(workflow: str) -> Callable[[EmbeddedEngine], object]:
    return lambda engine: engine.cancel(workflow, actor="tester", reason="over")


def _work(wanted: Event) -> Work | None:
    data = wanted.data
    actor, reason = str(data.get("actor", "")), str(data.get("reason", ""))
    match wanted.type:
        case EventType.PAUSE_REQUESTED:
            now, checkpoint = bool(data["now"]), bool(data["checkpoint"])
            return lambda w: (
                lambda e: e.pause(w, actor=actor, reason=reason, now=now, checkpoint=checkpoint)
            )
        case EventType.UNPAUSED if actor:  # else whatever ended it was asked for
            return lambda w: lambda e: e.resume(w, ResumeOptions(actor=actor))
        case EventType.CANCEL_REQUESTED:
            return lambda w: lambda e: e.cancel(w, actor=actor, reason=reason)
        case EventType.COMPLETION_REQUESTED:
            return lambda w: lambda e: e.complete(w, actor=actor, force=True, reason=reason)
        case EventType.APPROVAL_GIVEN:
            given = Answer(inputs=data["inputs"], reason=str(data.get("comment", "")))
            return lambda w: lambda e: e.answer(w, wanted.path, given, Approver(actor))
        case EventType.APPROVAL_REJECTED:
            given = Answer(rejects=True, reason=reason)
            return lambda w: lambda e: e.answer(w, wanted.path, given, Approver(actor))
        case _:
            return None
