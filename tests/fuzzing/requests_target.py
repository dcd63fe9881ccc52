"""The API, webhooks and `/events` as the daemon serves them, without the server in front.

What goes in is a request in short: `METHOD PATH?QUERY`, headers a line each, an empty line, a body.
`{admin}` and `{view}` stand for tokens, `{workflow}` for the id of a workflow that there is.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from fuzzing.target import Target, workplace

from orchestrate.access.credentials import split
from orchestrate.access.rights import Rights, Scope
from orchestrate.app import App
from orchestrate.daemon.desk import Desk, acting
from orchestrate.daemon.monitoring import Monitoring
from orchestrate.daemon.receiver import Receiver, Tokens
from orchestrate.daemon.triggers import Triggers
from orchestrate.embedded.actions import Author
from orchestrate.embedded.credentials import open_credentials
from orchestrate.embedded.inbox import Inbox
from orchestrate.embedded.schedules import StoredSchedules
from orchestrate.errors import ConflictError
from orchestrate.project.find import find_project
from orchestrate.web.site import ApiSite
from orchestrate.workflow.engine import Filter

_BASE = workplace()
_TOML = "[serve]\nrequests_per_minute = 1000000000\n"
_PLAYBOOK = """
name: it
parameters: [{name: who, default: me}]
triggers:
  - {type: webhook, url: /hooks/open, signature: none, filter: "${body.go}", rate: 999999/second}
  - {type: webhook, url: /hooks/shut, signature: github}
