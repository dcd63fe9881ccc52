"""A project that is really served on loopback, and clients with tokens."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from crash.harness import kill, processes_of
from polling import eventually

PLAYBOOKS = {
    "quick": "steps:\n  - {name: one, shell: echo one}\n  - {name: two, shell: echo two}\n",
    "asks": (
        "parameters:\n  - {name: n, type: integer, default: 2}\n"
        "steps:\n  - {name: one, shell: 'echo ${n}'}\n"
        "  - name: ask\n    type: approval\n    message: go on?\n"
        "    inputs:\n      - {name: window, choices: [day, night], required: true}\n"
        "  - name: last\n    shell: echo '<script>alert(1)</script>'\n"
        "finally:\n  - {name: tidy, shell: echo tidy}\n"
    ),
    "loops": (
        "parameters:\n  - {name: items, type: list, default: [a, b, c]}\n"
        "steps:\n  - name: each\n    type: foreach\n    items: ${items}\n    as: x\n"
        "    steps:\n      - {name: say, shell: 'echo ${x}'}\n"
        "  - {name: after, shell: 'echo after'}\n"
    ),
    "fails": "steps:\n  - {name: good, shell: 'true'}\n  - {name: bad, shell: 'test -e mended'}\n",
}


_ANEW = httpx.Limits(max_keepalive_connections=0)
"""A connection for each request: one that was idle is closed by the server at any moment."""


class Served:
    """A project and its daemon."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("ORCHESTRATE_")}
        self.env["TZ"] = "UTC"
        self.clients: list[httpx.Client] = []
        (root / "playbooks").mkdir()
        (root / "environments").mkdir()
        (root / "environments" / "production.yaml").write_text("protected: true\n")
        for name, text in PLAYBOOKS.items():
            (root / "playbooks" / f"{name}.yaml").write_text(f"name: {name}\n{text}")
        (root / "orchestrate.toml").write_text("[serve]\nrequests_per_minute = 100000\n")
        self.daemon: subprocess.Popen[bytes] | None = None
        self.address = ""

    def __call__(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "orchestrate", *words], cwd=self.root, env=self.env,
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, listen: str = "127.0.0.1:0") -> None:
        with (self.root / "log").open("wb") as log:
            self.daemon = subprocess.Popen(
                [sys.executable, "-m", "orchestrate", "serve", "--log-format", "json",
                 "--listen", listen],
                cwd=self.root, env=self.env, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=log,
            )  # fmt: skip
        self.address = eventually(lambda: self._said("listening"), "an address")["address"]
        eventually(lambda: self._said("serving"), "a daemon")

    def stop(self, number: int = signal.SIGTERM) -> None:
        assert self.daemon is not None
        self.daemon.send_signal(number)
        try:
            self.daemon.wait(120)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()

    def _said(self, what: str) -> Any:
        text = (self.root / "log").read_text()
        for line in text[: text.rfind("\n") + 1].splitlines():
            if line.startswith("{") and json.loads(line)["what"] == what:
                return json.loads(line)
        return None

    def token(self, name: str, *words: str) -> str:
        return str(json.loads(self("token", "create", "--name", name, *words, "--json"))["token"])

    def client(self, token: str | None = None, **headers: str) -> httpx.Client:
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        made = httpx.Client(
            base_url=f"http://{self.address}/api/v1", headers=headers, timeout=120,
            trust_env=False, limits=_ANEW,
        )  # fmt: skip
        self.clients.append(made)
        return made

    def close(self) -> None:
        for client in self.clients:
            client.close()
        if self.daemon is not None and self.daemon.poll() is None:
            self.stop()
        for seen in processes_of(self.root):  # steps that wait for what no test brings any more
            kill(seen.pid)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("served"))
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def admin(served: Served) -> httpx.Client:
    return served.client(served.token("admin", "--scope", "admin"))


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Path], Served]]:
    """Makes projects with settings of their own; all are closed at the end of the file."""
    made: list[Served] = []

    def make(root: Path) -> Served:
        made.append(Served(root))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Served]:
    """One that a test may stop and change."""
    made = Served(tmp_path)
    yield made
    made.close()


Run = Callable[..., str]


@pytest.fixture
def run(admin: httpx.Client) -> Run:
    """Start a workflow, and wait until it is in a state."""

    def start(playbook: str, state: str, **parameters: Any) -> str:
        made = admin.post("/workflows", json={"playbook": playbook, "parameters": parameters})
        assert made.status_code == 201, made.text
        workflow = str(made.json()["id"])
        reach(admin, workflow, state)
        return workflow

    return start


def reach(client: httpx.Client, workflow: str, state: str) -> dict[str, Any]:
    """Wait until a workflow is in a state."""

    def look() -> Any:
        found = client.get(f"/workflows/{workflow}").json()
        return found if found["state"] == state else None

    found: dict[str, Any] = eventually(look, f"{workflow} {state}")
    return found
