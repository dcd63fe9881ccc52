"""How much of what there is is in use, and who waits for it."""

import sqlite3
from collections.abc import Mapping, Sequence
from statistics import median

from orchestrate.embedded import admission, claim_rows
from orchestrate.embedded.ownership import is_lost
from orchestrate.embedded.pacing import due_of
from orchestrate.workflow.coordination import PLACES, Pool, Rate, Waiting
from orchestrate.workflow.rate_views import standing
from orchestrate.workflow.rates import Limit

_QUEUED = """
SELECT w.id, w.playbook, w.priority, q.since, w.reason, q.pid, q.started, q.boot, q.host, q.socket
FROM waiters q JOIN workflows w ON w.number = q.workflow ORDER BY q.rank, q.workflow
"""
_RUNNING = """
SELECT owner_pid, owner_started, owner_boot, owner_host, owner_socket FROM workflows
WHERE owner_pid IS NOT NULL AND state = 'running'
"""
_TOOK = """
SELECT finished_at - started_at FROM workflows
WHERE playbook = ? AND state = 'succeeded' AND started_at IS NOT NULL ORDER BY number DESC LIMIT 20
"""


def pools(
    connection: sqlite3.Connection, places: int | None, capacity: Mapping[str, int]
) -> list[Pool]:
    """The places, then each resource."""
    running = connection.execute(_RUNNING).fetchall()
    alive = sum(not is_lost(admission.Identity(*row)) for row in running)
    used = dict.fromkeys(capacity, 0)
    for row in claim_rows.load(connection):
        if row.state == claim_rows.HELD:
            for name, amount in row.entry.resources.items():
                used[name] = used.get(name, 0) + amount
    return [
        Pool(PLACES, alive, places),
        *(Pool(name, amount, capacity.get(name)) for name, amount in used.items()),
    ]


def rates(connection: sqlite3.Connection, limits: Sequence[Limit], now: float) -> list[Rate]:
    """How far each limit is used up."""
    return standing(limits, {one.name: due_of(connection, one, now) for one in limits}, now)


def queued(connection: sqlite3.Connection) -> list[Waiting]:
    """Who waits to begin, in order, and who waits in the midst for what it claims."""
    found = [
        Waiting(*row[:5])
        for row in connection.execute(_QUEUED).fetchall()
        if not is_lost(admission.Identity(*row[5:]))
    ]
    for row in claim_rows.load(connection):
        if row.waits and row.alive:
            names = ", ".join([*row.entry.locks, *row.entry.resources])
            where = f"{row.entry.path}: " if row.entry.path else ""
            reason = f"{where}waits for {names}"
            found.append(
                Waiting(row.workflow, *_about(connection, row.workflow), row.since, reason)
            )
    return found


def _about(connection: sqlite3.Connection, workflow: str) -> tuple[str, str]:
    playbook, priority = connection.execute(
        "SELECT playbook, priority FROM workflows WHERE id = ?", (workflow,)
    ).fetchone()
    return playbook, priority


def usual_duration(connection: sqlite3.Connection, playbook: str) -> float | None:
    """The median of the last successful ones, in seconds; None if there was none."""
    took = [row[0] for row in connection.execute(_TOOK, (playbook,)).fetchall()]
    return median(took) if took else None
