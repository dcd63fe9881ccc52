"""Networks that are cut, workers, clients and servers that die: what ran is taken up again and has
its effects once, or is asked about; only what may run twice does.
"""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster.conftest import Cluster, answers, free_port, temporal
from cluster.namespaces import Namespace
from cluster.proxy import Proxy
from polling import eventually

from orchestrate.cluster.connection import Address
from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.events import EventType
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.state import fold

OUTLIVES = """
name: outlives
steps:
  - name: first
    shell: |
      echo x >> $ROOT/effects; echo $$ >> $ROOT/pids; echo begun
      until test -e $ROOT/go; do sleep 0.05; done
      echo over
  - name: second
    shell: echo y >> $ROOT/effects
"""
AGAIN = OUTLIVES.replace("name: first", "name: first\n    idempotent: true")

SECRETIVE = """
name: secretive
secrets: [{name: word, source: vault, path: kv/word, field: word}]
steps: [{name: uses, shell: "echo ${secrets.word} >> $ROOT/effects"}]
"""


class Run:
    """A workflow of which somebody attends to the end."""

    def __init__(self, cluster: Cluster, text: str, **settings: object) -> None:
        self.engine, attending = cluster.engine(**settings), cluster.engine()
        self.workflow, _ = self.engine.create(cluster.new(text))
        self.ended: list[object] = []
        self._thread = threading.Thread(
            target=lambda: self.ended.append(attending.run(self.workflow)), daemon=True
        )
        self._thread.start()

    def join(self) -> State:
        self._thread.join(120)
        assert self.ended, fold(self.engine.events(self.workflow)).to_json()
        return self.ended[0].state

    @property
    def timeouts(self) -> int:
        """How often a worker was missed that had been given something."""
        connection = self.engine.connection
        handle = connection.client.get_workflow_handle(self.workflow)

        async def count() -> int:
            history = await handle.fetch_history()
            kind = "activity_task_timed_out_event_attributes"
            return sum(event.HasField(kind) for event in history.events)

        return connection.wait(count())

    @property
    def waits_for_its_worker(self) -> bool:
        """Whether a step is to be taken up again, and nobody has."""
        found = self.engine._find(self.workflow).description.raw_description
        return any(
            one.activity_id.endswith("adopt_step") and not one.HasField("last_heartbeat_time")
            for one in found.pending_activities
        )


class Network:
    """A way to the server that can be cut: held up by a proxy, or a cable that is pulled."""

    def __init__(self, cluster: Cluster, *, pulled: bool) -> None:
        self._cluster = cluster
        # Who may not have a network of its own makes do with a proxy for both.
        self._own = Namespace.made() if pulled else None
        self._way = self._own or Proxy(cluster.address.target)
        self.cut, self.mend, self.close = self._way.cut, self._way.mend, self._way.close

    def worker(self, name: str) -> subprocess.Popen[str]:
        """One that reaches the server only by this way."""
        cluster, direct = self._cluster, self._cluster.address
        target = self._own.reach(direct.target) if self._own else self._way.target
        cluster.address = direct._replace(target=target)
        try:
            return cluster.process(name, within=self._own.within if self._own else ())
        finally:
            cluster.address = direct


