"""Many writers, readers that never stop, locks of foreign programs, and holders that were stopped:
nobody is turned away who only had to wait.
"""

import fcntl
import json
import os
import re
import select
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import pytest
from polling import eventually
from storms import rivals
from storms.conftest import FULL, end_of, full_or, goes_on_waiting, read_until
from this_year import YEAR

from orchestrate.embedded.store import Store
from orchestrate.embedded.writer import Change

MARK = "  - name: {0}\n    shell: echo {0} >> effects\n"
WAITS = re.compile(rb"(?:locked|being written) by process (\d+) ")
HOLD = full_or(1, 60)
"""Seconds for which a foreign program holds its lock after somebody said that he waits."""


def test_two_hundred_processes_write_at_once_and_none_is_refused(tmp_path: Path) -> None:
    processes, commits = 200, full_or(10, 100)
    Store(tmp_path).close()
    words = [sys.executable, rivals.__file__, str(tmp_path), str(processes), str(commits)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(number for number, _, _ in told) == list(range(processes))
    print("longest wait for a commit:", max(worst for _, _, worst in told), "s")
    store = Store(tmp_path)
    assert store.read("SELECT count(*) FROM facts") == [(processes * commits,)]
    assert store.read("PRAGMA quick_check") == [("ok",)]
    store.close()


FOREIGN = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    connection.execute(statement).fetchall()
print("held", flush=True)
sys.stdin.read()
connection.close()
"""


class Foreign:
    """A program that is none of ours and holds the database in some way until it is let go."""

    def __init__(self, state: Path, *statements: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", FOREIGN, str(state / "orchestrate.db"), *statements],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        read_until(self.process.stdout, "held")

    def let_go(self) -> None:
        self.process.communicate(timeout=120)


@pytest.fixture
def foreign(storm):
    opened = []

    def make(*statements: str) -> Foreign:
        opened.append(Foreign(storm.state, *statements))
        return opened[-1]

    yield make
    for one in opened:
        if one.process.poll() is None:
            one.let_go()


def test_a_reader_that_never_stops_neither_refuses_nor_holds_up_anybody(tmp_path: Path) -> None:
    store = Store(tmp_path)
    wal = tmp_path / "orchestrate.db-wal"
    store.writer.call(lambda c: c.execute("INSERT INTO facts VALUES ('before', '')"))
    reader = Foreign(tmp_path, "BEGIN", "SELECT count(*) FROM facts")
    small = full_or(3000, 30_000)
    for number in range(small):
        row = (f"small-{number}",)
        store.writer.call(lambda c, r=row: c.execute("INSERT INTO facts VALUES (?, '')", r))
    grown = wal.stat().st_size
    # At most the pages that each commit changes, as docs/guarantees.md says.
    assert grown < small * 8 * 4120
    large = "x" * 100_000
    for number in range(700):  # beyond the size at which the log is cut
        values = (f"large-{number}", large)
        store.writer.call(lambda c, v=values: c.execute("INSERT INTO facts VALUES (?, ?)", v))
    assert wal.stat().st_size > 64 << 20
    reader.let_go()
    for number in range(60):  # the next checkpoint
        values = (f"later-{number}", large)
        store.writer.call(lambda c, v=values: c.execute("INSERT INTO facts VALUES (?, ?)", v))
    store.writer.close()
    assert wal.stat().st_size < 16 << 20
    assert store.read("SELECT count(*) FROM facts") == [(1 + small + 700 + 60,)]
    store.close()


def blockers(commands: Sequence[IO[bytes] | None], wanted: int) -> set[int]:
    """The processes for which commands say that they wait: each for some, one for the wanted."""
    seen = {stream: b"" for stream in commands if stream is not None}
    end = time.monotonic() + 60
    while True:
        found = [{int(pid) for pid in WAITS.findall(text)} for text in seen.values()]
        told = set().union(*found)
        if all(found) and wanted in told:
            return told
        ready, _, _ = select.select(list(seen), [], [], max(0.0, end - time.monotonic()))
        assert ready, seen
        for stream in ready:
            seen[stream] += os.read(stream.fileno(), 65536)


def test_a_lock_of_a_foreign_program_is_waited_for_by_whoever_writes(
    storm, foreign, waiting
) -> None:
    storm.playbook("work", "steps:\n" + waiting("slow") + MARK.format("after"))
    storm.playbook("one", "steps:\n" + MARK.format("one"))
    running = storm.launch("run", "--playbook", "work")
    storm.wait_for_file("slow.started")
    holder = foreign("BEGIN EXCLUSIVE")
    storm.touch("slow.go")  # its end is to be recorded now
    beginning = storm.launch("run", "--playbook", "one")
    stopping = storm.launch("cancel", f"WF-{YEAR}-001")
    # One of them waits for the foreign program, the others for that one or for each other.
    said = (beginning.stderr, stopping.stderr, running.stdout)
    told = blockers(said, holder.process.pid)
    assert told <= {each.pid for each in (holder.process, beginning, stopping, running)}
    # Whoever only looks is not concerned.
    assert storm.workflow(f"WF-{YEAR}-001")["state"] == "running"
    assert goes_on_waiting(beginning, HOLD)
    assert storm.lines("effects") == ["slow"]
    holder.let_go()
    assert end_of(beginning)[0] == 0
    # It was asked while the step's end, and with it the start of the next, waited to be recorded.
    code, _, err = end_of(stopping)
    assert code in (0, 5), err
    code, out, err = end_of(running)
    assert code in (0, 130), (out, err)
    effects = storm.lines("effects")
    assert effects.count("slow") == 1
    assert effects.count("one") == 1
    assert effects.count("after") <= 1
    assert storm.workflow(f"WF-{YEAR}-001")["state"] in ("succeeded", "cancelled")


def test_who_gets_the_lock_of_the_store_does_not_say_so_before_it_has_written(tmp_path) -> None:
    told: list[str] = []
    store = Store(tmp_path, notice=told.append)
    store.writer.call(lambda c: c.execute("INSERT INTO facts VALUES ('before', '')"))
    holder = Foreign(tmp_path, "BEGIN IMMEDIATE")
    with (tmp_path / "store.lock").open("rb") as another:
        fcntl.flock(another, fcntl.LOCK_EX)
        written = threading.Event()
        store.writer.submit(Change(lambda _: None, lambda *_: written.set()))
        eventually(lambda: told, "it says that it waits")
    eventually(lambda: len(told) > 1, "it says for whom else")
    holder.let_go()
    assert written.wait(120)
    eventually(lambda: len(told) > 2, "it says that it waits no longer")
    assert told[0].startswith("the store is being written by ")
    assert f"is locked by process {holder.process.pid} " in told[1]
    assert told[2:] == [""]
    assert store.writer.trouble == ""
    store.close()


def test_a_foreign_program_that_lets_nobody_in_is_waited_for_by_readers_too(storm, foreign) -> None:
    storm.playbook("one", "steps:\n" + MARK.format("one"))
    storm.ok("run", "--playbook", "one")
    holder = foreign("PRAGMA locking_mode=EXCLUSIVE", "BEGIN EXCLUSIVE", "SELECT 1 FROM workflows")
    looking = storm.launch("status", "--json")
    assert "is locked by" in read_until(looking.stderr, "is locked by")
    assert goes_on_waiting(looking, HOLD)
    holder.let_go()
    code, out, err = end_of(looking)
    assert code == 0, err
    assert [which["state"] for which in json.loads(out)] == ["succeeded"]


def test_a_process_that_was_stopped_while_it_wrote_is_named_and_waited_for(storm, until) -> None:
    storm.playbook("one", "steps:\n" + MARK.format("one"))
    storm.ok("run", "--playbook", "one")
    stopped = storm.launch("run", "--playbook", "one", ORCHESTRATE_CRASH_AT="commit.before!stop")
    try:
        until(lambda: " T " in Path(f"/proc/{stopped.pid}/stat").read_text(), "the stop")
        behind = storm.launch("run", "--playbook", "one")
        said = read_until(behind.stderr, "kill -CONT")
        assert f"the store is being written by process {stopped.pid} (" in said
        assert "which is stopped" in said
        assert len(storm.ok("status", "--json", "--all").json) == 1
        assert goes_on_waiting(behind, 1 if not FULL else 30)
    finally:
        os.kill(stopped.pid, signal.SIGCONT)
    for process in (behind, stopped):
        code, out, err = end_of(process)
        assert code == 0, (out, err)
    assert storm.lines("effects") == ["one"] * 3


def test_the_library_behind_it_is_not_asked_to_wait_by_itself(tmp_path: Path) -> None:
    """A write that another program keeps out goes on waiting without holding up our own."""
    Store(tmp_path).close()
    holder = Foreign(tmp_path, "BEGIN IMMEDIATE")
    words = [sys.executable, rivals.__file__, str(tmp_path), "8", "3"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as many:
        assert goes_on_waiting(many, HOLD)
        holder.let_go()
        out, err = many.communicate(timeout=120)
    assert (many.returncode, err) == (0, b"")
    assert len(out.splitlines()) == 8
    with sqlite3.connect(tmp_path / "orchestrate.db") as connection:
        assert connection.execute("SELECT count(*) FROM facts").fetchone() == (24,)
    connection.close()
