"""A playbook from its first step to its outputs: the workflow's own, or an included one."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from orchestrate.errors import OrchestrateError
from orchestrate.playbook.parameters import bind, check_supplied
from orchestrate.playbook.plan import Json, SecretRef, SubPlaybook
from orchestrate.playbook.templates import render, render_argument
from orchestrate.workflow import paths
from orchestrate.workflow.calls import render_number
from orchestrate.workflow.events import EventType
from orchestrate.workflow.frames import Frame, PlaybookFrame, Variables
from orchestrate.workflow.history import TIMEOUT
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.program import Argument
from orchestrate.workflow.results import CANCELLED, Failure, Result
from orchestrate.workflow.run import Run
from orchestrate.workflow.scope import Cancelled
from orchestrate.workflow.sequence import anything_overlaps, run_sequence


class Ended(NamedTuple):
    """How the playbook of a workflow ended."""

    result: Result
    outputs: Mapping[str, Json]


async def run_workflow(run: Run) -> Ended:
    """The whole workflow."""
    program = run.program
    plan = program.plan
    if program.options.parallel and not anything_overlaps(plan):
        run.warn("", "--parallel changes nothing here: no step declares what it `needs`")
    playbook = PlaybookFrame(plan, "", "", program.parameters, run.built_ins())
    frame = Frame(run, run.root, playbook, Variables())
    try:
        _set_variables(frame, program.variables)
        run.ending.allow(render_number(frame, plan.cleanup_timeout, "cleanup_timeout"))
        seconds = program.options.timeout
        if seconds is None and plan.timeout is not None:
            seconds = render_number(frame, plan.timeout, "timeout")
        if seconds is not None:
            _start_deadline(run, seconds)
    except OrchestrateError as error:
        return Ended(_broken(run, error.message), {})
    return await run_playbook(frame)


def _start_deadline(run: Run, seconds: float) -> None:
    base = run.history.clock_base
    queued = run.started_at - base if base is not None else 0.0
    left = max(0.0, seconds - max(0.0, queued))
    run.timers.start_deadline("", TIMEOUT, left, partial(run.ending.expire, seconds))


def _broken(run: Run, message: str, path: str = "") -> Result:
    failure = Failure(path, message, None, run.journal.position)
    return Result(Status.FAILED, message=message, failure=failure)


def _set_variables(frame: Frame, overrides: Mapping[str, Json]) -> None:
    """Those of the environment file, then the playbook's in written order, unless replaced."""
    frame.variables.assign(overrides)
    for name, template in frame.playbook.plan.variables.items():
        if name not in overrides:
            frame.variables.assign({name: render(template, frame.lookup)})


async def run_playbook(frame: Frame) -> Ended:
    """What it claims; steps, handlers, outputs."""
    plan, path = frame.playbook.plan, frame.playbook.handlers_prefix
    if not (plan.locks or plan.resources):
        return await _run_parts(frame)
    from orchestrate.workflow.claiming import enter, leave

    try:
        refusal = await enter(frame, plan, path)
    except Cancelled:
        return Ended(CANCELLED, {})
    except OrchestrateError as error:
        return Ended(_broken(frame.run, error.message, path), {})
    if refusal is None:
        ended = await _run_parts(frame)
        leave(frame, path)
        return ended
    if refusal.outcome == "skip":
        frame.run.warn(path, f"nothing was done: {refusal.message}")
        return Ended(Result(Status.SKIPPED, message=refusal.message), {})
    return Ended(_broken(frame.run, refusal.message, path), {})


async def _run_parts(frame: Frame) -> Ended:
    """Steps, handlers, outputs."""
    plan, playbook = frame.playbook.plan, frame.playbook
    inside = frame.nested(names={})
    result = await run_sequence(inside, plan.steps, playbook.prefix)
    inside = inside.nested(names=dict(result.children or {}))
    outputs: Mapping[str, Json] = {}
    if plan.outputs and result.status is Status.SUCCEEDED:
        path = playbook.prefix
        try:
            outputs = {name: render(value, inside.lookup) for name, value in plan.outputs.items()}
        except OrchestrateError as error:
            message = f"outputs: {error.message}"
            failure = Failure(path, message, None, frame.run.journal.position)
            result = result._replace(status=Status.FAILED, message=message, failure=failure)
    if plan.on_failure or plan.on_success or plan.always:
        # Loaded only when needed: a playbook without handlers starts sooner.
        from orchestrate.workflow.handlers import Handlers, run_handlers

        handlers = Handlers(plan.on_failure, plan.on_success, plan.always, playbook.handlers_prefix)
        result = await run_handlers(inside, handlers, result, {})
    return Ended(result, outputs if result.status is Status.SUCCEEDED else {})


async def run_included(frame: Frame, action: SubPlaybook, path: str) -> Result:
    """A playbook inside a playbook: parameters in, outputs out. Only the environment is shared."""
    run = frame.run
    plan = action.plan
    supplied: dict[str, Json] = {}
    secrets: dict[str, Argument] = {}
    secret_names = {parameter.name for parameter in plan.parameters if parameter.secret}
    for name, template in action.parameters.items():
        if name in secret_names or isinstance(template, SecretRef):
            secrets[name] = _outside(frame, render_argument(template, frame.lookup))
        else:
            supplied[name] = render(template, frame.lookup)
    public = plan._replace(parameters=tuple(p for p in plan.parameters if not p.secret))
    if not run.rehearses:
        check_supplied(supplied)
    values = bind(public, supplied, run.program.environment)
    prefix = paths.join(path, paths.PLAYBOOK)
    playbook = PlaybookFrame(plan, path, prefix, values, run.built_ins(), secrets)
    inside = Frame(run, frame.scope, playbook, Variables(), undo=frame.undo)
    _set_variables(inside, run.program.variables)
    if plan.timeout is None:
        return _included(await run_playbook(inside))
    return await _within(inside, render_number(inside, plan.timeout, "timeout"), prefix)


def _outside(frame: Frame, value: Argument) -> Argument:
    """A secret of the including playbook may itself be a parameter from further out."""
    if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], SecretRef):
        return frame.playbook.secrets.get(value[0].name, value)
    return value


async def _within(frame: Frame, seconds: float, path: str) -> Result:
    """An included playbook's own `timeout`."""
    timers = frame.run.timers
    frame.run.journal.note(EventType.STEP_STARTED, path, {"kind": "playbook"})
    with frame.scope.child() as scope:
        timers.start_deadline(path, TIMEOUT, seconds, lambda: scope.cancel("timed out"))
        inside = Frame(frame.run, scope, frame.playbook, frame.variables, undo=frame.undo)
        result = _included(await run_playbook(inside))
        timers.clear_deadline(path, TIMEOUT)
        late = result.status is Status.CANCELLED and not frame.scope.cancelled
    if late:
        message = f"timed out after {seconds:g} s"
        failure = Failure(path, message, None, frame.run.journal.position)
        return result._replace(status=Status.TIMED_OUT, message=message, failure=failure)
    return result


def _included(ended: Ended) -> Result:
    outputs = ended.outputs or None
    return ended.result._replace(output=outputs, children=None, recorded=False)
