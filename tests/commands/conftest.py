"""Real projects, real HTTP servers, real child processes."""

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest


class Finished(NamedTuple):
    code: int
    stdout: str
    stderr: str
    output: dict[str, Any]


class ProjectDirectory:
    """A project on disk, and its built-ins as processes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.state = root / ".orchestrate"
        (root / "playbooks").mkdir()
        self.output = root.parent / f"{root.name}.output"

    def settings(self, text: str) -> None:
        (self.root / "orchestrate.toml").write_text(text)

    def write(self, path: str, text: str, *, executable: bool = False) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        if executable:
            file.chmod(file.stat().st_mode | stat.S_IXUSR)
        return file

    def env(self, more: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if "ORCHESTRATE" not in name}
        return {**kept, "ORCHESTRATE_OUTPUT": str(self.output), **more}

    def argv(self, name: str, *arguments: str) -> list[str]:
        return [sys.executable, "-m", f"orchestrate.commands.builtin.{name}", *arguments]

    def call(self, name: str, *arguments: str, **env: str) -> Finished:
        self.output.unlink(missing_ok=True)
        done = subprocess.run(
            self.argv(name, *arguments),
            cwd=self.root,
            env=self.env(env),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        output: dict[str, Any] = {}
        if self.output.exists():
            for line in self.output.read_text().splitlines():
                output.update(json.loads(line))
        return Finished(done.returncode, done.stdout, done.stderr, output)


@pytest.fixture
def project(tmp_path: Path) -> ProjectDirectory:
    root = tmp_path / "project"
    root.mkdir()
    return ProjectDirectory(root)


class Answer(NamedTuple):
    status: int = 200
    body: str = "healthy"
    wait: threading.Event | None = None
    """Answer only after this was set."""


class Server:
    """An HTTP server on loopback whose answers the test scripts by path, in order."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, str, str]] = []
        """Method, path and body of each request."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size).decode()
                outer.asked.append((self.command, self.path, body))
                answer = outer.next_answer(self.path)
                if answer.wait is not None:
                    answer.wait.wait(120)
                content = answer.body.encode()
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,))
        self.thread.start()

    def next_answer(self, path: str) -> Answer:
        answers = self.answers.get(path, [])
        if not answers:
            return Answer()
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def answer() -> Callable[..., Answer]:
    return Answer
