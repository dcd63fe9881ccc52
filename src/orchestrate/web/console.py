"""The console's files, as they were built from `web-ui/`: an ASGI application below `/console/`.

Every address below it that is no file is a page of the console, which finds out itself what to
show. The files are few and small, so they are read once and kept.
"""

import gzip
import hashlib
import mimetypes
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

PREFIX = "/console/"
"""`web-ui/vite.config.ts` and `web-ui/src/shell/router.ts` say it too."""
STATIC = Path(__file__).with_name("static")

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {"content-security-policy": _POLICY}
"""What else protects a browser, the server adds to every answer."""
_FOREVER = "public, max-age=31536000, immutable"
"""Of files whose names carry a digest of what is in them."""
_COMPRESSED = (".css", ".html", ".js", ".svg")
_NOT_BUILT = (
    "This installation was made without the console, because there was no Node to build it.\n"
    "In a checkout with Node 20.19 or later: make console\n"
    "Everything in it can be done on the command line, too: orchestrate status\n"
)


class _File(NamedTuple):
    body: bytes
    packed: bytes | None
    kind: str
    tag: str
    kept: str


class Console:
    """The ASGI application. Its paths are those of the server, `/console/` included."""

    def __init__(self, static: Path = STATIC) -> None:
        self._static = static
        self._files: dict[str, _File] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._answer(Request(scope, receive))(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        path = request.scope["path"]
        if request.method not in ("GET", "HEAD"):
            return PlainTextResponse("", 405, {"allow": "GET, HEAD", **_HEADERS})
        # A console that is built while the server runs is there at once.
        self._files = self._files or _read_all(self._static)
        name = path.removeprefix(PREFIX)
        found = self._files.get(name)
        if found is None and name.startswith("assets/"):
            return PlainTextResponse("there is no such file\n", 404, _HEADERS)
        found = found or self._files.get("index.html")
        if found is None:
            return PlainTextResponse(_NOT_BUILT, 503, _HEADERS)
        return _response(request, found)


def _response(request: Request, found: _File) -> Response:
    headers = {
        "cache-control": found.kept,
        "etag": found.tag,
        "vary": "accept-encoding",
        **_HEADERS,
    }
    if request.headers.get("if-none-match") == found.tag:
        return Response(status_code=304, headers=headers)
    body = found.body
    if found.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        body = found.packed
    return Response(body, 200, headers, media_type=found.kind)


def _read_all(static: Path) -> dict[str, _File]:
    """By their path below `static`; none if the console was not built."""
    return {
        file.relative_to(static).as_posix(): _read(file, hashed=file.parent.name == "assets")
        for file in sorted(static.rglob("*"))
        if file.is_file()
    }


def _read(file: Path, *, hashed: bool) -> _File:
    body = file.read_bytes()
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    packed = gzip.compress(body, mtime=0) if file.suffix in _COMPRESSED else None
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return _File(body, packed, kind, tag, _FOREVER if hashed else "no-cache")
