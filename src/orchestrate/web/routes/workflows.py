"""Looking at workflows: lists, one, its journal, graph and time."""

import re
import time
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from orchestrate.access.rights import Rights
from orchestrate.library.drawing.figure import Figure, Group, draw, held
from orchestrate.observe.analysis import analyze
from orchestrate.observe.gantt import Bar, chart_of
from orchestrate.observe.history import earlier, read_events, usual_durations
from orchestrate.observe.timeline import Timeline, timeline_of
from orchestrate.playbook.durations import parse_duration
from orchestrate.playbook.plan import Plan
from orchestrate.web.identity import Caller, CallerDep
from orchestrate.web.parts import (
    Cursor,
    EnginesDep,
    Id,
    Limit,
    Name,
    Object,
    StandingsDep,
    WaitingDep,
    allowed,
    page,
)
from orchestrate.web.problems import RefusedError
from orchestrate.web.standings import Standings
from orchestrate.web.trees import Tree
from orchestrate.web.veil import Veil
from orchestrate.workflow import paths
from orchestrate.workflow.engine import Engine, Filter, Summary, Waits
from orchestrate.workflow.moments import parse_moment, rfc3339
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.standing import (
    bring_up_to_date,
    event_json,
    is_waiting,
    open_workflows,
    requests_json,
    summary_json,
)

router = APIRouter(tags=["workflows"])
_LOOKS = 20
"""Pages that are searched for workflows that somebody may see."""
Last = Annotated[int, Query(ge=1, le=1000, description="So many earlier ones are looked at.")]
_ID = re.compile(r"WF-[0-9]{4}-[0-9]{3,12}")