class Stopped:
    """A worker that stands still, instead of a network that is cut."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._worker: subprocess.Popen[str]

    def worker(self, name: str) -> subprocess.Popen[str]:
        self._worker = self._cluster.process(name)
        return self._worker

    def cut(self) -> None:
        self._worker.send_signal(signal.SIGSTOP)

    def mend(self) -> None:
        self._worker.send_signal(signal.SIGCONT)

    close = mend


@pytest.fixture
def network(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Network | Stopped]:
    stands = request.param == "stopped"
    made = Stopped(cluster) if stands else Network(cluster, pulled=request.param == "pulled")
    yield made
    made.close()


def lines(cluster: Cluster, name: str) -> list[str]:
    path = cluster.path(name)
    return path.read_text().split() if path.exists() else []


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


@pytest.mark.parametrize("network", ["pulled"], indirect=True)
def test_a_partition_shorter_than_the_lease_changes_nothing(cluster: Cluster, network: Network):
    network.worker("one")
    run = Run(cluster, OUTLIVES, heartbeat=2.0, lease=60.0)
    eventually(lambda: lines(cluster, "effects"), "the step")
    cluster.worker("two")
    network.cut()
    eventually(lambda: run.waits_for_its_worker, "the loss to be noticed")
    cluster.path("go").touch()  # it ends while nobody can be told
    eventually(lambda: is_gone(int(lines(cluster, "pids")[0])), "its end")
    network.mend()
    assert run.join() is State.SUCCEEDED
    assert lines(cluster, "effects") == ["x", "y"]


def test_a_worker_that_stands_still_has_all_of_its_lease(cluster: Cluster):
    """The question whether it takes its step up again is handed to it while it cannot answer."""
    process = cluster.process("one")
    run = Run(cluster, OUTLIVES, heartbeat=2.0, lease=120.0)
    eventually(lambda: lines(cluster, "effects"), "the step")
    cluster.worker("two")
    process.send_signal(signal.SIGSTOP)
    try:
        eventually(lambda: run.timeouts >= 2, "the question to be lost")
        cluster.path("go").touch()
        eventually(lambda: is_gone(int(lines(cluster, "pids")[0])), "its end")
    finally:
        process.send_signal(signal.SIGCONT)
    assert run.join() is State.SUCCEEDED
    assert lines(cluster, "effects") == ["x", "y"]


@pytest.mark.parametrize("network", ["held up", "pulled", "stopped"], indirect=True)
def test_what_a_cut_off_worker_runs_ends_in_time_and_its_late_result_counts_for_nothing(
    cluster: Cluster, network: Network
):
    network.worker("one")
    run = Run(cluster, AGAIN, heartbeat=2.0, lease=4.0)
    eventually(lambda: lines(cluster, "effects"), "the step")
    network.cut()
    cluster.worker("two")
    eventually(lambda: len(lines(cluster, "effects")) > 1, "it to run again")
    assert is_gone(int(lines(cluster, "pids")[0]))  # before it ran again
    network.mend()  # what came of it is told now
    cluster.path("go").touch()
    assert run.join() is State.SUCCEEDED
    ends = [e for e in run.engine.events(run.workflow) if e.type is EventType.ATTEMPT_FINISHED]
    lost = len(ends) - 2  # more than one if the machine stood still for longer than the lease
    assert lost > 0
    assert lines(cluster, "effects") == ["x"] * (lost + 1) + ["y"]
    assert [(e.path, e.data["status"]) for e in ends] == [
        *[("first", "unknown")] * lost,
        ("first", "succeeded"),
        ("second", "succeeded"),
    ]


def test_a_worker_that_dies_with_all_that_watches_leaves_a_question(cluster: Cluster):
    process = cluster.process("one")
    run = Run(cluster, OUTLIVES, heartbeat=2.0, lease=60.0)
    eventually(lambda: lines(cluster, "effects"), "the step")
    for pid in supervisors_of(process.pid, cluster):
        os.killpg(pid, signal.SIGKILL)
    process.kill()
    process.wait()
    os.killpg(int(lines(cluster, "pids")[0]), signal.SIGKILL)
    cluster.process("one")
    assert run.join() is State.NEEDS_ATTENTION
    assert fold(run.engine.events(run.workflow)).steps["first"].state == "parked"
    cluster.path("go").touch()
    assert run.engine.resume(run.workflow, ResumeOptions(unknown="rerun", actor="me")) is None
    eventually(lambda: run.engine.get(run.workflow).state is State.SUCCEEDED, "the end")
    assert lines(cluster, "effects") == ["x", "x", "y"]


def supervisors_of(worker: int, cluster: Cluster) -> list[int]:
    """Supervisors, which lead sessions of their own with their slots in them."""
    found = []
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = status.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if any(word.startswith(str(cluster.root)) for word in words) and any(
            word.endswith("supervising/main.py") for word in words
        ):
            pid = int(status.parent.name)
            if os.getpgid(pid) == pid and pid != worker:
                found.append(pid)
    return found


def test_nothing_is_lost_with_the_client(cluster: Cluster):
    cluster.worker()
    engine = cluster.engine()
    workflow, _ = engine.create(cluster.new(OUTLIVES))
    client = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("attending.py")), *cluster.address[:2],
         workflow]
    )  # fmt: skip
    eventually(lambda: lines(cluster, "effects"), "the step")
    client.kill()
    assert client.wait(120) == -signal.SIGKILL
    cluster.path("go").touch()
    eventually(lambda: engine.get(workflow).state is State.SUCCEEDED, "the end")
    assert lines(cluster, "effects") == ["x", "y"]


def test_a_worker_that_dies_before_it_begins_is_replaced(cluster: Cluster, monkeypatch):
    monkeypatch.setenv("STALLS", "1")
    process = cluster.process("one")
    monkeypatch.delenv("STALLS")
    run = Run(cluster, SECRETIVE, heartbeat=2.0, lease=600.0)
    eventually(cluster.path("stalled").exists, "somebody to have it")
    process.kill()
    process.wait()
    cluster.worker("two")
    assert run.join() is State.SUCCEEDED
    assert lines(cluster, "effects") == ["hunter22"]


@pytest.mark.parametrize("back", [True, False])
def test_what_a_worker_had_but_never_launched_is_handed_over(
    cluster: Cluster, monkeypatch, back: bool
):
    monkeypatch.setenv("STALLS_LATE", "1")
    process = cluster.process("one")
    monkeypatch.delenv("STALLS_LATE")
    text = f"name: c\nsteps: [{{name: s, shell: 'echo x >> {cluster.path('effects')}'}}]\n"
    run = Run(cluster, text, heartbeat=2.0, lease=60.0 if back else 4.0)
    eventually(cluster.path("stalled").exists, "somebody to have it")
    process.kill()
    process.wait()
    if back:
        cluster.process("one")
        assert run.join() is State.SUCCEEDED
        assert lines(cluster, "effects") == ["x"]
    else:  # nobody but that worker can know that nothing happened
        cluster.worker("two")
        assert run.join() is State.NEEDS_ATTENTION
        assert lines(cluster, "effects") == []


class OwnServer:
    """A server that keeps what it has in a file, and can be restarted."""

    def __init__(self, folder: Path) -> None:
        self.target = f"127.0.0.1:{free_port()}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        port = self.target.rpartition(":")[2]
        with (self._folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                [temporal(), "server", "start-dev", "--headless", "--port", port,
                 "--log-level", "error", "--db-filename", str(self._folder / "temporal.db")],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def address(self) -> Address:
        return Address(self.target, "default")


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[OwnServer]:
    made = OwnServer(tmp_path)
    made.start()
    eventually(lambda: asyncio.run(answers(made.target)), "the server")
    yield made
    made.kill()


WAITS = """
name: waits
steps:
  - {name: mark, shell: echo w >> $ROOT/waits}
  - {name: moment, type: wait, duration: 4}
  - {name: late, shell: echo l >> $ROOT/waits}
"""


def test_a_server_may_be_killed_and_started_again(own_server: OwnServer, tmp_path: Path):
    cluster = Cluster(own_server, tmp_path)
    try:
        cluster.worker()
        running = Run(cluster, OUTLIVES, heartbeat=2.0, lease=120.0)
        waiting = Run(cluster, WAITS, heartbeat=2.0, lease=120.0)
        eventually(lambda: lines(cluster, "effects"), "the step")
        eventually(lambda: lines(cluster, "waits"), "the wait")
        own_server.kill()
        cluster.path("go").touch()  # the step ends while there is no server
        eventually(lambda: is_gone(int(lines(cluster, "pids")[0])), "its end")
        own_server.start()
        assert (running.join(), waiting.join()) == (State.SUCCEEDED, State.SUCCEEDED)
    finally:
        cluster.close()
    assert lines(cluster, "effects") == ["x", "y"]
    assert lines(cluster, "waits") == ["w", "l"]
