"""Counting what happened since the last look: each event of each workflow once.

Nobody counts while a workflow runs. Whoever asks for metrics reads what was written since, and adds
it to the totals together with how far it has come, so that many may do it at once and none of them
has to be there all the time. It begins when somebody first asks.
"""

import sqlite3
import time
from typing import NamedTuple

from orchestrate.embedded import journal
from orchestrate.embedded.store import Store
from orchestrate.launching import totals
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.metrics import Tally
from orchestrate.workflow.tallying import About, Tallying

_PAGE = 5000
"""Events that are counted in one transaction."""
_BEGUN = "metrics_since"
MAY_GO = f"(counted = last_seq OR NOT EXISTS (SELECT 1 FROM facts WHERE name = '{_BEGUN}'))"
"""Of a row of `workflows`: its events may be removed."""
_BEHIND = """
SELECT number, playbook, created_at, counted, last_seq FROM workflows
WHERE last_seq > counted ORDER BY number LIMIT 500
"""


class _Piece(NamedTuple):
    """A workflow was counted from the event after `after` up to `upto`."""

    number: int
    after: int
    upto: int


class StoredPast:
    """`workflow.tallying.Past` over the store."""

    def __init__(self, connection: sqlite3.Connection, number: int) -> None:
        self._connection = connection
        self._number = number

    def at(self, seq: int) -> Event:
        """See `Past.at`."""
        return journal.page(self._connection, self._number, seq - 1, 1)[0]

    def last(
        self, before: int, types: frozenset[EventType], path: str | None = None
    ) -> Event | None:
        """See `Past.last`."""
        marks = ", ".join("?" * len(types))
        place = "" if path is None else " AND path = ?"
        row = self._connection.execute(
            f"SELECT seq FROM events WHERE workflow = ? AND seq < ? AND type IN ({marks}){place} "
            "ORDER BY seq DESC LIMIT 1",
            (self._number, before, *sorted(types), *([] if path is None else [path])),
        ).fetchone()
        return None if row is None else self.at(row[0])


def is_counting(store: Store) -> bool:
    """Whether anybody ever asked for metrics."""
    return bool(store.read("SELECT 1 FROM facts WHERE name = ?", (_BEGUN,)))


def catch_up(store: Store, until: float = float("inf")) -> int:
    """Count what happened since, until a moment of the monotonic clock; gives the events left."""
    if not is_counting(store):
        now = repr(time.time())
        store.writer.call(
            lambda c: c.execute(
                "INSERT OR IGNORE INTO facts (name, value) VALUES (?, ?)", (_BEGUN, now)
            )
        )
    while True:
        tally, pieces = store.reading(_read)
        if not pieces:
            return 0
        store.writer.call(lambda c, t=tally, p=pieces: _write(c, t, p))
        if time.monotonic() >= until:
            return _left(store)


def _left(store: Store) -> int:
    found = store.read("SELECT sum(last_seq - counted) FROM workflows WHERE last_seq > counted")
    return int(found[0][0] or 0)


def _read(connection: sqlite3.Connection) -> tuple[Tally, list[_Piece]]:
    """A page of events, counted, and which they are."""
    tally = Tally()
    pieces: list[_Piece] = []
    room = _PAGE
    for number, playbook, created_at, counted, last in connection.execute(_BEHIND).fetchall():
        counting = Tallying(tally, About(playbook, created_at), StoredPast(connection, number))
        upto = min(last, counted + room)
        for event in journal.page(connection, number, counted, upto - counted):
            counting.take(event)
        pieces.append(_Piece(number, counted, upto))
        room -= upto - counted
        if room <= 0:
            break
    return tally, pieces


def _write(connection: sqlite3.Connection, tally: Tally, pieces: list[_Piece]) -> bool:
    """Add the tally; False if somebody else has counted some of it meanwhile, or it is gone."""
    for piece in pieces:
        row = connection.execute(
            "SELECT counted FROM workflows WHERE number = ?", (piece.number,)
        ).fetchone()
        if row is None or row[0] != piece.after:
            return False
    connection.executemany(
        "UPDATE workflows SET counted = ? WHERE number = ?",
        [(piece.upto, piece.number) for piece in pieces],
    )
    totals.add(connection, tally)
    return True
