"""The one thread of this process that writes to the store, committing in groups.

Callers hand over changes (functions of a connection); those that wait at the same moment share one
commit, hence one fdatasync. Every write transaction and every checkpoint holds `store.lock`:
SQLite's own busy handling starves under many processes, a file lock queues fairly. When the disk
is full, patient changes (what running workflows append) wait until there is room; others fail.
"""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple, TypeVar

from orchestrate.embedded import database
from orchestrate.embedded.crash import crash_point
from orchestrate.embedded.filelock import FileLock
from orchestrate.errors import OrchestrateError

T = TypeVar("T")
Done = Callable[[Any, Exception | None], None]

_GROUP = 256
"""Most changes that share a commit."""
_CHECKPOINT_BYTES = 4 << 20
"""The WAL is checkpointed when it has grown by about this much; it is then written over."""
_TRUNCATE_BYTES = 64 << 20
"""A WAL file beyond this (a reader held it open for long) is cut when that is possible."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0
"""Seconds between two attempts to write to a full disk."""


class Change(NamedTuple):
    """What is to be written. `apply` raises before it has written anything, or is `guarded` by a
    savepoint. `done(result, error)` is called in the writer thread once it is durable or failed.
    """

    apply: Callable[[sqlite3.Connection], Any]
    done: Done
    patient: bool = False
    guarded: bool = True


class Writer:
    """Starts its thread with the first change."""

    def __init__(
        self,
        directory: Path,
        lock: FileLock,
        connection: sqlite3.Connection,
        on_trouble: Callable[[str], None] | None = None,
    ) -> None:
        self._directory = directory
        self._lock = lock
        self._connection = connection
        self._queue: SimpleQueue[Change | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._since_checkpoint = self._wal_size()
        self.on_trouble = on_trouble
        """Told, in the writer thread, when the disk is full ("" when it no longer is)."""

    def submit(self, change: Change) -> None:
        """Have a change written; returns at once. Changes become durable in this order."""
        self._queue.put(change)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
            self._thread.start()

    def call(self, apply: Callable[[sqlite3.Connection], T]) -> T:
        """Write a change and wait until it is durable; raises what `apply` raised."""
        results: list[tuple[Any, Exception | None]] = []
        ready = threading.Lock()
        ready.acquire()

        def done(result: Any, error: Exception | None) -> None:
            results.append((result, error))
            ready.release()

        self.submit(Change(apply, done))
        ready.acquire()
        result, error = results[0]
        if error is not None:
            raise error
        return result

    def close(self) -> None:
        """Write what was handed over and end the thread. A disk that is full is not waited for."""
        self._closing.set()
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while True:
            changes: list[Change] = []
            change = self._queue.get()
            while change is not None:
                changes.append(change)
                if self._queue.empty() or len(changes) == _GROUP:
                    break
                change = self._queue.get()
            if changes:
                self._write(changes)
            if change is None:
                return
            if self._since_checkpoint > _CHECKPOINT_BYTES and self._queue.empty():
                self._checkpoint()

    def _write(self, changes: list[Change]) -> None:
        """Write a group; with a full disk, as often as it takes for the patient ones."""
        pause, troubled = _FIRST_PAUSE, False
        while changes:
            try:
                answers = self._transaction(changes)
            except sqlite3.Error as error:
                said = database.said(error, self._directory)
                waiting = database.is_full(error) and not self._closing.is_set()
                changes = self._refuse(changes, said, keep_patient=waiting)
                if changes and not troubled:
                    troubled = True
                    self._tell(said.message)
                if changes:
                    self._closing.wait(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)
            except Exception as error:  # handed to whoever waits, never dropped
                changes = self._refuse(changes, error, keep_patient=False)
            else:
                crash_point("commit.after")
                for change, (result, error) in zip(changes, answers, strict=True):
                    change.done(result, error)
                changes = []
        if troubled:
            self._tell("")

    @staticmethod
    def _refuse(changes: list[Change], error: Exception, *, keep_patient: bool) -> list[Change]:
        """Tell the changes that fail; returns those that go on waiting."""
        for change in changes:
            if not (change.patient and keep_patient):
                change.done(None, error)
        return [change for change in changes if change.patient and keep_patient]

    def _tell(self, message: str) -> None:
        if self.on_trouble is not None:
            self.on_trouble(message)

    def _transaction(self, changes: list[Change]) -> list[tuple[Any, Exception | None]]:
        connection = self._connection
        with self._lock:
            connection.execute("BEGIN IMMEDIATE")
            try:
                before = connection.total_changes
                answers = [_apply(connection, change) for change in changes]
                crash_point("commit.before")
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            # About a page for each row and three for the commit: an estimate is enough here.
            self._since_checkpoint += 4096 * (3 + connection.total_changes - before)
        return answers

    def _checkpoint(self) -> None:
        """Move the WAL into the database. A reader in the way only postpones it."""
        self._since_checkpoint = 0
        try:
            with self._lock:
                large = self._wal_size() > _TRUNCATE_BYTES
                self._connection.execute(
                    f"PRAGMA wal_checkpoint({'TRUNCATE' if large else 'PASSIVE'})"
                ).fetchall()
        except sqlite3.Error as error:
            # Nothing is lost: the WAL stays as it is, and the next checkpoint takes it along.
            self._tell(f"the store's log could not be tidied up: {error}")

    def _wal_size(self) -> int:
        try:
            return (self._directory / (database.FILE + "-wal")).stat().st_size
        except OSError:
            return 0  # it is made by the first transaction


def _apply(connection: sqlite3.Connection, change: Change) -> tuple[Any, Exception | None]:
    """Apply one change; its own refusal leaves the rest of the group untouched."""
    if not change.guarded:
        try:
            return change.apply(connection), None
        except OrchestrateError as error:
            return None, error
    connection.execute("SAVEPOINT change")
    try:
        result = change.apply(connection)
    except OrchestrateError as error:
        connection.execute("ROLLBACK TO change")
        connection.execute("RELEASE change")
        return None, error
    connection.execute("RELEASE change")
    return result, None
