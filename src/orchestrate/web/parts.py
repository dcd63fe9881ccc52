"""What endpoints share: pages, cursors, and what they find in the application."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Path, Query
from starlette.requests import Request

from orchestrate.access.rights import Scope
from orchestrate.app import App
from orchestrate.playbook.plan import Json
from orchestrate.web.engines import Engines
from orchestrate.web.feed import Feed
from orchestrate.web.identity import Caller, Doorkeeper
from orchestrate.web.problems import RefusedError
from orchestrate.web.standings import Standings
from orchestrate.web.waiting import Waiting
from orchestrate.workflow.engine import Engine, Summary

T = TypeVar("T")
Object = dict[str, Any]
"""A JSON object."""
Examine = Callable[[App], list[Object]]
"""What the doctor finds; the command line, which knows the checks, hands it in."""
LONGEST = 200
"""Characters of a name."""


def _engines(request: Request) -> Engines:
    return request.app.state.engines


def _standings(request: Request) -> Standings:
    return request.app.state.standings


def _feed(request: Request) -> Feed:
    return request.app.state.feed


def _waiting(request: Request) -> Waiting:
    return request.app.state.waiting


def _doorkeeper(request: Request) -> Doorkeeper:
    return request.app.state.doorkeeper


EnginesDep = Annotated[Engines, Depends(_engines)]
StandingsDep = Annotated[Standings, Depends(_standings)]
FeedDep = Annotated[Feed, Depends(_feed)]
WaitingDep = Annotated[Waiting, Depends(_waiting)]
DoorkeeperDep = Annotated[Doorkeeper, Depends(_doorkeeper)]

Limit = Annotated[int, Query(ge=1, le=500, description="At most so many.")]
Cursor = Annotated[
    str | None, Query(max_length=LONGEST, description="`next` of the page before this one.")
]
Id = Annotated[str, Path(alias="id", max_length=LONGEST, description="A workflow: WF-2026-001.")]
Name = Annotated[str | None, Query(max_length=LONGEST)]


def json_text(data: Any) -> str:
    """JSON, characters as they are."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def page(items: Sequence[Json] | list[Object], following: str | None) -> Object:
    """A page of a list."""
    return {"items": list(items), "next": following}


def position(cursor: str | None) -> int:
    """Of a cursor that is a number. Raises RefusedError."""
    if cursor is None:
        return 0
    if not cursor.isdecimal() or not cursor.isascii() or len(cursor) > 15:
        raise RefusedError(400, "cursor", "this is no cursor", "Give `next` of the page before.")
    return int(cursor)


def cut(items: Iterable[T], start: int, limit: int) -> tuple[list[T], str | None]:
    """A page of what is there as a whole, and the cursor of the next one."""
    from itertools import islice

    found = list(islice(items, start, start + limit + 1))
    return found[:limit], str(start + limit) if len(found) > limit else None


def allowed(caller: Caller, engine: Engine, workflow: str, scope: Scope = Scope.VIEW) -> Summary:
    """A workflow that somebody may use. Raises NotFoundError and ForbiddenError."""
    caller.rights.demand(scope)
    summary = engine.get(workflow)
    caller.rights.demand(scope, summary.environment, summary.playbook)
    return summary
