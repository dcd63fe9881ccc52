"""`orchestrate rerun`: a new workflow with playbook, environment and values of an earlier one."""

from pathlib import Path

import click

from orchestrate.app import App, open_app
from orchestrate.cli.admitting import admission_options, overrides
from orchestrate.cli.console import err
from orchestrate.cli.options import (
    detach_option,
    json_option,
    parameters_option,
    workflow_named,
    yes_option,
)
from orchestrate.cli.run import start
from orchestrate.cli.selection import select_any
from orchestrate.errors import NotFoundError
from orchestrate.workflow.engine import Engine
from orchestrate.workflow.standing import options_of


@click.command()
@workflow_named()
@parameters_option
@admission_options
@detach_option
@yes_option
@json_option
def rerun(
    *,
    workflow: str,
    parameters: tuple[str, ...],
    priority: str | None,
    wait: bool,
    override_freeze: str | None,
    override_required_success: str | None,
    detach: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Start a new workflow like an earlier one, with the playbook as its file is now."""
    reasons = overrides(override_freeze, override_required_success)
    app = open_app()
    with app.open_workflows() as engine:
        identity = select_any(engine, workflow)
        which = engine.get(identity)
        playbook = _playbook(app, engine, identity)
        options = options_of(engine, identity)
    if not detach:
        app.start_supervisor()
    from orchestrate.intake import Request

    earlier = {name: value for name, value in which.parameters.items() if name != "environment"}
    request = Request(
        playbook,
        parameters,
        which.environment,
        options,
        yes,
        earlier=earlier,
        rerun_of=identity,
        priority=priority,
        waits=wait or detach,
        overrides=reasons,
    )
    return start(app, request, detach=detach, as_json=as_json)


def _playbook(app: App, engine: Engine, workflow: str) -> str:
    """The path of its playbook; says so if the file changed since."""
    import hashlib

    source = engine.plan(workflow).sources[0]
    file = app.project.root / source.path
    if not file.is_file():
        raise NotFoundError(
            f"the playbook of {workflow} is gone: {source.path}",
            hint="Restore the file, or run another playbook.",
        )
    if hashlib.sha256(file.read_bytes()).hexdigest() != source.digest:
        err.line(f"{source.path} was changed since {workflow}; it is used as it is now")
    return str(Path(file))
