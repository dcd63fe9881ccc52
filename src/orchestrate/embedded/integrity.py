"""Is the store sound? For `doctor`: what is wrong, each with what to do."""

import sqlite3
from pathlib import Path
from typing import NamedTuple

from orchestrate.embedded import database, listing, ownership
from orchestrate.embedded.store import Store
from orchestrate.errors import OrchestrateError


class Finding(NamedTuple):
    """Something that is not as it should be."""

    message: str
    hint: str
    damage: bool = True
    """Whether the store is broken; otherwise somebody should look after a workflow."""


def check(directory: Path, group: str | None = None) -> list[Finding]:
    """Everything that is wrong with the store; empty if it is sound or does not exist."""
    if not Store.exists(directory):
        return []
    try:
        store = Store(directory, group)
    except OrchestrateError as error:
        return [Finding(error.message, error.hint)]
    try:
        return [*_structure(store), *_journals(store), *_owners(store)]
    except OrchestrateError as error:
        return [Finding(error.message, error.hint)]
    finally:
        store.close()


def _structure(store: Store) -> list[Finding]:
    rows = store.read("PRAGMA quick_check(5)")
    return [
        Finding(
            f"{store.directory / database.FILE} is damaged: {row[0]}",
            "Restore a backup with `orchestrate state restore FILE`.",
        )
        for row in rows
        if row[0] != "ok"
    ]


def _journals(store: Store) -> list[Finding]:
    """Journals with a gap, or rows that say something else than their journal."""
    rows = store.read(
        "SELECT workflows.id FROM workflows LEFT JOIN "
        "(SELECT workflow, count(*) AS amount, max(seq) AS last FROM events GROUP BY workflow) "
        "AS journal ON journal.workflow = workflows.number "
        "WHERE journal.amount IS NOT last_seq OR journal.last IS NOT last_seq LIMIT 20"
    )
    return [
        Finding(
            f"the journal of {row[0]} has gaps",
            "Restore a backup with `orchestrate state restore FILE`; do not resume it.",
        )
        for row in rows
    ]


def _owners(store: Store) -> list[Finding]:
    def look(connection: sqlite3.Connection) -> list[str]:
        rows = connection.execute(
            "SELECT id FROM workflows WHERE owner_pid IS NOT NULL LIMIT 1000"
        ).fetchall()
        found = [listing.get(connection, row[0]) for row in rows]
        return [
            row.summary.id
            for row in found
            if row.owner is not None and ownership.is_lost(row.owner)
        ]

    return [
        Finding(
            f"the process that ran {workflow} is gone",
            f"Continue it with `orchestrate resume --workflow {workflow}`, or end it with cancel.",
            damage=False,
        )
        for workflow in store.reading(look)
    ]
