"""Connections to the store of which any statement may fail."""

import sqlite3
import time
from collections.abc import Callable
from typing import Any

from faulty.chance import APPLIED, ERROR, SLOW, Chance, place_of

from orchestrate.embedded import database

_READING = frozenset({"SELECT", "PRAGMA"})
_chance: Chance


class FaultyConnection(sqlite3.Connection):
    """What a disk that fails, or somebody who holds the database, does to a connection."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        return _tried(sql, lambda: sqlite3.Connection.execute(self, sql, parameters))

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        return _tried(sql, lambda: sqlite3.Connection.executemany(self, sql, parameters))

    def rollback(self) -> None:
        _tried("ROLLBACK", lambda: sqlite3.Connection.rollback(self))


def _tried(sql: str, do: Callable[[], Any]) -> Any:
    word = sql.split(None, 1)[0].upper()
    place = f"{place_of(3)} {word}"
    kinds = (ERROR, SLOW) if word in _READING else (ERROR, SLOW, APPLIED)
    match _chance.strikes(place, kinds):
        case "error":
            raise _error(sqlite3.SQLITE_IOERR, "disk I/O error")
        case "slow" if word == "ROLLBACK":
            time.sleep(0.02)  # this is never refused because of others
        case "slow":
            raise _error(sqlite3.SQLITE_BUSY, "database is locked")
        case "applied":
            do()
            raise _error(sqlite3.SQLITE_FULL, "database or disk is full")
        case _:
            pass
    return do()


def _error(code: int, message: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(message)
    error.sqlite_errorcode = code
    return error


class _Writing(database.PatientConnection, FaultyConnection):
    """What the writer has."""


class _Reading(database.ReadingConnection, FaultyConnection):
    """What everybody else has."""


def install(chance: Chance) -> None:
    """From now on this process opens such connections."""
    global _chance
    _chance = chance
    database.PatientConnection = _Writing
    database.ReadingConnection = _Reading
