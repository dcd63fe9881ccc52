"""Steps that need no process: `assert` and `set`, and failures found before anything starts."""

from collections.abc import Mapping

from orchestrate.playbook.expressions import evaluate_condition
from orchestrate.playbook.plan import Assert, Json, Set, Step
from orchestrate.playbook.templates import render
from orchestrate.workflow.events import EventType
from orchestrate.workflow.frames import Frame
from orchestrate.workflow.history import OUTCOME, Decision
from orchestrate.workflow.kinds import is_plain, kind_of
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.results import Failure, Result


def run_assert(frame: Frame, step: Step, action: Assert, path: str) -> Result:
    """Fails with the message unless the condition holds."""
    recorded = frame.run.journal.recorded(path, OUTCOME)
    if recorded is not None:
        return _from_record(recorded, step, path)
    if evaluate_condition(action.condition, frame.lookup):
        return record_outcome(frame, step, path, Status.SUCCEEDED)
    message = render(action.message, frame.lookup)
    text = str(message) if message else f"not true: {action.condition.source}"
    return record_outcome(frame, step, path, Status.FAILED, message=text)


def run_set(frame: Frame, step: Step, action: Set, path: str) -> Result:
    """Sets variables for what comes after; its output are their values.

    Each may use those before it.
    """
    recorded = frame.run.journal.recorded(path, OUTCOME)
    if recorded is not None:
        result = _from_record(recorded, step, path)
        if isinstance(result.output, Mapping):
            frame.variables.assign(result.output)
        return result
    writes = frame.variables.layer()
    seen = frame.nested(variables=writes)
    values: dict[str, Json] = {}
    for name, template in action.variables.items():
        values[name] = render(template, seen.lookup)
        writes.assign({name: values[name]})
    frame.variables.assign(values)
    return record_outcome(frame, step, path, Status.SUCCEEDED, output=values)


def fail_before_start(frame: Frame, step: Step, path: str, message: str) -> Result:
    """A step of any kind whose own expressions have no value."""
    recorded = frame.run.journal.recorded(path, OUTCOME)
    if recorded is not None:
        return _from_record(recorded, step, path)
    return record_outcome(frame, step, path, Status.FAILED, message=message)


def record_outcome(
    frame: Frame,
    step: Step,
    path: str,
    status: Status,
    *,
    message: str = "",
    output: Json = None,
) -> Result:
    """Record an outcome that was found without a process."""
    data: dict[str, Json] = {"status": str(status), "kind": kind_of(step)}
    if message:
        data["message"] = message
    if output is not None:
        data["output"] = output
    journal = frame.run.journal
    if is_plain(step):
        event = journal.emit(EventType.STEP_FINISHED, path, {**data, "inline": True})
    else:
        value: dict[str, Json] = {"subject": OUTCOME, "value": data}
        event = journal.emit(EventType.DECIDED, path, value)
    return _result(data, step, path, event.seq)


def _from_record(recorded: Decision, step: Step, path: str) -> Result:
    assert isinstance(recorded.value, Mapping)
    return _result(recorded.value, step, path, recorded.seq)


def _result(data: Mapping[str, Json], step: Step, path: str, seq: int) -> Result:
    status = Status(str(data["status"]))
    message = str(data.get("message", ""))
    failure = None if status is Status.SUCCEEDED else Failure(path, message, None, seq)
    return Result(
        status,
        output=data.get("output"),
        message=message,
        duration=0.0,
        failure=failure,
        recorded=is_plain(step),
    )
