"""Fills a store to a given size by copying what real runs left in it."""

import sqlite3

from benchmarks.project import Project, foreach


def fill_store(project: Project, workflows: int, events: int) -> None:
    """Run one playbook, then copy its rows until the store holds `workflows` and `events`.

    Copies are exact but for the id, so that readers meet what real runs would have left.
    """
    share = events // workflows
    project.write("copied", foreach(max(1, share // 2)))
    project.run("copied")
    with sqlite3.connect(project.state / "orchestrate.db") as store:
        store.execute("PRAGMA synchronous=OFF")
        columns = [row[1] for row in store.execute("PRAGMA table_info(workflows)").fetchall()]
        kept = [name for name in columns if name not in ("number", "id", "idempotency_key")]
        (number,) = store.execute("SELECT max(number) FROM workflows").fetchone()
        for copy in range(number + 1, workflows + 1):
            store.execute(
                f"INSERT INTO workflows (number, id, {', '.join(kept)}) "
                f"SELECT ?, ?, {', '.join(kept)} FROM workflows WHERE number = ?",
                (copy, f"WF-2000-{copy:03}", number),
            )
            store.execute(
                "INSERT INTO events (workflow, seq, at, type, path, data) "
                "SELECT ?, seq, at, type, path, data FROM events WHERE workflow = ?",
                (copy, number),
            )
    store.close()
