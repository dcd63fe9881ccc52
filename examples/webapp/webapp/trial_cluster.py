"""A Temporal cluster for as long as the demonstration lasts: one server, two workers in two pools.

The project needs nothing but `[engine]` in `orchestrate.toml`. Here a copy of it gets that, and two
of its steps a `pool`, so that one worker deploys and another one checks.
"""

import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

POOLS = {"test-green": "checks", "monitor": "checks"}
"""Where steps run; all others run in the pool `default`."""
WORKERS = {"deployer": "default", "checker": "checks"}
"""Names of workers, and the pool of each."""
PATIENCE = 60.0
_PLAYBOOK = Path("playbooks", "blue-green-deployment.yaml")


class TrialError(Exception):
    """The cluster cannot be had; the text says what to do."""


@contextmanager
def trial_cluster(project: Path, directory: Path) -> Generator["TrialCluster"]:
    """All in `directory`, on free ports of 127.0.0.1, until the block ends. Raises TrialError."""
    program = shutil.which("temporal") or shutil.which("temporal", path=Path.home() / "go" / "bin")
    if program is None:
        raise TrialError(
            "the program `temporal` is not on PATH: `sh scripts/temporal.sh` in the checkout gets "
            "it, with Go or without; or install it, see https://docs.temporal.io/cli"
        )
    cluster = TrialCluster(program, directory, f"127.0.0.1:{_free_port()}")
    cluster.copy(project)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


class TrialCluster:
    """A server at `address`, and its workers."""

    def __init__(self, program: str, directory: Path, address: str) -> None:
        self.project = directory / "project"
        self._program = program
        self._directory = directory
        self._address = address
        self._processes: list[subprocess.Popen[bytes]] = []

    def copy(self, project: Path) -> None:
        """Copy the project, and move the copy over to the cluster."""
        unwanted = shutil.ignore_patterns(".orchestrate", "__pycache__")
        shutil.copytree(project, self.project, ignore=unwanted)
        shutil.rmtree(self.project / "run", ignore_errors=True)
        with (self.project / "orchestrate.toml").open("a") as settings:
            # Both workers share this copy, since the application keeps its state in it.
            settings.write(
                f'\n[engine]\nkind = "cluster"\naddress = "{self._address}"\n'
                'project_files = "local"\n'
            )
        playbook = self.project / _PLAYBOOK
        text = playbook.read_text()
        for step, pool in POOLS.items():
            text, changed = re.subn(
                rf"(?m)^(\s*)- name: {step}$", rf"\g<0>\n\1  pool: {pool}", text
            )
            assert changed == 1, step
        playbook.write_text(text)

    def start(self) -> None:
        """Start the server, then the workers. Raises TrialError."""
        port = self._address.rpartition(":")[2]
        words = ["server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", port]
        self._spawn("server", [self._program, *words, "--log-level", "error"], {})
        self._wait_until(self._listens, "the server listens", "server")
        for name, pool in WORKERS.items():
            log = self._spawn(
                name,
                ["orchestrate", "worker", "--name", name, "--pool", pool],
                {"ORCHESTRATE_STATE_DIR": str(self._directory / name)},
            )
            self._wait_until(lambda log=log: "takes steps" in log.read_text(), "it is ready", name)

    def show(self, workflow: str) -> str:
        """Temporal's own view of a workflow: how it stands, and where each of its steps ran."""
        description = json.loads(self._ask("workflow", "describe", "--workflow-id", workflow))
        about = description["workflowExecutionInfo"]
        status = about["status"].removeprefix("WORKFLOW_EXECUTION_STATUS_").lower()
        head = f"Temporal: {workflow} ({about['type']['name']}) {status}, "
        head += f"{about['historyLength']} events, {about['historySizeBytes']} bytes of history"
        history = json.loads(self._ask("workflow", "show", "--workflow-id", workflow))
        return "\n".join([head, *_activities(history["events"])])

    def _ask(self, *words: str) -> str:
        told = subprocess.run(
            [self._program, *words, "--address", self._address, "--output", "json"],
            capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        if told.returncode != 0:
            raise TrialError(f"temporal {' '.join(words)}: {told.stderr.strip()}")
        return told.stdout

    def stop(self) -> None:
        """End the workers, then the server."""
        for process in reversed(self._processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _spawn(self, name: str, words: list[str], env: Mapping[str, str]) -> Path:
        log = self._directory / f"{name}.log"
        with log.open("wb") as output:
            self._processes.append(
                subprocess.Popen(
                    words, cwd=self.project, env={**os.environ, **env},
                    stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                )
            )  # fmt: skip
        return log

    def _listens(self) -> bool:
        host, _, port = self._address.rpartition(":")
        with socket.socket() as probe:
            return probe.connect_ex((host, int(port))) == 0

    def _wait_until(self, condition: Callable[[], bool], what: str, name: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if self._processes[-1].poll() is not None or time.monotonic() > deadline:
                said = (self._directory / f"{name}.log").read_text()
                raise TrialError(f"{name}: waited in vain until {what}\n{said}")
            time.sleep(0.05)


def _activities(events: list[dict[str, Any]]) -> Generator[str]:
    """Each activity: the step, its task queue, the worker that took it."""
    asked: dict[str, tuple[str, str]] = {}
    for event in events:
        if scheduled := event.get("activityTaskScheduledEventAttributes"):
            summary = base64.b64decode(event["userMetadata"]["summary"]["data"])
            asked[event["eventId"]] = json.loads(summary), scheduled["taskQueue"]["name"]
        elif started := event.get("activityTaskStartedEventAttributes"):
            step, queue = asked[started["scheduledEventId"]]
            yield f"  {step:20} {queue:28} {started['identity']}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
