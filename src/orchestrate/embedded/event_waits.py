"""Events for which steps wait, in the store. An event is offered to every wait that it fits as soon
as it is kept, in the same transaction; whoever runs the workflow looks at what was offered, and the
step takes it or its filter keeps it back. So nothing is lost while nobody runs the workflow.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orchestrate.launching.inbox import Waiter
from orchestrate.playbook.patterns import fits
from orchestrate.playbook.plan import Json
from orchestrate.triggers.cloud_events import FILES, CloudEvent
from orchestrate.workflow.program import Awaited

TAKEN = "taken"
_UNMATCHED = "unmatched"
_NOBODY = "no trigger waits for it, and no step any more"


class Offer(NamedTuple):
    """An event that may be what a step waits for. `number`: its place in the inbox."""

    path: str
    number: int
    event: CloudEvent


class Wanted:
    """What the waits of one turn come to. Order: first what is over, then what begins."""

    __slots__ = ("awaited", "kept_back", "over", "taken")

    def __init__(self) -> None:
        self.over: list[str] = []
        self.awaited: list[Awaited] = []
        self.taken: list[int] = []
        """Numbers of events that steps took."""
        self.kept_back: list[tuple[str, int]] = []
        """Offers that a filter refused."""


def offer(connection: sqlite3.Connection, number: int, event: CloudEvent) -> list[Waiter]:
    """Part of a transaction: an event was kept. The waits that it fits, to which it is offered."""
    if event.source.startswith(FILES):
        return []
    rows = connection.execute(
        "SELECT a.workflow, a.path, a.event, a.source, w.id, w.owner_socket "
        "FROM event_waits a JOIN workflows w ON w.number = a.workflow "
        "WHERE w.state NOT IN ('succeeded', 'failed', 'cancelled', 'completed')"
    ).fetchall()
    waiters: list[Waiter] = []
    for workflow, path, kind, source, identity, socket in rows:
        if fits(kind, event.type) and fits(source, event.source):
            _insert(connection, workflow, path, number)
            waiters.append(Waiter(identity, path, socket))
    return waiters


def apply(connection: sqlite3.Connection, workflow: int, wanted: Wanted) -> None:
    """Part of the transaction of a turn."""
    identity = connection.execute("SELECT id FROM workflows WHERE number = ?", (workflow,))
    name = str(identity.fetchone()[0])
    for number in wanted.taken:
        take(connection, number, [name])
    for path, number in wanted.kept_back:
        _withdraw(connection, workflow, path, (number,))
    for path in wanted.over:
        _close(connection, workflow, path)
    for awaited in wanted.awaited:
        _open(connection, workflow, awaited)


def take(connection: sqlite3.Connection, number: int, workflows: Sequence[str]) -> None:
    """Remember that an event went to these workflows, too."""
    row = connection.execute("SELECT workflows FROM inbox WHERE number = ?", (number,)).fetchone()
    if row is None:
        return
    known = dict.fromkeys([*json.loads(row[0]), *workflows])
    connection.execute(
        "UPDATE inbox SET workflows = ?, state = CASE state WHEN ? THEN ? ELSE state END, "
        "reason = CASE state WHEN ? THEN '' ELSE reason END WHERE number = ?",
        (json.dumps(list(known)), _UNMATCHED, TAKEN, _UNMATCHED, number),
    )


def is_offered(connection: sqlite3.Connection, number: int) -> bool:
    """Whether some step may still take it."""
    found = connection.execute("SELECT 1 FROM event_offers WHERE number = ? LIMIT 1", (number,))
    return found.fetchone() is not None


def offers(connection: sqlite3.Connection, workflow: int) -> list[Offer]:
    """What is offered to a workflow, in the order of arrival."""
    rows = connection.execute(
        "SELECT o.path, o.number, i.body FROM event_offers o JOIN inbox i ON i.number = o.number "
        "WHERE o.workflow = ? ORDER BY o.number, o.path",
        (workflow,),
    ).fetchall()
    return [Offer(path, number, CloudEvent(**json.loads(body))) for path, number, body in rows]


def _open(connection: sqlite3.Connection, workflow: int, awaited: Awaited) -> None:
    """A wait begins, from now on; one that had begun goes on as it is."""
    if not awaited.again:
        _close(connection, workflow, awaited.path)
    done = connection.execute(
        "INSERT INTO event_waits (workflow, path, event, source) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        (workflow, awaited.path, awaited.event, awaited.source),
    )
    if done.rowcount == 0 or awaited.since != "workflow":
        return
    rows = connection.execute(
        "SELECT number, type, source FROM inbox "
        "WHERE number > (SELECT inbox_mark FROM workflows WHERE number = ?) ORDER BY number",
        (workflow,),
    ).fetchall()
    for number, kind, source in rows:
        known: Mapping[str, Json] = {"type": kind, "source": source}
        if not source.startswith(FILES) and awaited.fits(known):
            _insert(connection, workflow, awaited.path, number)


def _insert(connection: sqlite3.Connection, workflow: int, path: str, number: int) -> None:
    connection.execute(
        "INSERT INTO event_offers (workflow, path, number) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (workflow, path, number),
    )


def _close(connection: sqlite3.Connection, workflow: int, path: str) -> None:
    rows = connection.execute(
        "SELECT number FROM event_offers WHERE workflow = ? AND path = ?", (workflow, path)
    ).fetchall()
    _withdraw(connection, workflow, path, [number for (number,) in rows])
    connection.execute("DELETE FROM event_waits WHERE workflow = ? AND path = ?", (workflow, path))


def _withdraw(
    connection: sqlite3.Connection, workflow: int, path: str, numbers: Sequence[int]
) -> None:
    """These events are no longer offered to that step; nobody may have wanted them in the end."""
    for number in numbers:
        connection.execute(
            "DELETE FROM event_offers WHERE workflow = ? AND path = ? AND number = ?",
            (workflow, path, number),
        )
        if not is_offered(connection, number):
            connection.execute(
                "UPDATE inbox SET state = ?, reason = ? "
                "WHERE number = ? AND state = ? AND workflows = '[]'",
                (_UNMATCHED, _NOBODY, number, TAKEN),
            )
