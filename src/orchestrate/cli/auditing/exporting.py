"""`orchestrate audit export`: everything that was recorded, for other programs."""

from collections.abc import Iterator
from pathlib import Path

import click

from orchestrate.app import open_app
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import counted, dump
from orchestrate.embedded.auditing import trail
from orchestrate.embedded.auditing.trail import Wanted
from orchestrate.embedded.store import Store
from orchestrate.errors import UsageError
from orchestrate.workflow.audit import Entry


@click.command()
@click.option("--format", "format_", type=click.Choice(["jsonl", "cef"]), default="jsonl",
              show_default=True, help="Lines of JSON, or the Common Event Format.")  # fmt: skip
@click.option("--output", metavar="FILE", default="-", help="Where to; stdout by default.")
@click.option("--workflow", metavar="ID", help="Only this workflow.")
@click.option("--since", metavar="WHEN", help="Only from then on: `7d`, or a moment (RFC 3339).")
def export(*, format_: str, output: str, workflow: str | None, since: str | None) -> int:
    """Write every action and every event, each with its digest."""
    from orchestrate.cli.auditing.verb import chosen, moment_of

    app = open_app()
    if app.project.settings.cluster is not None:
        from orchestrate.cli.selection import select_any
        from orchestrate.outlook.trail import everything

        with app.open_cluster() as cluster:
            named = None if workflow is None else select_any(cluster, workflow)
            wanted = Wanted(workflow=named, since=moment_of(since))
            _write(output, _lines(everything(cluster, wanted), format_))
        return 0
    with app.open_engine() as engine:
        wanted = Wanted(workflow=chosen(app, engine, workflow), since=moment_of(since))
        there = Store.exists(app.project.state_dir)
        entries = trail.everything(engine.store, wanted) if there else iter(())
        _write(output, _lines(entries, format_))
    return 0


def _lines(entries: Iterator[Entry], format_: str) -> Iterator[str]:
    if format_ == "cef":
        from orchestrate.observe.cef import cef_line

        return map(cef_line, entries)
    return (dump(entry.to_json()) for entry in entries)


def _write(name: str, lines: Iterator[str]) -> None:
    if name == "-":
        for line in lines:
            out.line(line)
            if not out.alive:
                return
        return
    count = 0
    try:
        with Path(name).open("w", encoding="utf-8") as file:
            for line in lines:
                file.write(line + "\n")
                count += 1
    except OSError as error:
        raise UsageError(
            f"{name} cannot be written: {error.strerror}",
            hint="Name another file, or `-` for stdout.",
        ) from error
    err.line(f"{name}: {counted(count, 'line')}")
