"""`orchestrate workers`: who works for a cluster."""

import time
from typing import TYPE_CHECKING

import click

from orchestrate.app import open_app
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import counted, dump, duration
from orchestrate.cli.options import json_option
from orchestrate.cli.table import write_table
from orchestrate.errors import UsageError

if TYPE_CHECKING:
    from orchestrate.cluster.roster.looking import Standing


@click.command()
@click.option("--drain", "drained", metavar="NAME",
              help="Have a worker take no new steps, and end when its steps are over.")  # fmt: skip
@json_option
def workers(*, drained: str | None, as_json: bool) -> int:
    """Show the workers of a cluster: what they are, what they do, since when they are lost."""
    app = open_app()
    if app.project.settings.cluster is None:
        raise UsageError(
            "workflows of this project run on one machine: nobody else works for them",
            hint='Set `[engine] kind = "cluster"` and `address` in orchestrate.toml.',
        )
    from orchestrate.cluster.roster.looking import drain, look
    from orchestrate.cluster.roster.telling import worker_json

    with app.open_cluster() as engine:
        connection = engine.connection
        if drained is not None:
            found = [connection.wait(drain(connection.client, drained))]
            err.line(_said(found[0]))
        else:
            found = connection.wait(look(connection.client))
    if as_json:
        out.line(dump([worker_json(one) for one in found]))
    elif drained is None:
        _show(found)
    return 0


def _said(one: "Standing") -> str:
    name = one.registration.name
    if one.state == "lost":
        return f"{name} is lost, and listed no longer; if it comes back it takes steps again"
    if not one.running:
        return f"{name} drains: nothing runs there, so it ends"
    return f"{name} drains: it ends when {counted(one.running, 'step')} are over"


def _show(found: "list[Standing]") -> None:
    if not found:
        out.line("nobody works for this cluster; `orchestrate worker` does")
        return
    from orchestrate.cluster.roster.telling import most_steps

    headings = ("NAME", "STATE", "STEPS", "POOLS", "HEARD OF", "VERSION", "HOST", "LABELS")
    now = time.time()
    rows = [
        (
            one.registration.name,
            one.state,
            f"{'?' if one.running is None else one.running}/{most_steps(one)}",
            ", ".join(one.registration.pools),
            "" if one.last_sign_at is None else f"{duration(now - one.last_sign_at)} ago",
            one.registration.version,
            one.registration.host,
            ", ".join(one.registration.labels),
        )
        for one in found
    ]
    write_table(out, headings, rows)
