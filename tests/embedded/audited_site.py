"""A store with some history, and what an audit finds in it."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from orchestrate.embedded import database
from orchestrate.embedded.actions import Author
from orchestrate.embedded.auditing.verifying import Verification
from orchestrate.embedded.schedules import StoredSchedules
from orchestrate.embedded.store import Store
from orchestrate.triggers.schedules import Schedule
from orchestrate.workflow.audit import Finding
from orchestrate.workflow.outcomes import State

STEPS = """
name: steps
parameters: [{name: who, default: nobody}]
steps:
  - {name: one, command: /bin/true}
  - {name: two, type: set, variables: {x: 1}}
  - {name: three, command: /bin/true}
"""
ASKS = "name: asks\nsteps:\n  - {name: ask, type: approval, message: go on?}\n"
ADA = Author("ada", {"host": "here"})


class AuditedSite:
    """Two workflows that ended and one that waits, and what is found in their store."""

    def __init__(self, project) -> None:
        engine = project.engine(actor="ada", origin={"host": "here", "pid": 7})
        self.state: Path = project.state
        self.first, self.second, self.waiting = (
            engine.create(project.new(text))[0] for text in (STEPS, STEPS, ASKS)
        )
        assert engine.run(self.first).state is State.SUCCEEDED
        assert engine.run(self.second).state is State.SUCCEEDED
        assert engine.run(self.waiting).state is State.WAITING
        StoredSchedules(engine.store, ADA).put(schedule("nightly"))
        engine.close()

    def tamper(self, *statements: str) -> None:
        """As somebody would with a SQLite shell."""
        connection = sqlite3.connect(self.state / database.FILE)
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def opened(self, use: Callable[[Store], object]) -> object:
        store = Store(self.state)
        try:
            return use(store)
        finally:
            store.close()

    def findings(self) -> list[tuple[str, str, int | None]]:
        found: list[Finding] = []
        self.opened(lambda store: found.extend(Verification(store)))
        return [(f.kind, f.workflow, f.number) for f in found]

    def messages(self) -> str:
        found: list[Finding] = []
        self.opened(lambda store: found.extend(Verification(store)))
        return "\n".join(f.message for f in found)


def schedule(name: str) -> Schedule:
    return Schedule(
        name=name, playbook="steps", cron="0 2 * * *", zone="UTC", environment=None,
        parameters={}, actor="ada", decided_until=time.time(),
    )  # fmt: skip
