"""The journal in SQLite: events as rows, and the row of each workflow that follows from them.

What the row says is found by `workflow.projection`.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from orchestrate.errors import ConflictError, StoreError
from orchestrate.playbook.plan import Json
from orchestrate.workflow import chain
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.notifying import TOLD
from orchestrate.workflow.projection import Fold, Projection

__all__ = [
    "PAGE",
    "Batch",
    "Fold",
    "Projection",
    "StaleOwnerError",
    "append",
    "begin",
    "encode",
    "page",
    "read",
]

PAGE = 2000
"""Rows that a reader takes at once; no cursor outlives a page."""

_END_OF_TIME = 253_402_300_800.0
"""The year 10000, which no calendar shows."""

# ASCII only: what a process wrote may hold lone surrogates, which are not UTF-8.
encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
"""JSON of an event's data, compact."""

_INSERT = (
    "INSERT INTO events (workflow, seq, at, type, path, data, hash) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_SUBSCRIBED = "SELECT 1 FROM subscriptions WHERE workflow = ? LIMIT 1"
_HASH = "SELECT hash FROM events WHERE workflow = ? AND seq = ?"
_ADVANCE = """
UPDATE workflows SET last_seq = ?, state = ?, reason = coalesce(?, reason),
    started_at = coalesce(started_at, ?), finished_at = ?, resume_at = ?
WHERE number = ? AND epoch = ? AND last_seq = ? AND owner_pid IS NOT NULL
"""
_COUNT = """
UPDATE workflows SET last_seq = ?
WHERE number = ? AND epoch = ? AND last_seq = ? AND owner_pid IS NOT NULL
"""
"""Most batches change nothing else; so no index is written."""
_PAGE = "SELECT seq, at, type, path, data FROM events WHERE workflow = ? AND seq > ? ORDER BY seq LIMIT ?"  # noqa: E501


class StaleOwnerError(ConflictError):
    """Somebody else owns the workflow by now: nothing of this was written."""

    code = "stale-owner"

    @classmethod
    def of(cls, workflow: str) -> "StaleOwnerError":
        """The error for a workflow."""
        return cls(
            f"another process has taken {workflow} over",
            hint=f"Nothing is lost: `orchestrate status --workflow {workflow}` shows how it goes.",
        )


class Batch(NamedTuple):
    """Events of one workflow that become durable together. `after` is the number of the last event
    before them; the batch is refused unless that and the `epoch` still hold.
    """

    workflow: int
    epoch: int
    after: int
    events: Sequence[Event]
    projection: Projection | None
    """None if it is that of the batch before."""


def append(connection: sqlite3.Connection, batch: Batch) -> None:
    """Write a batch; raises StaleOwnerError, before anything is written, if it comes too late."""
    last = batch.after + len(batch.events)
    place = (batch.workflow, batch.epoch, batch.after)
    if batch.projection is None:
        done = connection.execute(_COUNT, (last, *place))
    else:
        state, reason, started_at, finished_at, resume_at = batch.projection
        done = connection.execute(
            _ADVANCE, (last, state, reason, started_at, finished_at, resume_at, *place)
        )
    if done.rowcount != 1:
        row = connection.execute("SELECT id FROM workflows WHERE number = ?", (batch.workflow,))
        raise StaleOwnerError.of(row.fetchone()[0])
    if batch.events:
        row = connection.execute(_HASH, (batch.workflow, batch.after)).fetchone()
        # None only where somebody has meddled with the store: `audit verify` will say so.
        before = b"" if row is None or row[0] is None else row[0]
        _insert(connection, batch.workflow, batch.events, before)


def begin(connection: sqlite3.Connection, workflow: int, identity: str, first: Event) -> None:
    """Write the first event of the workflow that has this number and this id."""
    _insert(connection, workflow, (first,), chain.journal_begin(identity))


def _insert(
    connection: sqlite3.Connection, workflow: int, events: Sequence[Event], before: bytes
) -> None:
    """Write events whose numbers the caller has made sure of, behind one with that digest."""
    rows: list[tuple[int, int, float, str, str, str, bytes]] = []
    told = False
    for seq, at, kind, path, values in events:
        told = told or kind in TOLD
        moment, data = float(at), encode(values)
        before = chain.link(before, seq, moment, kind.encode(), path.encode(), data.encode())
        rows.append((workflow, seq, moment, kind, path, data, before))
    connection.executemany(_INSERT, rows)
    if told and connection.execute(_SUBSCRIBED, (workflow,)).fetchone() is not None:
        from orchestrate.embedded.delivering.enqueueing import enqueue

        enqueue(connection, workflow, events)


def page(
    connection: sqlite3.Connection, workflow: int, after: int, limit: int = PAGE
) -> list[Event]:
    """Events with numbers above `after`, at most `limit`, in order. Raises StoreError for rows that
    hold none: a disk, or somebody else, has changed them.
    """
    rows = connection.execute(_PAGE, (workflow, after, limit)).fetchall()
    try:
        return _events(rows)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise StoreError(
            f"a journal is damaged behind its event {after}: {error!r:.100}",
            hint="`orchestrate audit verify` names what was changed; restore a backup with "
            "`orchestrate state restore FILE`.",
        ) from error


def _events(rows: Sequence[tuple[Any, ...]]) -> list[Event]:
    # One call of the parser for a page is three times as fast as one for each row.
    values: list[Mapping[str, Json]] = json.loads(f"[{','.join([row[4] for row in rows])}]")
    for (seq, at, *_), data in zip(rows, values, strict=True):
        if type(at) is not float or not 0.0 <= at < _END_OF_TIME or type(data) is not dict:
            raise ValueError(f"event {seq} is none")
    return [
        Event(row[0], row[1], _TYPES[row[2]], row[3], data)
        for row, data in zip(rows, values, strict=True)
    ]


_TYPES = {str(kind): kind for kind in EventType}


def read(connection: sqlite3.Connection, workflow: int, after: int = 0) -> Iterator[Event]:
    """All events with numbers above `after`, read page by page."""
    while True:
        events = page(connection, workflow, after)
        yield from events
        if len(events) < PAGE:
            return
        after = events[-1].seq
