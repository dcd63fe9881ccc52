"""`orchestrate deliveries`: what others are still to be told, and what they would not take."""

import time

import click

from orchestrate.app import open_app
from orchestrate.cli.console import out
from orchestrate.cli.formats import dump, moment, visible
from orchestrate.cli.options import json_option
from orchestrate.cli.table import write_table
from orchestrate.errors import UsageError
from orchestrate.launching.deliveries import FAILED, STATES, WAITING, Delivery
from orchestrate.launching.identity import current_author
from orchestrate.playbook.plan import Json

_MOST = 1000


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also what was delivered or dropped.")
@click.option("--workflow", metavar="ID", help="Only those of one workflow, delivered ones too.")
@click.option("--retry", metavar="KEY|all", help="Try it now, although it is not due or failed.")
@click.option("--drop", metavar="KEY", help="Give it up.")
@json_option
def deliveries(
    *, everything: bool, workflow: str | None, retry: str | None, drop: str | None, as_json: bool
) -> int:
    """Show what integrations are still to be told, and what could not be delivered, and why."""
    if (retry and drop) or ((retry or drop) and (everything or workflow)):
        raise UsageError(
            "that asks for several things at once",
            hint="--retry and --drop go alone.",
        )
    app = open_app()
    with app.open_deliveries() as kept:
        now = time.time()
        if retry:
            tried = kept.retry(None if retry == "all" else retry, current_author(), now)
            return _say({"retried": tried}, f"{tried} tried now", as_json)
        if drop:
            kept.drop(drop, current_author(), now)
            return _say({"dropped": drop}, f"{drop} is not delivered any more", as_json)
        states = STATES if everything or workflow else (WAITING, *FAILED)
        found = kept.find(states, _MOST, workflow)
    if as_json:
        out.line(dump([one.to_json() for one in found], indent=2))
    elif found:
        _show(found)
    else:
        out.line("nothing waits to be delivered, and nothing failed")
    return 0


def _say(plain: dict[str, Json], line: str, as_json: bool) -> int:  # noqa: FBT001 - said at once
    out.line(dump(plain) if as_json else line)
    return 0


def _show(found: list[Delivery]) -> None:
    rows: list[list[str]] = []
    first: set[str] = set()
    for one in found:
        when = moment(one.settled_at)
        if one.state == WAITING:
            when = "after the one before" if one.channel in first else moment(one.next_at)
            first.add(one.channel)
        state = one.state.replace("_", " ")
        rows.append([one.key, state, one.kind, str(one.attempts), when, visible(one.error)])
    write_table(out, ("DELIVERY", "STATE", "EVENT", "FAILED", "NEXT OR END", "LAST ERROR"), rows)
