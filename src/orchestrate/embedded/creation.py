"""Making a workflow: its id, its plan, its row and its first event, in one transaction."""

import hashlib
import sqlite3
import time
from collections.abc import Mapping

from orchestrate.embedded import admission, halts, journal, refusals
from orchestrate.embedded.ownership import Identity
from orchestrate.embedded.store import Store
from orchestrate.playbook import codec
from orchestrate.playbook.plan import Json, Plan
from orchestrate.workflow.admitting import Rules
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
            "created_at, idempotency_key, priority, concurrency, overlap, overrides, last_seq) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
            (
                identity, new.plan.name, self._plan(connection), State.QUEUED, new.environment,
                journal.encode(new.parameters), new.actor, self._now, new.idempotency_key,
                priority_of(new), new.group, overlap_of(new), journal.encode(new.overrides),
            ),
        )  # fmt: skip
        first = Event(1, self._now, EventType.WORKFLOW_CREATED, "", created(new))
        number = int(done.lastrowid or 0)
        journal.insert(connection, number, (first,))
        if self._waiter is not None:
            admission.enter(connection, number, self._waiter)
        return identity, True


def may_queue(store: Store, new: NewWorkflow, rules: Rules) -> bool:
    """Whether it may have to wait before it begins."""
    if rules.places is not None or rules.freezes is not None or new.group is not None:
        return True
    return store.reading(halts.current) is not None


def priority_of(new: NewWorkflow) -> str:
    """Its own priority, or that of its playbook."""
    return new.priority or new.plan.priority


def overlap_of(new: NewWorkflow) -> str | None:
    """What happens if another one of its group is not over."""
    return None if new.plan.concurrency is None else new.plan.concurrency.overlap


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


def created(new: NewWorkflow) -> Mapping[str, Json]:
    """The data of `workflow_created`: everything but secrets that fixes what will run."""
    data: dict[str, Json] = {
        "playbook": new.plan.name,
        "plan": new.plan.digest,
        "environment": new.environment,
        "parameters": new.parameters,
        "secret_parameters": sorted(p.name for p in new.plan.parameters if p.secret),
        "variables": new.variables,
        "env": new.env,
        "options": new.options._asdict(),
        "actor": new.actor,
    }
    optional: dict[str, Json] = {
        "version": new.plan.version,
        "idempotency_key": new.idempotency_key,
        "rerun_of": new.rerun_of,
        "traceparent": new.traceparent,
        "priority": priority_of(new),
        "overrides": new.overrides or None,
    }
    if new.group is not None:
        optional["concurrency"] = {"group": new.group, "overlap": overlap_of(new)}
    if new.git_commit is not None:
        optional["git"] = {"commit": new.git_commit, "dirty": new.git_dirty}
    return data | {key: value for key, value in optional.items() if value is not None}
