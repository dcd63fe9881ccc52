"""Whoever waits for a workflow goes on waiting while workers and servers are away, and says so."""

import os
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from cluster.conftest import Cluster
from cluster.proxy import Proxy
from polling import eventually

from orchestrate.cluster.engine import ClusterEngine
from orchestrate.cluster.errors import ClusterError, UnansweredError
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State

OUTLIVES = """
name: outlives
steps:
  - name: first
    shell: |
      echo x >> $ROOT/effects
      until test -e $ROOT/go; do sleep 0.05; done
"""
HOW = ("busy, or cannot be reached", "lost (start it again, or another one)")
LOCKED = OUTLIVES.replace("name: outlives", "name: outlives\nconcurrency: {group: g}")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """One question gets its answer within a second, or none."""
    for module in ("errors", "requests", "looking.reading", "coordinating.client"):
        monkeypatch.setattr(f"orchestrate.cluster.{module}.PATIENCE", timedelta(seconds=1))


def created(cluster: Cluster, text: str) -> str:
    """A workflow, made by somebody who waits: a worker that has just begun may take its time."""
    workflow, _ = cluster.engine(lambda _: None).create(cluster.new(text))
    return workflow


@pytest.fixture
def proxy(cluster: Cluster) -> Iterator[Proxy]:
    made = Proxy(cluster.address.target)
    yield made
    made.close()


class Attended:
    """A workflow, its end, and what whoever attends to it was told besides its journal."""

    def __init__(self, engine: ClusterEngine, workflow: str) -> None:
        self.told: list[str] = []
        self.ended: list[object] = []
        self._engine, self._workflow = engine, workflow
        self._thread = threading.Thread(target=self.attend, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def attend(self) -> None:
        self.ended.append(self._engine.run(self._workflow, self._hear))

    def _hear(self, event: Event) -> None:
        if event.type is EventType.WARNED:
            self.told.append(str(event.data["message"]))

    def state(self) -> State:
        self._thread.join(120)
        return self.ended[0].state


def test_who_attends_says_that_no_worker_answers_and_goes_on(cluster: Cluster):
    process = cluster.process("one")
    engine = cluster.engine()
    workflow = created(cluster, OUTLIVES)
    attended = Attended(engine, workflow)
    attended.start()
    eventually(cluster.path("effects").exists, "the step")
    process.kill()
    process.wait()
    cluster.path("go").touch()
    after = "; the workflow is kept, and goes on when that is over"
    words = {f"no worker answers: one is {how}{after}" for how in HOW}
    eventually(lambda: words & set(attended.told), "word of it")
    cluster.process("one")
    assert attended.state() is State.SUCCEEDED
    assert cluster.path("effects").read_text() == "x\n"


def test_who_attends_says_that_the_server_does_not_answer_and_goes_on(
    cluster: Cluster, proxy: Proxy
):
    cluster.worker()
    direct, cluster.address = cluster.address, cluster.address._replace(target=proxy.target)
    engine = cluster.engine()
    cluster.address = direct
    workflow = created(cluster, OUTLIVES)
    attended = Attended(engine, workflow)
    attended.start()
    eventually(cluster.path("effects").exists, "the step")
    proxy.cut()
    eventually(lambda: attended.told, "word of it")
    cluster.path("go").touch()
    proxy.mend()
    assert attended.state() is State.SUCCEEDED
    assert any(message.startswith("the Temporal server ") for message in attended.told)


def test_a_new_workflow_waits_for_workers_that_do_not_answer(cluster: Cluster):
    process = cluster.process("one")
    created(cluster, LOCKED)
    process.kill()
    process.wait()
    with pytest.raises(UnansweredError, match="no worker answers"):  # who cannot wait is told so
        cluster.engine().create(cluster.new(LOCKED))
    told: list[str] = []
    made: list[tuple[str, bool]] = []
    engine = cluster.engine(told.append)
    thread = threading.Thread(
        target=lambda: made.append(engine.create(cluster.new(LOCKED))), daemon=True
    )
    thread.start()
    eventually(lambda: told, "word of it")
    cluster.process("one")
    thread.join(120)
    assert told[0].startswith("no worker answers: one is ")
    ((workflow, fresh),) = made
    assert fresh
    assert workflow in ("WF-2026-002", "WF-2026-003")  # a number for each who asked, not each time


def test_a_new_workflow_waits_for_nobody_if_there_never_was_a_worker(cluster: Cluster):
    engine = cluster.engine(lambda message: None)
    with pytest.raises(UnansweredError, match="no worker answers"):
        engine.create(cluster.new(OUTLIVES))


def test_a_cancel_while_no_worker_answers_is_kept_and_asked_for_once(cluster: Cluster):
    process = cluster.process("one")
    engine = cluster.engine()
    workflow = created(cluster, OUTLIVES)
    attended = Attended(engine, workflow)

    def interrupt() -> None:
        eventually(cluster.path("effects").exists, "the step")
        process.kill()
        process.wait()
        eventually(lambda: attended.told, "word of it")
        os.kill(os.getpid(), signal.SIGINT)
        client = engine.connection.client
        handle = client.get_workflow_handle(workflow)

        async def signals() -> int:
            history = await handle.fetch_history()
            kind = "workflow_execution_signaled_event_attributes"
            return sum(event.HasField(kind) for event in history.events)

        eventually(lambda: engine.connection.wait(signals()) >= 2, "the cancel")  # `begin` is one
        cluster.process("one")

    thread = threading.Thread(target=interrupt, daemon=True)
    thread.start()
    attended.attend()
    thread.join(120)
    (ended,) = attended.ended
    assert (ended.state, ended.interrupted) == (State.CANCELLED, True)
    asked = [e for e in engine.events(workflow) if e.type is EventType.CANCEL_REQUESTED]
    assert [e.data["hard"] for e in asked] == [False]


def test_a_server_that_never_answered_is_not_waited_for(cluster: Cluster, proxy: Proxy):
    cluster.address = cluster.address._replace(target=proxy.target)
    engine = cluster.engine()
    proxy.cut()
    with pytest.raises(ClusterError, match="the Temporal server does not answer"):
        list(engine.follow("WF-2026-001"))
