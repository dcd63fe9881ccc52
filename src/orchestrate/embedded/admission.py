"""How many workflows run at once on one state directory: the others queue in order of creation.

Everybody who starts a workflow asks here, in the transaction that makes it the owner. Whoever must
wait leaves its address; the one that ends wakes the first. A waiter that died drops out.
"""

import sqlite3
from typing import NamedTuple

from orchestrate.embedded.ownership import Identity, is_lost


class Turned(NamedTuple):
    """Not yet: `ahead` are the processes of which one must end or give up first."""

    ahead: tuple[Identity, ...]


def admit(
    connection: sqlite3.Connection, workflow: int, me: Identity, limit: int | None
) -> Turned | None:
    """None if the workflow may run now; otherwise it waits in the queue."""
    if limit is None:
        return None
    running = [
        identity
        for identity in _identities(
            connection,
            "SELECT owner_pid, owner_started, owner_boot, owner_host, owner_socket "
            "FROM workflows WHERE owner_pid IS NOT NULL AND state = 'running' AND number <> ?",
            workflow,
        )
        if not is_lost(identity)
    ]
    waiting: list[Identity] = []
    for identity in _identities(
        connection,
        "SELECT pid, started, boot, host, socket FROM waiters WHERE workflow < ? ORDER BY workflow",
        workflow,
    ):
        if is_lost(identity):
            connection.execute("DELETE FROM waiters WHERE socket = ?", (identity.socket,))
        else:
            waiting.append(identity)
    if len(running) + len(waiting) < limit:
        leave(connection, workflow)
        return None
    connection.execute(
        "INSERT OR REPLACE INTO waiters (workflow, pid, started, boot, host, socket) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (workflow, *me),
    )
    return Turned((*running, *waiting))


def leave(connection: sqlite3.Connection, workflow: int) -> None:
    """Wait no longer."""
    connection.execute("DELETE FROM waiters WHERE workflow = ?", (workflow,))


def first_waiters(connection: sqlite3.Connection, count: int) -> list[str]:
    """Addresses of those whose turn is next."""
    rows = connection.execute(
        "SELECT socket FROM waiters ORDER BY workflow LIMIT ?", (count,)
    ).fetchall()
    return [row[0] for row in rows]


def waiter(connection: sqlite3.Connection, workflow: int) -> Identity | None:
    """Who waits to run this workflow, if that process is alive."""
    for identity in _identities(
        connection,
        "SELECT pid, started, boot, host, socket FROM waiters WHERE workflow = ?",
        workflow,
    ):
        if not is_lost(identity):
            return identity
    return None


def _identities(connection: sqlite3.Connection, query: str, workflow: int) -> list[Identity]:
    return [Identity(*row) for row in connection.execute(query, (workflow,)).fetchall()]
