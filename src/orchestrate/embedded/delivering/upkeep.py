"""Deliveries for people: which wait or failed, trying them at once, giving them up."""

import sqlite3
from collections.abc import Mapping, Sequence

from orchestrate.embedded.actions import Action, Author, record
from orchestrate.embedded.delivering.queue import SELECT, Delivery, delivery_of
from orchestrate.embedded.store import Store
from orchestrate.errors import ConflictError, NotFoundError

WAITING, DELIVERED = "waiting", "delivered"
FAILED = ("refused", "given_up")
STATES = (WAITING, *FAILED, "dropped", DELIVERED)
RETRIED, DROPPED = "delivery_retried", "delivery_dropped"
"""Actions for the audit; the subject is the delivery's key."""

_AGAIN = "UPDATE deliveries SET state = 'waiting', next_at = ?, since = ?, settled_at = NULL"


def find(
    store: Store, states: Sequence[str], limit: int, workflow: str | None = None
) -> list[Delivery]:
    """The newest deliveries in one of these states, in their order."""
    marks = ", ".join("?" * len(states))
    which, more = ("", ()) if workflow is None else (" AND w.id = ?", (workflow,))
    rows = store.read(
        f"{SELECT} WHERE d.state IN ({marks}){which} ORDER BY d.number DESC LIMIT ?",
        (*states, *more, limit),
    )
    return [delivery_of(row) for row in reversed(rows)]


def counts(store: Store) -> Mapping[str, int]:
    """How many deliveries there are in each state."""
    return dict(store.read("SELECT state, count(*) FROM deliveries GROUP BY state"))


def retry(store: Store, key: str | None, author: Author, now: float) -> int:
    """Have one, or all that wait or failed, tried at once; how many. Raises NotFoundError, and
    ConflictError for one that was delivered.
    """
    found = None if key is None else _open(store, key)

    def apply(connection: sqlite3.Connection) -> int:
        if found is None:
            done = connection.execute(
                f"{_AGAIN} WHERE state IN ('waiting', 'refused', 'given_up')", (now, now)
            )
        else:
            done = connection.execute(f"{_AGAIN} WHERE number = ?", (now, now, found.number))
        if done.rowcount:
            data = {"before": {"state": found.state}} if found is not None else {}
            record(connection, now, Action(RETRIED, author, key or "all", data))
        return done.rowcount

    return store.writer.call(apply)


def drop(store: Store, key: str, author: Author, now: float) -> None:
    """Give one up. Raises NotFoundError, and ConflictError for one that was delivered."""
    found = _open(store, key)

    def apply(connection: sqlite3.Connection) -> None:
        connection.execute(
            "UPDATE deliveries SET state = 'dropped', settled_at = ? WHERE number = ?",
            (now, found.number),
        )
        data = {"before": {"state": found.state}}
        record(connection, now, Action(DROPPED, author, key, data))

    store.writer.call(apply)


def _open(store: Store, key: str) -> Delivery:
    """The delivery with that key, if it was not delivered."""
    workflow, _, rest = key.partition("/")
    seq, _, integration = rest.partition("/")
    rows = store.read(
        f"{SELECT} WHERE w.id = ? AND d.seq = ? AND d.integration = ?",
        (workflow, int(seq) if seq.isdecimal() and len(seq) < 18 else -1, integration),
    )
    if not rows:
        raise NotFoundError(
            f"there is no delivery {key}",
            hint="`orchestrate deliveries` lists those that wait or failed.",
        )
    found = delivery_of(rows[0])
    if found.state == DELIVERED:
        raise ConflictError(f"{key} was delivered", hint="What was delivered is not sent again.")
    return found
