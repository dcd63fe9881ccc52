"""Removing what is over and old: workflows with their journals, output and unused plans.

On by default, once a day (more often where less than a day is kept), in small transactions, so that
nobody who runs waits for it.
"""

import sqlite3
import time
from pathlib import Path
from typing import NamedTuple

from orchestrate.embedded import actions, mailbox, ownership
from orchestrate.embedded.actions import Action, Author
from orchestrate.embedded.hosting import workflow_folder
from orchestrate.embedded.store import Store
from orchestrate.errors import OrchestrateError

_DAY = 86400.0
_PAGE = 20
"""Workflows removed in one transaction."""
_LAST = "pruned_at"
_OVER = (
    "finished_at < ? AND owner_pid IS NULL AND state <> 'needs_attention' AND NOT EXISTS "
    "(SELECT 1 FROM deliveries d WHERE d.workflow = workflows.number AND d.state = 'waiting')"
)
"""What is over. A workflow whose clean-up was stopped still waits for somebody, and one of which
others are still to be told is kept until they are.
"""


_TABLES = (
    "events", "requests", "claims", "waiters", "rate_tokens", "event_offers", "event_waits",
    "subscriptions", "deliveries",
)  # fmt: skip
"""What belongs to a workflow."""


class Pruned(NamedTuple):
    """What was removed."""

    workflows: tuple[str, ...]


BY_ITSELF = Author("retention")
"""Who removes what `[state] retention_days` says."""


def prune(store: Store, *, older_than: float, now: float, author: Author = BY_ITSELF) -> Pruned:
    """Remove workflows that ended more than `older_than` seconds ago. They are gone from lists
    before their files are. The audit keeps the digests of their journals.
    """
    import shutil

    from orchestrate.embedded.metrics import counting

    if counting.is_counting(store):
        counting.catch_up(store)  # what metrics count goes on when its events are gone
    removed: list[str] = []
    while True:
        page = store.writer.call(lambda c: _remove_page(c, now, now - older_than, author))
        for workflow in page:
            shutil.rmtree(workflow_folder(store.directory, workflow), ignore_errors=True)
        removed += page
        if len(page) < _PAGE:
            break
    store.writer.call(_remove_plans)
    sweep(store)
    return Pruned(tuple(removed))


def candidates(store: Store, *, older_than: float, now: float) -> tuple[str, ...]:
    """What `prune` would remove, oldest first."""
    rows = store.read(
        f"SELECT id FROM workflows WHERE {_OVER} ORDER BY finished_at LIMIT 100000",
        (now - older_than,),
    )
    return tuple(row[0] for row in rows)


def prune_if_due(store: Store, days: float) -> Pruned | None:
    """Prune if that was not done for a day, or for half of the time for which workflows are kept,
    should that be less. One look at the store otherwise.
    """
    if days <= 0:
        return None
    now = time.time()
    before = now - min(1.0, days / 2) * _DAY
    rows = store.read("SELECT value FROM facts WHERE name = ?", (_LAST,))
    if rows and float(rows[0][0]) > before:
        return None
    if not store.writer.call(lambda c: _take_turn(c, now, before)):
        return None
    return prune(store, older_than=days * _DAY, now=now)


def _take_turn(connection: sqlite3.Connection, now: float, before: float) -> bool:
    """Whether it falls to this process to prune this time."""
    done = connection.execute(
        "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE "
        "SET value = excluded.value WHERE CAST(value AS REAL) < ?",
        (_LAST, repr(now), before),
    )
    return done.rowcount == 1


def _remove_page(
    connection: sqlite3.Connection, now: float, before: float, author: Author
) -> list[str]:
    from orchestrate.embedded.metrics import counting

    rows = connection.execute(
        f"SELECT number, id, playbook, state FROM workflows WHERE {_OVER} AND {counting.MAY_GO} "
        "ORDER BY finished_at LIMIT ?",
        (before, _PAGE),
    ).fetchall()
    for number, identity, playbook, state in rows:
        _, had = actions.standing(connection, number)
        had |= {"playbook": playbook, "state": state}
        actions.record(connection, now, Action(actions.PRUNED, author, identity, {"before": had}))
        for table in _TABLES:
            connection.execute(f"DELETE FROM {table} WHERE workflow = ?", (number,))
        connection.execute("DELETE FROM workflows WHERE number = ?", (number,))
    return [row[1] for row in rows]


def _remove_plans(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM plans WHERE number NOT IN (SELECT plan FROM workflows)")


def sweep(store: Store) -> None:
    """Remove what dead processes left: their sockets, and records of supervisors in which nothing
    is open any more.
    """
    mailbox.sweep(store.directory)
    for directory in sorted((store.directory / "supervisors").iterdir()):
        _sweep_supervisor(store, directory)


def _sweep_supervisor(store: Store, directory: Path) -> None:
    from orchestrate.processes import records
    from orchestrate.processes.client import Supervisor

    try:
        alive = Supervisor.attach(directory)
        known = () if alive is not None else records.read_records(directory)
    except OrchestrateError:
        return  # of another program or user, silent, or unreadable: nothing is known of it now
    if alive is not None:
        alive.close()
        return
    if store.reading(lambda c: ownership.is_named(c, directory.name)):
        return
    if all(_is_recorded(store, attempt) for attempt in known):
        records.discard(directory)


def _is_recorded(store: Store, attempt: str) -> bool:
    """Whether the end of an attempt is in the journal, or its workflow is gone."""
    workflow, _, number = attempt.rpartition("/")
    rows = store.read("SELECT number, finished_at FROM workflows WHERE id = ?", (workflow,))
    if not rows or rows[0][1] is not None:
        return True
    found = store.read(
        "SELECT 1 FROM events WHERE workflow = ? AND seq > ? AND type = 'attempt_finished' "
        "AND json_extract(data, '$.id') = ? LIMIT 1",
        (rows[0][0], int(number), int(number)),
    )
    return bool(found)
