"""`orchestrate prune` and `orchestrate state`: keeping what is recorded small and safe."""

import time
from pathlib import Path

import click

from orchestrate.app import open_app
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import counted, dump
from orchestrate.cli.options import json_option, yes_option
from orchestrate.launching.identity import current_author
from orchestrate.project.cluster import check_embedded

_DAY = 86_400.0
_RETENTION = (
    "Workflows that ended leave Temporal when the retention of its namespace is over: "
    "`temporal operator namespace update --retention 30d`."
)
_BACKUP = "What is recorded is in Temporal's database; whoever runs that backs it up."


@click.command()
@click.option("--older-than", type=click.FloatRange(0), metavar="DAYS",
              help="By default [state] retention_days of orchestrate.toml.")  # fmt: skip
@yes_option
@json_option
def prune(*, older_than: float | None, yes: bool, as_json: bool) -> int:
    """Remove workflows that ended long ago, with their journals and output.

    Without --yes, and where nobody can be asked, it only lists them.
    """
    from orchestrate.embedded import retention

    app = open_app()
    days = app.project.settings.retention_days if older_than is None else older_than
    with app.open_engine(_RETENTION) as engine:
        store, now = engine.store, time.time()
        found = retention.candidates(store, older_than=days * _DAY, now=now)
        agreed = bool(found) and (yes or _agree(len(found), days))
        if agreed:
            found = retention.prune(
                store, older_than=days * _DAY, now=now, author=current_author()
            ).workflows
    if as_json:
        out.line(dump({"removed": agreed, "workflows": list(found)}))
        return 0
    for workflow in found:
        out.line(workflow)
    if not found:
        out.line(f"no workflow ended more than {counted(days, 'day')} ago")
    else:
        err.line(f"{len(found)} removed" if agreed else "not removed; say --yes to remove them")
    return 0


def _agree(count: int, days: float) -> bool:
    from orchestrate.cli.starting import can_ask

    question = (
        f"Remove {counted(count, 'workflow')} that ended more than {counted(days, 'day')} ago?"
    )
    return can_ask() and click.confirm(question, err=True)


@click.group()
def state() -> None:
    """Back up or restore everything that is recorded: the store and all output."""


@state.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@json_option
def backup(*, file: Path | None, as_json: bool) -> int:
    """Write an archive to FILE; workflows may go on meanwhile."""
    from orchestrate.embedded import backup as backups

    target = file or Path(time.strftime("orchestrate-state-%Y%m%d-%H%M%S.tar.gz"))
    with open_app().open_engine(_BACKUP) as engine:
        made = backups.back_up(engine.store, target, current_author())
    if as_json:
        out.line(dump({"file": str(target), **made._asdict()}))
    else:
        out.line(f"{target}: {counted(made.workflows, 'workflow')}, {made.bytes} bytes")
    return 0


@state.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Also if something is recorded: it is set aside.")
@json_option
def restore(*, file: Path, force: bool, as_json: bool) -> int:
    """Put the archive FILE in the place of what is recorded. It is checked as a whole first."""
    from orchestrate.embedded import backup as backups

    project = open_app().project
    check_embedded(project.settings.cluster, _BACKUP)
    put = backups.restore(
        project.state_dir, project.settings.state_group, file, current_author(), force=force
    )
    if as_json:
        out.line(dump({"file": str(file), **put._asdict()}))
    else:
        out.line(f"{project.state_dir}: {counted(put.workflows, 'workflow')} restored")
    return 0
