"""`orchestrate capacity`: what there is, who uses it, who waits, and what will collide."""

import time
from typing import Any

import click

from orchestrate.app import App, open_app
from orchestrate.cli.console import out
from orchestrate.cli.formats import clock, dump, duration, rfc3339
from orchestrate.cli.options import json_option
from orchestrate.cli.table import write_table
from orchestrate.embedded.capacity import PLACES, Pool, Waiting, pools, queued, usual_duration
from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.errors import OrchestrateError
from orchestrate.triggers.schedules import Schedule, coming
from orchestrate.workflow.forecasting import Collision, Coming, collisions

_MOST = 2000
"""Slots of one schedule that are looked at."""


@click.command()
@click.option("--hours", type=click.FloatRange(0, 24 * 31, min_open=True), default=24.0,
              show_default=True, metavar="N", help="How far the forecast looks ahead.")  # fmt: skip
@json_option
def capacity(*, hours: float, as_json: bool) -> int:
    """Show pools and their use, who waits for what, and what schedules will bring."""
    app, now = open_app(), time.time()
    settings = app.project.settings
    with app.open_engine() as engine, app.open_schedules() as schedules:
        there = dict(settings.capacity)
        use = engine.store.reading(lambda c: pools(c, settings.max_workflows, there))
        waiting = engine.store.reading(queued)
        expected, unknown = _expected(app, engine, schedules.all(), now, hours)
    if settings.max_workflows is not None:
        there[PLACES] = settings.max_workflows
    found = collisions(expected, there)
    if as_json:
        out.line(dump(_json(use, waiting, expected, found, unknown, now)))
        return 0
    _show(use, waiting, now)
    hint = f"in the next {hours:g} hours: {len(expected)} scheduled"
    out.line(f"{hint}, {len(found) or 'none'} of them late" if expected else hint)
    for collision in found:
        out.line(f"  {said(collision)}")
    for name in unknown:
        out.line(f"  {name} has not succeeded yet: nobody knows how long it takes")
    return 0


def _expected(
    app: App, engine: EmbeddedEngine, schedules: Any, now: float, hours: float
) -> tuple[list[Coming], list[str]]:
    """What enabled schedules bring, and the playbooks of which no duration is known."""
    found: list[Coming] = []
    unknown: dict[str, None] = {}
    for schedule in schedules:
        if not schedule.enabled:
            continue
        name, needs = _needs(app, schedule)
        took = engine.store.reading(lambda c, n=name: usual_duration(c, n))
        if took is None:
            unknown[name] = None
        for slot in coming(schedule, now, _MOST):
            if slot.at > now + hours * 3600:
                break
            found.append(Coming(slot.at, schedule.name, took or 0.0, needs))
    return found, list(unknown)


def _needs(app: App, schedule: Schedule) -> tuple[str, dict[str, int]]:
    """The playbook's name, and what it takes at most at once, as far as that is known now."""
    from orchestrate.library.plans import load_plan
    from orchestrate.playbook.parameters import bind
    from orchestrate.workflow.demand import known_sizes, peak
    from orchestrate.workflow.values import early_values

    needs = {PLACES: 1}
    try:
        loaded = load_plan(app.project, schedule.environment, schedule.playbook)
        plan, environment = loaded.plan, loaded.environment
        declared = {parameter.name for parameter in plan.parameters}
        given = {**schedule.parameters, **environment.parameters}
        values = bind(plan, {n: v for n, v in given.items() if n in declared}, environment.name)
    except OrchestrateError:
        return schedule.playbook, needs  # `validate` and its next start say what is wrong
    known = early_values(plan, values, environment.name, environment.variables, app.env)
    return plan.name, {**needs, **peak(plan, known_sizes(known))}


def said(collision: Collision) -> str:
    """A collision in words."""
    names = " and ".join(dict.fromkeys(collision.names))
    what = f"{names} need {collision.needed} of {collision.there} {collision.resource}"
    if len(collision.names) == 1:
        what = what.replace(" need ", " needs ", 1)
    if collision.starts is None:
        return f"{clock(collision.at)[:5]}: {what}; {collision.late} can never start"
    later = clock(collision.starts)[:5]
    return f"{clock(collision.at)[:5]}: {what}; {collision.late} will start about {later}"


def _show(use: list[Pool], waiting: list[Waiting], now: float) -> None:
    rows = [
        (pool.name, str(pool.used), "no limit" if pool.there is None else str(pool.there))
        for pool in use
    ]
    write_table(out, ("POOL", "USED", "OF"), rows)
    out.line()
    if not waiting:
        out.line("nobody waits")
        return
    queue = [
        (one.workflow, one.playbook, one.priority, duration(now - one.since), one.reason)
        for one in waiting
    ]
    write_table(out, ("ID", "PLAYBOOK", "PRIORITY", "WAITED", "FOR"), queue)


def _json(
    use: list[Pool],
    waiting: list[Waiting],
    expected: list[Coming],
    found: list[Collision],
    unknown: list[str],
    now: float,
) -> dict[str, Any]:
    return {
        "at": rfc3339(now),
        "pools": [{"name": p.name, "used": p.used, "of": p.there} for p in use],
        "queue": [{**one._asdict(), "since": rfc3339(one.since)} for one in waiting],
        "scheduled": [{"at": rfc3339(c.at), "schedule": c.name, "duration": c.duration,
                       "needs": dict(c.needs)} for c in expected],
        "collisions": [{**one._asdict(), "at": rfc3339(one.at), "starts": rfc3339(one.starts),
                        "text": said(one)} for one in found],
        "unknown_durations": unknown,
    }  # fmt: skip
