"""One workflow for a person: what it is, its tree of steps, and on request everything else."""

import time

from orchestrate.cli.console import out
from orchestrate.cli.excerpts import EndOfOutput, excerpt
from orchestrate.cli.formats import assignments, clock, cut, duration, moment, value, visible
from orchestrate.cli.narration import Narrator
from orchestrate.cli.status import shown_state
from orchestrate.cli.style import Style, style_of
from orchestrate.cli.summary import awaited
from orchestrate.cli.tree import Tree, render_line
from orchestrate.workflow.engine import Engine, Summary
from orchestrate.workflow.left_requests import LeftRequest
from orchestrate.workflow.standing import (
    all_events,
    bring_up_to_date,
    is_waiting,
    last_attempts,
    show_progress,
)
from orchestrate.workflow.state import WorkflowView

_LATEST = 200
"""Lines of the journal that `--detailed` shows."""
_OUTPUT = 20
"""Lines of output of each step that `--detailed` shows."""


def show_workflow(
    engine: Engine, workflow: str, end_of_output: EndOfOutput, *, detailed: bool
) -> None:
    """Print one workflow."""
    style = style_of(out)
    which = engine.get(workflow)
    tree = Tree(WorkflowView(workflow), [step.key for step in engine.plan(workflow).steps])
    for event in all_events(engine, workflow):
        tree.apply(event)
    show_progress(tree.view, which)
    if is_waiting(tree.view):
        bring_up_to_date(tree.view, engine.waits().get(workflow, {}))
    now = time.time()
    _head(style, which, tree.view, now)
    for line in tree.lines(now):
        out.line(f"  {render_line(style, line, 2)}")
    _open_questions(style, tree.view)
    for line in awaited(style, tree.view):
        out.line(line)
    _processes(style, tree.view)
    for name, output in tree.view.outputs.items():
        out.line(f"  {style.dim('output')} {name} = {value(output)}")
    if detailed:
        _outputs(style, engine, workflow, end_of_output)
        _history(style, engine, workflow)


def _head(style: Style, which: Summary, view: WorkflowView, now: float) -> None:
    state = shown_state(which, now)
    out.line(f"{style.strong(which.id)} {which.playbook}  {style.state(str(which.state), state)}")
    facts = [f"environment {which.environment}", f"by {which.actor}"]
    if which.started_at is not None:
        facts.append(f"started {moment(which.started_at)}")
        facts.append(f"took {duration((which.finished_at or now) - which.started_at)}")
    for fact in _wrapped(facts, style.width):
        out.line(f"  {style.dim(fact)}")
    if which.parameters:
        out.line(f"  {style.dim(cut(assignments(which.parameters), max(0, style.width - 2)))}")
    if which.reason:
        out.line(f"  {style.state(str(which.state), visible(which.reason))}")
    if which.resume_at is not None:
        out.line(f"  {style.dim(f'resumes by itself at {moment(which.resume_at)}')}")
    for request in view.requests.of(owner_lost=which.owner_lost):
        _left(style, request, which.id)
    for warning in view.warnings:
        out.line(f"  {style.mark('unknown')} {visible(warning)}")


def _left(style: Style, request: LeftRequest, workflow: str) -> None:
    """What was asked for and is not done, as nobody runs the workflow; and what to do."""
    what = f"{request.verb} {request.path}".rstrip()
    waits = f"{request.actor} asked to {what}: it waits until somebody runs the workflow"
    out.line(f"  {style.mark('waiting')} {visible(waits)}")
    out.line(f"    go on: {request.command(workflow)}")


def _wrapped(facts: list[str], width: int) -> list[str]:
    """The facts on as few lines as fit."""
    lines: list[str] = []
    for fact in facts:
        if lines and (not width or len(lines[-1]) + len(fact) + 4 <= width):
            lines[-1] += f"  {fact}"
        else:
            lines.append(fact)
    return lines


def _open_questions(style: Style, view: WorkflowView) -> None:
    for parked in view.parked.values():
        out.line(f"  {style.mark('needs_attention')} {parked.path}: {visible(parked.message)}")
        if parked.choices:
            out.line(f"    choices: {', '.join(parked.choices)}")


def _processes(style: Style, view: WorkflowView) -> None:
    """What steps left running on purpose, and what could not be ended."""
    for path, step in view.steps.items():
        for process in step.left_running:
            out.line(f"  {style.dim('left running:')} {visible(process)}  {style.dim(path)}")
        for process in step.survivors:
            out.line(f"  {style.warn('still running:')} {visible(process)}  {style.dim(path)}")


def _outputs(style: Style, engine: Engine, workflow: str, end_of_output: EndOfOutput) -> None:
    """The end of what each step wrote in its last attempt."""
    for path, attempt in last_attempts(engine, workflow).items():
        tail = end_of_output(workflow, attempt)
        if tail.data:
            out.line(f"\n{style.strong(path)}")
            for line in excerpt(style, tail, _OUTPUT, 2):
                out.line(line)


def _history(style: Style, engine: Engine, workflow: str) -> None:
    """What happened, in order."""
    narrator = Narrator()
    lines = [
        (event.at, line)
        for event in all_events(engine, workflow)
        if (line := narrator.tell(event)) is not None
    ]
    out.line(f"\n{style.strong('Journal')}")
    if len(lines) > _LATEST:
        out.line(
            f"  … {len(lines) - _LATEST} earlier lines: `orchestrate status --json --detailed`"
        )
    for at, line in lines[-_LATEST:]:
        path = f"{line.path} " if line.path else ""
        out.line(f"  {style.dim(clock(at))} {style.mark(line.state)} {path}{visible(line.text)}")
