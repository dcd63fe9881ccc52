"""What runs after a body: `on_failure` or `on_success`, then `finally`. Alike for a step and for a
whole playbook.

- A handled failure is still a failure; `error` says what failed first.
- A failing `on_failure` does not hide the failure that it was for: it is a warning.
- A failing `on_success` fails the step, and its `on_failure` does not run.
- `finally` always runs once the body began, also when it was cancelled, in a scope that only a
  second, hard cancel reaches. If it fails, what had succeeded has failed; what had failed or was
  cancelled stays so, with a warning.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orchestrate.errors import OrchestrateError
from orchestrate.playbook.plan import Json, Step
from orchestrate.playbook.templates import render
from orchestrate.workflow import paths
from orchestrate.workflow.frames import Frame, normalise
from orchestrate.workflow.history import OUTPUTS
from orchestrate.workflow.inline import fail_before_start
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.results import CANCELLED, NO_ERROR, Failure, Result, Shown
from orchestrate.workflow.sequence import run_sequence


class Handlers(NamedTuple):
    """The handlers of a step or a playbook; `prefix` is the path below which they stand."""

    on_failure: Sequence[Step]
    on_success: Sequence[Step]
    always: Sequence[Step]
    prefix: str


async def finish_step(frame: Frame, step: Step, path: str, result: Result) -> Result:
    """`outputs` and handlers of a step whose body ended with `result`."""
    if step.outputs and result.status is Status.SUCCEEDED:
        result = _with_outputs(frame, step, path, result)
    own: dict[str, Shown] = {normalise(step.name): result} if step.name else {}
    handlers = Handlers(step.on_failure, step.on_success, step.always, path)
    return await run_handlers(frame, handlers, result._replace(recorded=False), own)


def _with_outputs(frame: Frame, step: Step, path: str, result: Result) -> Result:
    names: dict[str, Shown] = {normalise(step.name): result} if step.name else {}
    seen = frame.nested(names=names)

    def compute() -> Json:
        return {name: render(template, seen.lookup) for name, template in step.outputs.items()}

    try:
        outputs = frame.run.journal.decide(path, OUTPUTS, compute)
    except OrchestrateError as error:
        failed = fail_before_start(frame, step, path, f"outputs: {error.message}")
        return failed._replace(attempts=result.attempts, duration=result.duration)
    assert isinstance(outputs, Mapping)
    if isinstance(result.output, Mapping):
        outputs = {**result.output, **outputs}
    elif isinstance(result.output, str):  # in a rehearsal, where nobody knows what it gives
        from orchestrate.playbook.undecided import open_map

        outputs = open_map(outputs, result.output)
    return result._replace(output=outputs)


async def run_handlers(
    frame: Frame, handlers: Handlers, result: Result, own: Mapping[str, Shown]
) -> Result:
    """The result after the handlers."""
    frame = frame.apart()
    if not frame.scope.cancelled:
        if result.failed and handlers.on_failure:
            result = await _run_on_failure(frame, handlers, result, own)
        elif result.status is Status.SUCCEEDED and handlers.on_success:
            result = await _run_on_success(frame, handlers, result, own)
    if handlers.always:
        result = await _run_finally(frame, handlers, result, own)
    return result


def _names(result: Result, own: Mapping[str, Shown]) -> dict[str, Shown]:
    error = result.failure.to_error() if result.failure else NO_ERROR
    return {**own, "error": error}


async def _run_on_failure(
    frame: Frame, handlers: Handlers, result: Result, own: Mapping[str, Shown]
) -> Result:
    inside = frame.nested(names=_names(result, own))
    prefix = paths.join(handlers.prefix, paths.ON_FAILURE)
    ended = await run_sequence(inside, handlers.on_failure, prefix)
    if ended.failed:
        frame.run.warn(handlers.prefix, f"on_failure failed: {ended.message}")
    return result._replace(handled=ended.status is Status.SUCCEEDED)


async def _run_on_success(
    frame: Frame, handlers: Handlers, result: Result, own: Mapping[str, Shown]
) -> Result:
    inside = frame.nested(names=dict(own))
    prefix = paths.join(handlers.prefix, paths.ON_SUCCESS)
    ended = await run_sequence(inside, handlers.on_success, prefix)
    if ended.failed:
        return _failed_by(result, ended, "on_success")
    if ended.status is Status.CANCELLED:
        return _cancelled(result)
    return result


async def _run_finally(
    frame: Frame, handlers: Handlers, result: Result, own: Mapping[str, Shown]
) -> Result:
    prefix = paths.join(handlers.prefix, paths.FINALLY)
    with frame.scope.child(shielded=True) as scope:
        inside = frame.nested(scope=scope, names=_names(result, own))
        ended = await run_sequence(inside, handlers.always, prefix)
    if ended.status is Status.CANCELLED:
        frame.run.need_attention(handlers.prefix, "finally did not run to its end")
        return _cancelled(result)
    if not ended.failed:
        return result
    if result.status is Status.SUCCEEDED or result.status is Status.SKIPPED:
        return _failed_by(result, ended, "finally")
    frame.run.warn(handlers.prefix, f"finally failed: {ended.message}")
    return result


def _cancelled(result: Result) -> Result:
    return CANCELLED._replace(
        attempts=result.attempts, duration=result.duration, doubt=result.doubt
    )


def _failed_by(result: Result, ended: Result, handler: str) -> Result:
    message = f"{handler} failed: {ended.message}"
    failure = ended.failure or Failure("", message, None, 0)
    return result._replace(status=Status.FAILED, message=message, failure=failure)
