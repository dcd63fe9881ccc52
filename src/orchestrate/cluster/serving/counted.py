"""What this machine has counted of a cluster: totals, and how far each journal went into them.

Whoever gathers metrics keeps a file of its own, in its state directory. It can be lost: then all
that Temporal still knows is counted anew, which whoever reads the figures takes as a restart.
"""

import sqlite3
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from orchestrate.errors import StoreError
from orchestrate.launching import totals
from orchestrate.workflow.metrics import Series, Tally

_TABLES = """
CREATE TABLE IF NOT EXISTS totals (
    metric TEXT NOT NULL, labels TEXT NOT NULL, amount REAL NOT NULL, sum REAL NOT NULL,
    buckets TEXT NOT NULL, PRIMARY KEY (metric, labels)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS label_values (
    label TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (label, value)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journals (
    workflow TEXT PRIMARY KEY, run TEXT NOT NULL, length INTEGER NOT NULL, seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS slots (
    schedule TEXT NOT NULL, slot TEXT NOT NULL, PRIMARY KEY (schedule, slot)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS looks (at REAL NOT NULL);
"""
_PATIENCE = 5.0
"""Seconds that one process waits for another one."""
CLOSED = -1
"""The length of a run that has closed: nothing comes any more."""


class Journal(NamedTuple):
    """How far a workflow is counted: up to the event `seq`, seen in that run at that length."""

    run: str
    length: int
    seq: int


_NEVER = Journal("", 0, 0)


class Counted:
    """The file of one namespace."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @contextmanager
    def open(self) -> Generator["Totals"]:
        """Use it. Raises StoreError."""
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file.touch(mode=0o600)
            connection = sqlite3.connect(self._file, timeout=_PATIENCE, isolation_level=None)
            try:
                connection.executescript(_TABLES)
                yield Totals(connection)
            finally:
                connection.close()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"what was counted cannot be kept in {self._file}: {error}",
                hint="The state directory must be writable, and have room. What is there can be "
                "counted again: the file may be removed.",
            ) from error


class Totals:
    """The same, while it is open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def looked_at(self) -> float | None:
        """The last moment before which all that ended is counted; None: nobody looked yet."""
        row = self._connection.execute("SELECT max(at) FROM looks").fetchone()
        return row[0]

    def looked(self, at: float) -> None:
        """All that ended before that moment is counted."""
        with self._changing():
            self._connection.execute("DELETE FROM looks")
            self._connection.execute("INSERT INTO looks (at) VALUES (?)", (at,))

    def journal(self, workflow: str) -> Journal:
        """How far a workflow is counted."""
        row = self._connection.execute(
            "SELECT run, length, seq FROM journals WHERE workflow = ?", (workflow,)
        ).fetchone()
        return _NEVER if row is None else Journal(*row)

    def add(self, workflow: str, before: Journal, after: Journal, tally: Tally) -> None:
        """Add what a workflow's events count for, unless somebody else has done so meanwhile."""
        with self._changing():
            if self.journal(workflow).seq == before.seq:
                self._connection.execute(
                    "INSERT OR REPLACE INTO journals (workflow, run, length, seq) "
                    "VALUES (?, ?, ?, ?)",
                    (workflow, *after),
                )
                totals.add(self._connection, tally)

    def fresh_slots(self, schedule: str, shown: Iterable[str]) -> list[str]:
        """Those of the slots that are not counted yet."""
        rows = self._connection.execute("SELECT slot FROM slots WHERE schedule = ?", (schedule,))
        known = {row[0] for row in rows.fetchall()}
        return [slot for slot in shown if slot not in known]

    def add_slots(self, schedule: str, shown: list[str], fresh: list[str], tally: Tally) -> None:
        """Add what fresh slots count for; `shown` are all that may be met again."""
        with self._changing():
            if self.fresh_slots(schedule, fresh) != fresh:
                return  # somebody else was faster
            self._connection.execute("DELETE FROM slots WHERE schedule = ?", (schedule,))
            self._connection.executemany(
                "INSERT INTO slots (schedule, slot) VALUES (?, ?)",
                [(schedule, slot) for slot in shown],
            )
            totals.add(self._connection, tally)

    def playbooks(self) -> frozenset[str]:
        """The playbooks that are told apart."""
        return totals.playbooks(self._connection)

    def all(self) -> list[Series]:
        """All totals."""
        return totals.load(self._connection)

    @contextmanager
    def _changing(self) -> Generator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
