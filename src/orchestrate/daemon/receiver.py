"""The daemon over HTTP: webhooks, `POST /events`, `/metrics`, `/healthz`, `/readyz`; and the site.

Uvicorn runs it in a thread of its own; what it asks of the daemon is done in the daemon's thread.
Whoever is unknown here learns nothing: an unknown path and a wrong signature are the same 404, a
wrong token is 401.
"""

import asyncio
import hmac
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from orchestrate.daemon.desk import PREFIXES, Attend, Site
from orchestrate.daemon.ending import SAID, answered
from orchestrate.daemon.log import Log
from orchestrate.daemon.monitoring import Monitoring
from orchestrate.daemon.scraping import may_scrape
from orchestrate.daemon.slow import PatientProtocol
from orchestrate.daemon.triggers import Hook, Triggers
from orchestrate.embedded.actions import Author
from orchestrate.errors import ConflictError, OrchestrateError
from orchestrate.playbook.plan import Json
from orchestrate.processes.origin import here
from orchestrate.triggers.cloud_events import FILES, BadEventError, read_events
from orchestrate.triggers.limits import Limits
from orchestrate.triggers.webhooks import (
    Delivery,
    UnreadableError,
    content,
    identity,
    is_genuine,
)

T = TypeVar("T")

LARGEST = 1 << 20
"""Bytes of a request to `/events`."""
_BODY = 20.0
"""Seconds within which a body has to be there."""
_CONNECTIONS = 500
_ANSWERS = 5
"""Seconds that what was begun has when the daemon ends."""
_LAST = 10.0
"""Seconds until it is not waited for any more."""
_UNKNOWN, _NOBODYS = "orchestrate", os.urandom(32)
"""The form and the secret with which a request to an unknown path is compared."""
_HIDDEN = ("authorization", "cookie", "proxy-authorization")


class _RefusedError(Exception):
    """A request that gets this status and nothing else."""

    def __init__(self, status: int, said: str, **headers: str) -> None:
        super().__init__(said)
        self.status = status
        self.headers = headers


class Tokens(NamedTuple):
    """What requests to `/events` and `/metrics` have to bring."""

    events: bytes | None
    metrics: bytes | None


