"""`orchestrate status`: what runs, what ran, and one workflow step by step."""

import time

import click

from orchestrate.app import App, open_app
from orchestrate.cli.console import out
from orchestrate.cli.formats import dump, duration, moment
from orchestrate.cli.options import json_option, workflow_named
from orchestrate.cli.selection import OPEN, open_workflows, select_any
from orchestrate.cli.table import write_table
from orchestrate.errors import UsageError
from orchestrate.workflow.engine import Engine, Filter, Summary
from orchestrate.workflow.outcomes import State

_RECENT = 10
_DAY = 86_400.0
_PAGE = 500


@click.command()
@workflow_named(required=False)
@click.option("--all", "show_all", is_flag=True, help="Every workflow.")
@click.option("--running", is_flag=True, help="Only those that run.")
@click.option("--history", type=click.FloatRange(0, min_open=True), metavar="DAYS",
              help="Those of the last days.")  # fmt: skip
@click.option("--detailed", is_flag=True, help="With output and everything that happened.")
@json_option
def status(
    *,
    workflow: str | None,
    show_all: bool,
    running: bool,
    history: float | None,
    detailed: bool,
    as_json: bool,
) -> int:
    """Show workflows. Without options: those that are not over, and the last ten."""
    if workflow is not None and (show_all or running or history is not None):
        raise UsageError(
            "--workflow asks for one, --all, --running and --history for many",
            hint="Leave one of them out.",
        )
    app = open_app()
    with app.open_engine() as engine:
        if workflow is not None:
            return _one(
                app, engine, select_any(engine, workflow), detailed=detailed, as_json=as_json
            )
        found = _many(engine, show_all=show_all, running=running, history=history)
        if as_json:
            from orchestrate.cli.journal import summary_json

            out.line(dump([summary_json(which) for which in found]))
        elif detailed:
            for which in found:
                _one(app, engine, which.id, detailed=True, as_json=False)
                out.line()
        else:
            asked = "runs" if running else "began so lately" if history is not None else ""
            _table(app, found, asked)
    return 0


def _many(engine: Engine, *, show_all: bool, running: bool, history: float | None) -> list[Summary]:
    """The workflows that were asked for, newest first."""
    if not (show_all or running or history is not None):
        both = [*open_workflows(engine), *engine.find(Filter(limit=_RECENT))]
        once = {which.id: which for which in both}
        return sorted(once.values(), key=lambda which: which.created_at, reverse=True)
    since = None if history is None else time.time() - history * _DAY
    states = (State.RUNNING,) if running else None
    found: list[Summary] = []
    before = None
    while True:
        page = engine.find(Filter(states=states, since=since, limit=_PAGE, before=before))
        found += page
        if len(page) < _PAGE:
            return found
        before = page[-1].id


def _table(app: App, found: list[Summary], asked: str) -> None:
    if not found and asked:
        out.line(f"no workflow {asked}; `orchestrate status` shows the last ones")
        return
    if not found:
        out.line(f"no workflows in {app.project.state_dir}")
        return
    now = time.time()
    rows = [
        (
            which.id,
            shown_state(which, now),
            which.playbook,
            which.environment,
            moment(which.started_at or which.created_at),
            _took(which, now),
            which.reason,
        )
        for which in found
    ]
    headings = ("ID", "STATE", "PLAYBOOK", "ENVIRONMENT", "STARTED", "TOOK", "REASON")
    write_table(out, headings, rows, state=1)


def shown_state(which: Summary, now: float) -> str:
    """The state, and what is odd about it."""
    if which.owner_lost:
        return f"{which.state} (owner: lost)"
    if which.state is State.PAUSED and which.resume_at is not None and which.resume_at < now:
        return f"{which.state} (resume is overdue)"
    return str(which.state)


def _took(which: Summary, now: float) -> str:
    if which.started_at is None:
        return ""
    end = which.finished_at if which.finished_at is not None else now
    ongoing = which.state in OPEN and which.finished_at is None
    return duration(end - which.started_at) + ("…" if ongoing else "")


def _one(app: App, engine: Engine, workflow: str, *, detailed: bool, as_json: bool) -> int:
    if as_json:
        from orchestrate.cli.journal import all_events, event_json, workflow_json

        data = workflow_json(engine, workflow)
        if detailed:
            data["events"] = [event_json(event) for event in all_events(engine, workflow)]
        out.line(dump(data))
        return 0
    from orchestrate.cli.portrait import show_workflow

    show_workflow(engine, workflow, app.end_of_output, detailed=detailed)
    return 0
