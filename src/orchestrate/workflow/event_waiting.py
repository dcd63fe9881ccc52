"""The `wait` step for an event: what is waited for, until when, and what the step hands on."""

from orchestrate.playbook.expressions import ExpressionError, evaluate_condition
from orchestrate.playbook.parameters import UNDECIDED
from orchestrate.playbook.plan import EventWait, Expression, Json, Step
from orchestrate.playbook.templates import render
from orchestrate.workflow.composites import run_timed
from orchestrate.workflow.event_waits import CONTINUE, Arrived
from orchestrate.workflow.events import EventType
from orchestrate.workflow.frames import Frame
from orchestrate.workflow.history import EVENT
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.program import Awaited
from orchestrate.workflow.results import Result
from orchestrate.workflow.scope import Cancelled

_NOTHING: dict[str, Json] = dict.fromkeys(("id", "source", "type", "subject", "time", "data"))


async def run_event_wait(frame: Frame, step: Step, path: str) -> Result:
    """Its `timeout` is running time, as that of every step that waits for something to hold."""
    action = step.action
    assert isinstance(action, EventWait)
    result = await run_timed(frame, step, path, _receive)
    if result.status is Status.TIMED_OUT and action.on_timeout == CONTINUE:
        output: dict[str, Json] = {**_NOTHING, "received": False}
        return result._replace(
            status=Status.SUCCEEDED, failure=None, message="no event arrived", output=output
        )
    return result


async def _receive(frame: Frame, step: Step, path: str) -> Result:
    action = step.action
    assert isinstance(action, EventWait)
    if frame.scope.cancelled:
        raise Cancelled
    awaited = _awaited(frame, action, path)
    admits = _Filter(frame, action.filter, awaited)
    event = await frame.run.event_waits.receive(frame.scope, awaited, admits)
    return Result(Status.SUCCEEDED, output={**event, "received": True})


def _awaited(frame: Frame, action: EventWait, path: str) -> Awaited:
    """What is waited for, as it was when the wait began."""
    journal = frame.run.journal
    recorded = journal.recorded(path, EVENT)
    if recorded is not None:
        return Awaited.of(path, recorded.value)._replace(again=True)
    source = None if action.source is None else str(render(action.source, frame.lookup))
    event = str(render(action.event, frame.lookup))
    awaited = Awaited(path, event, source, action.since)
    data = awaited.to_data()
    if action.filter is not None:
        data["filter"] = action.filter.source
    journal.emit(EventType.EVENT_AWAITED, path, data)
    return awaited


class _Filter:
    """Whether an event is the one. Where the filter speaks of what the event does not have it is
    not, and that is said once: it may be a mistake.
    """

    def __init__(self, frame: Frame, condition: Expression | None, awaited: Awaited) -> None:
        self._frame = frame
        self._condition = condition
        self._awaited = awaited
        self._warned = False

    def __call__(self, event: Arrived) -> bool:
        if self._frame.run.rehearses and UNDECIDED in str(event["id"]):
            return True  # whatever it may be, it is the one
        if not self._awaited.fits(event):
            return False
        if self._condition is None:
            return True
        try:
            return evaluate_condition(
                self._condition, self._frame.nested(names={"event": event}).lookup
            )
        except ExpressionError as error:
            if not self._warned:
                self._warned = True
                what = f"{event['type']} from {event['source']}"
                message = f"the filter cannot be applied to {what}: {error.message}"
                self._frame.run.warn(self._awaited.path, message)
            return False
