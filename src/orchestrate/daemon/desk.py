"""What the API asks of a daemon, and what a daemon asks of the API: neither imports the other."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from orchestrate.app import App
from orchestrate.daemon.log import Log
from orchestrate.errors import ConflictError
from orchestrate.intake import Request
from orchestrate.workflow.audit import Author
from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.metrics import Series

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class NotNowError(ConflictError):
    """The daemon ends, or has too much to do. Asking once more in a moment helps."""

    code = "not-now"


class Desk(NamedTuple):
    """A daemon, for whoever asks on behalf of others. Any thread may call these; each raises
    OrchestrateError.
    """

    app: App
    listen: str
    """Where it listens: `host:port`."""
    act: Callable[[Author], App]
    """The project, on behalf of somebody. What that leaves to be finished, the daemon finishes."""
    start: Callable[[Request], str]
    """Makes a workflow and has it run; its id, the earlier one if its key was used before."""
    resume: Callable[[App, str, ResumeOptions], None]
    """Continues one, on behalf of whom `App` is for: wakes whoever runs it, else sees to it that
    somebody does. Returns when that has begun."""
    metrics: Callable[[], Sequence[Series]]
    """All metrics of now, or of a moment ago."""
    log: Log


def log_all(app: App, log: Log) -> None:
    """What a process says beside its own business stands in its log, in the form of that."""

    def notice(text: str) -> None:
        if text:
            log("waiting", reason=text)

    app.complain = lambda text: log("trouble", reason=text)
    app.notice = notice


def acting(app: App, author: Author) -> App:
    """A project on behalf of somebody, in a process that stays."""
    made = App(app.project, app.env)
    made.on_behalf_of = author
    made.stays = made.lives_on = True
    made.complain, made.notice = app.complain, app.notice
    return made


class Site(Protocol):
    """An ASGI application for everything below `/api/` and `/console/`."""

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        ...

    def end_streams(self) -> None:
        """They would keep the server from ending. What else was begun is still answered. Any thread
        may call it.
        """
        ...

    def close(self) -> None:
        """Let go of what is open, once nothing is asked any more. Any thread may call it."""
        ...


MakeSite = Callable[[Desk], Site | None]
"""None: what it takes is not installed."""


def open_site(make: MakeSite | None, desk: Desk) -> Site | None:
    """The API and the console, if they are wanted."""
    return make(desk) if make is not None and desk.app.project.settings.serve.api else None


PREFIXES = ("/api/", "/console/")
"""Paths that are the site's; `/` leads to the console."""
Attend = Callable[[Callable[[], bool]], None]
"""Does what requests need of the daemon's thread until that says that the last one is answered."""
