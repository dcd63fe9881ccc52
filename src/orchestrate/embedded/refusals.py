"""Why a workflow is not made at all: looked at in the transaction that would make it."""

import sqlite3

from orchestrate.embedded import admission, halts, journal
from orchestrate.embedded.ownership import Identity, is_lost
from orchestrate.workflow.admitting import Rules
from orchestrate.workflow.engine import NewWorkflow
from orchestrate.workflow.refusing import halted, left_out, refuse_unmet

_SUCCEEDED = """
SELECT 1 FROM workflows w JOIN events e ON e.workflow = w.number AND e.seq = 1
WHERE w.playbook = ? AND w.environment = ? AND w.state = 'succeeded'
    AND json_extract(e.data, '$.plan') = ?
    AND json_array_length(e.data, '$.options.only') = 0
    AND json_array_length(e.data, '$.options.skip') = 0
    AND NOT EXISTS (SELECT 1 FROM events r WHERE r.workflow = w.number AND r.type = 'resumed'
        AND json_extract(r.data, '$.playbook_changes') IS NOT NULL)
LIMIT 1
"""
"""The whole of this very playbook, as it was when it started."""
_QUEUED = """
SELECT w.id, q.pid, q.started, q.boot, q.host, q.socket
FROM waiters q JOIN workflows w ON w.number = q.workflow WHERE w.concurrency = ? ORDER BY w.number
"""


def check(connection: sqlite3.Connection, new: NewWorkflow, rules: Rules, now: float) -> None:
    """Raise ConflictError if this workflow is not to be made."""
    _check_required_success(connection, new)
    if not new.waits:
        _check_halts(connection, new, rules, now)
    concurrency = new.plan.concurrency
    if new.group is not None and concurrency is not None and concurrency.overlap == "skip":
        _check_alone(connection, new.group)


def _check_required_success(connection: sqlite3.Connection, new: NewWorkflow) -> None:
    def succeeded(environment: str) -> bool:
        values = (new.plan.name, environment, new.plan.digest)
        return connection.execute(_SUCCEEDED, values).fetchone() is not None

    refuse_unmet(new, succeeded)


def _check_halts(
    connection: sqlite3.Connection, new: NewWorkflow, rules: Rules, now: float
) -> None:
    priority = new.priority or new.plan.priority
    where = halts.Where(new.environment, priority, journal.encode(new.overrides))
    halt = halts.find(connection, where, rules.freezes, now)
    if halt is not None:
        raise halted(halt.reason)


def _check_alone(connection: sqlite3.Connection, group: str) -> None:
    found = [f"{name} ({state})" for _, name, state, *_ in admission.members(connection, group, 0)]
    if not found:
        rows = connection.execute(_QUEUED, (group,)).fetchall()
        found = [f"{row[0]} (queued)" for row in rows if not is_lost(Identity(*row[1:]))]
    if found:
        raise left_out(found[0], group)
