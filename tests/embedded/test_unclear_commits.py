"""A commit that is said to have failed may be there; the next look at the store decides."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestrate.embedded import database
from orchestrate.embedded.filelock import FileLock
from orchestrate.embedded.store import LOCK, Store
from orchestrate.embedded.writer import Change, Writer
from orchestrate.errors import StateDirectoryError


class Unclear(database.PatientConnection):
    """Says of some statements that the disk failed: before or after they were executed."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        self._fail_if(sql, "before")
        done = super().execute(sql, parameters)
        self._fail_if(sql, "after")
        return done

    def rollback(self) -> None:
        self._fail_if("ROLLBACK", "before")
        super().rollback()

    def _fail_if(self, sql: str, when: str) -> None:
        doomed = getattr(self, when)
        if sql in doomed:
            setattr(self, when, tuple(each for each in doomed if each != sql))
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise error


class Shaky:
    """A writer on a store, and the connection that fails."""

    def __init__(self, directory: Path) -> None:
        self.store = Store(directory)
        self.connection = sqlite3.connect(
            directory / database.FILE, isolation_level=None, check_same_thread=False,
            factory=Unclear,
        )  # fmt: skip
        self.connection.directory = directory
        self.writer = Writer(directory, FileLock(directory / LOCK, None), self.connection)

    def facts(self) -> list[tuple[Any, ...]]:
        return self.store.read("SELECT name, value FROM facts WHERE name LIKE 'test%'")


@pytest.fixture
def shaky(tmp_path: Path):
    made = Shaky(tmp_path / "state")
    yield made
    made.writer.close()
    made.connection.close()
    made.store.close()


def add(name: str) -> Callable[[sqlite3.Connection], str]:
    def change(connection: sqlite3.Connection) -> str:
        connection.execute("INSERT INTO facts (name, value) VALUES (?, 'x')", (name,))
        return name

    return change


def test_a_commit_that_is_there_is_no_error(shaky: Shaky):
    shaky.connection.after = ("COMMIT",)
    assert shaky.writer.call(add("test")) == "test"
    assert shaky.facts() == [("test", "x")]


def test_a_commit_that_is_there_is_not_written_again_by_another_thread(shaky: Shaky):
    told: list[tuple[Any, Exception | None]] = []
    shaky.connection.after = ("COMMIT",)
    change = Change(add("test"), lambda *answer: told.append(answer), patient=True)
    shaky.writer.write_at_once(change)
    shaky.writer.close()
    assert told == [("test", None)]
    assert shaky.facts() == [("test", "x")]


def test_a_commit_that_is_not_there_is_an_error(shaky: Shaky):
    shaky.connection.before = ("COMMIT",)
    with pytest.raises(StateDirectoryError, match="disk I/O error"):
        shaky.writer.call(add("test"))
    assert shaky.facts() == []


def test_what_could_not_be_undone_does_not_keep_the_next_one_from_writing(shaky: Shaky):
    shaky.connection.before = ("COMMIT", "ROLLBACK")
    with pytest.raises(StateDirectoryError, match="disk I/O error"):
        shaky.writer.call(add("test"))
    assert shaky.writer.call(add("test next")) == "test next"
    assert shaky.facts() == [("test next", "x")]


def test_what_reads_says_for_a_person_what_is_wrong(tmp_path: Path):
    store = Store(tmp_path / "state")
    try:
        with pytest.raises(database.OrchestrateError, match=r"orchestrate\.db does not have"):
            store.reader.execute("SELECT nonsense FROM nowhere")
    finally:
        store.close()
