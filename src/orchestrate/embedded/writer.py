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

from orchestrate.embedded import database, walindex
from orchestrate.embedded.filelock import FileLock
from orchestrate.errors import OrchestrateError, StateDirectoryError
from orchestrate.processes.supervising.crash import crash_point

T = TypeVar("T")
Done = Callable[[Any, Exception | None], None]

_GROUP = 256
"""Most changes that share a commit."""
_CHECKPOINT_FRAMES = 1000
"""The WAL is checkpointed when it has grown by so many pages; it is then written over."""
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
        connection: database.PatientConnection,
        on_trouble: Callable[[str], None] | None = None,
    ) -> None:
        self._directory = directory
        self._lock = lock
        self._connection = connection
        self._queue: SimpleQueue[Change | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._connected = threading.Lock()
        """Held while the connection is used."""
        self._submitted = 0
        self._wrote_at_once = False
        self._written = 0
        self._closing = threading.Event()
        self._index = directory / (database.FILE + "-shm")
        self._frames_at_checkpoint = 0
        lock.on_wait = self._wait_for
        self.trouble = ""
        """Why nothing can be written at the moment; "" if it can."""
        self.on_trouble = on_trouble
        """Told, in another thread, what writing waits for: a full disk, a process that holds the
        store ("" when it no longer does)."""

    @property
    def was_used(self) -> bool:
        """Whether anything was ever handed over."""
        return self._thread is not None or self._wrote_at_once

    def write_at_once(self, change: Change) -> None:
        """Write a change in the caller's thread if nobody has to be waited for, else submit it.

        For a caller that has nothing else to do than wait for it: between the steps of a sequence
        this spares two changes of threads. The loop is held up for one fdatasync at most.
        """
        if self._submitted != self._written or not self._connected.acquire(blocking=False):
            self.submit(change)
            return
        try:
            done = self._try(change)
            self._wrote_at_once = True
        finally:
            self._connected.release()
        if done is None:
            self.submit(change)
            return
        if self._is_checkpoint_due():
            self.submit(_NOTHING)
        change.done(*done)

    def _try(self, change: Change) -> tuple[Any, Exception | None] | None:
        """What `change.done` is to be told; None if nothing was done."""
        try:
            if not self._lock.take_if_free():
                return None
            try:
                answers = self._transaction([change])
            finally:
                self._lock.__exit__()
        except (sqlite3.Error, StateDirectoryError):
            return None  # the thread meets the same trouble, and can wait for its end
        crash_point("commit.after")
        return answers[0]

    def submit(self, change: Change) -> None:
        """Have a change written; returns at once. Changes become durable in this order."""
        self._submitted += 1
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
        self._lock.close()

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
                with self._connected:
                    self._write(changes)
                self._written += len(changes)
            if change is None:
                return
            if self._queue.empty() and self._is_checkpoint_due():
                with self._connected:
                    self._checkpoint()

    def _write(self, changes: list[Change]) -> None:
        """Write a group, as often as it takes: with a full disk for the patient ones, behind the
        lock of another program for all. SQLite has waited a while by then; meanwhile it is the turn
        of others.
        """
        pause, told = _FIRST_PAUSE, False
        while changes:
            try:
                with self._lock:
                    answers = self._transaction(changes)
            except (sqlite3.Error, StateDirectoryError) as error:
                is_open = not self._closing.is_set()
                if isinstance(error, StateDirectoryError):
                    said, locked, waiting = error, False, is_open  # of the store's lock
                else:
                    said = database.said(error, self._directory)
                    locked = database.is_locked(error) and is_open
                    waiting = database.is_full(error) and is_open
                if not locked:
                    changes = self._refuse(changes, said, keep_patient=waiting)
                if changes and not told:
                    told = True
                    self._tell(database.locked_by(self._directory) if locked else said.message)
                if changes and not locked:
                    self._closing.wait(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)
            except Exception as error:  # handed to whoever waits, never dropped
                changes = self._refuse(changes, error, keep_patient=False)
            else:
                crash_point("commit.after")
                for change, (result, error) in zip(changes, answers, strict=True):
                    change.done(result, error)
                changes = []
        self._tell("")

    @staticmethod
    def _refuse(changes: list[Change], error: Exception, *, keep_patient: bool) -> list[Change]:
        """Tell the changes that fail; returns those that go on waiting."""
        for change in changes:
            if not (change.patient and keep_patient):
                change.done(None, error)
        return [change for change in changes if change.patient and keep_patient]

    def _wait_for(self, holder: str) -> None:
        """Somebody has the store's lock: that is all there is to tell, unless more is known."""
        if not self.trouble:
            self._tell(holder)

    def _tell(self, message: str) -> None:
        if message != self.trouble:
            self.trouble = message
            if self.on_trouble is not None:
                self.on_trouble(message)

    def _transaction(self, changes: list[Change]) -> list[tuple[Any, Exception | None]]:
        """Apply and commit; the store's lock is held."""
        connection = self._connection
        connection.begin()
        try:
            answers = [_apply(connection, change) for change in changes]
            crash_point("commit.before")
            self._commit()
        except BaseException:
            if connection.in_transaction:
                connection.rollback()
            raise
        return answers

    def _commit(self) -> None:
        """Commit. An error after which all of it is there nevertheless is none: written once more,
        it would be refused as coming from somebody who was overtaken, or be there twice.
        """
        before = walindex.number_at(self._index, walindex.COMMITS)
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            # Nobody else can have committed: we hold the lock.
            after = walindex.number_at(self._index, walindex.COMMITS)
            if self._connection.in_transaction or before < 0 or after in (before, -1):
                raise

    def _checkpoint(self) -> None:
        """Move the WAL into the database. A reader in the way only postpones it."""
        try:
            with self._lock:
                wal = self._directory / (database.FILE + "-wal")
                large = wal.stat().st_size > _TRUNCATE_BYTES
                crash_point("checkpoint.before")
                if large:
                    database.truncate_log(self._connection)
                else:
                    self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                crash_point("checkpoint.after")
        except (sqlite3.Error, OSError) as error:
            # Nothing is lost: the WAL stays as it is, and the next checkpoint takes it along.
            if self.on_trouble is not None:
                self.on_trouble(f"the store's log could not be tidied up: {error}")
        self._tell("")
        self._frames_at_checkpoint = self._frames()

    def _is_checkpoint_due(self) -> bool:
        frames = self._frames()
        if frames < self._frames_at_checkpoint:
            self._frames_at_checkpoint = 0  # it is being written over from its beginning
        return frames - self._frames_at_checkpoint > _CHECKPOINT_FRAMES

    def _frames(self) -> int:
        """Pages in the WAL, whoever wrote them."""
        return max(0, walindex.number_at(self._index, walindex.FRAMES))


def _nothing(*_: object) -> None:
    pass


_NOTHING = Change(_nothing, _nothing, guarded=False)
"""Wakes the thread, which then sees what else there is to do."""


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
