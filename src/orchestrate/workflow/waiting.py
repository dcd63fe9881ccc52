"""The `wait` step: for a time, for a moment, or until something holds."""

from functools import partial

from orchestrate.playbook.expressions import ExpressionError, evaluate, supposed
from orchestrate.playbook.plan import Expression, Json, Step, Wait
from orchestrate.workflow.calling import run_probe
from orchestrate.workflow.calls import number_of, render_number
from orchestrate.workflow.frames import Frame, normalise
from orchestrate.workflow.moments import parse_moment
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.results import Result, Shown


async def run_wait(frame: Frame, step: Step, path: str) -> Result:
    """Wall-clock time: a moment stays what it was when the wait began, pauses or not."""
    action = step.action
    assert isinstance(action, Wait)
    if action.duration is not None:
        seconds = render_number(frame, action.duration, "duration")
        due = partial(_in, frame, seconds)
        await frame.run.timers.reach(frame.scope, path, "duration", due)
    elif isinstance(action.until, str):
        await _until_moment(frame, path, action.until, step)
    elif action.until is not None:
        return await _poll(frame, step, action, action.until, path)
    return Result(Status.SUCCEEDED)


async def _until_moment(frame: Frame, path: str, text: str, step: Step) -> None:
    try:
        moment = parse_moment(text)
    except ValueError as error:
        raise ExpressionError(f"until: {error}", place=step.place) from None
    await frame.run.timers.reach(frame.scope, path, "until", lambda: moment)


async def _poll(frame: Frame, step: Step, action: Wait, until: Expression, path: str) -> Result:
    """Look, and if it does not hold yet, look again after `interval`."""
    interval = action.interval
    looks = 0
    probed = Result(Status.SUCCEEDED)
    # The step's own timeout is over all looks; a look that nobody knows the end of is repeated.
    probe = step._replace(timeout=None, idempotent=step.idempotent is not False)
    while True:
        looks += 1
        if action.probe is not None:
            probed = await run_probe(frame, probe, action.probe, path, probed.attempts)
            if probed.status is Status.CANCELLED:
                return probed
        names: dict[str, Shown] = {normalise(step.name): probed} if step.name else {}
        seen = frame.nested(names=names)
        value = frame.run.journal.decide(
            path, f"until-{looks}", lambda seen=seen: _look(until, seen)
        )
        if value is True:
            return probed._replace(
                status=Status.SUCCEEDED,
                failure=None,
                message="",
                recorded=False,
                attempts=probed.attempts or looks,
            )
        if isinstance(value, str):
            await _until_moment(frame, path, value, step)
            return Result(Status.SUCCEEDED, attempts=looks)
        if value is not False:
            raise _not_a_condition(until, value)
        seconds = max(
            number_of(evaluate(interval, frame.lookup), interval, "interval")
            if isinstance(interval, Expression)
            else interval,
            0.01,
        )
        due = partial(_in, frame, seconds)
        await frame.run.timers.reach(frame.scope, path, f"look-{looks + 1}", due)


def _look(until: Expression, seen: Frame) -> Json:
    return supposed(evaluate(until, seen.lookup), "until")


def _in(frame: Frame, seconds: float) -> float:
    return frame.run.runtime.now() + seconds


def _not_a_condition(until: Expression, value: Json) -> ExpressionError:
    return ExpressionError(
        f"until must yield true, false or a moment, but ${{{until.source}}} is {value!r}",
        hint="compare it with something, such as ${x} == 3",
        place=until.place,
    )
