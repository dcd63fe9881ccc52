"""The last words of a run: how it ended, what failed, what that step wrote, how to go on."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from orchestrate.cli.console import Stream
from orchestrate.cli.excerpts import EndOfOutput, excerpt
from orchestrate.cli.formats import counted, duration, value, visible
from orchestrate.cli.style import Style
from orchestrate.errors import ExitCode
from orchestrate.playbook.plan import Plan
from orchestrate.workflow import paths
from orchestrate.workflow.engine import Ended, Engine, Summary
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.parking import COMPENSATION

if TYPE_CHECKING:
    from orchestrate.workflow.state import WorkflowView

_TAIL = 10
"""Lines of a failed step's output."""
_MANY = 10
"""Steps that are named."""
_FAILED = frozenset({"failed", "timed_out"})
_RESUMED_LATER = 1.0
"""Seconds after its start from which on a resume tells both times."""


def exit_code(ended: Ended) -> int:
    """The exit code of a foreground run."""
    if ended.interrupted:
        return ExitCode.INTERRUPTED
    return ExitCode.TIMED_OUT if ended.timed_out else state_exit_code(ended.state)


def state_exit_code(state: State) -> int:
    """The exit code that stands for a state."""
    match state:
        case State.SUCCEEDED | State.COMPLETED:
            return ExitCode.SUCCEEDED
        case State.FAILED:
            return ExitCode.FAILED
        case State.CANCELLED:
            return ExitCode.INTERRUPTED
        case _:
            return ExitCode.LEFT_OPEN


class Finished(NamedTuple):
    """A run that came back: how, of which plan, when this process began with it, and where the
    output of its steps is to be had.
    """

    ended: Ended
    plan: Plan
    began: float
    end_of_output: EndOfOutput


def summarize(
    stream: Stream, style: Style, engine: Engine, finished: Finished, view: "WorkflowView | None"
) -> None:
    """Write the summary. `view` may be None if all went well."""
    ended = finished.ended
    which = engine.get(ended.workflow)
    stream.line(_headline(style, which, ended, finished.began))
    if view is None:
        return
    for line in _failures(style, engine, finished, view):
        stream.line(line)
    for line in _tolerated(style, finished.plan, view):
        stream.line(line)
    for line in _rolled_back(style, view):
        stream.line(line)
    for name, output in view.outputs.items():
        stream.line(f"  {name} = {value(output)}")
    for line in _parked(style, view):
        stream.line(line)
    for line in awaited(style, view):
        stream.line(line)
    hint = _next(which, ended, view)
    if hint:
        stream.line(hint)


def _headline(style: Style, which: Summary, ended: Ended, began: float) -> str:
    state = "interrupted" if ended.interrupted else str(ended.state)
    if ended.timed_out:
        state = "timed_out"
    mark = style.mark(state if state != "interrupted" else "cancelled")
    took = ""
    if which.started_at is not None and which.finished_at is not None:
        took = f" in {duration(which.finished_at - max(began, which.started_at))}"
        if began - which.started_at > _RESUMED_LATER:
            took += f", {duration(which.finished_at - which.started_at)} after its start"
    words = style.state(state)
    reason = ended.message or which.reason
    tail = f": {visible(reason)}" if reason and ended.state is not State.SUCCEEDED else ""
    return f"{mark} {style.strong(which.id)} {which.playbook} {words}{took}{tail}"


def _failures(
    style: Style, engine: Engine, finished: Finished, view: "WorkflowView"
) -> Iterator[str]:
    """The step that failed first and the handlers that failed, and the end of what they wrote."""
    error = view.error or {}
    first = str(error.get("step") or "")
    failed = {first: visible(str(error.get("message", "")))} if first else {}
    failed.update(_failed_handlers(view, first))
    if not failed:
        return
    from orchestrate.workflow.standing import last_attempts

    attempts = last_attempts(engine, view.id)
    for path, message in failed.items():
        what = "" if path == first else "this handler failed: "
        yield f"  {style.mark('failed')} {style.strong(path)}: {what}{message}"
        if path in attempts:
            tail = finished.end_of_output(view.id, attempts[path])
            yield from excerpt(style, tail, _TAIL, 4)


