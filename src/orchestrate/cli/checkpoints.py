"""`orchestrate checkpoints`: named positions to resume from."""

import click

from orchestrate.app import open_app
from orchestrate.cli.console import out
from orchestrate.cli.formats import dump, moment, rfc3339
from orchestrate.cli.options import json_option, workflow_named
from orchestrate.cli.selection import select_any
from orchestrate.cli.table import write_table


@click.command()
@workflow_named()
@json_option
def checkpoints(*, workflow: str, as_json: bool) -> int:
    """List the checkpoints of a workflow."""
    from orchestrate.workflow.standing import view_of

    with open_app().open_workflows() as engine:
        identity = select_any(engine, workflow)
        found = view_of(engine, identity).checkpoints
    if as_json:
        rows = [
            {"id": one.id, "name": one.name, "step": one.step, "at": rfc3339(one.at)}
            for one in found
        ]
        out.line(dump(rows))
        return 0
    if not found:
        out.line(f"{identity} has no checkpoints")
        out.line("`run --checkpoint` takes one after every step, `pause --checkpoint` one now")
        return 0
    rows = [(one.id, moment(one.at), one.name, one.step or "") for one in found]
    write_table(out, ("ID", "TAKEN", "NAME", "AFTER STEP"), rows)
    out.line(
        f"resume from one: orchestrate resume --workflow {identity} --checkpoint {found[-1].id}"
    )
    return 0
