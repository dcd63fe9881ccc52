"""`orchestrate pause`, `cancel` and `complete`: what others ask of a running workflow."""

import click

from orchestrate.app import open_app
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import duration, standing
from orchestrate.cli.options import json_option, minutes, named, reason_option, workflow_named
from orchestrate.cli.selection import can_pause, is_open, select
from orchestrate.launching.identity import current_actor
from orchestrate.workflow.engine import Engine
from orchestrate.workflow.outcomes import State


@click.command()
@workflow_named(required=False)
@click.option("--all", "everything", is_flag=True, help="Let no new workflows begin.")
@reason_option
@click.option("--checkpoint", is_flag=True, help="Take a checkpoint to come back to.")
@click.option("--timeout", type=minutes, metavar="MINUTES",
              help="Resume by itself after this time.")  # fmt: skip
@click.option("--now", is_flag=True, help="Stop running steps instead of waiting for them.")
@json_option
def pause(
    *,
    workflow: str | None,
    everything: bool,
    reason: str,
    checkpoint: bool,
    timeout: float | None,
    now: bool,
    as_json: bool,
) -> int:
    """Start no more steps of a workflow. Running steps finish, locks are kept.

    With --all no new workflows begin, until `resume --all`; those that run go on.
    """
    if everything:
        from orchestrate.cli.holding import check_alone, hold

        others = {"--checkpoint": checkpoint, "--timeout": timeout, "--now": now}
        check_alone(workflow, [option for option, given in others.items() if given])
        return hold(reason, as_json=as_json)
    workflow = named(workflow)
    with open_app().open_workflows() as engine:
        identity = select(engine, workflow, "pause", can_pause)
        taken = engine.pause(
            identity,
            actor=current_actor(),
            reason=reason,
            now=now,
            checkpoint=checkpoint,
            resume_after=None if timeout is None else timeout * 60,
        )
        stream = err if as_json else out
        stream.line(_how_far(engine, identity, now=now))
        if taken is not None:
            stream.line(f"checkpoint {taken}")
        if timeout is not None:
            stream.line(f"it resumes by itself after {duration(timeout * 60)}")
        stream.line(f"go on: orchestrate resume --workflow {identity}")
        _print_json(engine, identity, as_json=as_json)
    return 0


def _how_far(engine: Engine, workflow: str, *, now: bool) -> str:
    if engine.get(workflow).state is State.PAUSED:
        return f"{workflow} is paused"
    if now:
        return f"{workflow} is pausing; running steps are stopped"
    return f"{workflow} is pausing; running steps finish first"


@click.command()
@workflow_named()
@reason_option
@json_option
def cancel(*, workflow: str, reason: str, as_json: bool) -> int:
    """Stop a workflow. `finally` steps still run; cancel again to stop these too."""
    with open_app().open_workflows() as engine:
        found = select(engine, workflow, "cancel", is_open)
        engine.cancel(found, actor=current_actor(), reason=reason)
        stream = err if as_json else out
        stream.line(f"{found} {_end_of(engine, found, 'being cancelled')}")
        _print_json(engine, found, as_json=as_json)
    return 0


@click.command()
@workflow_named()
@click.option("--force", is_flag=True, help="Also if steps run or remain: they are stopped.")
@reason_option
@json_option
def complete(*, workflow: str, force: bool, reason: str, as_json: bool) -> int:
    """End a workflow by decision: it counts as completed, whoever asked is recorded."""
    with open_app().open_workflows() as engine:
        found = select(engine, workflow, "complete", is_open)
        engine.complete(found, actor=current_actor(), force=force, reason=reason)
        stream = err if as_json else out
        stream.line(f"{found} {_end_of(engine, found, 'being completed')}")
        _print_json(engine, found, as_json=as_json)
    return 0


def _end_of(engine: Engine, workflow: str, meanwhile: str) -> str:
    """What has become of a workflow that was to end; `meanwhile`: its steps still stop or clean up
    in the process that runs it.
    """
    which = engine.get(workflow)
    if which.finished_at is None and which.state is not State.NEEDS_ATTENTION:
        return f"is {meanwhile}"
    return standing(which.state)


def _print_json(engine: Engine, workflow: str, *, as_json: bool) -> None:
    if as_json:
        from orchestrate.cli.formats import dump
        from orchestrate.workflow.standing import workflow_json

        out.line(dump(workflow_json(engine, workflow)))
