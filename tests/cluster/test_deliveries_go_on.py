"""The workflow that keeps deliveries goes on as a new run, whether or not anybody delivers."""

import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cluster.conftest import Cluster
from cluster.replaying import replay
from polling import eventually

from orchestrate.cluster import names
from orchestrate.cluster.connection import Connection
from orchestrate.cluster.engine import ClusterEngine
from orchestrate.cluster.serving import delivering
from orchestrate.cluster.serving.deliveries import ClusterDeliveries
from orchestrate.cluster.working.worker import Serving
from orchestrate.launching.deliveries import DELIVERED, STATES, Delivery
from orchestrate.workflow.audit import Author
from orchestrate.workflow.notifying import Subscription

MANY = 12
ENDS = "name: ends\nsteps: [{command: /bin/true}]\n"


class Idle:
    """Starts nothing."""

    def begin(self) -> None: ...

    def fire(self, *_: object) -> Any: ...

    def settle(self, *_: object) -> Any: ...

    def is_over(self, *_: object) -> bool:
        return True


class Receiver:
    """Takes everything, once it is told to."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.remembered: list[Mapping[str, Any]] = []
        self.opened = threading.Event()

    def begin(self) -> None: ...

    def deliver(
        self, delivery: Delivery, project: str, memories: Mapping[str, Any]
    ) -> dict[str, Any]:
        assert self.opened.wait(120)
        self.told.append(delivery.key)
        self.remembered.append(memories)
        scope = f"{project}/{delivery.playbook}/dev"
        return {"state": DELIVERED, "error": "", "wait": 0.0, "held": (),
                "remember": [scope, {"n": len(self.told)}]}  # fmt: skip


@pytest.fixture
def connection(cluster: Cluster) -> Iterator[Connection]:
    made = Connection(cluster.address)
    yield made
    made.close()


def runs(connection: Connection) -> int:
    """Runs of the workflow that keeps deliveries, the present one included."""

    async def listed() -> int:
        kept = f"WorkflowId = '{names.DELIVERIES}'"
        return len([one async for one in connection.client.list_workflows(kept)])

    return connection.wait(listed())


def cancelled(cluster: Cluster, engine: ClusterEngine) -> str:
    """A workflow that ends at once, and so is told of."""
    told = (Subscription("hook", ("failure",)),)
    workflow, _ = engine.create(cluster.new(ENDS, told=told))
    engine.cancel(workflow, actor="anna", reason="at once")
    return workflow


def test_nothing_is_lost_or_doubled_over_many_runs(
    cluster: Cluster, connection: Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(delivering, "_LONGEST_RUN", 40)
    engine = cluster.engine(project="shop")
    cluster.worker()
    kept = ClusterDeliveries(engine)
    made = [cancelled(cluster, engine) for _ in range(MANY)]
    eventually(lambda: len(kept.find(STATES, 100)) == MANY, "all of them")
    eventually(lambda: runs(connection) >= 2, "a new run, though nobody delivers")
    assert kept.counts() == {"waiting": MANY}
    receiver = Receiver()
    cluster.worker("two", serving=Serving(Idle(), receiver))
    kept.drop(f"{made[-1]}/3/hook", Author("anna"), time.time())
    receiver.opened.set()
    eventually(lambda: kept.counts() == {"delivered": MANY - 1, "dropped": 1}, "the end")
    assert receiver.told == [f"{workflow}/3/hook" for workflow in made[:-1]]
    assert receiver.remembered == [{}, *({"shop/ends/dev": {"n": n}} for n in range(1, MANY - 1))]
    assert runs(connection) >= 3
    assert [one.state for one in kept.find(STATES, 100)] == ["delivered"] * (MANY - 1) + ["dropped"]
    eventually(lambda: replay(cluster.address, names.DELIVERIES) > 3, "its newest run to begin")
