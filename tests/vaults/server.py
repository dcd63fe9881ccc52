"""A server that answers as Vault's HTTP interface does, as far as its documentation describes what
we ask: mounts, both key-value engines, a dynamic engine, logins, tokens, leases, seals.

`python server.py PORT VALUE` runs it as a process, with VALUE at `secrets/prod/db`.
"""

import json
import re
import socket
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Answer = tuple[int, dict[str, Any] | None]
DENIED: Answer = (403, {"errors": ["1 error occurred:\n\t* permission denied\n\n"]})
NOT_FOUND: Answer = (404, {"errors": []})


class Vault:
    """Its state. Tokens: text → (policies, time of its end or None)."""

    def __init__(self) -> None:
        self.tokens: dict[str, tuple[str, float | None]] = {"root-token": ("root", None)}
        self.kv1: dict[str, dict[str, Any]] = {}
        self.kv2: dict[str, list[dict[str, Any] | None]] = {}
        self.leases: dict[str, float] = {}
        self.asked: list[str] = []
        self.sealed = False
        self.tells_mounts = True
        self.trouble: list[int] = []
        """Statuses that the next requests get."""
        self.delay = 0.0
        self.lease_seconds = 3600
        self.token_seconds = 3600
        self.renewable = True
        self.issued = 0
        self._server: ThreadingHTTPServer | None = None

    def start(self, port: int = 0) -> str:
        """Serve; the address."""
        vault = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length) or b"{}")
                token = self.headers.get("X-Vault-Token") or ""
                space = self.headers.get("X-Vault-Namespace") or ""
                status, data = vault.answer(self.command, self.path, token, body, space)
                text = b"" if data is None else json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = _any  # noqa: N815 - the names that http.server wants

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def answer(
        self, method: str, url: str, token: str, body: dict[str, Any], namespace: str = ""
    ) -> Answer:
        time.sleep(self.delay)
        path = unquote(urlsplit(url).path).removeprefix("/v1/")
        query = parse_qs(urlsplit(url).query)
        self.asked.append(f"{method} {namespace + ': ' if namespace else ''}{path}")
        if self.trouble:
            status = self.trouble.pop(0)
            return status, {"errors": [f"trouble {status}"]}
        if self.sealed:
            return 503, {"errors": ["Vault is sealed"]}
        if re.fullmatch(r"auth/[^/]+/login", path):
            return self._log_in(path.split("/")[1], body)
        policy, ends = self.tokens.get(token, ("", 0.0))
        if not policy or (ends is not None and ends < time.monotonic()):
            return DENIED
        routes: list[tuple[str, Callable[[str], Answer]]] = [
            ("auth/token/lookup-self", lambda _: self._look_up(token)),
            ("auth/token/renew-self", lambda _: self._renew(token)),
            ("sys/leases/renew", lambda _: self._renew_lease(str(body.get("lease_id")))),
            ("sys/internal/ui/mounts/", lambda rest: self._mount(rest, policy)),
            ("secret/data/", lambda rest: self._read2(rest, query, policy)),
            ("secrets/", lambda rest: self._read1(rest, policy)),
            ("database/creds/", lambda rest: self._lend(rest)),
        ]
        for beginning, respond in routes:
            if path.startswith(beginning):
                return respond(path.removeprefix(beginning))
        return DENIED if policy != "root" else NOT_FOUND

    def _log_in(self, method: str, body: dict[str, Any]) -> Answer:
        if method == "approle":
            if (body.get("role_id"), body.get("secret_id")) != ("role-1", "secret-id-1"):
                return 400, {"errors": ["invalid role or secret ID"]}
        elif (body.get("role"), body.get("jwt")) != ("deployer", "service-account-jwt"):
            return DENIED
        self.issued += 1
        token = f"issued-{method}-{self.issued}"
        self.tokens[token] = ("root", time.monotonic() + self.token_seconds)
        return 200, {"auth": self._granted(token)}

    def _granted(self, token: str) -> dict[str, Any]:
        return {
            "client_token": token,
            "policies": ["default"],
            "lease_duration": self.token_seconds,
            "renewable": self.renewable,
        }

    def _look_up(self, token: str) -> Answer:
        _, ends = self.tokens[token]
        ttl = 0 if ends is None else max(0, int(ends - time.monotonic()))
        renewable = self.renewable and ends is not None
        return 200, {"data": {"id": token, "ttl": ttl, "renewable": renewable}}

    def _renew(self, token: str) -> Answer:
        policy, ends = self.tokens[token]
        if ends is not None:
            self.tokens[token] = (policy, time.monotonic() + self.token_seconds)
        return 200, {"auth": self._granted(token)}

    def _renew_lease(self, lease: str) -> Answer:
        if self.leases.get(lease, 0) < time.monotonic():
            return 400, {"errors": ["lease not found"]}
        self.leases[lease] = time.monotonic() + self.lease_seconds
        return 200, {
            "lease_id": lease,
            "renewable": self.renewable,
            "lease_duration": self.lease_seconds,
        }

    def _mount(self, path: str, policy: str) -> Answer:
        known = {"secret": ("kv", {"version": "2"}), "secrets": ("kv", {"version": "1"})}
        known["database"] = ("database", {})
        point = path.partition("/")[0]
        if not self.tells_mounts or point not in known or policy == "narrow":
            return 403, {"errors": [f"preflight capability check returned 403 for {path}"]}
        kind, options = known[point]
        return 200, {"data": {"path": f"{point}/", "type": kind, "options": options or None}}

    def _read2(self, path: str, query: dict[str, list[str]], policy: str) -> Answer:
        if policy == "narrow":
            return DENIED
        versions = self.kv2.get(path)
        if not versions:
            return NOT_FOUND
        number = int(query.get("version", ["0"])[0]) or len(versions)
        if number > len(versions):
            return NOT_FOUND
        fields = versions[number - 1]
        metadata = {"version": number, "deletion_time": "" if fields else "2026-01-01T00:00:00Z"}
        status = 200 if fields else 404
        return status, {"lease_id": "", "data": {"data": fields, "metadata": metadata}}

    def _read1(self, path: str, policy: str) -> Answer:
        if policy == "narrow":
            return DENIED
        if path not in self.kv1:
            return NOT_FOUND
        return 200, {"lease_id": "", "lease_duration": 2764800, "data": self.kv1[path]}

    def _lend(self, role: str) -> Answer:
        self.issued += 1
        lease = f"database/creds/{role}/{self.issued}"
        self.leases[lease] = time.monotonic() + self.lease_seconds
        data = {"username": f"v-{role}-{self.issued}", "password": f"lent-password-{self.issued}"}
        return 200, {
            "lease_id": lease,
            "lease_duration": self.lease_seconds,
            "renewable": self.renewable,
            "data": data,
        }


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    served = Vault()
    served.kv1["prod/db"] = {"password": sys.argv[2]}
    print(served.start(int(sys.argv[1])), flush=True)
    sys.stdin.read()  # until whoever started it is gone
