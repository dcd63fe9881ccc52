"""The store of one state directory: one connection to read, one writer thread."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from orchestrate.embedded import database, location
from orchestrate.embedded.filelock import FileLock
from orchestrate.embedded.writer import Writer
from orchestrate.errors import StoreError

T = TypeVar("T")

LOCK = "store.lock"
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
"""What comes of decoding rows that a disk or somebody else has changed."""


class Store:
    """Opens (and makes, or migrates) the store when it is constructed.

    Reads are short and done in the caller's thread; writes go through `writer`. Both wait as long
    as others keep them waiting; `notice` is told for whom after a few seconds, in any thread.
    """

    def __init__(
        self, directory: Path, group: str | None = None, notice: database.Notice | None = None
    ) -> None:
        location.prepare(directory, group)
        self.directory = directory
        self.group = group
        self._notice = notice
        self._lock = FileLock(directory / LOCK, group, notice)
        writing = database.open_or_create(directory, group, self._lock, notice)
        self._connections = [writing]
        self.writer = Writer(directory, FileLock(directory / LOCK, group), writing, notice)
        self._reader: sqlite3.Connection | None = None

    @staticmethod
    def exists(directory: Path) -> bool:
        """Whether anything was ever stored there."""
        return (directory / database.FILE).exists()

    @property
    def reader(self) -> sqlite3.Connection:
        """The connection of the thread that uses this object; it cannot write."""
        if self._reader is None:
            self._reader = database.connect(self.directory, read_only=True, on_wait=self._notice)
            self._connections.append(self._reader)
        return self._reader

    def read(self, query: str, arguments: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows of a bounded query."""
        return self.reading(lambda connection: connection.execute(query, arguments).fetchall())

    def reading(self, look: Callable[[sqlite3.Connection], T]) -> T:
        """What `look` finds; errors of SQLite are said for a person, and so is a row that does not
        hold what we write into rows.
        """
        try:
            return look(self.reader)
        except sqlite3.Error as error:
            database.raise_error(error, self.directory)
        except _UNREADABLE as error:
            raise StoreError(
                f"{self.directory / database.FILE} holds rows that are damaged: {error!r:.200}",
                hint="Run `orchestrate doctor`, and `orchestrate audit verify`; restore a backup "
                "with `orchestrate state restore FILE`.",
            ) from error

    def data_version(self) -> int:
        """Changes whenever another connection has committed; costs microseconds."""
        return int(self.read("PRAGMA data_version")[0][0])

    def close(self, *, process_ends: bool = False) -> None:
        """Write what is left and let go. The last connection to close tidies up the WAL, which
        counts as a checkpoint: hence the lock.

        With `process_ends` (by `os._exit`) the connections are left to the system: tidying up would
        cost several milliseconds, and the WAL is of use to the next one who opens the store.
        """
        self.writer.close()
        if process_ends:
            return
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._lock.close()