def _failed_handlers(view: "WorkflowView", first: str) -> Iterator[tuple[str, str]]:
    """Steps of handlers that failed, the innermost ones, with their messages."""
    failed = [
        path
        for path, step in view.steps.items()
        if step.state in _FAILED and path != first and _in_handler(path)
        if not _is_settled(view, path)
    ]
    for path in failed[:_MANY]:
        if not any(other != path and paths.within(other, path) for other in failed):
            step = view.steps[path]
            yield path, visible(step.message) or step.state.replace("_", " ")


def _is_settled(view: "WorkflowView", path: str) -> bool:
    """Whether a compensation was done after all, or accepted."""
    steps = (view.steps.get(above) for above in paths.ancestors(path))
    return any(
        step is not None and step.kind == COMPENSATION and step.state == "succeeded"
        for step in steps
    )


def _in_handler(path: str) -> bool:
    return any(segment in paths.ASIDE for segment in path.split("/"))


def _tolerated(style: Style, plan: Plan, view: "WorkflowView") -> Iterator[str]:
    """Steps that failed and did not stop the workflow: their `continue_on_error` says so."""
    from orchestrate.workflow.structure import locate

    found: list[str] = []
    for path, step in view.steps.items():
        located = locate(plan, path) if step.state in _FAILED else None
        if located is not None and not located.rest and located.step.continue_on_error:
            found.append(path)
    if not found:
        return
    more = f" and {len(found) - _MANY} more" if len(found) > _MANY else ""
    were = "was" if len(found) == 1 else "were"
    text = f"{counted(len(found), 'failure')} {were} tolerated: {', '.join(found[:_MANY])}{more}"
    yield f"  {style.mark('unknown')} {style.warn(text)}"


def _rolled_back(style: Style, view: "WorkflowView") -> Iterator[str]:
    """Transactions that did not succeed: whether anything of them is left."""
    for path, step in view.steps.items():
        if step.kind != "transaction" or not isinstance(step.output, Mapping):
            continue
        undone = step.output.get("undone")
        if not isinstance(undone, int):
            continue  # it was committed
        left = step.output.get("not_undone")
        if isinstance(left, Sequence):
            named = ", ".join(str(name) for name in left[:_MANY])
            more = f" and {len(left) - _MANY} more" if len(left) > _MANY else ""
            text = f"{path} was not rolled back; not undone: {named}{more}"
            yield f"  {style.mark('needs_attention')} {style.warn(text)}"
        else:
            text = f"{path} was rolled back, {counted(undone, 'step')} undone"
            yield f"  {style.mark('cancelled')} {text}"


def _parked(style: Style, view: "WorkflowView") -> Iterator[str]:
    for parked in view.parked.values():
        yield f"  {style.mark('needs_attention')} {style.strong(parked.path)}: {parked.message}"
        if parked.choices:
            yield f"    choices: {', '.join(parked.choices)}"


def awaited(style: Style, view: "WorkflowView") -> Iterator[str]:
    """What is asked of people, and how they answer."""
    for approval in view.approvals.awaited:
        path, message = approval.path, visible(approval.request.message)
        yield f"  {style.mark('waiting')} {style.strong(path)} waits for approval: {message}"
        who = approval.request.approvers
        if who is not None:
            yield f"    by {', '.join(who)}"
        yield f"    approve: orchestrate approve {view.id} --step {shlex.quote(path)}"


def _next(which: Summary, ended: Ended, view: "WorkflowView") -> str:
    """What to do about it."""
    resume = f"orchestrate resume --workflow {which.id}"
    if ended.interrupted and which.finished_at is None:
        return f"  go on: {resume}\n  stop it: orchestrate cancel {which.id}"
    match ended.state:
        case State.FAILED | State.CANCELLED:
            return f"  go on from there: {resume}\n  all output: orchestrate logs {which.id}"
        case State.NEEDS_ATTENTION:
            return _how_to_decide(resume, view)
        case State.PAUSED | State.WAITING | State.RUNNING | State.QUEUED:
            return f"  go on: {resume}"
        case _:
            return ""


def _how_to_decide(resume: str, view: "WorkflowView") -> str:
    if not view.parked and any(step.kind == "compensation" for step in view.steps.values()):
        return f"  go on undoing: {resume}"
    subjects = {parked.subject for parked in view.parked.values()}
    lines: list[str] = []
    if COMPENSATION in subjects:
        lines.append(f"  decide: {resume} --compensation retry|skip|accept")
    if subjects != {COMPENSATION}:
        lines.append(f"  decide: {resume} --unknown rerun|skip|fail")
    return "\n".join(lines)
