"""Signals: what people do to a workflow meanwhile, and what happens to its engine.

A verb more is one entry in `VERBS` and one key in the document's `SignalModel`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pydantic import BaseModel

from orchestrate.errors import OrchestrateError, Place
from orchestrate.playbook.durations import parse_duration
from orchestrate.playbook.plan import Json
from orchestrate.workflow import paths
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.memory import EPOCH, Signal
from orchestrate.workflow.moments import rfc3339
from orchestrate.workflow.scenarios.document import (
    ApproveModel,
    CrashModel,
    EventModel,
    PauseModel,
    ReasonModel,
    RejectModel,
    ResolveModel,
)

Data = Mapping[str, Json]
Apply = Callable[[Execution], object]
ACTOR = "tester"


class Moment(NamedTuple):
    """An event of a step; the first of its kind counts."""

    step: str
    becomes: str
    attempt: int
    after: float

    def is_reached(self, event: Event) -> bool:
        """Whether this event is the one."""
        if self.step not in (event.path, paths.static(event.path)):
            return False
        return self.becomes in _becomes(event, self.attempt)


class Cue(NamedTuple):
    """A signal of a scenario: `at` virtual seconds, or at a moment. `event`: what arrives then."""

    verb: str
    at: float | None
    moment: Moment | None
    apply: Apply
    place: Place
    event: Data | None = None


class Crashed(Exception):  # noqa: N818 - what happened, not a mistake
    """The engine died. `lost`: with the machine; `downtime`: virtual seconds until it is resumed.

    No OrchestrateError, which the interpreter would take for the failure of a step.
    """

    def __init__(self, *, lost: bool, downtime: float) -> None:
        super().__init__("the engine died")
        self.lost = lost
        self.downtime = downtime


class Refused(NamedTuple):
    """A signal that could not be given."""

    cue: Cue
    error: OrchestrateError


class Cues:
    """The signals of one run, and what became of them."""

    def __init__(self, cues: Sequence[Cue]) -> None:
        self._waiting = [cue for cue in cues if cue.moment is not None]
        self._timed = [cue for cue in cues if cue.at is not None]
        self._given: list[Cue] = []
        self._cues = cues
        self.refused: list[Refused] = []

    def timed(self) -> list[Signal]:
        """Those that have their time."""
        return [self._signal(cue, cue.at) for cue in self._timed if cue.at is not None]

    def reached(self, event: Event) -> Iterator[Signal]:
        """Those that were waiting for this event."""
        for cue in list(self._waiting):
            if cue.moment is not None and cue.moment.is_reached(event):
                self._waiting.remove(cue)
                yield self._signal(cue, event.at - EPOCH + cue.moment.after)

    def never_given(self) -> list[Cue]:
        """Those whose time or event did not come before the end."""
        return [cue for cue in self._cues if cue not in self._given]

    def _signal(self, cue: Cue, at: float) -> Signal:
        def apply(execution: Execution) -> object:
            self._given.append(cue)
            try:
                return cue.apply(execution)
            except OrchestrateError as error:
                self.refused.append(Refused(cue, error))
                return None

        return Signal(at, apply, self._event(cue, at))

    def _event(self, cue: Cue, at: float) -> Data | None:
        """What arrives; events without an id are numbered."""
        if cue.event is None:
            return None
        emitted = [other for other in self._cues if other.event is not None]
        return {
            "time": rfc3339(EPOCH + at),
            "subject": None,
            "source": ACTOR,
            "id": f"event-{emitted.index(cue) + 1}",
            "data": None,
            **cue.event,
        }


def _becomes(event: Event, attempt: int) -> tuple[str, ...]:
    """What this event means for its step, in the words of a moment."""
    data = event.data
    match event.type:
        case EventType.ATTEMPT_STARTED:
            return ("started",) if data["number"] == attempt else ()
        case EventType.STEP_STARTED:
            return ("started",)
        case EventType.PARKED:
            return ("parked",)
        case EventType.APPROVAL_REQUESTED:
            return ("asked",)
        case EventType.EVENT_AWAITED:
            return ("listening",)
        case EventType.STEP_FINISHED:
            return (str(data["status"]), "finished")
        case EventType.ATTEMPT_FINISHED if data.get("final"):
            return (str(data["status"]), "finished")
        case _:
            return ()


def _pause(data: Data) -> Apply:
    seconds = parse_duration(data["for"]) if "for" in data else None

    def apply(execution: Execution) -> object:
        resume_at = None if seconds is None else execution.now() + seconds
        return execution.pause(
            actor=ACTOR,
            reason=str(data.get("reason", "")),
            now=bool(data.get("now")),
            checkpoint=bool(data.get("checkpoint")),
            resume_at=resume_at,
        )

    return apply


def _resume(_: Data) -> Apply:
    return lambda execution: execution.unpause(actor=ACTOR)


def _cancel(data: Data) -> Apply:
    reason = str(data.get("reason", ""))
    return lambda execution: execution.cancel(actor=ACTOR, reason=reason)


def _complete(data: Data) -> Apply:
    reason = str(data.get("reason", ""))
    return lambda execution: execution.complete(actor=ACTOR, reason=reason)


def _resolve(data: Data) -> Apply:
    path, choice = str(data.get("path", "")), str(data["choice"])
    return lambda execution: execution.resolve(path, choice, actor=ACTOR)


def _approve(data: Data) -> Apply:
    inputs = data.get("inputs")
    given: Data = inputs if isinstance(inputs, Mapping) else {}
    step, actor = str(data["step"]), str(data.get("by", ACTOR))
    comment = str(data.get("comment", ""))
    return lambda execution: execution.approve(step, actor=actor, inputs=given, comment=comment)


def _reject(data: Data) -> Apply:
    step, actor = str(data["step"]), str(data.get("by", ACTOR))
    reason = str(data.get("reason", ""))
    return lambda execution: execution.reject(step, actor=actor, reason=reason)


def _event(_: Data) -> Apply:
    """It arrives by itself; nobody does anything to the workflow."""
    return lambda _: None


def _crash(data: Data) -> Apply:
    lost = bool(data.get("supervisor"))
    downtime = parse_duration(data.get("for", 0.0))

    def apply(_: Execution) -> object:
        raise Crashed(lost=lost, downtime=downtime)

    return apply


class Verb(NamedTuple):
    """How a signal's data becomes what is done. `model`: its keys, if it can have any."""

    read: Callable[[Data], Apply]
    model: type[BaseModel] | None


VERBS: Mapping[str, Verb] = {
    "pause": Verb(_pause, PauseModel),
    "resume": Verb(_resume, None),
    "cancel": Verb(_cancel, ReasonModel),
    "complete": Verb(_complete, ReasonModel),
    "resolve": Verb(_resolve, ResolveModel),
    "approve": Verb(_approve, ApproveModel),
    "reject": Verb(_reject, RejectModel),
    "event": Verb(_event, EventModel),
    "crash": Verb(_crash, CrashModel),
}


def read_cue(data: Data, place: Place) -> Cue:
    """A signal from its data, which was checked."""
    ((verb, value),) = ((key, value) for key, value in data.items() if key in VERBS)
    when = data.get("when")
    moment = None
    if isinstance(when, Mapping):
        attempt = when.get("attempt", 1)
        after = parse_duration(when.get("after", 0.0))
        number = attempt if isinstance(attempt, int) else 1
        moment = Moment(str(when["step"]), str(when["is"]), number, after)
    at = parse_duration(data["at"]) if "at" in data else None
    given: Data = value if isinstance(value, Mapping) else {}
    event = given if verb == "event" else None
    return Cue(verb, at, moment, VERBS[verb].read(given), place, event)
