"""What is read and made beside SQLite must leave SQLite's locks alone."""

import os
import sqlite3
import threading
from pathlib import Path

from polling import eventually

from orchestrate.embedded import location, walindex
from orchestrate.embedded.filelock import FileLock
from orchestrate.embedded.store import LOCK, Store

PUT = "INSERT INTO facts (name, value) VALUES (?, 'x')"


def _locks(path: Path) -> list[tuple[str, str]]:
    """Kind and first byte of this process's locks on a file."""
    inode = f":{path.stat().st_ino}"
    lines = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return [
        (fields[3], fields[6])
        for fields in lines
        if fields[4] == str(os.getpid()) and fields[5].endswith(inode)
    ]


def test_a_store_that_is_closed_leaves_the_locks_of_others_in_the_process(tmp_path: Path) -> None:
    first = Store(tmp_path / "state")
    first.writer.call(lambda c: c.execute(PUT, ("first",)))
    index = tmp_path / "state" / "orchestrate.db-shm"
    assert _locks(index) == [("READ", "128")]  # says that somebody uses the index
    second = Store(tmp_path / "state")
    second.writer.call(lambda c: c.execute(PUT, ("second",)))
    second.close()
    assert _locks(index) == [("READ", "128")]
    first.close()


def _waiting(lock: Path) -> int:
    """How many wait for a file lock."""
    inode = f":{lock.stat().st_ino}"
    lines = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return sum(fields[1] == "->" and fields[6].endswith(inode) for fields in lines)


def test_a_store_that_two_threads_make_at_once_stays_locked(tmp_path: Path) -> None:
    state, made = tmp_path / "state", []
    location.prepare(state, None)
    threads = [threading.Thread(target=lambda: made.append(Store(state))) for _ in range(2)]
    with FileLock(state / LOCK, None):
        for thread in threads:
            thread.start()
        eventually(lambda: _waiting(state / LOCK) == 2)
    for thread in threads:
        thread.join()
    # Without it the next process to close the database would remove the log of these two.
    assert ("READ", "1073741826") in _locks(state / "orchestrate.db")
    for store in made:
        store.close()


def test_numbers_of_the_header_are_read(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (a)")
    path = tmp_path / "x.db-shm"
    commits, frames = (walindex.number_at(path, at) for at in (walindex.COMMITS, walindex.FRAMES))
    with connection:
        connection.execute("INSERT INTO t VALUES (1)")
    assert walindex.number_at(path, walindex.COMMITS) == commits + 1
    assert walindex.number_at(path, walindex.FRAMES) > frames
    connection.close()
    assert walindex.number_at(path, walindex.COMMITS) == -1


def test_stores_that_are_closed_keep_no_descriptors(tmp_path: Path) -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    for number in range(40):
        store = Store(tmp_path / str(number))
        store.writer.call(lambda c: c.execute(PUT, ("x",)))
        store.close()
        if number == 10:
            before = descriptors()
    assert descriptors() <= before
