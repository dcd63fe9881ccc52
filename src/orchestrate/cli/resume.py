"""`orchestrate resume`: continue a paused, failed or interrupted workflow."""

from pathlib import Path
from typing import TypedDict, Unpack

import click

from orchestrate.app import App, open_app
from orchestrate.cli.confirming import Terminal, can_confirm
from orchestrate.cli.console import Stream, err, out
from orchestrate.cli.formats import counted
from orchestrate.cli.options import (
    detach_option,
    json_option,
    named,
    parameters_option,
    workflow_named,
    yes_option,
)
from orchestrate.cli.selection import about, select_to_resume
from orchestrate.cli.style import style_of
from orchestrate.errors import ConflictError
from orchestrate.launching.identity import current_actor
from orchestrate.playbook.plan import Plan, SourceFile
from orchestrate.workflow.engine import Engine, ResumeOptions, ResumePlan
from orchestrate.workflow.standing import options_of
from orchestrate.workflow.transitions import FINAL

_MANY = 40
"""Lines of a resume plan that are shown; what is reused is counted first."""

_ACTION_STYLES = {
    "reuse": "dim",
    "run": "busy",
    "attach": "busy",
    "skip": "warn",
    "decide": "warn",
    "undo": "warn",
    "retry": "warn",
    "accept": "warn",
}


class Given(TypedDict):
    """What was written on the command line."""

    workflow: str | None
    everything: bool
    from_step: str | None
    checkpoint: str | None
    skip_failed: bool
    parameters: tuple[str, ...]
    playbook_changes: str | None
    unknown: str | None
    compensation: str | None
    detach: bool
    yes: bool
    as_json: bool


@click.command()
@workflow_named(required=False)
@click.option("--all", "everything", is_flag=True, help="End `pause --all`: new ones may begin.")
@click.option("--from-step", metavar="STEP", help="Forget this step and what follows it.")
@click.option("--checkpoint", metavar="CP", help="Forget what came after this checkpoint.")
@click.option("--skip-failed", is_flag=True, help="Count failed steps as skipped.")
@parameters_option
@click.option("--playbook-changes", type=click.Choice(["use", "keep"]),
              help="Take the edited playbook, or the recorded one (the default).")  # fmt: skip
@click.option("--unknown", type=click.Choice(["rerun", "skip", "fail"]),
              help="What becomes of steps that need attention.")  # fmt: skip
@click.option("--compensation", type=click.Choice(["retry", "skip", "accept"]),
              help="What becomes of compensations that failed.")  # fmt: skip
@detach_option
@yes_option
@json_option
def resume(**given: Unpack[Given]) -> int:
    """Continue a workflow. What will be reused and what will run is printed first."""
    if given["everything"]:
        return _unhold(given)
    wanted = named(given["workflow"])
    detach, as_json = given["detach"], given["as_json"]
    stream = err if as_json else out
    app = open_app()
    if not detach:
        app.start_supervisor()
        app.asker = Terminal() if can_confirm() else None
        app.stays = stream.is_terminal()
    with app.open_workflows() as engine:
        workflow = select_to_resume(engine, wanted, yes=given["yes"])
        recorded = engine.plan(workflow)
        options = _agree(engine, workflow, _options(app, engine, workflow, recorded, given), stream)
        if given["playbook_changes"] is None:
            _show_edits(app, recorded, stream)
        plan = options.changed_plan or recorded
        return go_on(app, engine, workflow, options, plan, detach=detach, as_json=as_json)


def _unhold(given: Given) -> int:
    """`--all`: new workflows may begin again."""
    from orchestrate.cli.holding import check_alone, unhold

    others = ("from_step", "checkpoint", "skip_failed", "parameters", "playbook_changes",
              "unknown", "compensation", "detach")  # fmt: skip
    meant = [f"--{key.replace('_', '-')}" for key in others if given[key]]
    check_alone(given["workflow"], meant)
    return unhold(as_json=given["as_json"])


