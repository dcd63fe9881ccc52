"""Keeping a project well: what the doctor finds, workers, old workflows, backups, the audit."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from orchestrate.access.rights import Scope
from orchestrate.app import App
from orchestrate.embedded import backup as backups
from orchestrate.embedded import retention
from orchestrate.embedded.auditing.trail import Wanted
from orchestrate.errors import UsageError
from orchestrate.observe.cef import cef_line
from orchestrate.outlook.trail import recorded
from orchestrate.web.bodies import Prune
from orchestrate.web.identity import CallerDep, demand
from orchestrate.web.parts import EnginesDep, Name, Object, json_text, page
from orchestrate.web.routes.workflows import moment_of

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
        return _file(
            app, name, "application/gzip",
            lambda file: backups.back_up(engine.store, file, app.author),
        )  # fmt: skip


@router.get("/audit/export", response_class=Response)
def export_audit(
    caller: CallerDep, engines: EnginesDep, workflow: Name = None, since: Name = None,
    form: Annotated[Literal["jsonl", "cef"], Query(alias="format")] = "jsonl",
) -> Response:  # fmt: skip
    """Every action and every event with its digest, a line each."""
    demand(caller, Scope.ADMIN)
    app = engines.acting(caller)
    wanted = Wanted(workflow=workflow, since=moment_of(since) or 0.0)
    kind = "application/jsonl" if form == "jsonl" else "text/plain; charset=utf-8"

    def write(file: Path) -> None:
        with file.open("w", encoding="utf-8") as lines, recorded(app, wanted) as entries:
            for entry in entries:
                shown = cef_line(entry) if form == "cef" else json_text(entry.to_json())
                lines.write(f"{shown}\n")

    return _file(app, f"audit.{'jsonl' if form == 'jsonl' else 'cef'}", kind, write)


def _file(app: App, name: str, kind: str, write: Callable[[Path], object]) -> Response:
    """What is too large for memory, by way of a file that is gone once it was sent."""
    folder = tempfile.TemporaryDirectory(prefix="sending-", dir=app.project.state_dir)
    file = Path(folder.name) / name
    try:
        write(file)
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        file, filename=name, media_type=kind, background=BackgroundTask(folder.cleanup)
    )
