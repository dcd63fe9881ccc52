"""The journal in SQLite: events as rows, and the row of each workflow that follows from them."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrate.errors import ConflictError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State

PAGE = 2000
"""Rows that a reader takes at once; no cursor outlives a page."""

# ASCII only: what a process wrote may hold lone surrogates, which are not UTF-8.
encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
"""JSON of an event's data, compact."""

_INSERT = "INSERT INTO events (workflow, seq, at, type, path, data) VALUES (?, ?, ?, ?, ?, ?)"
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


class Projection(NamedTuple):
    """What a batch of events changes in the row of its workflow."""

    state: State
    reason: str | None
    """None leaves it as it is."""
    started_at: float | None
    finished_at: float | None
    resume_at: float | None


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
    insert(connection, batch.workflow, batch.events)


def insert(connection: sqlite3.Connection, workflow: int, events: Iterable[Event]) -> None:
    """Write events whose numbers the caller has made sure of."""
    connection.executemany(
        _INSERT,
        [
            (workflow, event.seq, event.at, event.type, event.path, encode(event.data))
            for event in events
        ],
    )


def page(
    connection: sqlite3.Connection, workflow: int, after: int, limit: int = PAGE
) -> list[Event]:
    """Events with numbers above `after`, at most `limit`, in order."""
    rows = connection.execute(_PAGE, (workflow, after, limit)).fetchall()
    # One call of the parser for a page is three times as fast as one for each row.
    values: list[Mapping[str, Json]] = json.loads(f"[{','.join([row[4] for row in rows])}]")
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


class Fold:
    """Follows the batches of one workflow and says what its row should hold."""

    def __init__(self, started_at: float | None = None, resume_at: float | None = None) -> None:
        self._started_at = started_at
        self._finished_at: float | None = None
        self._resume_at = resume_at
        self._ending = False
        self._before: Projection | None = None

    def project(self, events: Sequence[Event], state: State) -> Projection | None:
        """The projection after `events`, None if it has not changed; `state` is what the core
        says.
        """
        reason: str | None = None
        for event in events:
            match event.type:
                case EventType.WORKFLOW_STARTED if self._started_at is None:
                    self._started_at = event.at
                case EventType.PAUSE_REQUESTED:
                    reason = _text(event.data.get("reason"))
                    moment = event.data.get("resume_at")
                    self._resume_at = float(moment) if isinstance(moment, int | float) else None
                case EventType.RESUMED:
                    reason, self._resume_at, self._ending = "", None, False
                case EventType.UNPAUSED:
                    self._resume_at = None
                    if not self._ending:  # then the reason is not that of the pause
                        reason = ""
                case EventType.CANCEL_REQUESTED | EventType.COMPLETION_REQUESTED:
                    given = _text(event.data.get("reason"))
                    if given or not self._ending:  # asked again without a word: the first holds
                        reason = given
                    self._resume_at, self._ending = None, True
                case EventType.WORKFLOW_FINISHED:
                    self._finished_at, self._resume_at = event.at, None
                    reason = _failure(event.data) or reason
                case _:
                    pass
        found = Projection(state, reason, self._started_at, self._finished_at, self._resume_at)
        before, self._before = self._before, found
        return None if found == before else found


def _failure(data: Mapping[str, Json]) -> str | None:
    error = data.get("error")
    return _text(error.get("message")) if isinstance(error, Mapping) else None


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
