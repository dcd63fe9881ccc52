"""What one process asks of the process that runs a workflow, through the store.

A request is inserted while the owner lives, taken and answered by the owner in the same commit as
the events that it caused, or withdrawn by its author when the owner is gone. Each is one
compare-and-set, so a request has exactly one fate. Datagrams only say "look".
"""

import json
import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

from orchestrate.embedded.journal import encode
from orchestrate.playbook.plan import Json

PENDING, DONE, REFUSED, WITHDRAWN = "pending", "done", "refused", "withdrawn"


class Request(NamedTuple):
    """Verbs: pause, unpause, cancel, complete, resolve, approve, reject, hand_over."""

    number: int
    verb: str
    arguments: Mapping[str, Json]
    socket: str
    """Where its author waits for the answer."""


class Answer(NamedTuple):
    """How a request ended: `value` is a result or, if refused, the message and hint."""

    number: int
    state: str
    value: Json


def insert(
    connection: sqlite3.Connection,
    workflow: int,
    at: float,
    verb: str,
    arguments: Mapping[str, Json],
    socket: str,
) -> int:
    """Ask; returns the request's number."""
    done = connection.execute(
        "INSERT INTO requests (workflow, at, verb, arguments, socket) VALUES (?, ?, ?, ?, ?)",
        (workflow, at, verb, encode(arguments), socket),
    )
    return int(done.lastrowid or 0)


def pending(connection: sqlite3.Connection, workflow: int, after: int = 0) -> list[Request]:
    """What is to be done, oldest first; of requests with numbers above `after`."""
    rows = connection.execute(
        "SELECT number, verb, arguments, socket FROM requests "
        "WHERE workflow = ? AND state = 'pending' AND number > ? ORDER BY number LIMIT 100",
        (workflow, after),
    ).fetchall()
    return [Request(row[0], row[1], json.loads(row[2]), row[3]) for row in rows]


def answer(connection: sqlite3.Connection, given: Answer) -> bool:
    """Record an answer; False if the request was withdrawn in the meantime."""
    done = connection.execute(
        "UPDATE requests SET state = ?, answer = ? WHERE number = ? AND state = 'pending'",
        (given.state, encode(given.value), given.number),
    )
    return done.rowcount == 1


def withdraw(connection: sqlite3.Connection, number: int) -> bool:
    """Take a request back; False if it was answered already."""
    return answer(connection, Answer(number, WITHDRAWN, None))


def withdraw_all(connection: sqlite3.Connection, workflow: int) -> None:
    """Nobody answers these any more."""
    connection.execute(
        "UPDATE requests SET state = ? WHERE workflow = ? AND state = 'pending'",
        (WITHDRAWN, workflow),
    )


def look(connection: sqlite3.Connection, number: int) -> Answer:
    """How a request stands."""
    state, value = connection.execute(
        "SELECT state, answer FROM requests WHERE number = ?", (number,)
    ).fetchone()
    return Answer(number, state, json.loads(value) if value else None)
