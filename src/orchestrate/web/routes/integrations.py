"""Other systems: which are told of workflows, what they were told, and what is still to be told."""

import time
from typing import Annotated

from fastapi import APIRouter, Query

from orchestrate.access.rights import Scope
from orchestrate.launching.deliveries import FAILED, STATES, WAITING
from orchestrate.library.listing import list_library
from orchestrate.web.bodies import Key
from orchestrate.web.identity import CallerDep, demand
from orchestrate.web.parts import EnginesDep, Name, Object, page
from orchestrate.web.telling import configured, integration_json

router = APIRouter(tags=["integrations"])
_DELIVERIES = 1000


@router.get("/integrations")
def integrations(caller: CallerDep, engines: EnginesDep) -> Object:
    """Every integration that is configured, where it sends, and what became of its deliveries."""
    demand(caller, Scope.VIEW)
    app = engines.acting(caller)
    settings = app.project.settings.integrations
    # On a cluster workers deliver, whose variables nobody knows here.
    env = app.env if app.project.settings.cluster is None else None
    entries = list_library(app.project)
    plans = [entry.plan for entry in entries if entry.plan is not None]
    with app.open_deliveries() as kept:
        tallies = kept.tallies()
    found = [
        integration_json(one, settings, env, tallies, plans)
        for one in configured(entries, settings)
    ]
    invalid = [one.name for one in entries if one.plan is None and not one.shipped]
    return {**page(found, None), "invalid": invalid}


@router.get("/deliveries")
def deliveries(
    caller: CallerDep, engines: EnginesDep, workflow: Name = None,
    everything: Annotated[bool, Query(alias="all")] = False,  # noqa: FBT002 - a query has names
) -> Object:  # fmt: skip
    """What others are still to be told, and what they would not take; at most a thousand."""
    demand(caller, Scope.VIEW)
    states = STATES if everything or workflow else (WAITING, *FAILED)
    with engines.acting(caller).open_deliveries() as kept:
        found = kept.find(states, _DELIVERIES, workflow)
    return page([one.to_json() for one in found], None)


@router.post("/deliveries/retry")
def retry(body: Key, caller: CallerDep, engines: EnginesDep) -> Object:
    """Try one now, or all that wait or failed (`all`)."""
    demand(caller, Scope.ADMIN)
    app = engines.acting(caller)
    key = None if body.key == "all" else body.key
    with app.open_deliveries() as kept:
        return {"retried": kept.retry(key, app.author, time.time())}


@router.post("/deliveries/drop")
def drop(body: Key, caller: CallerDep, engines: EnginesDep) -> Object:
    """Give one up."""
    demand(caller, Scope.ADMIN)
    app = engines.acting(caller)
    with app.open_deliveries() as kept:
        kept.drop(body.key, app.author, time.time())
    return {"dropped": body.key}
