"""`orchestrate status`: what runs, what ran, and one workflow step by step."""

import time
from collections.abc import Mapping
from typing import TypedDict, Unpack

import click

from orchestrate.app import App, open_app
from orchestrate.cli.console import out
from orchestrate.cli.formats import counted, dump, duration, moment
from orchestrate.cli.options import json_option, workflow_named
from orchestrate.cli.selection import select_any
from orchestrate.cli.table import write_table
from orchestrate.errors import UsageError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.engine import Engine, Filter, Summary, Waits
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.standing import OPEN, every_workflow, open_workflows
from orchestrate.workflow.views import blocker_json

_RECENT = 10
_DAY = 86_400.0


class Given(TypedDict):
    """What was written on the command line."""

    workflow: str | None
    show_all: bool
    running: bool
    history: float | None
    playbook: str | None
    states: tuple[str, ...]
    environment: str | None
    label: str | None
    follow: bool
    detailed: bool
    as_json: bool


@click.command()
@workflow_named(required=False)
@click.option("--all", "show_all", is_flag=True, help="Every workflow.")
@click.option("--running", is_flag=True, help="Only those that run.")
@click.option("--history", type=click.FloatRange(0, min_open=True), metavar="DAYS",
              help="Those of the last days.")  # fmt: skip
@click.option("--playbook", metavar="NAME", help="Only those of this playbook.")
@click.option("--state", "states", multiple=True, type=click.Choice([str(s) for s in State]),
              metavar="STATE", help="Only those in this state; repeatable.")  # fmt: skip
@click.option("--environment", metavar="NAME", help="Only those in this environment.")
@click.option("--label", metavar="TYPE", help="Only those with a step of this type.")
@click.option("--follow", is_flag=True, help="Go on showing what happens.")
@click.option("--detailed", is_flag=True, help="With output and everything that happened.")
@json_option
def status(**given: Unpack[Given]) -> int:
    """Show workflows. Without options: those that are not over, and the last ten."""
    _check(given)
    app = open_app()
    with app.open_workflows() as engine:
        if given["workflow"] is None:
            return _many(app, engine, given)
        workflow = select_any(engine, given["workflow"])
        if given["follow"]:
            from orchestrate.cli.observing.following import follow_one

            return follow_one(app, engine, workflow, as_json=given["as_json"])
        return _one(app, engine, workflow, detailed=given["detailed"], as_json=given["as_json"])


def _check(given: Given) -> None:
    """Options that do not fit together are refused before anything else."""
    if given["workflow"] is not None and (_is_wide(given) or _is_narrow(given)):
        raise UsageError(
            "--workflow asks for one, --all, --running, --history and filters for many",
            hint="Leave one of them out.",
        )
    if given["follow"] and given["detailed"]:
        raise UsageError(
            "--follow shows what happens, --detailed what happened",
            hint="For output as it comes: `orchestrate logs --follow`.",
        )
    if given["running"] and given["states"]:
        raise UsageError("--running says which state already", hint="Leave --state out.")


def _is_wide(given: Given) -> bool:
    """Whether more is asked for than the last ones."""
    return given["show_all"] or given["running"] or given["history"] is not None


def _is_narrow(given: Given) -> bool:
    """Whether only those are asked for that are like something."""
    return any(given[key] for key in ("playbook", "states", "environment", "label"))


def _many(app: App, engine: Engine, given: Given) -> int:
    history = given["history"]
    wanted = Filter(
        states=(State.RUNNING,) if given["running"] else tuple(map(State, given["states"])) or None,
        playbook=given["playbook"],
        since=None if history is None else time.time() - history * _DAY,
        environment=given["environment"],
        label=given["label"],
    )
    if given["follow"]:
        from orchestrate.cli.observing.following import follow_many

        return follow_many(engine, wanted, as_json=given["as_json"])
    all_of_them = _is_wide(given) or _is_narrow(given)
    found = every_workflow(engine, wanted) if all_of_them else _recent(engine)
    if given["as_json"]:
        from orchestrate.workflow.standing import summary_json

        waits = _waits(engine, found)
        out.line(dump([_with_waits(summary_json(which), waits) for which in found]))
    elif given["detailed"]:
        for which in found:
            _one(app, engine, which.id, detailed=True, as_json=False)
            out.line()
    else:
        _table(app, found, _waits(engine, found), _asked(given))
    return 0


def _asked(given: Given) -> str:
    """In words, for a table in which nothing is."""
    if _is_narrow(given):
        return "is like that"
    if given["running"]:
        return "runs"
    return "" if given["history"] is None else "began so lately"


def _recent(engine: Engine) -> list[Summary]:
    """Those that are not over and the last ones, newest first."""
    both = [*open_workflows(engine), *engine.find(Filter(limit=_RECENT))]
    once = {which.id: which for which in both}
    return sorted(once.values(), key=lambda which: which.created_at, reverse=True)


def _waits(engine: Engine, found: list[Summary]) -> Mapping[str, Waits]:
    """What those wait for that run; nobody is asked if none does."""
    return engine.waits() if any(which.state is State.RUNNING for which in found) else {}


def _with_waits(summary: dict[str, Json], waits: Mapping[str, Waits]) -> dict[str, Json]:
    """With what its steps wait for; `path` is that of the step."""
    of_workflow = waits.get(str(summary["id"]), {})
    if not of_workflow:
        return summary
    listed = [
        {"path": path, **blocker_json(blocker)}
        for path, blockers in of_workflow.items()
        for blocker in blockers
    ]
    return {**summary, "waits_for": listed}


def _reason(which: Summary, waits: Mapping[str, Waits]) -> str:
    of_workflow = waits.get(which.id)
    if which.reason or not of_workflow:
        return which.reason
    from orchestrate.cli.holders import waiting_for

    path, blockers = next(iter(of_workflow.items()))
    more = f", and {counted(len(of_workflow) - 1, 'step')} more" if len(of_workflow) > 1 else ""
    return f"{path}{' ' if path else ''}{waiting_for(blockers)}{more}"


def _table(app: App, found: list[Summary], waits: Mapping[str, Waits], asked: str) -> None:
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
            _reason(which, waits),
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
        from orchestrate.workflow.standing import all_events, event_json, workflow_json

        data = workflow_json(engine, workflow)
        if detailed:
            data["events"] = [event_json(event) for event in all_events(engine, workflow)]
        out.line(dump(data))
        return 0
    from orchestrate.cli.portrait import show_workflow

    show_workflow(engine, workflow, app.end_of_output, detailed=detailed)
    return 0
