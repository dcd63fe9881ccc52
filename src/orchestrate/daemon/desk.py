"""What the API asks of a daemon, and what a daemon asks of the API: neither imports the other."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from orchestrate.app import App
from orchestrate.daemon.log import Log
from orchestrate.embedded.claims import NewEvent
from orchestrate.embedded.listing import Row
from orchestrate.intake import Request
from orchestrate.playbook.plan import Json
from orchestrate.workflow.engine import ResumeOptions

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

Origin = Mapping[str, Json]


class Desk(NamedTuple):
    """A daemon, for whoever asks on behalf of others. Any thread may call these; each raises
    OrchestrateError.
    """

    app: App
    listen: str
    """Where it listens: `host:port`."""
    start: Callable[[Request], str]
    """Makes a workflow and has it run; its id, the earlier one if its key was used before."""
    finish: Callable[[Row, Sequence[NewEvent], bool, Origin], None]
    """Owns a workflow that nobody runs, with these events, until nothing of it is left to do or, if
    so, until it is paused. Returns when that has begun."""
    resume: Callable[[str, ResumeOptions, Origin], None]
    """Continues one that nobody runs. Returns when that has begun."""
    log: Log


class Site(Protocol):
    """An ASGI application for everything below `/api/` and `/console/`."""

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        ...

    def close(self) -> None:
        """End what is open: streams would keep the server from ending. Any thread may call it."""
        ...


MakeSite = Callable[[Desk], Site | None]
"""None: what it takes is not installed."""
PREFIXES = ("/api/", "/console/")
"""Paths that are the site's; `/` leads to the console."""
