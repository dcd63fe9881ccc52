"""Looking at workflows: one, a page of them, their plans and programs."""

import json
import sqlite3
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from orchestrate.embedded import journal, ownership
from orchestrate.errors import NotFoundError, OrchestrateError, StoreError
from orchestrate.playbook import codec
from orchestrate.playbook.plan import Plan
from orchestrate.workflow.creating import program_of
from orchestrate.workflow.engine import Filter, Summary
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.program import Program

if TYPE_CHECKING:
    from orchestrate.embedded.store import Store

_COLUMNS = (
    "number, id, playbook, state, environment, parameters, actor, reason, created_at, started_at, "
    "finished_at, resume_at, last_seq, epoch, owner_pid, owner_started, owner_boot, owner_host, "
    "owner_socket, pid, started, boot, host, socket"
)
_TABLES = "workflows LEFT JOIN waiters ON waiters.workflow = workflows.number"
_LEFT = "nobody queues for it any more: the process that did has ended"

FINAL = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED, State.COMPLETED})
"""States in which nothing of a workflow is left to do."""


class Row(NamedTuple):
    """A workflow's row: what lists show, and what its owner needs."""

    number: int
    summary: Summary
    last_seq: int
    epoch: int
    owner: ownership.Identity | None

    @property
    def owned(self) -> bool:
        """Whether a process that may be alive runs it."""
        return self.owner is not None and not ownership.is_lost(self.owner)


def _row(found: tuple[Any, ...]) -> Row:
    owner = None if found[14] is None else ownership.Identity(*found[14:19])
    state = State(found[3])
    lost = state is State.RUNNING and (owner is None or ownership.is_lost(owner))
    reason = found[7]
    if state is State.QUEUED and reason:
        waiter = None if found[19] is None else ownership.Identity(*found[19:])
        if waiter is None or ownership.is_lost(waiter):
            reason = _LEFT
    summary = Summary(
        id=found[1],
        playbook=found[2],
        state=state,
        owner_lost=lost,
        environment=found[4],
        parameters=json.loads(found[5]),
        created_at=found[8],
        started_at=found[9],
        finished_at=found[10],
        actor=found[6],
        reason=reason,
        resume_at=found[11],
    )
    return Row(found[0], summary, found[12], found[13], owner)


def get(connection: sqlite3.Connection, workflow: str) -> Row:
    """One workflow; raises NotFoundError."""
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM {_TABLES} WHERE id = ?", (workflow,)
    ).fetchone()
    if found is None:
        raise missing(workflow)
    return _row(found)


def missing(workflow: str) -> NotFoundError:
    """The error for an id that does not exist."""
    return NotFoundError(
        f"there is no workflow {workflow}",
        hint="`orchestrate status --all` lists those that there are.",
    )


def find(connection: sqlite3.Connection, which: Filter) -> list[Summary]:
    """A page of workflows, newest first."""
    conditions, arguments = ["1"], cast("list[Any]", [])
    if which.states is not None:
        conditions.append(f"state IN ({', '.join('?' * len(which.states))})")
        arguments += which.states
    if which.playbook is not None:
        conditions.append("playbook = ?")
        arguments.append(which.playbook)
    if which.environment is not None:
        conditions.append("environment = ?")
        arguments.append(which.environment)
    if which.label is not None:
        numbers = _plans_with(connection, which.label)
        conditions.append(f"plan IN ({', '.join('?' * len(numbers))})")
        arguments += numbers
    if which.since is not None:
        conditions.append("created_at >= ?")
        arguments.append(which.since)
    if which.before is not None:
        conditions.append("number < (SELECT number FROM workflows WHERE id = ?)")
        arguments.append(which.before)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM {_TABLES} WHERE {' AND '.join(conditions)} "
        "ORDER BY number DESC LIMIT ?",
        (*arguments, which.limit),
    ).fetchall()
    return [_row(row).summary for row in rows]


def has_deliveries(store: "Store") -> bool:
    """Whether others are still to be told of something."""
    try:
        return bool(store.read("SELECT 1 FROM deliveries WHERE state = 'waiting' LIMIT 1"))
    except OrchestrateError:
        return False  # whoever uses this store next is told what is wrong with it


def _plans_with(connection: sqlite3.Connection, label: str) -> list[int]:
    """Plans that have a step with that label."""
    from orchestrate.playbook.linting.walk import walk

    rows = connection.execute(
        "SELECT number, body FROM plans WHERE instr(body, ?) > 0", (json.dumps(label),)
    ).fetchall()
    return [
        number
        for number, body in rows
        if any(located.step.label == label for located in walk(codec.load_plan(body)))
    ]


def plan(connection: sqlite3.Connection, number: int) -> Plan:
    """The plan that a workflow runs. Raises StoreError for one that is damaged."""
    rows = connection.execute(
        "SELECT CAST(body AS BLOB) FROM plans JOIN workflows ON plans.number = workflows.plan "
        "WHERE workflows.number = ?",
        (number,),
    ).fetchall()
    try:
        return codec.load_plan(bytes(rows[0][0]).decode())
    except (ValueError, LookupError, TypeError) as error:
        raise StoreError(
            f"a workflow's plan is damaged: {error!r:.100}",
            hint="`orchestrate audit verify` names what was changed; restore a backup with "
            "`orchestrate state restore FILE`.",
        ) from error


def load(connection: sqlite3.Connection, row: Row) -> Program:
    """The program of a workflow as it stands in the store."""
    created = journal.page(connection, row.number, 0, 1)[0]
    stored = program_of(row.summary.id, plan(connection, row.number), created)
    return stored._replace(parameters=row.summary.parameters)


def made_for(store: "Store", key: str) -> str | None:
    """The workflow that was made for an idempotency key."""
    rows = store.read("SELECT id FROM workflows WHERE idempotency_key = ?", (key,))
    return str(rows[0][0]) if rows else None