def _options(
    app: App, engine: Engine, workflow: str, recorded: Plan, given: Given
) -> ResumeOptions:
    """What the command line asks for. Secrets are never kept with a workflow: they come anew."""
    from orchestrate.cli.starting import resume_values

    which = engine.get(workflow)
    changed = None
    if given["playbook_changes"] == "use":
        from orchestrate.intake import edited_plan

        changed = edited_plan(app, recorded, which.environment)
    typed, secrets = resume_values(app, changed or recorded, which, given["parameters"])
    return ResumeOptions(
        from_step=given["from_step"],
        checkpoint=given["checkpoint"],
        skip_failed=given["skip_failed"],
        parameters=typed,
        secret_values=secrets,
        unknown=given["unknown"],
        compensation=given["compensation"],
        changed_plan=changed,
        jump=given["yes"],
        unless_ended=which.state not in FINAL,
        actor=current_actor(),
    )


def go_on(
    app: App,
    engine: Engine,
    workflow: str,
    options: ResumeOptions,
    plan: Plan,
    *,
    detach: bool,
    as_json: bool,
) -> int:
    """Continue it here, or leave it to a process of its own; returns the exit code."""
    if detach:
        from orchestrate.cli.detaching import Errand, leave
        from orchestrate.cli.run import handed_over

        leave(app, Errand(workflow, options.secret_values, options))
        return handed_over(engine, workflow, as_json=as_json)
    from orchestrate.cli.watching import watch

    return watch(
        engine,
        workflow,
        lambda observer: engine.resume(workflow, options, observer),
        as_json=as_json,
        plan=plan,
        end_of_output=app.end_of_output,
        asking=options_of(engine, workflow).step_by_step,
    )


def _show_edits(app: App, plan: Plan, stream: Stream) -> None:
    """Say so if the files say something else by now: what was recorded goes on all the same."""
    edited = [source.path for source in plan.sources if _is_edited(app.project.root, source)]
    if edited:
        verb = "has" if len(edited) == 1 else "have"
        stream.line(
            f"  {', '.join(edited)} {verb} changed since; the recorded playbook goes on"
            " (--playbook-changes use takes the edited one)"
        )


def _is_edited(root: Path, source: SourceFile) -> bool:
    import hashlib

    try:
        return hashlib.sha256((root / source.path).read_bytes()).hexdigest() != source.digest
    except OSError:
        return False  # removed or unreadable: there is nothing to take instead


def _agree(engine: Engine, workflow: str, options: ResumeOptions, stream: Stream) -> ResumeOptions:
    """Show what will happen; jumping over steps that never ran takes a yes."""
    with about(workflow):
        planned = engine.plan_resume(workflow, options)
    show_plan(stream, planned)
    if not planned.needs_yes or options.jump:
        return options
    from orchestrate.cli.starting import can_ask

    if not can_ask():
        raise ConflictError(
            "steps that never ran would be jumped over",
            hint="Say `--yes` to record them as skipped, or choose an earlier step.",
        )
    if not click.confirm("Jump over steps that never ran?", err=True):
        raise ConflictError("not confirmed, nothing was done", hint="Choose an earlier step.")
    return options._replace(jump=True)


def show_plan(stream: Stream, planned: ResumePlan) -> None:
    """Print a resume plan."""
    style = style_of(stream)
    counts: dict[str, int] = {}
    for line in planned.lines:
        counts[line.action] = counts.get(line.action, 0) + 1
    shown = ", ".join(f"{count} to {action}" for action, count in counts.items())
    stream.line(f"{style.strong(planned.workflow)} {shown or 'nothing is recorded yet'}")
    lines = planned.lines
    if len(lines) > _MANY:
        lines = tuple(line for line in lines if line.action != "reuse")
    width = max((len(line.action) for line in lines), default=0)
    for line in lines[:_MANY]:
        action = style.apply(_ACTION_STYLES.get(line.action, ""), line.action.ljust(width))
        why = f"  {style.dim(line.why)}" if line.why else ""
        stream.line(f"  {action}  {line.path}{why}")
    if len(lines) > _MANY:
        stream.line(f"  … {counted(len(lines) - _MANY, 'line')} more")
    for warning in planned.warnings:
        stream.line(f"  {style.mark('unknown')} {style.warn(warning)}")
