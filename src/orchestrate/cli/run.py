"""`orchestrate run`: execute a playbook."""

from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from orchestrate.app import App, open_app
from orchestrate.cli.admitting import admission_options, overrides
from orchestrate.cli.console import err, out
from orchestrate.cli.options import (
    detach_option,
    json_option,
    minutes,
    no_playbook,
    parameters_option,
    playbook_named,
    yes_option,
)
from orchestrate.errors import UsageError
from orchestrate.workflow.engine import Engine, NewWorkflow
from orchestrate.workflow.program import RunOptions

if TYPE_CHECKING:
    from orchestrate.intake import Request

Names = tuple[str, ...]


class Given(TypedDict):
    """What was written on the command line."""

    playbook: str | None
    parameters: Names
    environment: str | None
    parallel: bool
    max_parallel: int | None
    checkpoint: bool
    timeout: float | None
    only: Names
    skip: Names
    step_by_step: bool
    dry_run: bool
    priority: str | None
    wait: bool
    override_freeze: str | None
    override_required_success: str | None
    idempotency_key: str | None
    verbose: bool
    debug: bool
    detach: bool
    yes: bool
    as_json: bool


@click.command()
@playbook_named
@parameters_option
@click.option("--environment", metavar="NAME", help="dev, staging, production, or your own.")
@click.option("--parallel", is_flag=True, help="Run steps at once where their `needs` allow it.")
@click.option("--max-parallel", type=click.IntRange(1), metavar="N", help="How many at once.")
@click.option("--checkpoint", is_flag=True, help="A checkpoint after every top-level step.")
@click.option("--timeout", type=minutes, metavar="MINUTES",
              help="Time for everything, queueing included, pauses not.")  # fmt: skip
@click.option("--only", multiple=True, metavar="STEP", help="Run only this step; repeatable.")
@click.option("--skip", multiple=True, metavar="STEP", help="Leave this step out; repeatable.")
@click.option("--step-by-step", is_flag=True, help="Confirm each step.")
@click.option("--dry-run", is_flag=True, help="Show what it would do, and do nothing.")
@admission_options
@click.option("--idempotency-key", metavar="KEY", help="Start at most one workflow for this key.")
@click.option("--verbose", is_flag=True, help="Tell every decision with its reason, and each call.")
@click.option("--debug", is_flag=True, help="With what goes on inside, and tracebacks.")
@detach_option
@yes_option
@json_option
def run(**given: Unpack[Given]) -> int:
    """Execute a playbook: its steps, in the order written.

    The workflow is recorded step by step; `orchestrate resume` goes on after any interruption.
    """
    _check(given)
    detach, as_json = given["detach"], given["as_json"]
    app = open_app()
    if given["playbook"] is None:
        raise no_playbook(app, "which playbook shall be run?")
    if not (detach or given["dry_run"]):
        app.start_supervisor()
    request = _request(app, given["playbook"], given)
    told = given["verbose"] or given["debug"]
    if given["dry_run"]:
        from orchestrate.cli.dry_run import dry_run as show_plan

        return show_plan(app, request, as_json=as_json, verbose=told)
    detail = ("debug" if given["debug"] else "verbose") if told else None
    return start(app, request, detach=detach, as_json=as_json, detail=detail)


def _check(given: Given) -> None:
    """Options that do not fit together are refused before anything else."""
    detach = given["detach"]
    if detach and (given["verbose"] or given["debug"]):
        raise UsageError(
            "--detach shows nothing, so --verbose and --debug mean nothing",
            hint="Leave --detach out, or read on with `orchestrate status --detailed`.",
        )
    if given["dry_run"]:
        _check_dry(detach=detach, idempotency_key=given["idempotency_key"])
    elif given["step_by_step"]:
        from orchestrate.cli.confirming import check_can_confirm

        check_can_confirm(detach=detach)


