"""Opening the SQLite database: settings, migrations, and errors said for a person."""

import sqlite3
from pathlib import Path
from typing import NoReturn

from orchestrate.embedded import location
from orchestrate.embedded.filelock import FileLock
from orchestrate.errors import OrchestrateError, StateDirectoryError, StoreError

FILE = "orchestrate.db"
VERSION = 1
"""Of the schema that this program reads and writes: the number of its last migration."""

_SCHEMA = Path(__file__).with_name("schema")
_LOCKED_FOR = 30.0
"""Seconds to wait for another process; only reached behind a foreign tool, see `FileLock`."""


def connect(directory: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection to an existing store. Each thread has its own.

    `synchronous=FULL` makes a commit durable. Checkpoints are never automatic: they happen under
    the store's lock, in the writer. There is no memory map: a truncated file would be a SIGBUS.
    """
    path = directory / FILE
    try:
        connection = sqlite3.connect(
            path, timeout=_LOCKED_FOR, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("PRAGMA mmap_size=0")
        if read_only:
            connection.execute("PRAGMA query_only=1")
    except sqlite3.Error as error:
        raise_error(error, directory)
    return connection


def open_or_create(directory: Path, group: str | None, lock: FileLock) -> sqlite3.Connection:
    """A connection to the store in `directory`, made or brought up to date if need be."""
    path = directory / FILE
    try:
        if not path.exists() or path.stat().st_size == 0:
            with lock:
                location.make_file(path, location.Modes(group))
                connection = connect(directory)
                connection.execute("PRAGMA journal_mode=WAL")
                _migrate(connection)
                return connection
        connection = connect(directory)
        if _version(connection) != VERSION:
            with lock:
                _migrate(connection)
    except sqlite3.Error as error:
        raise_error(error, directory)
    except OSError as error:
        raise location.explain(error, directory) from error
    return connection


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


def is_full(error: sqlite3.Error) -> bool:
    """Whether the disk had no room (also reported as an I/O error by a failing fsync)."""
    return _primary(error) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


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