class Receiver:
    """Listens at an address. `ask` has something done in the daemon's thread."""

    def __init__(
        self,
        triggers: Triggers,
        ask: Callable[[Callable[[], Any]], Any],
        is_ready: Callable[[], bool],
        tokens: Tokens,
        monitoring: Monitoring,
        log: Log,
        site: Site | None = None,
    ) -> None:
        self._triggers = triggers
        self._ask = ask
        self._is_ready = is_ready
        self._tokens = tokens
        self._monitoring = monitoring
        self._log = log
        self._site = site
        self._said_refused = False
        self._limits = Limits()
        self._said_unsigned: set[str] = set()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.address = ""
        """Where it listens, once it does: `host:port`."""

    def start(self, listen: str, certificate: str | None = None, key: str | None = None) -> None:
        """Begin to listen, with TLS if its files are given. Raises OSError if the address is taken
        or a file cannot be used.
        """
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        config = uvicorn.Config(
            self, http=PatientProtocol, ws="none", lifespan="off", log_config=None,
            access_log=False, server_header=False, proxy_headers=False, loop="asyncio",
            limit_concurrency=_CONNECTIONS, timeout_keep_alive=5,
            timeout_graceful_shutdown=_ANSWERS, h11_max_incomplete_event_size=32 << 10,
            ssl_certfile=certificate, ssl_keyfile=key,
        )  # fmt: skip
        config.load()
        host, _, port = listen.rpartition(":")
        listening = socket.create_server((host.strip("[]"), int(port)), backlog=256,
                                         family=_family(host))  # fmt: skip
        # Or an answer waits for an acknowledgement: asyncio overlooks sockets that were made so.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([listening],), name="receiver", daemon=True
        )
        self._thread.start()
        shown, number = listening.getsockname()[:2]
        self.address = f"[{shown}]:{number}" if ":" in shown else f"{shown}:{number}"
        self._log("listening", address=self.address)

    def stop(self, attend: Attend) -> None:
        """Take nothing more; what was begun is answered, if that is possible within seconds."""
        thread = self._thread
        if self._server is not None and thread is not None:
            self._server.should_exit = True
            until = time.monotonic() + _LAST
            attend(lambda: not thread.is_alive() or time.monotonic() >= until)
            self._server = self._thread = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http":
            return
        ended = _json(503, {"error": SAID}, {"Retry-After": "5"})
        await answered(self._take, scope, receive, send, ended)

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if self._site is not None and scope["path"].startswith(PREFIXES):
            await self._site(scope, receive, send)
            return
        try:
            if request.scope["path"] == "/metrics" and request.method in ("GET", "HEAD"):
                response = await self._metrics(request)
            elif self._site is not None and request.scope["path"] == "/":
                response = RedirectResponse(PREFIXES[1])
            else:
                response = _json(*await self._answer(request))
        except _RefusedError as refused:
            response = _json(refused.status, {"error": str(refused)}, refused.headers)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> tuple[int, Mapping[str, Json]]:
        path = request.scope["path"]
        if path in ("/healthz", "/readyz") and request.method in ("GET", "HEAD"):
            if path == "/readyz" and not self._is_ready():
                return 503, {"status": "not ready"}
            return 200, {"status": "ok"}
        if path == "/events" and request.method == "POST":
            return await self._events(request)
        return await self._webhook(request, self._triggers.hook(path))

    async def _metrics(self, request: Request) -> Response:
        headers = _headers(request)
        client = "" if request.client is None else request.client.host
        if not may_scrape(client, headers, self._tokens.metrics):
            self._say_refused(client)
            raise _RefusedError(401, "unauthorized", **{"WWW-Authenticate": "Bearer"})
        text = self._monitoring.text
        body, kind = await run_in_threadpool(text, headers.get("accept", ""))
        return Response(body, media_type=kind)

    def _say_refused(self, client: str) -> None:
        """Once, for whoever wonders why: strangers must not fill the log."""
        if self._tokens.metrics is None and not self._said_refused:
            self._said_refused = True
            reason = "without a token ([metrics] token) they are for this machine alone"
            self._log("metrics refused", client=client, reason=reason)

    async def _webhook(
        self, request: Request, found: Hook | None
    ) -> tuple[int, Mapping[str, Json]]:
        body = await _body(request, max(LARGEST, self._triggers.largest_body))
        delivery = Delivery(_headers(request), _query(request), body)
        hook = self._admitted(request, found, delivery)
        trigger, form = hook.trigger, hook.trigger.signature
        if len(body) > trigger.max_body:
            raise _RefusedError(413, "too large")
        wait = self._limits.wait(trigger.path, trigger.rate, time.monotonic())
        if wait:
            raise _RefusedError(429, "too many deliveries", **{"Retry-After": str(int(wait) + 1)})
        try:
            known: dict[str, Json] = {
                "body": content(delivery),
                "headers": _shown(delivery.headers),
                "query": delivery.query,
            }
        except UnreadableError as error:
            raise _RefusedError(400, str(error)) from None
        which = identity(form, delivery)
        client = "" if request.client is None else request.client.host
        workflow = await self._do(lambda: self._triggers.deliver(hook, which, known, client), hook)
        if workflow is None:
            return 200, {"workflow": None, "reason": "the filter keeps it back"}
        return 202, {"workflow": workflow}

    def _admitted(self, request: Request, hook: Hook | None, delivery: Delivery) -> Hook:
        """The webhook, for whoever may know that it is there. To all others nothing is at any path:
        what they get, and what is done until then, is the same everywhere.
        """
        form = _UNKNOWN if hook is None else hook.trigger.signature
        secret = _NOBODYS if hook is None else hook.secret
        is_open = secret is None or is_genuine(form, secret, delivery, time.time())
        if hook is None or not is_open or request.method not in hook.trigger.methods:
            if hook is not None and not is_open:
                self._say_unsigned(hook)
            raise _RefusedError(404, "not found")
        return hook

    def _say_unsigned(self, hook: Hook) -> None:
        """Once for each, for whoever wonders why: strangers must not fill the log."""
        if hook.trigger.path not in self._said_unsigned:
            self._said_unsigned.add(hook.trigger.path)
            self._log("delivery refused", trigger=str(hook.found.at),
                      reason="not signed, or wrongly; others like it are not logged")  # fmt: skip

    async def _events(self, request: Request) -> tuple[int, Mapping[str, Json]]:
        given = request.headers.get("authorization", "")
        expected = b"Bearer " + (self._tokens.events or b"")
        fits = hmac.compare_digest(expected, given.encode("latin-1", "replace"))
        if not fits or self._tokens.events is None:
            raise _RefusedError(401, "unauthorized")
        body = await _body(request, LARGEST)
        try:
            events = read_events(_headers(request), body)
        except BadEventError as error:
            raise _RefusedError(400, str(error)) from None
        if any(event.source.startswith(FILES) for event in events):
            raise _RefusedError(400, f"a source does not begin with `{FILES}`")
        put = self._triggers.inbox.put
        client = "" if request.client is None else request.client.host
        author = Author("events token", {**here(), "address": client})
        kept = await self._do(lambda: put(events, time.time(), author), None)
        fresh = sum(one.fresh for one in kept)
        return 202, {"accepted": fresh, "repeated": len(kept) - fresh}

    async def _do(self, what: Callable[[], T], hook: Hook | None) -> T:
        try:
            return await run_in_threadpool(self._ask, what)
        except ConflictError as error:
            raise _RefusedError(503, "not now", **{"Retry-After": "5"}) from error
        except OrchestrateError as error:
            if hook is None:
                raise _RefusedError(503, "not now", **{"Retry-After": "5"}) from error
            self._log("trigger refused", trigger=str(hook.found.at), reason=error.message)
            said = "it cannot be started" if hook.secret is None else error.message
            raise _RefusedError(422, said) from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _json(
    status: int, body: Mapping[str, Json], headers: Mapping[str, str] | None = None
) -> Response:
    text = json.dumps(body, ensure_ascii=False) + "\n"
    return Response(text, status, headers, "application/json")


def _headers(request: Request) -> dict[str, str]:
    """By name in lower case; those that come twice are joined."""
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _shown(headers: Mapping[str, str]) -> dict[str, str]:
    """Without what proves who sent it: parameters are recorded."""
    return {
        name: value
        for name, value in headers.items()
        if name not in _HIDDEN and "signature" not in name
    }


def _query(request: Request) -> dict[str, str]:
    text = request.scope["query_string"].decode("latin-1")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100))
    except ValueError:
        raise _RefusedError(400, "the query cannot be read") from None


async def _body(request: Request, largest: int) -> bytes:
    length = request.headers.get("content-length", "0")
    if length.isascii() and length.isdecimal() and int(length[:20]) > largest:
        raise _RefusedError(413, "too large")
    taken = bytearray()
    with suppress(TimeoutError):
        async with asyncio.timeout(_BODY):
            async for piece in request.stream():
                taken += piece
                if len(taken) > largest:
                    raise _RefusedError(413, "too large")
        return bytes(taken)
    raise _RefusedError(408, "the body did not come in time")