def _request(app: App, playbook: str, given: Given) -> "Request":
    """What the command line asks for."""
    from orchestrate.intake import Request

    timeout = given["timeout"]
    options = RunOptions(
        parallel=given["parallel"],
        max_parallel=given["max_parallel"] or app.project.settings.max_parallel,
        checkpoint_each=given["checkpoint"],
        timeout=None if timeout is None else timeout * 60,
        only=given["only"],
        skip=given["skip"],
        step_by_step=given["step_by_step"],
    )
    return Request(
        playbook,
        given["parameters"],
        given["environment"],
        options,
        given["yes"],
        given["idempotency_key"],
        priority=given["priority"],
        waits=given["wait"] or given["detach"],
        overrides=overrides(given["override_freeze"], given["override_required_success"]),
    )


def _check_dry(*, detach: bool, idempotency_key: str | None) -> None:
    """A dry run makes no workflow: what says how one is made does not fit."""
    for option, given in (("--detach", detach), ("--idempotency-key", idempotency_key)):
        if given:
            raise UsageError(
                f"--dry-run starts nothing, so {option} means nothing",
                hint=f"Leave {option} out, or start it without --dry-run.",
            )


def start(
    app: App, request: "Request", *, detach: bool, as_json: bool, detail: str | None = None
) -> int:
    """Make the workflow and run it here, or hand it to a process of its own. `detail`: `verbose`
    or `debug`, how much is told beyond the usual.
    """
    stream = err if as_json else out
    if request.options.step_by_step:
        from orchestrate.cli.confirming import Terminal

        app.asker = Terminal()
    app.stays = stream.is_terminal()
    from orchestrate.cli.starting import prepare
    from orchestrate.cli.watching import watch

    try:
        new = prepare(app, request)
    except BaseException:
        app.dismiss_supervisor()
        raise
    _warn(new)
    told_by = None
    if detail is not None:
        from orchestrate.cli.in_full import tell_all

        told_by = tell_all(app, request, new, stream, internals=detail == "debug")
    with app.open_workflows() as engine:
        workflow, created = engine.create(new)
        if not created:
            return _existing(engine, workflow, new, as_json=as_json)
        if detach:
            return _detach(app, engine, workflow, new, as_json=as_json)
        if told_by is not None:
            told_by.earlier = lambda number: engine.events(workflow, 0, number - 1)
        return watch(
            engine,
            workflow,
            lambda observer: engine.run(workflow, observer),
            as_json=as_json,
            plan=new.plan,
            end_of_output=app.end_of_output,
            asking=new.options.step_by_step,
            told_by=told_by,
        )


def _warn(new: NewWorkflow) -> None:
    for warning in new.plan.warnings:
        err.line(warning)
    for name, why in new.untold.items():
        err.line(f"warning: the integration `{name}` is off: {why}")


def _detach(app: App, engine: Engine, workflow: str, new: NewWorkflow, *, as_json: bool) -> int:
    """Leave it to others."""
    from orchestrate.cli.detaching import Errand, leave

    leave(app, Errand(workflow, new.secret_values))
    if not app.is_served():
        err.line(
            "No daemon runs on this project. Should the machine go down, "
            "`orchestrate resume` goes on with it; `orchestrate serve` would by itself."
        )
    return handed_over(engine, workflow, as_json=as_json)


def _existing(engine: Engine, workflow: str, new: NewWorkflow, *, as_json: bool) -> int:
    """The idempotency key was used before: nothing is started."""
    from orchestrate.cli.formats import standing
    from orchestrate.cli.summary import state_exit_code
    from orchestrate.intake import check_same

    which = engine.get(workflow)
    check_same(which, new)
    err.line(f"{workflow} was started with this key before; it {standing(which.state)}")
    handed_over(engine, workflow, as_json=as_json)
    return state_exit_code(which.state) if which.finished_at is not None else 0


def handed_over(engine: Engine, workflow: str, *, as_json: bool) -> int:
    """Tell the id of a workflow that runs elsewhere."""
    if as_json:
        from orchestrate.cli.formats import dump
        from orchestrate.workflow.standing import workflow_json

        out.line(dump(workflow_json(engine, workflow)))
    else:
        out.line(workflow)
    return 0