@router.get("/workflows")
def workflows(
    caller: CallerDep,
    engines: EnginesDep,
    waiting: WaitingDep,
    state: Annotated[list[State] | None, Query(max_length=10)] = None,
    playbook: Name = None,
    environment: Name = None,
    label: Name = None,
    since: Name = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Object:
    """A page of workflows, newest first."""
    wanted = Filter(
        None if state is None else tuple(state), playbook, moment_of(since), limit + 1, cursor,
        environment, label,
    )  # fmt: skip
    if cursor is not None and not _ID.fullmatch(cursor):
        raise RefusedError(400, "cursor", "this is no cursor", "Give `next` of the page before.")
    rights, found, more = caller.rights, list[Summary](), None
    with engines.looking() as engine:
        for _ in range(_LOOKS):
            some = engine.find(wanted)
            found += [one for one in some if rights.reach(one.environment, one.playbook)]
            more = some[-1].id if len(some) > limit else None
            if len(found) > limit or more is None:
                break
            wanted = wanted._replace(before=more)
        more = found[limit - 1].id if len(found) > limit else more
        shown = found[:limit]
        waits = {} if engines.is_cluster else waiting.of(engine, shown)
        veil = Veil(rights, engine)
        told = [
            veil.over({**summary_json(one), "waits_for": waits.get(one.id, [])}) for one in shown
        ]
    return page(told, more)


@router.get("/workflows/{id}")
def workflow(
    identity: Id, caller: CallerDep, engines: EnginesDep, standings: StandingsDep
) -> Object:
    """One workflow, without its steps."""
    with engines.looking() as engine:
        allowed(caller, engine, identity)
        return workflow_json(engine, standings, identity, caller.rights)


@router.get("/workflows/{id}/events")
def events(
    identity: Id, caller: CallerDep, engines: EnginesDep,
    after: Annotated[int, Query(ge=0, le=1 << 53)] = 0,
    path: Annotated[str | None, Query(max_length=2000)] = None,
    limit: Limit = 200,
) -> Object:  # fmt: skip
    """Its journal after a position; with `path` of one step and what is in it."""
    with engines.looking() as engine:
        allowed(caller, engine, identity)
        found: list[Object] = []
        veil = Veil(caller.rights, engine)
        while True:
            some = engine.events(identity, after, 2000 if path is not None else limit)
            for event in some:
                if path is None or paths.within(event.path, path):
                    found.append(veil.over_event(event_json(event)))
                    if len(found) == limit:
                        return page(found, str(event.seq))
            if len(some) < (2000 if path is not None else limit):
                return page(found, None)
            after = some[-1].seq


@router.get("/workflows/{id}/graph")
def graph(identity: Id, caller: CallerDep, engines: EnginesDep, standings: StandingsDep) -> Object:
    """What follows on what, each step with its state; in a loop the worst of its iterations."""
    with engines.looking() as engine:
        allowed(caller, engine, identity)
        _, standing = standings.of(engine, identity)
        with standing.lock:
            tree = standing.tree
            found = {**_graph(tree.plan, _groups(tree.drawn(), tree)), "seq": standing.seq}
    return found


@router.get("/workflows/{id}/gantt")
def gantt(identity: Id, caller: CallerDep, engines: EnginesDep, limit: Limit = 200) -> Object:
    """Its steps over time: at most so many rows, those that took longest."""
    with engines.looking() as engine:
        allowed(caller, engine, identity)
        timeline = timeline_now(engine, identity)
        found = analyze(timeline, {}, 0)
    chart = chart_of(timeline, found.critical, limit)
    return {
        "started_at": rfc3339(chart.started_at),
        "finished_at": rfc3339(chart.finished_at),
        "hidden": chart.hidden,
        "waits": _bars(chart.waits),
        "rows": [
            {
                **row._asdict(),
                "started_at": rfc3339(row.started_at),
                "finished_at": rfc3339(row.finished_at),
                "bars": _bars(row.bars),
            }
            for row in chart.rows
        ],
    }


@router.get("/workflows/{id}/analysis")
def analysis(identity: Id, caller: CallerDep, engines: EnginesDep, last: Last = 20) -> Object:
    """Where its time went, and what would shorten it."""
    with engines.looking() as engine:
        allowed(caller, engine, identity)
        timeline = timeline_now(engine, identity)
        before = list(earlier(engine, timeline.root.name, identity, last))
    return dict(analyze(timeline, usual_durations(before), len(before)).to_json())


@router.get("/approvals")
def approvals(caller: CallerDep, engines: EnginesDep) -> Object:
    """What waits for an answer, the oldest first."""
    with engines.looking() as engine:
        found = [
            (summary, approval)
            for summary in open_workflows(engine)
            if _sees(caller, summary)
            for approval in engine.approvals(summary.id)
            if approval.open
        ]
    found.sort(key=lambda each: each[1].asked_at)
    return page(
        [
            {
                "workflow": summary.id,
                "playbook": summary.playbook,
                "environment": summary.environment,
                **approval.to_json(),
            }
            for summary, approval in found
        ],
        None,
    )


def workflow_json(engine: Engine, standings: Standings, identity: str, rights: Rights) -> Object:
    """A workflow as it stands, without its steps, for somebody with these rights."""
    summary, standing = standings.of(engine, identity)
    with standing.lock:
        tree = standing.tree
        view = tree.view
        claims = tree.pending.claims
        waits: Waits = engine.waits().get(identity, {}) if claims else {}
        if is_waiting(view):
            bring_up_to_date(view, waits)
        plain = view.to_json(steps=False)
        found = {
            **plain,
            **summary_json(summary),
            "waits_for": standing.waits_for(waits),
            "counts": tree.counts(),
            "seq": standing.seq,
            "running": sorted(set(view.running.values())),
            "checkpoints": [one.to_json() for one in view.checkpoints],
            "parked": [one.to_json() for one in view.parked.values()],
            "approvals": [one.to_json() for one in view.approvals.values()],
            "warnings": list(view.warnings),
            "requests": requests_json(view, summary),
        }
    return Veil(rights, engine).over(found)


def graph_json(plan: Plan) -> Object:
    """A plan as groups of figures."""
    return _graph(plan, _groups(draw(plan)))


def moment_of(since: str | None) -> float | None:
    """Seconds since the epoch of `7d` (before now) or of a moment."""
    if since is None:
        return None
    try:
        return time.time() - parse_duration(since)
    except ValueError:
        pass
    try:
        return parse_moment(since)
    except (ValueError, OverflowError):
        raise RefusedError(
            422, "usage", "`since` is neither a duration nor a moment",
            "Write `7d`, `12h`, or `2026-11-22T16:30:00Z`.",
        ) from None  # fmt: skip


def _sees(caller: Caller, summary: Summary) -> bool:
    return caller.rights.reach(summary.environment, summary.playbook)


def _graph(plan: Plan, groups: list[Object]) -> Object:
    return {"title": f"{plan.name} {held(plan)}".rstrip(), "groups": groups}


def _groups(groups: Sequence[Group], tree: Tree | None = None) -> list[Object]:
    return [
        {
            "caption": one.caption,
            "aside": one.aside,
            "figures": [_figure(figure, tree) for figure in one.figures],
        }
        for one in groups
    ]


def _figure(figure: Figure, tree: Tree | None) -> Object:
    found = {
        **figure._asdict(),
        "follows": list(figure.follows),
        "groups": _groups(figure.groups, tree),
    }
    if tree is not None and figure.groups:
        step = tree.view.steps.get(figure.path)
        found["counts"] = tree.counts(figure.path)
        found["iterations"] = None if step is None else step.total
    return found


def _bars(bars: Sequence[Bar]) -> list[Object]:
    return [
        {
            **bar._asdict(),
            "started_at": rfc3339(bar.started_at),
            "finished_at": rfc3339(bar.finished_at),
        }
        for bar in bars
    ]


def timeline_now(engine: Engine, identity: str) -> Timeline:
    """Its spans; of one that runs, until now."""
    timeline = timeline_of(identity, read_events(engine, identity))
    summary = engine.get(identity)
    if summary.state is State.RUNNING and not summary.owner_lost:
        timeline.settle(time.time())
    return timeline
