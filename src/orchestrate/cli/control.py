"""`orchestrate pause`, `cancel` and `complete`: what others ask of a running workflow."""

import click

from orchestrate.app import current_actor, open_app
from orchestrate.cli.console import err, out
from orchestrate.cli.options import json_option, reason_option, workflow_option
from orchestrate.cli.selection import can_pause, is_open, select
from orchestrate.workflow.engine import Engine


@click.command()
@workflow_option
@reason_option
@click.option("--checkpoint", is_flag=True, help="Take a checkpoint to come back to.")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), metavar="MINUTES",
              help="Resume by itself after this time.")  # fmt: skip
@click.option("--now", is_flag=True, help="Stop running steps instead of waiting for them.")
@json_option
def pause(
    *,
    workflow: str,
    reason: str,
    checkpoint: bool,
    timeout: float | None,
    now: bool,
    as_json: bool,
) -> int:
    """Start no more steps of a workflow. Running steps finish, locks are kept."""
    with open_app().open_engine() as engine:
        identity = select(engine, workflow, "pause", can_pause)
        taken = engine.pause(
            identity,
            actor=current_actor(),
            reason=reason,
            now=now,
            checkpoint=checkpoint,
            resume_after=None if timeout is None else timeout * 60,
        )
        said = f"{identity} is pausing; running steps finish first"
        if now:
            said = f"{identity} is pausing; running steps are stopped"
        stream = err if as_json else out
        stream.line(said)
        if taken is not None:
            stream.line(f"checkpoint {taken}")
        if timeout is not None:
            stream.line(f"it resumes by itself after {timeout:g} minutes")
        stream.line(f"go on: orchestrate resume --workflow {identity}")
        _print_json(engine, identity, as_json=as_json)
    return 0


@click.command()
@click.argument("identity", metavar="[ID]", required=False)
@click.option("--workflow", metavar="ID", help="A workflow's id, or `current`.")
@reason_option
@json_option
def cancel(*, identity: str | None, workflow: str | None, reason: str, as_json: bool) -> int:
    """Stop a workflow. `finally` steps still run; cancel again to stop these too."""
    wanted = chosen(identity, workflow)
    with open_app().open_engine() as engine:
        found = select(engine, wanted, "cancel", is_open)
        engine.cancel(found, actor=current_actor(), reason=reason)
        stream = err if as_json else out
        stream.line(f"{found} is being cancelled")
        _print_json(engine, found, as_json=as_json)
    return 0


@click.command()
@workflow_option
@click.option("--force", is_flag=True, help="Also if steps run or remain: they are stopped.")
@reason_option
@json_option
def complete(*, workflow: str, force: bool, reason: str, as_json: bool) -> int:
    """End a workflow by decision: it counts as completed, whoever asked is recorded."""
    with open_app().open_engine() as engine:
        found = select(engine, workflow, "complete", is_open)
        engine.complete(found, actor=current_actor(), force=force, reason=reason)
        stream = err if as_json else out
        stream.line(f"{found} is {engine.get(found).state}")
        _print_json(engine, found, as_json=as_json)
    return 0


def chosen(identity: str | None, workflow: str | None) -> str:
    """The one workflow that was named, as an argument or with `--workflow`."""
    named = {name for name in (identity, workflow) if name is not None}
    if len(named) != 1:
        problem = "name one workflow" if named else "name a workflow: its id, or `current`"
        raise click.UsageError(problem, click.get_current_context())
    return named.pop()


def _print_json(engine: Engine, workflow: str, *, as_json: bool) -> None:
    if as_json:
        from orchestrate.cli.formats import dump
        from orchestrate.cli.journal import workflow_json

        out.line(dump(workflow_json(engine, workflow)))
