"""`orchestrate audit`: what people and triggers did, the latest first; and its actions."""

import time
from collections.abc import Iterator
from itertools import islice

import click

from orchestrate.app import App, open_app
from orchestrate.cli.auditing.exporting import export
from orchestrate.cli.auditing.signing import key, sign
from orchestrate.cli.auditing.verifying import verify
from orchestrate.cli.console import out
from orchestrate.cli.formats import assignments, cut, dump, moment
from orchestrate.cli.options import json_option
from orchestrate.cli.selection import select_any
from orchestrate.cli.table import write_table
from orchestrate.embedded.auditing import trail
from orchestrate.embedded.auditing.trail import Wanted
from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.embedded.store import Store
from orchestrate.errors import NotFoundError, UsageError
from orchestrate.workflow.audit import Entry


@click.group(invoke_without_command=True)
@click.option("--workflow", metavar="ID", help="Only what was done to this one.")
@click.option("--actor", metavar="NAME", help="Only what this user or trigger did.")
@click.option("--action", metavar="NAME", help="Only this, such as approval_given.")
@click.option("--since", metavar="WHEN", help="Only from then on: `7d`, or a moment (RFC 3339).")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, metavar="N",
              help="At most so many.")  # fmt: skip
@json_option
@click.pass_context
def audit(
    ctx: click.Context, *, workflow: str | None, actor: str | None, action: str | None,
    since: str | None, limit: int, as_json: bool,
) -> int:  # fmt: skip
    """Show who did what, when, from where and why; the latest first.

    `verify` tells whether all that was recorded is still there as it was, `export` writes it for
    other programs, `sign` and `key` make signed checkpoints.
    """
    if ctx.invoked_subcommand is not None:
        return 0
    wanted = Wanted(workflow, actor, action, moment_of(since))
    app = open_app()
    if app.project.settings.cluster is not None:
        entries = _of_cluster(app, wanted, limit)
        return _tell(entries, as_json=as_json)
    with app.open_engine() as engine:
        wanted = wanted._replace(workflow=chosen(app, engine, workflow))
        there = Store.exists(app.project.state_dir)
        entries = list(islice(trail.recent(engine.store, wanted), limit)) if there else []
    return _tell(entries, as_json=as_json)


def _of_cluster(app: App, wanted: Wanted, limit: int) -> list[Entry]:
    from orchestrate.outlook.trail import recent

    with app.open_cluster() as engine:
        if wanted.workflow is not None:
            wanted = wanted._replace(workflow=select_any(engine, wanted.workflow))
        return list(islice(recent(engine, wanted), limit))


def _tell(entries: list[Entry], *, as_json: bool) -> int:
    if as_json:
        out.line(dump([entry.to_json() for entry in entries], indent=2))
    elif entries:
        _show(entries)
    else:
        out.line("nothing was done that fits")
    return 0


for _command in (verify, export, sign, key):
    audit.add_command(_command)


def chosen(app: App, engine: EmbeddedEngine, workflow: str | None) -> str | None:
    """Which workflow is meant; also one that was removed, of which the actions still tell."""
    if workflow is None:
        return None
    try:
        return select_any(engine, workflow)
    except NotFoundError:
        there = Store.exists(app.project.state_dir)
        if not (there and trail.tells_of(engine.store, workflow)):
            raise
        return workflow


def moment_of(text: str | None) -> float:
    """Seconds since the epoch of `7d` (before now) or of a moment; 0 for nothing."""
    if text is None:
        return 0.0
    from orchestrate.playbook.durations import parse_duration
    from orchestrate.workflow.moments import parse_moment

    try:
        return time.time() - parse_duration(text)
    except ValueError:
        pass
    try:
        return parse_moment(text)
    except ValueError:
        raise UsageError(
            f"--since {text} is neither a duration nor a moment",
            hint="Write `7d`, `12h`, or `2026-11-22T16:30:00Z`.",
        ) from None


def _show(entries: list[Entry]) -> None:
    rows = [
        [moment(e.at), e.actor or "-", e.action, e.workflow or e.subject, "; ".join(_said(e))]
        for e in entries
    ]
    write_table(out, ["WHEN", "WHO", "WHAT", "ON", ""], rows)


def _said(entry: Entry) -> Iterator[str]:
    if entry.workflow and entry.subject:
        yield entry.subject
    if entry.reason:
        yield f'"{entry.reason}"'
    if change := _change(entry):
        yield change
    origin = {k: v for k, v in entry.origin.items() if k not in ("pid", "host")}
    place = f"from {entry.origin['host']}" if "host" in entry.origin else ""
    if origin:
        place = f"{place} {assignments(origin)}".strip()
    if place:
        yield place


def _change(entry: Entry) -> str:
    """What is different since, in a few words."""
    before, after = entry.before, entry.after
    if entry.action == "workflow_created":
        more = {key: after[key] for key in ("rerun_of", "overrides") if key in after}
        made = f"{after.get('playbook')} in {after.get('environment')}"
        return f"{made} {assignments(more)}".strip()
    if not after and set(before) == {"state"}:
        return ""
    if entry.action == "workflow_pruned":
        return f"{before.get('playbook')}, {before.get('state')}"
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    if not before or not after:
        return cut(assignments(dict(after or before), 30), 100)
    return ", ".join(
        f"{key}: {assignments({'': before.get(key)}, 30)[1:]} -> "
        f"{assignments({'': after.get(key)}, 30)[1:]}"
        for key in keys
    )
