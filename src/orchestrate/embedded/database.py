"""Opening the SQLite database: settings, migrations, and errors said for a person."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, cast

from orchestrate.embedded import location
from orchestrate.embedded.filelock import FileLock
from orchestrate.errors import OrchestrateError, StateDirectoryError, StoreError

FILE = "orchestrate.db"
VERSION = 10
"""Of the schema that this program reads and writes: the number of its last migration."""

_CHAINED = 6
"""Since this version there are chains of digests; what an older store holds is taken as it is."""

_SCHEMA = Path(__file__).with_name("schema")
_LOCKED_FOR = 2.0
"""Seconds that SQLite waits for another process; only reached behind a foreign tool, for our own
processes queue at `FileLock`. Whoever meets that waits again, see `PatientConnection` and `Writer`.
"""
_WRITE_LOCK = 120
"""The byte of the WAL-index that a writer locks (SQLite's file format)."""
_SHARED_LOCK = 0x40000002
"""A byte of the database that is locked by whoever wants it for himself alone."""

Notice = Callable[[str], None]
"""Told what is being waited for, and "" when it is over."""


class PatientConnection(sqlite3.Connection):
    """A connection that waits while another program keeps everybody from reading."""

    directory = Path()
    on_wait: Notice | None = None

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """As `sqlite3.Connection.execute`, which gives up after a while."""
        told = False
        while True:
            try:
                found = super().execute(sql, parameters)
            except sqlite3.OperationalError as error:
                if not is_locked(error):
                    raise
                if not told and self.on_wait is not None:
                    self.on_wait(locked_by(self.directory))
                told = True
            else:
                if told and self.on_wait is not None:
                    self.on_wait("")
                return found

    def begin(self) -> None:
        """Begin to write. Gives up when another program holds the database, so that the caller can
        let go of the store's lock. What an earlier transaction could not undo is undone first.
        """
        if self.in_transaction:
            self.rollback()
        super().execute("BEGIN IMMEDIATE")


class _ReadingCursor(sqlite3.Cursor):
    """Says for a person what goes wrong while rows are fetched."""

    def fetchall(self) -> list[Any]:
        """As `sqlite3.Cursor.fetchall`; raises OrchestrateError."""
        try:
            return super().fetchall()
        except sqlite3.Error as error:
            raise_error(error, cast("ReadingConnection", self.connection).directory)


class ReadingConnection(PatientConnection):
    """One that only reads. Whoever looks into the store meets an OrchestrateError at worst."""

    def cursor(self, factory: Any = _ReadingCursor) -> Any:
        """As `sqlite3.Connection.cursor`."""
        return super().cursor(factory)

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """As `PatientConnection.execute`; raises OrchestrateError."""
        try:
            return super().execute(sql, parameters)
        except sqlite3.Error as error:
            raise_error(error, self.directory)


def connect(
    directory: Path, *, read_only: bool = False, on_wait: Notice | None = None
) -> PatientConnection:
    """A connection to an existing store. Each thread has its own. One to read waits as long as it
    takes; one to write leaves that to the writer, who lets others have a turn.

    `synchronous=FULL` makes a commit durable. Checkpoints are never automatic: they happen under
    the store's lock, in the writer. There is no memory map: a truncated file would be a SIGBUS.
    """
    path = directory / FILE
    try:
        connection = sqlite3.connect(
            path,
            timeout=_LOCKED_FOR,
            isolation_level=None,
            check_same_thread=False,
            factory=ReadingConnection if read_only else PatientConnection,
        )
        connection.directory, connection.on_wait = directory, on_wait
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("PRAGMA mmap_size=0")
        if read_only:
            connection.execute("PRAGMA query_only=1")
    except sqlite3.Error as error:
        raise_error(error, directory)
    return connection


def open_or_create(
    directory: Path, group: str | None, lock: FileLock, on_wait: Notice | None = None
) -> PatientConnection:
    """A connection to the store in `directory`, made or brought up to date if need be."""
    path = directory / FILE
    try:
        if _is_to_be_made(path):
            with lock:
                # Another thread may have come first: to close any descriptor of the file would
                # end the locks of all its connections, and their log be taken for nobody's.
                if _is_to_be_made(path):
                    location.make_file(path, location.Modes(group))
                connection = connect(directory, on_wait=on_wait)
                connection.execute("PRAGMA journal_mode=WAL")
                _migrate(connection)
                return connection
        connection = connect(directory, on_wait=on_wait)
        if _version(connection) != VERSION:
            with lock:
                _migrate(connection)
    except sqlite3.Error as error:
        raise_error(error, directory)
    except OSError as error:
        raise location.explain(error, directory) from error
    return connection


def _is_to_be_made(path: Path) -> bool:
    return not path.exists() or path.stat().st_size == 0


def _version(connection: sqlite3.Connection) -> int:
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > VERSION:
        raise StoreError(
            f"the store was written by a newer program (schema {found}, this one knows {VERSION})",
            hint="Upgrade orchestrate, or set ORCHESTRATE_STATE_DIR to another directory.",
        )
    return found


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema forward, all steps in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = _version(connection)
        for number, script in migrations():
            if number > found:
                for statement in split_statements(script):
                    connection.execute(statement)
        if found < _CHAINED:
            from orchestrate.embedded import actions

            actions.begin(connection, time.time())
        connection.execute(f"PRAGMA user_version={VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def migrations() -> list[tuple[int, str]]:
    """Number and text of every migration, in order: `schema/NNNN_name.sql`."""
    return sorted(
        (int(path.name.partition("_")[0]), path.read_text(encoding="utf-8"))
        for path in _SCHEMA.glob("*.sql")
    )


def split_statements(script: str) -> list[str]:
    """The statements of a script; `executescript` would commit the transaction around it."""
    statements: list[str] = []
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements


def truncate_log(connection: sqlite3.Connection) -> None:
    """Empty the WAL file, unless a reader still needs it: nobody is kept waiting for that one."""
    connection.execute("PRAGMA busy_timeout=0")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.execute(f"PRAGMA busy_timeout={int(_LOCKED_FOR * 1000)}")


def is_full(error: sqlite3.Error) -> bool:
    """Whether the disk had no room (also reported as an I/O error by a failing fsync)."""
    return _primary(error) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def is_locked(error: sqlite3.Error) -> bool:
    """Whether another program holds what is needed: waiting helps."""
    return _primary(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def locked_by(directory: Path) -> str:
    """Who keeps us from the store, said for a person."""
    from orchestrate.embedded import lockholders

    index, path = directory / f"{FILE}-shm", directory / FILE
    who = lockholders.holder(index, lockholders.POSIX, _WRITE_LOCK)
    who = who or lockholders.holder(path, lockholders.POSIX, _SHARED_LOCK)
    return f"{path} is locked by {who or 'another program'}"


def _primary(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def said(error: sqlite3.Error, directory: Path) -> OrchestrateError:
    """An error of SQLite, said for a person."""
    path = directory / FILE
    match _primary(error):
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreError(
                f"{path} is damaged: {error}",
                hint="Restore a backup with `orchestrate state restore FILE`, or move the file "
                "away to begin with an empty store.",
            )
        case sqlite3.SQLITE_FULL:
            return StateDirectoryError(
                f"the file system of {directory} is full",
                hint="Free some space (`orchestrate prune` removes old workflows) and try again.",
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return StateDirectoryError(
                f"{path} cannot be opened for writing by this user: {error}",
                hint="Change the owner or mode of the directory and its files, or set "
                "ORCHESTRATE_STATE_DIR to another directory.",
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreError(
                f"{path} is locked by another program",
                hint="Close tools that hold the database open (a SQLite shell, a copy in "
                "progress) and try again.",
            )
        case sqlite3.SQLITE_IOERR:
            return StateDirectoryError(
                f"{path} cannot be read or written: {error}",
                hint="Look for disk errors in the system log (`dmesg`), then run "
                "`orchestrate doctor`.",
            )
        case _:
            return StoreError(
                f"{path} does not have the expected content: {error}",
                hint="Run `orchestrate doctor`; restore a backup with `orchestrate state "
                "restore FILE`.",
            )


def raise_error(error: sqlite3.Error, directory: Path) -> NoReturn:
    """Raise what `said` makes of an error of SQLite."""
    raise said(error, directory) from error
