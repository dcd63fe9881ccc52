"""The `approval` step: ask, wait for people or for the end of the time, and say what came of it."""

from collections.abc import Mapping, Sequence

from orchestrate.playbook.expressions import ExpressionError
from orchestrate.playbook.parameters import UNDECIDED
from orchestrate.playbook.plan import Approval, Json, Step
from orchestrate.playbook.templates import render
from orchestrate.workflow.approvals import (
    CONTINUE,
    REJECT,
    Given,
    Request,
    Waiting,
    request_of,
)
from orchestrate.workflow.calls import render_number
from orchestrate.workflow.events import EventType
from orchestrate.workflow.frames import Frame
from orchestrate.workflow.history import APPROVAL
from orchestrate.workflow.kinds import kind_of
from orchestrate.workflow.moments import rfc3339
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.paths import static
from orchestrate.workflow.results import Failure, Result
from orchestrate.workflow.scope import Cancelled


async def run_approval(frame: Frame, step: Step, action: Approval, path: str) -> Result:
    """Its time goes on while nobody runs the workflow, but not while it is paused."""
    run = frame.run
    if frame.scope.cancelled:
        raise Cancelled
    request = _asked(frame, step, action, path)
    began = run.runtime.now()
    waiting = await _answers(frame, request, path)
    duration = run.runtime.now() - began
    rejected = next((given for given in waiting.given if given.rejected), None)
    if rejected is not None:
        return _failed(frame, path, Status.FAILED, _rejection(rejected), duration)
    if not waiting.enough and request.on_timeout != CONTINUE:
        within = f"not approved within {request.timeout:g} s"
        if request.on_timeout == REJECT:
            return _failed(frame, path, Status.FAILED, f"rejected: {within}", duration)
        return _failed(frame, path, Status.TIMED_OUT, within, duration)
    output = _output(request, waiting.given)
    if frame.run.rehearses and waiting.given and UNDECIDED in waiting.given[-1].actor:
        from orchestrate.playbook.undecided import undecided

        output["at"] = undecided(f"{static(path)}.output.at")
    return Result(Status.SUCCEEDED, output=output, duration=duration)


def _asked(frame: Frame, step: Step, action: Approval, path: str) -> Request:
    """What is asked, as it was when it was asked first."""
    journal = frame.run.journal
    recorded = journal.recorded(path, APPROVAL)
    if recorded is not None:
        assert isinstance(recorded.value, Mapping)
        journal.note(EventType.STEP_STARTED, path, {"kind": kind_of(step)})
        return request_of(recorded.value)
    request = _request(frame, step, action)
    journal.note(EventType.STEP_STARTED, path, {"kind": kind_of(step)})
    journal.emit(EventType.APPROVAL_REQUESTED, path, request.to_data())
    return request


def _request(frame: Frame, step: Step, action: Approval) -> Request:
    minimum, seconds = action.minimum, None
    if not isinstance(minimum, int):
        minimum = max(1, int(render_number(frame, minimum, "minimum")))
    if step.timeout is not None:
        seconds = render_number(frame, step.timeout, "timeout")
    return Request(
        str(render(action.message, frame.lookup)),
        _approvers(frame, step, action),
        action.inputs,
        minimum,
        seconds,
        action.on_timeout,
    )


def _approvers(frame: Frame, step: Step, action: Approval) -> tuple[str, ...] | None:
    if action.approvers is None:
        return None
    value = render(action.approvers, frame.lookup)
    listed = [value] if isinstance(value, str) or not isinstance(value, Sequence) else value
    named = tuple(str(one).strip() for one in listed if one is not None and str(one).strip())
    if not named:
        raise ExpressionError(
            "approvers: they are nobody",
            hint="leave the key out if anybody may approve",
            place=step.place,
        )
    return named


async def _answers(frame: Frame, request: Request, path: str) -> Waiting:
    """Wait until it is decided, or its time is over."""
    run = frame.run
    waiting = run.approvals.open[path] = Waiting(request)
    for event in run.approvals.early.pop(path, []):
        run.approvals.take(event)

    def expire() -> None:
        if run.approvals.open.pop(path, None) is not None:
            run.approvals.ended[path] = "its time was over"
            waiting.decided.resolve(None)

    try:
        if request.timeout is not None and not waiting.enough:
            run.timers.start_deadline(path, APPROVAL, request.timeout, expire, patient=True)
        await frame.scope.wait(waiting.decided)
    finally:
        run.timers.clear_deadline(path, APPROVAL)
        if run.approvals.open.pop(path, None) is not None:
            run.approvals.ended[path] = "it was cancelled"
    return waiting


def _rejection(given: Given) -> str:
    return f"rejected by {given.actor}" + (f": {given.reason}" if given.reason else "")


def _failed(frame: Frame, path: str, status: Status, message: str, duration: float) -> Result:
    failure = Failure(path, message, None, frame.run.journal.position)
    return Result(status, message=message, failure=failure, duration=duration)


def _output(request: Request, given: Sequence[Given]) -> dict[str, Json]:
    """The inputs of whoever answered last win; nobody answered if the time ended it."""
    output: dict[str, Json] = {one.name: one.default for one in request.inputs}
    for one in given:
        output.update(one.inputs)
    last = given[-1] if given else None
    return {
        **output,
        "approver": last.actor if last else None,
        "at": rfc3339(last.at) if last else None,
        "comment": last.reason if last else "",
        "approvers": [one.actor for one in given],
    }
