"""Making a workflow: its id, its plan, its row and its first event, in one transaction."""

import hashlib
import sqlite3
import time

from orchestrate.embedded import actions, admission, halts, journal, refusals
from orchestrate.embedded.ownership import Identity
from orchestrate.embedded.store import Store
from orchestrate.playbook import codec
from orchestrate.playbook.plan import Plan
from orchestrate.workflow.admitting import Rules
from orchestrate.workflow.creating import created, overlap_of, priority_of
from orchestrate.workflow.engine import NewWorkflow
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State


class Creation:
    """A change that makes a workflow: (id, True), or the id that the idempotency key got before.

    `waiter`: its place in the queue is taken at once, by the process that is about to run it or to
    start another that does. So nobody who comes later is ahead of it.
    """

    def __init__(
        self, new: NewWorkflow, now: float, rules: Rules | None = None,
        waiter: Identity | None = None,
    ) -> None:  # fmt: skip
        self._new = new
        self._waiter = waiter
        self._now = now
        self._rules = Rules() if rules is None else rules
        self._plan = StorePlan(new.plan)

    def __call__(self, connection: sqlite3.Connection) -> tuple[str, bool]:
        """Apply it."""
        new = self._new
        if new.idempotency_key is not None:
            found = connection.execute(
                "SELECT id FROM workflows WHERE idempotency_key = ?", (new.idempotency_key,)
            ).fetchone()
            if found is not None:
                return found[0], False
        refusals.check(connection, new, self._rules, self._now)
        identity = next_id(connection, self._now)
        done = connection.execute(
            "INSERT INTO workflows (id, playbook, plan, state, environment, parameters, actor, "
            "created_at, idempotency_key, priority, concurrency, overlap, overrides, last_seq, "
            "inbox_mark) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, "
            "(SELECT coalesce(max(number), 0) FROM inbox))",
            (
                identity, new.plan.name, self._plan(connection), State.QUEUED, new.environment,
                journal.encode(new.parameters), new.actor, self._now, new.idempotency_key,
                priority_of(new), new.group, overlap_of(new), journal.encode(new.overrides),
            ),
        )  # fmt: skip
        first = Event(1, self._now, EventType.WORKFLOW_CREATED, "", created(new))
        number = int(done.lastrowid or 0)
        journal.begin(connection, number, identity, first)
        if new.told:
            from orchestrate.embedded.delivering.enqueueing import subscribe

            subscribe(connection, number, new.plan.name, new.told)
        actions.anchor(connection, number, self._now, "created")
        if self._waiter is not None:
            admission.enter(connection, number, self._waiter)
        return identity, True


def may_queue(store: Store, new: NewWorkflow, rules: Rules) -> bool:
    """Whether it may have to wait before it begins."""
    if rules.places is not None or rules.freezes is not None or new.group is not None:
        return True
    return store.reading(halts.current) is not None


class StorePlan:
    """A change that stores a plan once and gives its number."""

    def __init__(self, plan: Plan) -> None:
        self._body = codec.dump_plan(plan)
        self._checksum = hashlib.sha256(self._body.encode()).hexdigest()

    def __call__(self, connection: sqlite3.Connection) -> int:
        """Apply it."""
        connection.execute(
            "INSERT INTO plans (checksum, body) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (self._checksum, self._body),
        )
        row = connection.execute(
            "SELECT number FROM plans WHERE checksum = ?", (self._checksum,)
        ).fetchone()
        return int(row[0])


def next_id(connection: sqlite3.Connection, now: float) -> str:
    """`WF-2026-001`: the (UTC) year and a counter that never gives a number twice."""
    year = time.gmtime(now).tm_year
    row = connection.execute(
        "INSERT INTO counters (year, last) VALUES (?, 1) "
        "ON CONFLICT (year) DO UPDATE SET last = last + 1 RETURNING last",
        (year,),
    ).fetchone()
    return f"WF-{year}-{row[0]:03d}"
