"""What there is, who uses it, who waits, and what enabled schedules will bring."""

import heapq
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from orchestrate.app import App
from orchestrate.errors import OrchestrateError
from orchestrate.playbook.plan import Json
from orchestrate.triggers.schedules import Schedule, ahead
from orchestrate.workflow.coordination import PLACES, Coordination, Pool, Rate, Waiting
from orchestrate.workflow.forecasting import Collision, Coming, collisions
from orchestrate.workflow.moments import rfc3339

_DAY = 86_460.0
"""Seconds, with a minute for what begins a little later than it should."""
_MOST = 1000
"""Slots that are looked at: with schedules that come every minute, fewer hours than were asked."""


class Outlook(NamedTuple):
    """How it is at a moment, and what is expected from then on."""

    at: float
    pools: Sequence[Pool]
    rates: Sequence[Rate]
    queue: Sequence[Waiting]
    until: float
    """How far ahead it looks: less far than asked where very much is scheduled."""
    expected: Sequence[Coming]
    collisions: Sequence[Collision]
    unknown: Sequence[str]
    """Playbooks of which nobody knows how long they take."""
    warnings: Sequence[str]
    """Where the project's settings are not what is in force."""

    def to_json(self) -> dict[str, Json]:
        """As in `capacity --json`."""
        return {
            "at": rfc3339(self.at),
            "until": rfc3339(self.until),
            "pools": [{"name": p.name, "used": p.used, "of": p.there} for p in self.pools],
            "rates": [{**one._asdict(), "commands": list(one.commands),
                       "next_at": rfc3339(one.next_at)} for one in self.rates],
            "queue": [{**one._asdict(), "since": rfc3339(one.since)} for one in self.queue],
            "scheduled": [{"at": rfc3339(c.at), "schedule": c.name, "duration": c.duration,
                           "needs": dict(c.needs)} for c in self.expected],
            "collisions": [{**one._asdict(), "at": rfc3339(one.at), "starts": rfc3339(one.starts),
                            "text": said(one, self.at)} for one in self.collisions],
            "unknown_durations": list(self.unknown),
            "warnings": list(self.warnings),
        }  # fmt: skip


def look_ahead(app: App, hours: float) -> Outlook:
    """Pools and who waits for them now, and what schedules bring in so many hours."""
    now = time.time()
    until = now + hours * 3600
    settings = app.project.settings
    there = dict(settings.capacity)
    with app.open_coordination() as shared, app.open_schedules() as schedules:
        use, rates, waiting = shared.pools(), shared.rates(), shared.queued()
        differing = shared.differing()
        coming, unknown = _expected(app, shared, schedules.all(), now, until)
    expected = list(islice(coming, _MOST))
    if (more := next(coming, None)) is not None:
        until = more.at
    if settings.max_workflows is not None:
        there[PLACES] = settings.max_workflows
    late = collisions(expected, there)
    return Outlook(now, use, rates, waiting, until, expected, late, unknown, differing)


def _expected(
    app: App, shared: Coordination, schedules: Sequence[Schedule], now: float, until: float
) -> tuple[Iterator[Coming], list[str]]:
    """What enabled schedules bring, in the order of its moments, and the playbooks of which no
    duration is known.
    """
    each: list[Iterator[Coming]] = []
    unknown: dict[str, None] = {}
    for schedule in schedules:
        if not schedule.enabled:
            continue
        name, needs = _needs(app, schedule)
        took = shared.usual_duration(name)
        if took is None:
            unknown[name] = None
        brings = partial(Coming, name=schedule.name, duration=took or 0.0, needs=needs)
        slots = ahead(schedule, now, until)
        each.append(map(brings, map(attrgetter("at"), slots)))
    return heapq.merge(*each, key=attrgetter("at")), list(unknown)


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


def said(collision: Collision, now: float) -> str:
    """A collision in words."""
    names = " and ".join(dict.fromkeys(collision.names))
    what = f"{names} need {collision.needed} of {collision.there} {collision.resource}"
    if len(collision.names) == 1:
        what = what.replace(" need ", " needs ", 1)
    if collision.starts is None:
        return f"{_clock(collision.at, now)}: {what}; {collision.late} can never start"
    later = _clock(collision.starts, now)
    return f"{_clock(collision.at, now)}: {what}; {collision.late} will start about {later}"


def _clock(at: float, now: float) -> str:
    """Local time of day to the minute; with its date, unless it comes within a day."""
    return time.strftime("%H:%M" if at - now < _DAY else "%Y-%m-%d %H:%M", time.localtime(at))
