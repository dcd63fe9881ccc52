"""The application: its parts, its errors, and what they share."""

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from orchestrate import __version__
from orchestrate.daemon.desk import Desk
from orchestrate.errors import OrchestrateError
from orchestrate.web import problems
from orchestrate.web.engines import Engines
from orchestrate.web.feed import Feed
from orchestrate.web.identity import Doorkeeper
from orchestrate.web.parts import Examine
from orchestrate.web.problems import RefusedError
from orchestrate.web.routes import (
    actions,
    auditing,
    checks,
    integrations,
    library,
    live,
    observing,
    output,
    pictures,
    playbooks,
    project,
    schedules,
    session,
    steps,
    texts,
    upkeep,
    workflows,
)
from orchestrate.web.standings import Standings
from orchestrate.web.waiting import Waiting

BASE = "/api/v1"
_PARTS = (
    session, live, output, steps, observing, actions, workflows, pictures, texts, library, checks,
    playbooks, schedules, project, integrations, upkeep, auditing,
)  # fmt: skip


class Application:
    """An ASGI application, and what it holds open."""

    def __init__(self, desk: Desk, examine: Examine) -> None:
        app = FastAPI(
            title="orchestrate", version=__version__, openapi_url=f"{BASE}/openapi.json",
            docs_url=None, redoc_url=None, redirect_slashes=False,
        )  # fmt: skip
        self._desk = desk
        self._described: dict[str, Any] | None = None
        app.state.examine = examine
        self._engines = app.state.engines = Engines(desk)
        self._doorkeeper = app.state.doorkeeper = Doorkeeper(desk.app.project)
        standings = app.state.standings = Standings()
        waiting = app.state.waiting = Waiting()
        self._feed = app.state.feed = Feed(
            self._engines, standings, waiting,
            lambda reason: desk.log("live updates", reason=reason),
        )  # fmt: skip
        for part in _PARTS:
            app.include_router(part.router, prefix=BASE)
        app.add_exception_handler(OrchestrateError, _orchestrate_error)  # pyright: ignore[reportArgumentType]
        app.add_exception_handler(RefusedError, _refused)  # pyright: ignore[reportArgumentType]
        app.add_exception_handler(RequestValidationError, _invalid)  # pyright: ignore[reportArgumentType]
        app.add_exception_handler(HTTPException, _http)  # pyright: ignore[reportArgumentType]
        app.add_exception_handler(Exception, self._failed)
        app.openapi = self._document
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await self._app(scope, receive, send)

    def _document(self) -> dict[str, Any]:
        """The OpenAPI document, made when somebody asks for it."""
        if self._described is None:
            from orchestrate.web.document import describe

            self._described = describe(self._app, BASE)
        return self._described

    def end_streams(self) -> None:
        """What is still asked for is answered."""
        self._feed.close()

    def close(self) -> None:
        """Let go of what is open."""
        self._engines.close()
        self._doorkeeper.close()

    async def _failed(self, request: Request, error: Exception) -> Response:
        """A mistake of ours is told to the log, and not to whoever asks."""
        path = request.scope["path"]
        self._desk.log("API failed", path=path, reason=f"{type(error).__name__}: {error}")
        return problems.problem(
            500, "internal", "this failed; the log of the daemon says more", "Please report it."
        )


async def _orchestrate_error(_: Request, error: OrchestrateError) -> Response:
    return problems.of_error(error)


async def _refused(_: Request, error: RefusedError) -> Response:
    return error.response()


async def _invalid(_: Request, error: RequestValidationError) -> Response:
    found: list[dict[str, Any]] = [
        {"place": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in error.errors()
    ]
    first = found[0]
    detail = f"{first['place']}: {first['message']}"
    return problems.problem(422, "usage", detail, "docs/api.md tells what fits.", {"fields": found})


async def _http(_: Request, error: HTTPException) -> Response:
    codes = {404: "not-found", 405: "method"}
    code = codes.get(error.status_code, "unreadable")
    return problems.problem(error.status_code, code, str(error.detail), headers=error.headers)
