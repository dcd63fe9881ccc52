"""A project in a temporary directory, engines on it, and other processes that run engines."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from embedded import engine_process

from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.workflow.engine import NewWorkflow


class Project:
    """A root, a state directory, and playbooks as text."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.state = root / "state"
        self.engines: list[EmbeddedEngine] = []
        self.processes: list[subprocess.Popen[str]] = []

    def engine(self, **services: object) -> EmbeddedEngine:
        made = EmbeddedEngine(self.state, engine_process.services(self.root)._replace(**services))
        self.engines.append(made)
        return made

    def new(self, text: str, **more: object) -> NewWorkflow:
        return engine_process.new_workflow(text)._replace(**more)

    def start(self, text: str, *, crash_at: str = "", **services: object) -> subprocess.Popen[str]:
        """Another process that runs a playbook."""
        return self._spawn(["run", text], crash_at, services)

    def other(self, *arguments: str, crash_at: str = "", **services: object):
        """Another process: `resume ID`, `own ID`, …"""
        return self._spawn(list(arguments), crash_at, services)

    def _spawn(self, arguments: list[str], crash_at: str, services: dict[str, object]):
        environment = dict(os.environ)
        environment.pop("ORCHESTRATE_CRASH_AT", None)
        if crash_at:
            environment["ORCHESTRATE_CRASH_AT"] = crash_at
        process = subprocess.Popen(
            [
                sys.executable,
                engine_process.__file__,
                str(self.root),
                json.dumps(services),
                *arguments,
            ],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def path(self, name: str) -> Path:
        return self.root / name

    def lines(self, name: str) -> list[str]:
        path = self.path(name)
        return path.read_text().splitlines() if path.exists() else []

    def close(self) -> None:
        for engine in self.engines:
            engine.close()
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.communicate()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path)
    yield made
    made.close()
