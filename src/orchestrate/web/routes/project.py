"""What belongs to the whole project: capacity, locks, holds, events, metrics."""

import time
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Query

from orchestrate import __version__
from orchestrate.access.rights import Scope
from orchestrate.errors import UsageError
from orchestrate.launching.freezing import in_force
from orchestrate.observe.exposition import plain
from orchestrate.outlook.capacity import look_ahead
from orchestrate.playbook.plan import Json
from orchestrate.project.environments import list_environments
from orchestrate.triggers.cloud_events import FILES, CloudEvent
from orchestrate.web.bodies import Because, NewEvent, Release
from orchestrate.web.identity import CallerDep, demand
from orchestrate.web.parts import EnginesDep, Limit, Object, page
from orchestrate.workflow.moments import rfc3339

router = APIRouter(tags=["project"])


@router.get("/project")
def project(caller: CallerDep, engines: EnginesDep) -> Object:
    """What this is: name, version, engine, environments; who asks."""
    app = engines.app
    places = [app.environment(name) for name in list_environments(app.project)]
    return {
        "name": app.project.root.name,
        "version": __version__,
        "engine": "embedded" if app.project.settings.cluster is None else "cluster",
        "environments": [
            {"name": one.name, "protected": one.protected, "description": one.description}
            for one in places
            if caller.rights.reach(one.name, None)
        ],
        "actor": caller.credential.name,
        "rights": caller.rights.to_json(),
    }


@router.get("/capacity")
def capacity(
    caller: CallerDep, engines: EnginesDep,
    hours: Annotated[float, Query(gt=0, le=24 * 31)] = 24.0,
) -> Object:  # fmt: skip
    """What there is, who uses it, who waits, and what schedules will bring."""
    demand(caller, Scope.VIEW)
    return look_ahead(engines.acting(caller), hours).to_json()


@router.get("/locks")
def locks(caller: CallerDep, engines: EnginesDep) -> Object:
    """Who holds which lock and how much capacity, and who waits."""
    demand(caller, Scope.VIEW)
    with engines.acting(caller).open_coordination() as shared:
        return shared.locks()


@router.post("/locks/release")
def release(body: Release, caller: CallerDep, engines: EnginesDep) -> Object:
    """Take a lock away from whoever holds it; its step is not stopped."""
    demand(caller, Scope.ADMIN)
    app = engines.acting(caller)
    with app.open_coordination() as shared:
        holders = shared.release_lock(body.name, actor=app.author.actor, reason=body.reason)
    return {"released": body.name, "held_by": holders}


@router.get("/hold")
def held(caller: CallerDep, engines: EnginesDep) -> Object:
    """What keeps new workflows from beginning now: somebody's hold, and freezes."""
    caller.rights.demand(Scope.VIEW)
    app = engines.acting(caller)
    with app.open_coordination() as shared:
        standing = shared.held()
    freezes: list[Json] = [
        {
            "name": which.name,
            "environments": None if which.environments is None else list(which.environments),
            "allow_priority": which.allow_priority,
            "until": rfc3339(end),
        }
        for which, end in in_force(app.project.settings.freezes, time.time())
        if which.environments is None
        or any(caller.rights.reach(one, None) for one in which.environments)
    ]
    return {
        "held": standing is not None,
        "reason": "" if standing is None else standing.reason,
        "actor": None if standing is None else standing.actor,
        "since": None if standing is None else rfc3339(standing.since),
        "freezes": freezes,
    }


@router.put("/hold")
def hold(body: Because, caller: CallerDep, engines: EnginesDep) -> Object:
    """No new workflows begin from now on; those that run go on."""
    demand(caller, Scope.ADMIN)
    app = engines.acting(caller)
    with app.open_coordination() as shared:
        shared.hold(actor=app.author.actor, reason=body.reason)
    return {"held": True, "reason": body.reason}


@router.delete("/hold")
def unhold(caller: CallerDep, engines: EnginesDep) -> Object:
    """New workflows begin again."""
    demand(caller, Scope.ADMIN)
    app = engines.acting(caller)
    with app.open_coordination() as shared:
        return {"held": False, "reason": shared.unhold(actor=app.author.actor)}


@router.get("/metrics")
def metrics(caller: CallerDep, engines: EnginesDep) -> Object:
    """The figures that monitoring reads."""
    demand(caller, Scope.VIEW)
    labels = engines.app.project.settings.monitoring.labels
    return page(plain(engines.desk.metrics(), labels), None)


@router.post("/events", status_code=202)
def emit(body: NewEvent, caller: CallerDep, engines: EnginesDep) -> Object:
    """Give the project an event; steps that wait for it get it, triggers see it."""
    demand(caller, Scope.RUN)
    if body.source.startswith(FILES):
        raise UsageError(f"a source does not begin with `{FILES}`", hint="Choose another one.")
    attributes: dict[str, Json] = {"time": rfc3339(time.time())}
    if body.subject is not None:
        attributes["subject"] = body.subject
    app = engines.acting(caller)
    event = CloudEvent(body.id or str(uuid4()), body.source, body.type, body.data, attributes)
    with app.open_inbox() as inbox:
        (kept,) = inbox.put([event], time.time(), app.author)
    offered: list[Json] = [{"workflow": one.workflow, "path": one.path} for one in kept.waiters]
    return {**event.to_json(), "accepted": kept.fresh, "offered_to": offered}


@router.get("/events/unmatched")
def unmatched(caller: CallerDep, engines: EnginesDep, limit: Limit = 100) -> Object:
    """Events that nobody wanted, with the reason."""
    demand(caller, Scope.VIEW)
    with engines.acting(caller).open_inbox() as inbox:
        found = inbox.unmatched(limit)
    return page(
        [
            {"at": rfc3339(one.at), "event": one.event.to_json(), "state": one.state,
             "reason": one.reason}
            for one in found
        ],
        None,
    )  # fmt: skip


@router.post("/events/retry")
def retry_unmatched(caller: CallerDep, engines: EnginesDep) -> Object:
    """Have those looked at once more."""
    demand(caller, Scope.RUN)
    app = engines.acting(caller)
    with app.open_inbox() as inbox:
        return {"looked_at_again": inbox.try_again(app.author, time.time())}
