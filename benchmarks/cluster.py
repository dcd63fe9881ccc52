"""The cluster against a bare Temporal workflow that calls the same activity on the same worker."""

import asyncio
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.cluster_worker import BARE, KEEPER, TAKER
from benchmarks.project import foreach
from orchestrate.cluster.connection import Address, Connection
from orchestrate.cluster.engine import ClusterEngine, ClusterSettings
from orchestrate.cluster.errors import ClusterError
from orchestrate.playbook.compile import compile_playbook
from orchestrate.workflow.engine import NewWorkflow
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.program import RunOptions


class Cluster:
    """A development server, one worker, and an engine."""

    def __init__(self, target: str) -> None:
        self.connection = Connection(Address(target))
        settings = ClusterSettings(heartbeat=30.0, actor="bench")
        self.engine = ClusterEngine(self.connection, settings)
        self._last = ""
        self.worker = 0
        """The process of the worker."""

    def ours(self, count: int, at_once: int) -> float:
        """Seconds that a foreach of so many commands takes, from its beginning to its end."""
        workflow = self._last = self.made(f"name: bench\n{foreach(count, at_once)}")
        begun = time.monotonic()
        ended = self.engine.run(workflow)
        seconds = time.monotonic() - begun
        if ended.state is not State.SUCCEEDED:
            raise SystemExit(f"the benchmark of the cluster failed: {ended.message}")
        return seconds

    def made(self, text: str) -> str:
        """A workflow of that playbook, which nobody has begun with."""
        plan = compile_playbook("bench.yaml", text.encode(), lambda _: None)
        workflow, _ = self.engine.create(
            NewWorkflow(
                plan=plan,
                parameters={},
                secret_values={},
                environment="dev",
                variables={},
                env={},
                actor="bench",
                options=RunOptions(),
            )
        )
        return workflow

    def claims(self, workflows: int, each: int, lock: str) -> float:
        """Seconds in which so many workflows at once take a lock around each of so many inline
        steps. In its name `N` stands for the number of the workflow.
        """
        made = [self.made(_locking(each, lock.replace("N", str(n)))) for n in range(workflows)]
        begun = time.monotonic()
        with ThreadPoolExecutor(workflows) as pool:
            ended = list(pool.map(self.engine.run, made))
        seconds = time.monotonic() - begun
        if any(one.state is not State.SUCCEEDED for one in ended):
            raise SystemExit("the benchmark of claims failed")
        return seconds

    def bare_claims(self, workflows: int, each: int) -> float:
        """Seconds for as many with a bare workflow that keeps a lock for each."""
        return self.connection.wait(self._bare_claims(workflows, each))

    async def _bare_claims(self, workflows: int, each: int) -> float:
        client = self.connection.client
        keeper = f"keeper-{uuid.uuid4().hex[:8]}"
        handle = await client.start_workflow(KEEPER, id=keeper, task_queue=BARE)
        begun = time.monotonic()
        await asyncio.gather(
            *(
                client.execute_workflow(
                    TAKER, args=[keeper, each], id=f"{keeper}-{n}", task_queue=BARE
                )
                for n in range(workflows)
            )
        )
        seconds = time.monotonic() - begun
        await handle.signal("end")
        return seconds

    def bare(self, request: dict[str, Any], count: int, at_once: int) -> float:
        """Seconds that the bare workflow takes for as many."""
        identity = f"bare-{uuid.uuid4().hex[:8]}"
        begun = time.monotonic()
        self.connection.wait(
            self.connection.client.execute_workflow(
                BARE, args=[request, identity, count, at_once], id=identity, task_queue=BARE
            )
        )
        return time.monotonic() - begun

    def request(self) -> dict[str, Any]:
        """What the activity of one of our steps was given."""
        self.ours(1, 1)
        handle = self.connection.client.get_workflow_handle(self._last)
        history = self.connection.wait(handle.fetch_history())
        (scheduled,) = (
            event.activity_task_scheduled_event_attributes
            for event in history.events
            if event.HasField("activity_task_scheduled_event_attributes")
        )
        converter = self.connection.client.data_converter
        given = self.connection.wait(converter.decode(scheduled.input.payloads))
        return given[0]


def _locking(count: int, lock: str) -> str:
    return (
        "name: claims\nsteps:\n  - name: each\n    type: foreach\n"
        f"    items: ${{range({count})}}\n    as: n\n    steps:\n"
        f"      - {{name: takes, type: assert, condition: 'true', locks: [{lock}]}}\n"
    )


@contextmanager
def cluster(folder: Path) -> Generator[Cluster]:
    """All of it, on a free port; ended at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    target = f"127.0.0.1:{port}"
    program = shutil.which("temporal") or shutil.which("temporal", path=Path.home() / "go" / "bin")
    if program is None:
        raise SystemExit("there is no `temporal`: `sh scripts/temporal.sh` gets it")
    server = subprocess.Popen(
        [program, "server", "start-dev", "--headless", "--port", str(port), "--log-level", "error"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    worker = None
    try:
        made = _connected(target)
        worker = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.cluster_worker", target, str(folder)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert worker.stdout is not None
        if worker.stdout.readline().strip() != "ready":
            raise SystemExit("the worker of the benchmark did not start")
        made.worker = worker.pid
        yield made
        made.engine.close()
    finally:
        for process in (worker, server):
            if process is not None:
                process.terminate()
                process.wait()


def _connected(target: str) -> Cluster:
    deadline = time.monotonic() + 60
    while True:
        try:
            return Cluster(target)
        except ClusterError:
            if time.monotonic() > deadline:
                raise
