"""Who did what; whether that is all still there; and signing how far it went."""

import json
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from orchestrate.access.rights import Scope
from orchestrate.embedded.auditing.trail import Wanted
from orchestrate.errors import UsageError
from orchestrate.launching.signing import checkpoints_of
from orchestrate.observe.cef import cef_line
from orchestrate.outlook.sealing import sign
from orchestrate.outlook.trail import done, recorded
from orchestrate.outlook.verification import Compared, verify
from orchestrate.web.identity import CallerDep, demand
from orchestrate.web.parts import (
    Cursor,
    EnginesDep,
    Limit,
    Name,
    Object,
    allowed,
    cut,
    json_text,
    page,
    position,
)
from orchestrate.web.routes.workflows import moment_of
from orchestrate.web.sending import sent

router = APIRouter(tags=["project"])
_DEEPEST = 10_000
"""Entries of the audit that can be paged through."""


@router.get("/audit")
def audit(
    caller: CallerDep, engines: EnginesDep, workflow: Name = None, actor: Name = None,
    action: Name = None, since: Name = None, limit: Limit = 50, cursor: Cursor = None,
) -> Object:  # fmt: skip
    """Who did what, the latest first. Of one workflow whoever may see that; else admins."""
    start = position(cursor)
    if start > _DEEPEST:
        raise UsageError("that is too far back", hint="Narrow it down with `since`.")
    if workflow is None:
        demand(caller, Scope.ADMIN)
    else:
        with engines.looking() as engine:
            allowed(caller, engine, workflow)
    wanted = Wanted(workflow, actor, action, moment_of(since) or 0.0)
    with done(engines.acting(caller), wanted) as entries:
        found, following = cut(entries, start, limit)
    return page([one.to_json() for one in found], following)


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

    return sent(app, f"audit.{'jsonl' if form == 'jsonl' else 'cef'}", kind, write)


@router.post("/audit/verification")
def verification(caller: CallerDep, engines: EnginesDep) -> Object:
    """Whether everything that was recorded is still there as it was, as `audit verify --json`."""
    demand(caller, Scope.ADMIN)
    return dict(verify(engines.acting(caller), Compared()).to_json())


@router.get("/audit/checkpoints")
def checkpoints(caller: CallerDep, engines: EnginesDep, limit: Limit = 50) -> Object:
    """Signed checkpoints, the latest first, to be kept elsewhere too; `signs`: there is a key."""
    demand(caller, Scope.ADMIN)
    project = engines.app.project
    found = _last(checkpoints_of(project), limit)
    return {**page(found, None), "signs": project.settings.audit.key is not None}


@router.post("/audit/checkpoints", status_code=201)
def sign_checkpoint(caller: CallerDep, engines: EnginesDep) -> Object:
    """Sign how far everything went, with the key of the machine that serves."""
    demand(caller, Scope.ADMIN)
    return dict(sign(engines.acting(caller)).line)


def _last(file: Path, limit: int) -> list[Any]:
    """The last lines of the file that are any, the latest first."""
    lines: deque[str] = deque(maxlen=limit)
    with suppress(FileNotFoundError), file.open(encoding="utf-8", errors="replace") as stream:
        lines.extend(stream)
    found: list[Any] = []
    for line in reversed(lines):
        with suppress(ValueError):
            found.append(json.loads(line))
    return found
