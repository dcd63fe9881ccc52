"""Schedules: what there is, what comes, changing them."""

import time
from typing import Annotated

from fastapi import APIRouter, Query, Response

from orchestrate.access.rights import Scope
from orchestrate.app import App
from orchestrate.errors import OrchestrateError, UsageError
from orchestrate.intake import Request, compose
from orchestrate.library.plans import load_plan
from orchestrate.outlook.schedules import decided_json, schedule_json, slot_json
from orchestrate.playbook.cron import parse_cron, zone_named
from orchestrate.playbook.plan import Json
from orchestrate.project.zone import local_zone
from orchestrate.triggers.schedules import CatchUp, Overlap, Schedule, Schedules, coming
from orchestrate.triggers.slots import Dst
from orchestrate.web.bodies import Admission, Enabled, NewSchedule, Slots
from orchestrate.web.identity import Caller, CallerDep
from orchestrate.web.parts import EnginesDep, Limit, Object, StandingsDep, page
from orchestrate.web.routes.workflows import workflow_json
from orchestrate.web.wishes import admitted, begin, check_confirmed, loaded_for
from orchestrate.workflow.program import RunOptions

router = APIRouter(tags=["schedules"])
_HISTORY = 20
_MOST = 2000
"""Slots of one schedule in a calendar."""


@router.get("/schedules")
def schedules(caller: CallerDep, engines: EnginesDep) -> Object:
    """All of them, by name."""
    app = engines.acting(caller)
    with app.open_schedules() as there:
        found = [one for one in there.all() if _sees(app, caller, one)]
    return page([schedule_json(one, time.time()) for one in found], None)


@router.post("/schedules", status_code=201)
def create(body: NewSchedule, caller: CallerDep, engines: EnginesDep) -> Object:
    """Keep one, once everything was checked that could stop its workflows from starting."""
    app = engines.acting(caller)
    loaded = loaded_for(app, caller, Scope.ADMIN, body.playbook, body.environment)
    parse_cron(body.cron)
    zone_named(body.time_zone or local_zone())
    check_confirmed(app, loaded.environment.name, loaded.plan.name, yes=body.yes)
    request = Request(
        body.playbook, (), loaded.environment.name, RunOptions(), body.yes,
        earlier=body.parameters,
    )  # fmt: skip
    new = compose(app, request)
    secret = [one.name for one in new.plan.parameters if one.secret and one.name in body.parameters]
    if secret:
        raise UsageError(
            f"the parameter {secret[0]} is secret, and a schedule is kept on disk",
            hint="Let the playbook take it from `secrets:`.",
        )
    made = Schedule(
        body.name or body.playbook, body.playbook, body.cron, body.time_zone or local_zone(),
        body.environment, body.parameters, app.author.actor, Dst(body.dst),
        CatchUp(body.catch_up), Overlap(body.overlap), body.jitter, enabled=body.enabled,
        decided_until=time.time(),
    )  # fmt: skip
    with app.open_schedules() as there:
        if body.replace:
            _check_replaced(app, caller, there, made.name)
        fresh = there.put(made, replace=body.replace)
        kept = there.get(made.name)
        if not fresh and made.enabled and not kept.enabled:
            there.enable(made.name, enabled=True, now=made.decided_until)
            kept = there.get(made.name)
    return schedule_json(kept, time.time())


@router.post("/slots")
def slots_of(body: Slots, _: CallerDep) -> Object:
    """The coming slots of an expression."""
    zone = body.time_zone or local_zone()
    which = Schedule("", "", body.cron, zone, None, {}, "", Dst(body.dst))
    return page([slot_json(one) for one in coming(which, time.time(), body.count)], None)


