"""What was done beside the journals of workflows, and where those journals stood: one chain for the
whole store. Everything here is called within a write transaction.
"""

import json
import os
import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

from orchestrate.embedded import journal
from orchestrate.playbook.plan import Json
from orchestrate.workflow import chain
from orchestrate.workflow.audit import Author

ANCHORED = "anchored"
"""The journal of a workflow had a certain length and digest; `why`: created, migrated, another
plan, or the reason for which its owner gave it up."""
BEGUN = "store_begun"
"""The chain begins. `store`: identifies the store, so that no two have the same chain."""
SCHEDULE = "schedule_"
"""What actions on schedules begin with: added, changed, enabled, disabled, removed; kept: what a
schedule was when the chain began, or when older actions were removed."""
PRUNED = "workflow_pruned"
"""A workflow was removed; seq and hash say what its journal was."""


class Action(NamedTuple):
    """Something that was done. `subject` is what it was done to: a workflow, a schedule, a lock."""

    action: str
    author: Author
    subject: str
    data: Mapping[str, Json] = {}
    """Further: `reason`, `before` and `after`, where they mean something."""


class Head(NamedTuple):
    """The last row of a chain; number 0 before the first."""

    number: int
    hash: bytes


def record(connection: sqlite3.Connection, at: float, action: Action) -> None:
    """Write an action behind the last one."""
    name, author, subject, data = action
    if author.origin:
        data = {"from": author.origin, **data}
    number, before = head(connection)
    body = journal.encode(data)
    fields = (name, author.actor, subject, body)
    digest = chain.link(before, number + 1, at, *(field.encode() for field in fields))
    connection.execute(
        "INSERT INTO actions (number, at, action, actor, subject, data, hash) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (number + 1, at, *fields, digest),
    )


def head(connection: sqlite3.Connection) -> Head:
    """The last action."""
    row = connection.execute("SELECT number, hash FROM actions ORDER BY number DESC LIMIT 1")
    found = row.fetchone()
    return Head(0, chain.ACTIONS) if found is None else Head(*found)


def anchor(connection: sqlite3.Connection, workflow: int, at: float, why: str) -> None:
    """Say where the journal of a workflow stands, and which plan it runs."""
    identity, data = standing(connection, workflow)
    record(connection, at, Action(ANCHORED, Author(""), identity, {"why": why, **data}))


def standing(connection: sqlite3.Connection, workflow: int) -> tuple[str, dict[str, Json]]:
    """The id of a workflow; number and digest of its last event, and its plan."""
    identity, seq, digest, plan = connection.execute(
        "SELECT w.id, w.last_seq, e.hash, p.checksum FROM workflows w "
        "LEFT JOIN events e ON e.workflow = w.number AND e.seq = w.last_seq "
        "LEFT JOIN plans p ON p.number = w.plan WHERE w.number = ?",
        (workflow,),
    ).fetchone()
    return identity, {"seq": seq, "hash": (digest or b"").hex(), "plan": plan}


def begin(connection: sqlite3.Connection, at: float) -> None:
    """The chain of a store that had none: what it holds by now is taken as it is."""
    store = os.urandom(16).hex()
    record(connection, at, Action(BEGUN, Author(""), "", {"store": store}))
    for number, identity in connection.execute("SELECT number, id FROM workflows").fetchall():
        _begin_journal(connection, number, identity)
        anchor(connection, number, at, "migrated")
    keep_schedules(connection, at)


def keep_schedules(connection: sqlite3.Connection, at: float, through: int = 0) -> None:
    """Say what the schedules are of which no action tells behind the one with that number."""
    rows = connection.execute(
        "SELECT name, body, enabled FROM schedules WHERE NOT EXISTS (SELECT 1 FROM actions "
        "WHERE subject = name AND action LIKE ? AND number > ?) ORDER BY name",
        (f"{SCHEDULE}%", through),
    ).fetchall()
    for name, body, enabled in rows:
        after = {**json.loads(body), "enabled": bool(enabled)}
        record(connection, at, Action(f"{SCHEDULE}kept", Author(""), name, {"after": after}))


def _begin_journal(connection: sqlite3.Connection, workflow: int, identity: str) -> None:
    """Digest all events, and write that of the last."""
    digest, last = chain.journal_begin(identity), 0
    while rows := connection.execute(
        "SELECT seq, at, type, path, data FROM events WHERE workflow = ? AND seq > ? "
        "ORDER BY seq LIMIT ?",
        (workflow, last, journal.PAGE),
    ).fetchall():
        for seq, at, *fields in rows:
            digest, last = chain.link(digest, seq, at, *(text.encode() for text in fields)), seq
    connection.execute(
        "UPDATE events SET hash = ? WHERE workflow = ? AND seq = ?", (digest, workflow, last)
    )
