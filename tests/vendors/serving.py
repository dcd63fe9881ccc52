"""What the local servers of vendors share: they serve on a free port, keep what they were asked,
and are in trouble on command, in the ways in which servers on a network are.
"""

import json
import ssl
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

NOTHING: Mapping[str, str] = {}


class Request(NamedTuple):
    """What was asked. `path` is decoded and without its query."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> object:
        return json.loads(self.body)


class Reply(NamedTuple):
    status: int
    body: object = ""
    headers: Mapping[str, str] = NOTHING


class Trouble(NamedTuple):
    """What befalls a request. `kind`: reply (what comes instead of an answer), hang, refuse (the
    connection is closed unread), half (an answer breaks off), lose (it is done, but the answer is
    lost).
    """

    kind: str
    reply: Reply = Reply(500)


HANG, REFUSE, LOSE = (Trouble(kind) for kind in ("hang", "refuse", "lose"))
HALF = Trouble("half", Reply(200, "ok"))
GARBAGE = Trouble("reply", Reply(200, "<html>Back soon</html>", {"Content-Type": "text/html"}))


def saying(status: int, body: object = "", headers: Mapping[str, str] = NOTHING) -> Trouble:
    return Trouble("reply", Reply(status, body, headers))


class Vendor:
    """A server. `troubles`: what befalls the next requests, None for nothing."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.troubles: list[Trouble | None] = []
        self.address = ""
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None

    def answer(self, request: Request) -> Reply:
        """What the vendor's service answers."""
        raise AssertionError(request)

    def start(self, tls: ssl.SSLContext | None = None) -> str:
        """Serve; the address."""
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        scheme = "http" if tls is None else "https"
        self.address = f"{scheme}://127.0.0.1:{self._server.server_port}"
        return self.address

    def stop(self) -> None:
        self._stopped.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def wait_for_stop(self) -> None:
        """Hang, for as long as the server lives, but no longer than a test."""
        self._stopped.wait(120)

    def take(self, request: Request) -> tuple[Trouble | None, Reply]:
        with self._lock:
            self.asked.append(request)
            trouble = self.troubles.pop(0) if self.troubles else None
            if trouble is not None and trouble.kind != "lose":
                return trouble, trouble.reply
            return trouble, self.answer(request)


class _Server(ThreadingHTTPServer):
    def handle_error(self, *args: object) -> None:
        """Say nothing of clients that have heard enough."""


def _handler(vendor: Vendor) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet for an answer, so that none waits for an acknowledgement

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = parse_qs(parts.query)
            trouble, reply = vendor.take(
                Request(self.command, unquote(parts.path), query, headers, body)
            )
            match trouble:
                case Trouble("hang"):
                    vendor.wait_for_stop()
                    self.close_connection = True
                case Trouble("refuse" | "lose"):
                    self.close_connection = True
                case _:
                    self._send(reply, half=trouble is HALF)

        def _send(self, reply: Reply, *, half: bool) -> None:
            text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
            data = text.encode()
            self.send_response(reply.status)
            if "Content-Type" not in reply.headers:
                kind = "text/plain" if isinstance(reply.body, str) else "application/json"
                self.send_header("Content-Type", kind)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data) + (100 if half else 0)))
            self.end_headers()
            self.wfile.write(data)
            self.close_connection = half

        do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 - as http.server wants

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    return Handler