steps: [{name: one, shell: echo one}, {name: two, shell: 'echo ${who}'}]
"""
_OPEN = ("/healthz", "/readyz", "/metrics", "/hooks/open", "/", "/api/v1/openapi.json",
         "/console/", "/events")  # fmt: skip
_FORGETS = ("/prune", "/tokens/admin", "/tokens/view")
_PATIENCE = 120.0
_LARGEST = 8 << 20
_REFUSED = (400, 401, 403, 404, 405, 408, 409, 413, 416, 421, 422, 429, 503)


class _Served(NamedTuple):
    """What is served, where, and what the words in braces stand for."""

    receiver: Receiver
    loop: asyncio.AbstractEventLoop
    words: Mapping[bytes, bytes]
    complaints: list[str]
    opened: ExitStack


_SERVED: list[_Served] = []


def check(data: bytes) -> None:
    """No answer is a fault of the server; refusals say why; nobody without a token is let in, and
    nobody is shown the text of one.
    """
    served = _served()
    for word, meant in served.words.items():
        data = data.replace(word, meant)
    scope, body = _scope(data)
    known = any(meant in data for meant in served.words.values() if len(meant) > 20)
    if scope is None:
        return
    status, answer = served.loop.run_until_complete(_ask(served.receiver, scope, body))
    said = (
        f"{scope['method']} {scope['path']!r}: {status} {answer[:300]!r} {served.complaints[-1:]}"
    )
    served.complaints.clear()
    assert status < 500 or status == 503, said
    if status >= 400:
        assert status in _REFUSED, said
        if scope["method"] != "HEAD" and not scope["path"].startswith("/console/"):
            told = json.loads(answer)
            assert told.get("error") or told.get("detail"), said
    if status < 300 and not known and scope["path"].startswith("/api/"):
        assert scope["path"] in _OPEN, said
    if status != 421:  # that one names the `Host` that was asked for, whatever stood there
        for meant in (served.words[b"{admin}"], served.words[b"{view}"]):
            named = split(meant.decode())
            assert named is not None
            assert named[1].encode() not in answer, said
    if status < 300 and scope["path"].endswith(_FORGETS):
        close()  # what others ask for may be gone


async def _ask(receiver: Receiver, scope: dict[str, Any], body: bytes) -> tuple[int, bytes]:
    """Status and body; of a stream what comes first."""
    asked, came = False, asyncio.Event()
    status, headers, parts = 0, dict[bytes, bytes](), list[bytes]()

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}
        await came.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            headers.update({name.lower(): value for name, value in message["headers"]})
        else:
            parts.append(message.get("body", b""))
            assert sum(map(len, parts)) <= _LARGEST, "an answer without end"
            if headers.get(b"content-type", b"").startswith(b"text/event-stream"):
                came.set()

    async with asyncio.timeout(_PATIENCE):
        await receiver(scope, receive, send)
    return status, b"".join(parts)


def _scope(data: bytes) -> tuple[dict[str, Any] | None, bytes]:
    """A request as a server would hand it on: what is no HTTP never gets that far."""
    head, _, body = data.partition(b"\n\n")
    first, *lines = head.split(b"\n")
    method, _, target = first.partition(b" ")
    path, _, query = target.partition(b"?")
    if not (method.isalpha() and method.isupper() and path.startswith(b"/")):
        return None, b""
    headers = [(b"host", b"127.0.0.1:8765"), (b"content-length", str(len(body)).encode())]
    for line in lines[:30]:
        name, _, value = line.partition(b":")
        token = name.replace(b"-", b"").replace(b"_", b"")
        if token.isalnum() and not any((c < 32 and c != 9) or c == 127 for c in value):
            headers.append((name.lower(), value.strip()))
    shown = unquote_to_bytes(path).decode("utf-8", "replace")
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1",
        "method": method.decode(), "scheme": "http", "path": shown, "raw_path": path,
        "root_path": "", "query_string": query,
        "headers": headers, "client": (_client(data), 5), "server": ("127.0.0.1", 8765),
    }, body  # fmt: skip


def _client(data: bytes) -> str:
    """An address of this machine for each request: limits would keep the others out."""
    return "127." + ".".join(str(number) for number in sha256(data).digest()[:3])


def _served() -> _Served:
    if not _SERVED:
        _SERVED.append(_serve())
    return _SERVED[0]


def _serve() -> _Served:
    root, env = _project()
    app = App(find_project(root, {}), env)
    opened = ExitStack()
    engine = opened.enter_context(app.open_engine())
    author = Author("tests", {})
    complaints: list[str] = []

    def log(what: str, **fields: object) -> None:
        complaints.append(f"{what} {fields}")

    def not_here(*_: object) -> Any:
        raise ConflictError("nothing is begun here", hint="This is a test.")

    monitoring = Monitoring(app, log)
    opened.callback(monitoring.stop)
    act = partial(acting, app)
    desk = Desk(app, "127.0.0.1:8765", act, not_here, not_here, monitoring.series, log)
    site = ApiSite(desk, lambda _: [])
    opened.callback(site.close)
    schedules = StoredSchedules(engine.store, author)
    triggers = Triggers(app, not_here, schedules, Inbox(engine.store), log, time.time)
    triggers.read()
    tokens = Tokens(b"events-token-of-tests", None)
    receiver = Receiver(triggers, lambda do: do(), lambda: True, tokens, monitoring, log, site)
    with open_credentials(app.project) as credentials:
        admin = credentials.create("admin", Rights((Scope.ADMIN,)), None, author)
        view = credentials.create("view", Rights((Scope.VIEW,), None, ("other",)), None, author)
    words = {b"{admin}": admin.text.encode(), b"{view}": view.text.encode(),
             b"{workflow}": engine.find(Filter())[0].id.encode()}  # fmt: skip
    loop = asyncio.new_event_loop()
    opened.callback(loop.close)
    opened.callback(lambda: loop.run_until_complete(loop.shutdown_default_executor()))
    return _Served(receiver, loop, words, complaints, opened)


def _project() -> tuple[Path, dict[str, str]]:
    """A project in which a workflow has run, and the environment of its processes."""
    root = Path(tempfile.mkdtemp(dir=_BASE))
    (root / "playbooks").mkdir()
    (root / "playbooks" / "it.yaml").write_text(_PLAYBOOK)
    (root / "orchestrate.toml").write_text(_TOML)
    env = {name: v for name, v in os.environ.items() if not name.startswith("ORCHESTRATE_")}
    done = subprocess.run(
        [sys.executable, "-m", "orchestrate", "run", "--playbook", "it"],
        cwd=root, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return root, env


def close() -> None:
    """What was served is served no more."""
    while _SERVED:
        _SERVED.pop().opened.close()


def _seeds() -> Iterator[bytes]:
    auth = b"\nAuthorization: Bearer {admin}"
    for path in (
        b"/workflows", b"/workflows?limit=1&cursor=WF-2026-001&state=failed&since=7d",
        b"/workflows/{workflow}", b"/workflows/{workflow}/events?after=3&limit=2&path=one",
        b"/workflows/{workflow}/steps?cursor=1&limit=1", b"/workflows/{workflow}/graph",
        b"/workflows/{workflow}/gantt", b"/workflows/{workflow}/analysis?last=3", b"/approvals",
        b"/playbooks", b"/playbooks/it", b"/schedules", b"/locks", b"/audit?limit=2&since=1h",
        b"/session", b"/openapi.json", b"/doctor", b"/integrations",
    ):  # fmt: skip
        yield b"GET /api/v1" + path + auth
    stream = b"GET /api/v1/workflows/{workflow}/stream" + auth
    yield stream + b"\nLast-Event-ID: 3"
    yield b"GET /api/v1/workflows/{workflow}/output?attempt=5" + auth + b"\nRange: bytes=0-10"
    yield b"GET /api/v1/workflows\nAuthorization: Bearer {view}"
    yield b"GET /api/v1/workflows\nCookie: orchestrate=orc_a_b\nOrigin: http://127.0.0.1:8765"
    post = auth + b"\nContent-Type: application/json\n"
    yield b"POST /api/v1/workflows" + post + b'Idempotency-Key: k\n\n{"playbook": "it"}'
    yield b"POST /api/v1/workflows/{workflow}/resume" + post + b'\n{"yes": true}'
    yield b"POST /api/v1/validate" + post + b'\n{"text": "steps: []"}'
    yield b"POST /api/v1/schedules/slots" + post + b'\n{"cron": "0 2 * * *", "count": 2}'
    yield b"POST /api/v1/session" + post + b'\n{"token": "orc_a_b"}'
    yield b"GET /metrics\nAccept: application/openmetrics-text"
    yield b"GET /healthz"
    yield b"GET /console/"
    yield b"GET /console/../../etc/passwd"
    yield b'POST /hooks/open\nContent-Type: application/json\n\n{"go": false}'
    yield b"POST /hooks/shut\nX-Hub-Signature-256: sha256=00\n\n{}"
    yield (
        b"POST /events\nAuthorization: Bearer events-token-of-tests\nContent-Type: "
        b'application/cloudevents+json\n\n{"specversion":"1.0","id":"1","source":"s","type":"t"}'
    )


TARGET = Target(
    "requests: no fault of the server, nobody is let in without a token",
    check,
    _seeds,
    longest=1500,
    close=close,
)
