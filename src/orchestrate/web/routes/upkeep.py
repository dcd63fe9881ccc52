"""Keeping a project well: what the doctor finds, workers, old workflows, backups."""

import time

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from orchestrate.access.rights import Scope
from orchestrate.embedded import backup as backups
from orchestrate.embedded import retention
from orchestrate.errors import UsageError
from orchestrate.web.bodies import Prune
from orchestrate.web.identity import CallerDep, demand
from orchestrate.web.parts import EnginesDep, Object, page
from orchestrate.web.sending import sent

router = APIRouter(tags=["project"])
_DAY = 86_400.0
_RETENTION = "Workflows of a cluster leave when the retention of its namespace is over."
_BACKUP = "What is recorded is in Temporal's database; whoever runs that backs it up."


@router.get("/doctor")
def doctor(request: Request, caller: CallerDep, engines: EnginesDep) -> Object:
    """What `doctor` finds on the machine that serves; changes nothing."""
    demand(caller, Scope.ADMIN)
    return page(request.app.state.examine(engines.acting(caller)), None)


@router.get("/workers")
def workers(caller: CallerDep, engines: EnginesDep) -> Object:
    """Who works for the cluster; nobody for a project on one machine."""
    demand(caller, Scope.VIEW)
    app = engines.acting(caller)
    if app.project.settings.cluster is None:
        return page([], None)
    from orchestrate.cluster.roster.looking import look
    from orchestrate.cluster.roster.telling import worker_json

    with app.open_cluster() as engine:
        found = engine.connection.wait(look(engine.connection.client))
    return page([worker_json(one) for one in found], None)


@router.post("/workers/{name}/drain", status_code=202)
def drain(name: str, caller: CallerDep, engines: EnginesDep) -> Object:
    """Have a worker take no new steps, and end when those that it has are over."""
    demand(caller, Scope.ADMIN)
    app = engines.acting(caller)
    if app.project.settings.cluster is None:
        raise UsageError(
            "workflows of this project run on one machine: nobody else works for them",
            hint="Only clusters have workers.",
        )
    from orchestrate.cluster.roster.looking import drain as ask
    from orchestrate.cluster.roster.telling import worker_json

    with app.open_cluster() as engine:
        return worker_json(engine.connection.wait(ask(engine.connection.client, name)))


@router.post("/prune")
def prune(body: Prune, caller: CallerDep, engines: EnginesDep) -> Object:
    """Remove workflows that ended long ago, with journals and output; without `yes` list them."""
    demand(caller, Scope.ADMIN)
    app = engines.acting(caller)
    days = app.project.settings.retention_days if body.older_than is None else body.older_than
    with app.open_engine(_RETENTION) as engine:
        store, now, age = engine.store, time.time(), days * _DAY
        found = retention.candidates(store, older_than=age, now=now)
        if body.yes and found:
            pruned = retention.prune(store, older_than=age, now=now, author=app.author)
            found = pruned.workflows
    return {"removed": body.yes and bool(found), "workflows": list(found)}


@router.post("/state/backup", response_class=Response)
def backup(caller: CallerDep, engines: EnginesDep) -> Response:
    """Everything that is recorded as one archive, also while workflows run."""
    demand(caller, Scope.ADMIN)
    app = engines.acting(caller)
    name = time.strftime("orchestrate-state-%Y%m%d-%H%M%S.tar.gz", time.gmtime())
    with app.open_engine(_BACKUP) as engine:
        return sent(
            app, name, "application/gzip",
            lambda file: backups.back_up(engine.store, file, app.author),
        )  # fmt: skip
