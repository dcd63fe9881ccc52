"""A store with deliveries in it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from embedded import engine_process

from orchestrate.embedded.delivering.queue import DeliveryQueue
from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.workflow.notifying import Subscription


class Outbox:
    """`cancelled(…)` makes workflows that end at once, and so are told of."""

    def __init__(self, root: Path) -> None:
        self.engine = EmbeddedEngine(root / "state", engine_process.services(root))
        self.queue = DeliveryQueue(self.engine.store)

    def cancelled(self, playbook: str, *integrations: str) -> str:
        text = f"name: {playbook}\nsteps:\n  - command: /bin/true\n"
        told = tuple(Subscription(name, ("failure",)) for name in integrations)
        workflow, _ = self.engine.create(engine_process.new_workflow(text)._replace(told=told))
        self.engine.cancel(workflow, actor="anna", reason="at once")
        return workflow

    def row(self, key: str) -> tuple[str, int, str]:
        """State, failed attempts and error."""
        from orchestrate.embedded.delivering.upkeep import StoredDeliveries
        from orchestrate.launching.deliveries import STATES

        [found] = [one for one in StoredDeliveries(self.engine).find(STATES, 99)
                   if one.key.startswith(key)]  # fmt: skip
        return found.state, found.attempts, found.error

    def age(self, seconds: float) -> None:
        """As if all had been tried for so long."""
        self.engine.store.writer.call(
            lambda c: c.execute("UPDATE deliveries SET since = ?", (time.time() - seconds,))
        )


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    made = Outbox(tmp_path)
    yield made
    made.engine.close()
