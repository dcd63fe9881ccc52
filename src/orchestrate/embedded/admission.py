"""How many workflows run at once on one state directory: the others queue in order of creation.

Everybody who starts or continues a workflow asks here, in the transaction that makes it the owner;
so does the owner of a paused workflow before it goes on, for a pause gives the place back. Whoever
must wait leaves its address; the one that ends wakes the first. A waiter that died drops out.
"""

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from orchestrate.embedded.ownership import Identity, is_lost

_RUNNING = """
SELECT number, owner_pid, owner_started, owner_boot, owner_host, owner_socket FROM workflows
WHERE owner_pid IS NOT NULL AND state = 'running' AND number <> ?
"""
_WAITING = """
SELECT workflow, pid, started, boot, host, socket FROM waiters WHERE workflow < ? ORDER BY workflow
"""


class Turned(NamedTuple):
    """Not yet: `ahead` are the processes of which one must end or give up first."""

    ahead: tuple[Identity, ...]


class Place(NamedTuple):
    """A change for the writer: an owned workflow that was paused may run again, or queues."""

    workflow: int
    epoch: int
    me: Identity
    limit: int | None

    def __call__(self, connection: sqlite3.Connection) -> Turned | None:
        """Apply it."""
        turned = admit(connection, self.workflow, self.me, self.limit)
        if turned is None:
            # The place is taken with this commit; the event that says so follows.
            connection.execute(
                "UPDATE workflows SET state = 'running' WHERE number = ? AND epoch = ?",
                (self.workflow, self.epoch),
            )
        return turned


def admit(
    connection: sqlite3.Connection, workflow: int, me: Identity, limit: int | None
) -> Turned | None:
    """None if the workflow may run now; otherwise it waits in the queue."""
    if limit is None:
        return None
    turned = look(connection, workflow, limit)
    if turned is None:
        leave(connection, workflow)
    else:
        enter(connection, workflow, me)
    return turned


def look(connection: sqlite3.Connection, workflow: int, limit: int) -> Turned | None:
    """Whether it would have to wait. Only as many processes are looked at as may run at once, so
    that a queue of hundreds costs no more than one of ten.
    """
    ahead: list[Identity] = []
    for identity in _alive(connection, workflow):
        ahead.append(identity)
        if len(ahead) == limit:
            return Turned(tuple(ahead))
    return None


def _alive(connection: sqlite3.Connection, workflow: int) -> Iterator[Identity]:
    for query in (_RUNNING, _WAITING):
        for row in connection.execute(query, (workflow,)).fetchall():
            identity = Identity(*row[1:])
            if not is_lost(identity):
                yield identity


def enter(connection: sqlite3.Connection, workflow: int, me: Identity) -> None:
    """Wait in the queue."""
    connection.execute(
        "INSERT OR REPLACE INTO waiters (workflow, pid, started, boot, host, socket) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (workflow, *me),
    )


def leave(connection: sqlite3.Connection, workflow: int) -> None:
    """Wait no longer."""
    connection.execute("DELETE FROM waiters WHERE workflow = ?", (workflow,))


def first_waiters(connection: sqlite3.Connection, count: int) -> list[str]:
    """Addresses of those whose turn is next."""
    rows = connection.execute(
        "SELECT pid, started, boot, host, socket FROM waiters ORDER BY workflow"
    ).fetchall()
    found: list[str] = []
    for row in rows:
        identity = Identity(*row)
        if not is_lost(identity):
            found.append(identity.socket)
            if len(found) == count:
                break
    return found


def waiter(connection: sqlite3.Connection, workflow: int) -> Identity | None:
    """Who waits to run this workflow, if that process is alive."""
    row = connection.execute(
        "SELECT pid, started, boot, host, socket FROM waiters WHERE workflow = ?", (workflow,)
    ).fetchone()
    identity = None if row is None else Identity(*row)
    return None if identity is None or is_lost(identity) else identity
