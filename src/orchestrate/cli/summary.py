"""The last words of a run: how it ended, what failed, what that step wrote, how to go on."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrate.cli.console import Stream
from orchestrate.cli.formats import duration, value, visible
from orchestrate.cli.style import Style
from orchestrate.errors import ExitCode
from orchestrate.workflow.engine import Ended, Engine, Summary
from orchestrate.workflow.outcomes import State

if TYPE_CHECKING:
    from orchestrate.workflow.state import WorkflowView

_TAIL = 10
"""Lines of a failed step's output."""


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


def summarize(
    stream: Stream, style: Style, engine: Engine, ended: Ended, view: "WorkflowView | None"
) -> None:
    """Write the summary. `view` may be None if all went well."""
    which = engine.get(ended.workflow)
    stream.line(_headline(style, which, ended))
    if view is None:
        return
    for line in _failures(style, engine, view):
        stream.line(line)
    for name, output in view.outputs.items():
        stream.line(f"  {name} = {value(output)}")
    for line in _parked(style, view):
        stream.line(line)
    hint = _next(which, ended)
    if hint:
        stream.line(hint)


def _headline(style: Style, which: Summary, ended: Ended) -> str:
    state = "interrupted" if ended.interrupted else str(ended.state)
    if ended.timed_out:
        state = "timed_out"
    mark = style.mark(state if state != "interrupted" else "cancelled")
    took = ""
    if which.started_at is not None and which.finished_at is not None:
        took = f" in {duration(which.finished_at - which.started_at)}"
    words = style.state(state)
    reason = ended.message or which.reason
    tail = f": {visible(reason)}" if reason and ended.state is not State.SUCCEEDED else ""
    return f"{mark} {style.strong(which.id)} {which.playbook} {words}{took}{tail}"


def _failures(style: Style, engine: Engine, view: "WorkflowView") -> Iterator[str]:
    """The step that failed first, and the end of what it wrote."""
    error = view.error
    if not error or not error.get("step"):
        return
    path = str(error["step"])
    yield f"  {style.mark('failed')} {style.strong(path)}: {visible(str(error.get('message', '')))}"
    tail = b"".join(piece.data for piece in engine.output(view.id, path, tail=_TAIL))
    for line in tail.decode("utf-8", "replace").splitlines()[-_TAIL:]:
        yield f"    {style.dim('|')} {visible(line)}"


def _parked(style: Style, view: "WorkflowView") -> Iterator[str]:
    for parked in view.parked.values():
        yield f"  {style.mark('needs_attention')} {style.strong(parked.path)}: {parked.message}"
        if parked.choices:
            yield f"    choices: {', '.join(parked.choices)}"


def _next(which: Summary, ended: Ended) -> str:
    """What to do about it."""
    resume = f"orchestrate resume --workflow {which.id}"
    if ended.interrupted:
        return f"  go on: {resume}\n  stop it: orchestrate cancel {which.id}"
    match ended.state:
        case State.FAILED | State.CANCELLED:
            return f"  go on from there: {resume}\n  all output: orchestrate logs {which.id}"
        case State.NEEDS_ATTENTION:
            return f"  decide: {resume} --unknown rerun|skip|fail"
        case State.PAUSED | State.WAITING | State.RUNNING | State.QUEUED:
            return f"  go on: {resume}"
        case _:
            return ""
