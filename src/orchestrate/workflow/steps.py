"""One step: whether it runs, what it does, its handlers, its checkpoint.

reached -> recorded as skipped? left out? `when`? confirmed?
        -> `locks` and `resources`, had or refused
        -> the body: a call with its retries, an inline kind, a wait, or steps inside
        -> `outputs`, then `on_failure` or `on_success`, then `finally`
        -> `continue_on_error`, checkpoint
"""

from orchestrate.errors import OrchestrateError
from orchestrate.playbook.expressions import evaluate_condition
from orchestrate.playbook.plan import (
    Approval,
    Assert,
    Command,
    EventWait,
    Json,
    Script,
    Set,
    Shell,
    Step,
    Wait,
)
from orchestrate.workflow.calling import run_call
from orchestrate.workflow.events import EventType
from orchestrate.workflow.frames import Frame
from orchestrate.workflow.inline import fail_before_start, run_assert, run_set
from orchestrate.workflow.kinds import contains_steps, is_plain, kind_of
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.parking import CONFIRM
from orchestrate.workflow.results import CANCELLED, Result
from orchestrate.workflow.scope import Cancelled
from orchestrate.workflow.skipping import skipped


async def run_step(frame: Frame, step: Step, path: str) -> Result:
    """Run one step to its end. Never raises: a cancel is a result, too."""
    run = frame.run
    if frame.scope.cancelled:
        return CANCELLED
    forced = run.history.forced.get(path)
    if forced is not None:
        return skipped(step)._replace(message=str(forced.data.get("reason", "")))
    claimed = False
    try:
        why = await _why_skipped(frame, step, path)
        if why is not None:
            data = {"status": str(Status.SKIPPED), "kind": kind_of(step), "message": why}
            run.journal.note(EventType.STEP_FINISHED, path, data)
            return skipped(step)._replace(message=why)
        if step.locks or step.resources:
            # Loaded only when needed: most playbooks claim nothing.
            from orchestrate.workflow.claiming import enter, refused_step

            refusal = await enter(frame, step, path)
            if refusal is not None:
                return _end(frame, step, path, refused_step(frame, step, path, refusal))
            claimed = True
        result = await _run_body(frame, step, path)
    except Cancelled:
        result = CANCELLED
        if (step.locks or step.resources) and not claimed:
            return _end(frame, step, path, result)  # it waited for them, and has not begun
    except OrchestrateError as error:
        result = fail_before_start(frame, step, path, error.message)
    body = result
    if not (result.recorded or is_plain(step)):
        # Loaded only when needed: handlers run sequences, which run steps.
        from orchestrate.workflow.handlers import finish_step

        result = await finish_step(frame, step, path, result)
    if step.compensate and frame.undo is not None:
        frame.undo.add(frame, step, path, body, result)
    result = _end(frame, step, path, result)
    if claimed:
        from orchestrate.workflow.claiming import leave

        leave(frame, path)
    return result


async def _run_body(frame: Frame, step: Step, path: str) -> Result:
    action = step.action
    match action:
        case Command() | Shell() | Script():
            return await run_call(frame, step, action, path)
        case Set():
            return run_set(frame, step, action, path)
        case Assert():
            return run_assert(frame, step, action, path)
        case Approval():
            from orchestrate.workflow.approving import run_approval

            return await run_approval(frame, step, action, path)
        case Wait():
            from orchestrate.workflow.composites import run_timed
            from orchestrate.workflow.waiting import run_wait

            return await run_timed(frame, step, path, run_wait)
        case EventWait():
            from orchestrate.workflow.event_waiting import run_event_wait

            return await run_event_wait(frame, step, path)
        case _:
            from orchestrate.workflow.composites import run_composite, run_timed

            return await run_timed(frame, step, path, run_composite)


async def _why_skipped(frame: Frame, step: Step, path: str) -> str | None:
    run = frame.run
    if not run.selection.everything:
        why = run.selection.why_left_out(path, contains_steps=contains_steps(step))
        if why is not None:
            return why
    when = step.when
    if when is not None and not run.journal.decide(
        path, "when", lambda: evaluate_condition(when, frame.lookup)
    ):
        return f"not true: {when.source}"
    if run.program.options.step_by_step and run.selection.needs_leave(step, path):
        return await _confirm(frame, path)
    return None


async def _confirm(frame: Frame, path: str) -> str | None:
    run = frame.run
    choice = await run.parking.ask(
        frame.scope, path, CONFIRM, f"run {path}?", ("run", "skip", "abort")
    )
    if choice == "abort":
        run.ending.cancel("aborted step by step")
        raise Cancelled
    return "skipped step by step" if choice == "skip" else None


def _end(frame: Frame, step: Step, path: str, result: Result) -> Result:
    run = frame.run
    if not result.recorded:
        run.journal.note(EventType.STEP_FINISHED, path, _end_data(step, result))
    if result.failed and step.continue_on_error:
        result = result._replace(tolerated=True)
    if not result.stops:
        each = run.program.options.checkpoint_each or frame.playbook.plan.checkpoint
        if step.checkpoint or (each and "/" not in path and "[" not in path):
            named = isinstance(step.checkpoint, str) and step.checkpoint
            run.checkpoint(named or step.name or step.key, path)
    return result


def _end_data(step: Step, result: Result) -> dict[str, Json]:
    data: dict[str, Json] = {"status": str(result.status), "kind": kind_of(step)}
    message = result.message
    if not message and result.failure is not None:
        message = result.failure.message
    if message:
        data["message"] = message
    if result.output is not None:
        data["output"] = result.output
    if result.handled:
        data["handled"] = True
    return data
