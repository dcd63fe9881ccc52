"""`orchestrate analyze`: where the time of a workflow went, and what would shorten it."""

import time
from typing import TYPE_CHECKING

import click

from orchestrate.app import open_app
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import dump
from orchestrate.cli.options import json_option, workflow_named
from orchestrate.cli.selection import known, select_any
from orchestrate.cli.writing import write_file
from orchestrate.errors import UsageError
from orchestrate.workflow.engine import Engine

if TYPE_CHECKING:
    from orchestrate.observe.timeline import Timeline

_LAST = 20
_LAST_FLAKY = 50


@click.command()
@workflow_named(required=False)
@click.option("--compare", metavar="ID", help="Beside this workflow, step by step.")
@click.option("--flaky", is_flag=True, help="Steps that sometimes fail or need retries.")
@click.option("--playbook", metavar="NAME", help="With --flaky: of this playbook only.")
@click.option("--last", type=click.IntRange(1, 1000), metavar="N",
              help=f"So many earlier workflows are looked at. Default: {_LAST}, "
              f"with --flaky {_LAST_FLAKY}.")  # fmt: skip
@click.option("--html", metavar="FILE", help="Write a report with a picture; `-` is stdout.")
@json_option
def analyze(
    *,
    workflow: str | None,
    compare: str | None,
    flaky: bool,
    playbook: str | None,
    last: int | None,
    html: str | None,
    as_json: bool,
) -> int:
    """Show where the time of a workflow went: critical path, waits, retries, slow steps."""
    _check(workflow, compare, playbook, html, flaky=flaky, as_json=as_json)
    with open_app().open_workflows() as engine:
        if flaky:
            _show_flaky(engine, workflow, playbook, last or _LAST_FLAKY, as_json=as_json)
            return 0
        timeline = _timeline(engine, select_any(engine, workflow or ""))
        if compare is not None:
            _show_comparison(engine, compare, timeline, as_json=as_json)
            return 0
        _show_one(engine, timeline, last or _LAST, html, as_json=as_json)
    return 0


def _check(
    workflow: str | None,
    compare: str | None,
    playbook: str | None,
    html: str | None,
    *,
    flaky: bool,
    as_json: bool,
) -> None:
    if not flaky and workflow is None:
        raise UsageError(
            "name a workflow: its id, or `current`",
            hint="Such as `orchestrate analyze --workflow current`; --flaky needs none.",
        )
    if flaky and (compare is not None or html is not None):
        raise UsageError(
            "--flaky looks at many workflows, --compare and --html at one",
            hint="Leave one of them out.",
        )
    if playbook is not None and (not flaky or workflow is not None):
        raise UsageError(
            "--playbook goes with --flaky, without a workflow",
            hint="A workflow says by itself which playbook it is of.",
        )
    if html is not None and (compare is not None or (as_json and html == "-")):
        raise UsageError(
            "--html writes a report about one workflow",
            hint="Leave --compare out, and write either JSON or HTML to stdout.",
        )


def _timeline(engine: Engine, workflow: str) -> "Timeline":
    from orchestrate.observe.history import read_events
    from orchestrate.observe.timeline import timeline_of

    timeline = timeline_of(workflow, read_events(engine, workflow))
    which = engine.get(workflow)
    if which.state == "running" and not which.owner_lost:
        timeline.settle(time.time())
    return timeline


def _show_one(
    engine: Engine, timeline: "Timeline", last: int, html: str | None, *, as_json: bool
) -> None:
    from orchestrate.observe.analysis import analyze as find_out
    from orchestrate.observe.history import earlier, usual_durations

    before = list(earlier(engine, timeline.root.name, timeline.workflow, last))
    found = find_out(timeline, usual_durations(before), len(before))
    if html is not None:
        from orchestrate.observe.report import html_report

        write_file(html, html_report(found))
    if as_json:
        out.line(dump(found.to_json()))
    elif html is None:
        from orchestrate.cli.observing.telling import tell

        tell(found)


def _show_comparison(engine: Engine, other: str, after: "Timeline", *, as_json: bool) -> None:
    from orchestrate.observe.analysis import compare

    before = _timeline(engine, known(engine, other))
    found = compare(before, after)
    if as_json:
        steps = [{**step._asdict(), "change": round(step.change, 6)} for step in found]
        out.line(
            dump(
                {
                    "before": {"id": before.workflow, "duration": round(before.duration, 6)},
                    "after": {"id": after.workflow, "duration": round(after.duration, 6)},
                    "steps": steps,
                }
            )
        )
        return
    if before.root.name != after.root.name:
        err.line(f"{before.workflow} is of {before.root.name}, not of {after.root.name}")
    from orchestrate.cli.observing.telling import tell_difference

    tell_difference(before, after, found)


def _show_flaky(
    engine: Engine, workflow: str | None, playbook: str | None, last: int, *, as_json: bool
) -> None:
    from orchestrate.observe.history import earlier, flaky_steps

    if workflow is not None:
        playbook = engine.get(select_any(engine, workflow)).playbook
    looked_at = list(earlier(engine, playbook, None, last))
    found = flaky_steps(looked_at)
    if as_json:
        steps = [{**step._asdict(), "share": round(step.share, 6)} for step in found]
        out.line(dump({"workflows": len(looked_at), "steps": steps}))
        return
    from orchestrate.cli.observing.telling import tell_flaky

    tell_flaky(found, len(looked_at), playbook)
