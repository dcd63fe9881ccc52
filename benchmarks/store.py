"""Fills a store to a given size by copying what real runs left in it."""

import sqlite3
from typing import Any

from benchmarks.project import Project, foreach
from orchestrate.embedded import actions
from orchestrate.workflow import chain


def fill_store(project: Project, workflows: int, events: int) -> None:
    """Run one playbook, then copy its rows until the store holds `workflows` and `events`.

    Copies are exact but for the id and what follows from it, so that readers meet what real runs
    would have left.
    """
    share = events // workflows
    project.write("copied", foreach(max(1, share // 2)))
    project.run("copied")
    with sqlite3.connect(project.state / "orchestrate.db") as store:
        store.execute("PRAGMA synchronous=OFF")
        columns = [row[1] for row in store.execute("PRAGMA table_info(workflows)").fetchall()]
        kept = [name for name in columns if name not in ("number", "id", "idempotency_key")]
        (number,) = store.execute("SELECT max(number) FROM workflows").fetchone()
        journal = store.execute(
            "SELECT seq, at, type, path, data FROM events WHERE workflow = ?", (number,)
        ).fetchall()
        for copy in range(number + 1, workflows + 1):
            identity = f"WF-2000-{copy:03}"
            store.execute(
                f"INSERT INTO workflows (number, id, {', '.join(kept)}) "
                f"SELECT ?, ?, {', '.join(kept)} FROM workflows WHERE number = ?",
                (copy, identity, number),
            )
            store.executemany(
                "INSERT INTO events (seq, at, type, path, data, workflow, hash) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                _chained(journal, copy, identity),
            )
            actions.anchor(store, copy, journal[-1][1], "ended")
    store.close()


def _chained(journal: list[Any], number: int, identity: str) -> list[tuple[Any, ...]]:
    digest = chain.journal_begin(identity)
    rows: list[tuple[Any, ...]] = []
    for seq, at, *fields in journal:
        digest = chain.link(digest, seq, at, *(text.encode() for text in fields))
        rows.append((seq, at, *fields, number, digest))
    return rows
