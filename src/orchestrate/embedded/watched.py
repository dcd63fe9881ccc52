"""What file triggers have seen: how each file was when it was last told about."""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from orchestrate.embedded.inbox import put_event
from orchestrate.embedded.store import Store
from orchestrate.playbook.plan import Json
from orchestrate.triggers.cloud_events import CloudEvent

_BEGUN = ""
"""The path of the row that says that a pattern is known; its `mtime` is the pattern's digest."""


class Seen(NamedTuple):
    """How a file was: time of its last change in nanoseconds, and bytes."""

    mtime: int
    size: int


class Change(NamedTuple):
    """A file that differs. `told`: it becomes an event; otherwise it is only remembered."""

    path: str
    before: Seen | None
    after: Seen | None
    kind: str
    told: bool


class Watched:
    """The files of one store's triggers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, watch: str, pattern: str, there: Mapping[str, Seen]) -> bool:
        """Files that are there when a pattern is first watched are not new; False if it was watched
        before.
        """
        digest = _digest(pattern)

        def change(connection: sqlite3.Connection) -> bool:
            row = connection.execute(
                "SELECT mtime FROM watched WHERE watch = ? AND path = ?", (watch, _BEGUN)
            ).fetchone()
            if row is not None and row[0] == digest:
                return False
            connection.execute("DELETE FROM watched WHERE watch = ?", (watch,))
            rows = [(watch, path, *seen) for path, seen in there.items()]
            connection.executemany(_INSERT, [(watch, _BEGUN, digest, 0), *rows])
            return True

        return self._store.writer.call(change)

    def known(self, watch: str) -> Mapping[str, Seen]:
        """The files as they were last seen, by path."""
        rows = self._store.read(
            "SELECT path, mtime, size FROM watched WHERE watch = ? AND path <> ?", (watch, _BEGUN)
        )
        return {path: Seen(mtime, size) for path, mtime, size in rows}

    def record(self, watch: str, changes: Sequence[Change], now: float) -> None:
        """Remember changes, and put those that are told into the inbox, in one transaction."""

        def change(connection: sqlite3.Connection) -> None:
            for one in changes:
                connection.execute(
                    "DELETE FROM watched WHERE watch = ? AND path = ?", (watch, one.path)
                )
                if one.after is not None:
                    connection.execute(_INSERT, (watch, one.path, *one.after))
                if one.told:
                    put_event(connection, _event(watch, one), now)

        self._store.writer.call(change)

    def forget(self, but: Sequence[str]) -> None:
        """Forget what triggers saw that are no more."""

        def change(connection: sqlite3.Connection) -> None:
            rows = connection.execute("SELECT DISTINCT watch FROM watched").fetchall()
            for (watch,) in rows:
                if watch not in but:
                    connection.execute("DELETE FROM watched WHERE watch = ?", (watch,))

        self._store.writer.call(change)


_INSERT = "INSERT INTO watched (watch, path, mtime, size) VALUES (?, ?, ?, ?)"


def _digest(pattern: str) -> int:
    from hashlib import sha256

    return int.from_bytes(sha256(pattern.encode()).digest()[:7])


def _event(watch: str, change: Change) -> CloudEvent:
    seen = change.after or change.before
    assert seen is not None
    path = Path(change.path)
    data: dict[str, Json] = {
        "path": change.path,
        "name": path.name,
        "stem": path.stem,
        "folder": str(path.parent),
        "size": seen.size,
        "change": change.kind,
    }
    identity = f"{change.kind}:{change.path}:{seen.mtime}:{seen.size}"
    return CloudEvent(identity, watch, f"file.{change.kind}", data)