@router.get("/calendar")
def calendar(
    caller: CallerDep, engines: EnginesDep,
    hours: Annotated[float, Query(gt=0, le=24 * 31)] = 24.0,
) -> Object:  # fmt: skip
    """The coming slots of all enabled schedules, in order."""
    now = time.time()
    app = engines.acting(caller)
    with app.open_schedules() as there:
        found = [one for one in there.all() if one.enabled and _sees(app, caller, one)]
    listed: list[tuple[float, Object]] = []
    for one in found:
        for slot in coming(one, max(now, one.decided_until), _MOST, now + hours * 3600):
            facts = {"schedule": one.name, "playbook": one.playbook, "environment": one.environment}
            listed.append((slot.at, {**facts, **slot_json(slot)}))
    listed.sort(key=lambda each: each[0])
    return page([entry for _, entry in listed[:_MOST]], None)


@router.get("/schedules/{name}")
def schedule(name: str, caller: CallerDep, engines: EnginesDep) -> Object:
    """One, with what became of its last slots."""
    app = engines.acting(caller)
    with app.open_schedules() as there:
        found = _allowed(app, caller, there.get(name), Scope.VIEW)
        history: list[Json] = [decided_json(one) for one in there.history(name, _HISTORY)]
    return {**schedule_json(found, time.time()), "history": history}


@router.get("/schedules/{name}/slots")
def slots(name: str, caller: CallerDep, engines: EnginesDep, limit: Limit = 20) -> Object:
    """Its next slots."""
    app = engines.acting(caller)
    with app.open_schedules() as there:
        found = _allowed(app, caller, there.get(name), Scope.VIEW)
    return page([slot_json(one) for one in coming(found, time.time(), limit)], None)


@router.patch("/schedules/{name}")
def enable(name: str, body: Enabled, caller: CallerDep, engines: EnginesDep) -> Object:
    """Enable or disable it."""
    app = engines.acting(caller)
    with app.open_schedules() as there:
        _allowed(app, caller, there.get(name), Scope.ADMIN)
        there.enable(name, enabled=body.enabled, now=time.time())
        return schedule_json(there.get(name), time.time())


@router.delete("/schedules/{name}", status_code=204)
def remove(name: str, caller: CallerDep, engines: EnginesDep) -> None:
    """Its workflows stay."""
    app = engines.acting(caller)
    with app.open_schedules() as there:
        _allowed(app, caller, there.get(name), Scope.ADMIN)
        there.remove(name)


@router.post("/schedules/{name}/run", status_code=201)
def run(
    name: str, body: Admission, response: Response, caller: CallerDep, engines: EnginesDep,
    standings: StandingsDep,
) -> Object:  # fmt: skip
    """Start what it would start; its slots stay as they are."""
    app = engines.acting(caller)
    with app.open_schedules() as there:
        found = _allowed(app, caller, there.get(name), Scope.RUN)
    loaded = loaded_for(app, caller, Scope.RUN, found.playbook, found.environment)
    check_confirmed(app, loaded.environment.name, loaded.plan.name, yes=body.yes)
    options = RunOptions(max_parallel=app.project.settings.max_parallel)
    request = Request(
        found.playbook, (), loaded.environment.name, options, body.yes, beneath=found.parameters
    )
    begun = begin(engines, caller, admitted(request, caller, body), None)
    response.headers["Location"] = f"/api/v1/workflows/{begun.workflow}"
    with engines.looking() as engine:
        return workflow_json(engine, standings, begun.workflow, caller.rights)


def _sees(app: App, caller: Caller, which: Schedule) -> bool:
    try:
        _allowed(app, caller, which, Scope.VIEW)
    except OrchestrateError:  # or nobody can say where it starts anything
        return False
    return True


def _allowed(app: App, caller: Caller, which: Schedule, scope: Scope) -> Schedule:
    caller.rights.demand(scope, which.environment, which.playbook)
    if which.environment is None and caller.rights.environments is not None:
        # It starts workflows in the environment that is its playbook's own.
        place = load_plan(app.project, None, which.playbook).environment.name
        caller.rights.demand(scope, place, which.playbook)
    return which


def _check_replaced(app: App, caller: Caller, there: Schedules, name: str) -> None:
    """Whoever may make a schedule may not put it in the place of any other. Raises
    ForbiddenError.
    """
    known = next((one for one in there.all() if one.name == name), None)
    if known is not None:
        _allowed(app, caller, known, Scope.ADMIN)
