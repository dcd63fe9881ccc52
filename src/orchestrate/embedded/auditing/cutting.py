"""Removing old actions, so that what is left can still be verified.

The last action that is removed is told by a new one: its number and digest are where the rest of
the chain begins. A workflow that is older than that gets a new anchor first.
"""

import json
import sqlite3
import time

from orchestrate.embedded import actions
from orchestrate.embedded.actions import Action, Author, Head
from orchestrate.embedded.store import Store
from orchestrate.workflow import chain

CUT = "actions_removed"
_DAY = 86400.0


def beginning(connection: sqlite3.Connection) -> Head:
    """What the first action that is there follows."""
    first = connection.execute("SELECT number FROM actions ORDER BY number LIMIT 1").fetchone()
    if first is not None and first[0] > 1:
        for (data,) in connection.execute(
            "SELECT data FROM actions WHERE subject = '' AND action = ? ORDER BY number DESC",
            (CUT,),
        ).fetchall():
            told = json.loads(data)
            if told["through"] == first[0] - 1:
                return Head(told["through"], bytes.fromhex(told["hash"]))
    return Head(0, chain.ACTIONS)


def cut(store: Store, *, older_than: float, now: float) -> int:
    """Remove actions from more than `older_than` seconds ago; how many those were."""
    return store.writer.call(lambda c: _cut(c, now - older_than, now))


def cut_if_due(store: Store, days: float) -> None:
    """The same with days, when there is a day's worth to be removed, or as much again as is kept,
    should that be less; 0 keeps all.
    """
    rows = store.read("SELECT at FROM actions ORDER BY number LIMIT 1") if days > 0 else []
    now = time.time()
    if rows and rows[0][0] < now - (days + min(1.0, days)) * _DAY:
        cut(store, older_than=days * _DAY, now=now)


def _cut(connection: sqlite3.Connection, before: float, now: float) -> int:
    found = connection.execute(
        "SELECT number, hash FROM actions WHERE number < coalesce((SELECT min(number) FROM actions "
        "WHERE at >= ?), (SELECT max(number) FROM actions)) ORDER BY number DESC LIMIT 1",
        (before,),
    ).fetchone()
    if found is None:
        return 0
    through = Head(*found)
    _keep(connection, through.number, now)
    actions.record(
        connection,
        now,
        Action(CUT, Author(""), "", {"through": through.number, "hash": through.hash.hex()}),
    )
    return connection.execute("DELETE FROM actions WHERE number <= ?", (through.number,)).rowcount


def _keep(connection: sqlite3.Connection, through: int, now: float) -> None:
    """Say once more where journals and schedules stand of which only removed actions told."""
    old = connection.execute(
        "SELECT number FROM workflows WHERE NOT EXISTS (SELECT 1 FROM actions "
        "WHERE subject = id AND action = ? AND actions.number > ?)",
        (actions.ANCHORED, through),
    ).fetchall()
    for (number,) in old:
        actions.anchor(connection, number, now, "kept")
    actions.keep_schedules(connection, now, through)
