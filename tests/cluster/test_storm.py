"""Many workflows on workers that are killed all the time: all of them end, each step has its effect
once, and nothing is left running.
"""

import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from cluster.conftest import Cluster
from polling import eventually
from storms.conftest import FULL, full_or
from temporalio.client import Client

from orchestrate.cluster import names
from orchestrate.cluster.errors import ClusterError
from orchestrate.workflow.engine import Filter
from orchestrate.workflow.outcomes import State

WORKFLOWS = full_or(4, 200)
STEPS = full_or(5, 50)
WORKERS = full_or(2, 4)
KILLS = full_or(3, 10_000)
"""At most; no more are needed when all have ended."""
PLAYBOOK = f"""
name: storm
steps:
  - name: each
    type: foreach
    items: ${{range({STEPS})}}
    as: n
    max_parallel: 3
    steps:
      - name: does
        shell: |
          echo "$ORCHESTRATE_WORKFLOW ${{n}}" >> $ROOT/effects
          sleep 0.1
"""


class Killer:
    """Workers, one of which is killed now and then, and comes back."""

    def __init__(self, cluster: Cluster, seed: int) -> None:
        self._cluster = cluster
        self._random = random.Random(seed)
        self._processes = {f"w{n}": cluster.process(f"w{n}") for n in range(WORKERS)}
        self._stop = threading.Event()
        self.kills = 0
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        while self.kills < KILLS and not self._stop.wait(self._random.uniform(0.5, 2.0)):
            name = self._random.choice(sorted(self._processes))
            process = self._processes[name]
            process.send_signal(signal.SIGKILL)
            process.wait()
            self.kills += 1
            self._stop.wait(self._random.uniform(0.0, 1.5))
            self._processes[name] = self._started(name)

    def _started(self, name: str) -> subprocess.Popen[str]:
        """It is started until it begins, as a service manager would: the server is busy."""
        while True:
            with suppress(AssertionError):
                return self._cluster.process(name)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(120)
        assert not self._thread.is_alive()


def test_all_converge_however_often_workers_die(cluster: Cluster):
    seed = int(os.environ.get("SEED", "1"))
    began = time.monotonic()
    killer = Killer(cluster, seed)
    # It waits for workers that are busy, or were killed, as whoever calls `run` does.
    engine = cluster.engine(print, heartbeat=3.0, lease=300.0)
    killer.start()
    made = [engine.create(cluster.new(PLAYBOOK))[0] for _ in range(WORKFLOWS)]
    for workflow in made:
        engine._connection.wait(begin(engine._connection.client, workflow))
    ended = (State.SUCCEEDED, State.FAILED, State.CANCELLED, State.NEEDS_ATTENTION)

    def states() -> Counter[State]:
        try:
            return Counter(one.state for one in engine.find(Filter(limit=WORKFLOWS)))
        except ClusterError:
            return Counter()  # the server is too busy to answer now

    def converged() -> bool:
        return sum(count for state, count in states().items() if state in ended) == WORKFLOWS

    eventually(converged, "all to end", 3000.0 if FULL else 120.0, every=0.5)
    killer.stop()
    took = time.monotonic() - began
    found = eventually(states, "the states")
    assert found == {State.SUCCEEDED: WORKFLOWS}
    effects = Counter(cluster.path("effects").read_text().splitlines())
    wanted = {f"{workflow} {n}": 1 for workflow in made for n in range(STEPS)}
    assert effects == wanted
    eventually(lambda: not left(cluster.root), "no process of a step to be left")
    print(
        f"{WORKFLOWS} workflows of {STEPS} steps on {WORKERS} workers: {took:.0f} s, "
        f"{killer.kills} kills, load {os.getloadavg()[0]:.0f}"
    )


async def begin(client: Client, workflow: str) -> None:
    handle = client.get_workflow_handle(workflow)
    await handle.signal(names.ASK, args=["begin", "begin", {}])


def left(root: Path) -> list[str]:
    """Processes that steps started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"ROOT={root}".encode() in status.read_bytes() and is_of_a_step(status.parent):
                found.append(status.parent.name)
        except OSError:
            continue
    return found


def is_of_a_step(process: Path) -> bool:
    return b"ORCHESTRATE_STEP=" in (process / "environ").read_bytes()
