"""The API as the daemon mounts it: what has to be so before anything is looked at.

FastAPI and the rest are imported with the first request: a daemon that nobody asks is spared them.
"""

import asyncio
import json
import re
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestrate.daemon.desk import Desk
from orchestrate.daemon.ending import SAID, answered
from orchestrate.web.console import Console
from orchestrate.web.exposure import Exposure
from orchestrate.web.problems import RefusedError

if TYPE_CHECKING:
    from orchestrate.web.application import Application
    from orchestrate.web.parts import Examine

LARGEST = 1 << 20
"""Bytes of a request."""
_DEEPEST = 64
"""How deep JSON may be nested."""
_TOKEN = re.compile(r"orc_[a-z2-7]{8}_[A-Za-z0-9_-]{43}")
"""A token or code as they are made: a name may begin with `orc_`, too."""
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""A NUL character as JSON has it; behind a backslash it is text about one."""
_PATIENCE = 20.0
"""Seconds within which a body has to be there."""
SECURITY = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
"""Of every answer, unless it says otherwise itself."""
_ENDED = "Look at what became of it before it is asked for again."
_HSTS = ("strict-transport-security", "max-age=31536000")


class ApiSite:
    """Implements `daemon.desk.Site`."""

    def __init__(self, desk: Desk, examine: "Examine") -> None:
        self._desk = desk
        self._examine = examine
        self._exposure = Exposure(desk.app.project.settings.serve, desk.listen)
        self._console = Console()
        self._making = threading.Lock()
        self._made: Application | None = None
        self._closed = False
        if self._exposure.problem:
            desk.log("API not offered", reason=self._exposure.problem)

    def end_streams(self) -> None:
        """See `Site.end_streams`."""
        with self._making:
            self._closed = True
            if self._made is not None:
                self._made.end_streams()

    def close(self) -> None:
        """See `Site.close`."""
        with self._making:
            if self._made is not None:
                self._made.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See `Site`."""
        headers = Headers(scope=scope)
        client = scope["client"][0] if scope.get("client") else ""
        secure = False
        try:
            _check_text(scope)
            way = self._exposure.admit(client, _joined(headers))
            secure = way.secure
            scope["state"] = {"way": way}
            body = await _body(headers, receive)
            application = await self._application(str(scope["path"]))
        except RefusedError as refused:
            await refused.response()(scope, receive, _guarded(send, secure=secure))
            return
        except ClientDisconnect:
            return
        ended = RefusedError(503, "not-now", SAID, _ENDED, **{"Retry-After": "5"}).response()
        guarded = _guarded(send, secure=secure)
        await answered(application, scope, _again(body, receive), guarded, ended)

    async def _application(self, path: str) -> ASGIApp:
        if path.startswith("/console/"):
            return self._console
        return self._made or await run_in_threadpool(self._make)

    def _make(self) -> "Application":
        from orchestrate.web.application import Application

        with self._making:
            if self._closed:
                raise RefusedError(503, "ending", "the server is ending", **{"Retry-After": "5"})
            if self._made is None:
                self._made = Application(self._desk, self._examine)
            return self._made


def _guarded(send: Send, *, secure: bool) -> Send:
    """Adds what protects a browser."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY.items():
                headers.setdefault(name, value)
            if secure:
                headers.setdefault(*_HSTS)
        await send(message)

    return sending


def _check_text(scope: Scope) -> None:
    """A token in a URL would be in logs and histories."""
    query = scope["query_string"]
    if _TOKEN.search(query.decode("latin-1")) or _TOKEN.search(scope["path"]):
        raise RefusedError(
            400, "token-in-url", "a token or code does not belong into a URL",
            "Send it as `Authorization: Bearer …`, and have it revoked: others may have seen it.",
        )  # fmt: skip
    if b"%00" in query or "\0" in scope["path"] or b"\0" in query:
        raise RefusedError(400, "unreadable", "the URL holds a NUL character")


def _joined(headers: Headers) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in headers.items():
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


async def _body(headers: Headers, receive: Receive) -> bytes:
    """The whole of it, within limits. Raises RefusedError."""
    length = headers.get("content-length", "0")
    if length.isascii() and length.isdecimal() and int(length[:20]) > LARGEST:
        raise _too_large()
    taken = bytearray()
    try:
        async with asyncio.timeout(_PATIENCE):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                taken += message.get("body", b"")
                if len(taken) > LARGEST:
                    raise _too_large()
                if not message.get("more_body", False):
                    break
    except TimeoutError:
        raise RefusedError(408, "too-slow", "the body did not come in time") from None
    if "json" in headers.get("content-type", "").lower() and taken:
        _check_json(bytes(taken))
    return bytes(taken)


def _too_large() -> RefusedError:
    return RefusedError(413, "too-large", f"a request has at most {LARGEST} bytes")


def _check_json(body: bytes) -> None:
    """What cannot be kept or shown as it is, is refused at once."""
    try:
        data = json.loads(body, parse_constant=_no_number)
        text = json.dumps(data, ensure_ascii=False, allow_nan=False)
        text.encode()
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        said = str(error) if not isinstance(error, UnicodeEncodeError) else "half a character"
        raise RefusedError(400, "unreadable", f"this is not JSON: {said}") from None
    if _depth(data) > _DEEPEST:
        raise _too_deep()
    if _NUL.search(text) or "\ufffe" in text:
        raise RefusedError(400, "unreadable", "a text holds a NUL or U+FFFE character")


def _depth(data: Any) -> int:
    """How many lists and maps are in each other."""
    depth = 0
    layer: list[Any] = [data]
    while containers := [one for one in layer if type(one) in (dict, list)]:
        depth += 1
        layer = [each for one in containers for each in _inside(one)]
    return depth


def _inside(container: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return container.values() if isinstance(container, dict) else container


def _too_deep() -> RefusedError:
    return RefusedError(400, "too-deep", f"JSON is nested at most {_DEEPEST} deep")


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives the body that was read, and then what the server tells."""
    given = False

    async def receiving() -> Message:
        nonlocal given
        if not given:
            given = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return receiving
