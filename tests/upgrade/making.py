"""Writes `stores/schema-N.sql.gz`: stores as the programs of the time left them, with workflows
in flight.

    PYTHONPATH=tests python -m upgrade.making

Each is written by the last program that knew schema N and could be started, taken from the history
of this repository. There is none for 7, and those of 3 and 4 had another script 0003, which was
changed before anything was released: there a program of the time is given the scripts of today.
"""

import gzip
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

from crash.harness import kill, processes_of
from polling import eventually

STORES = Path(__file__).with_name("stores")
ROOT = Path(__file__).parents[2]
_SCHEMA = Path("src/orchestrate/embedded/schema")
COMMITS = {
    1: "1619a8d", 2: "6999742", 3: "633d37b", 4: "633d37b", 5: "aa4108e",
    6: "9e1a21a", 7: "9e1a21a", 8: "8773307", 9: "ed5cae7",
}  # fmt: skip
"""Where the program is."""
_WITH_TODAYS_SCRIPTS = (3, 4, 7)
SCHEDULES = (2, 3, 4, 5, 8, 9)
"""Those with a schedule; the program of 6 and 7 did not record yet who had made it."""
LOCKS, EVENTS = 5, 8
"""Since when there are locks, and steps that wait for events."""

_MARK = 'echo "$ORCHESTRATE_WORKFLOW {0}" >> effects'
_STEPS = f"""
steps:
  - name: one
    shell: {_MARK.format("one")}
  - name: two
    idempotent: true
    shell: {_MARK.format("two")}; WAIT
  - name: three
    shell: {_MARK.format("three")}
"""
_LISTENS = f"""
steps:
  - name: one
    shell: {_MARK.format("one")}
  - {{name: told, type: wait, event: go}}
  - name: three
    shell: {_MARK.format("three")}
"""


def playbooks(version: int) -> dict[str, str]:
    """By name. `fails` fails while there is no file `mended`, `waits` waits for a file `go`."""
    found = {
        "fails": _STEPS.replace("WAIT", "test -e mended"),
        "waits": _STEPS.replace("WAIT", "until test -e go; do sleep 0.05; done"),
    }
    if version >= LOCKS:
        found["waits"] = f"locks: [db]\n{found['waits']}"
    if version >= EVENTS:
        found["listens"] = _LISTENS
    return found


class Past:
    """A project that is run by a program of the past."""

    def __init__(self, folder: Path, version: int) -> None:
        self.root = folder / "project"
        (self.root / "playbooks").mkdir(parents=True)
        for name, text in playbooks(version).items():
            (self.root / "playbooks" / f"{name}.yaml").write_text(text)
        self._program = folder / "program"
        self._started: list[subprocess.Popen[bytes]] = []
        archive = subprocess.run(
            ["git", "archive", COMMITS[version], "src"], cwd=ROOT, capture_output=True, check=True
        )
        with tarfile.open(fileobj=BytesIO(archive.stdout)) as files:
            files.extractall(self._program, filter="data")
        _give_scripts(self._program, version)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8",
               "PYTHONPATH": str(self._program / "src")}  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-m", "orchestrate", *words], cwd=self.root, env=env,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self._started.append(process)
        return process

    def call(self, *words: str) -> int:
        return self.start(*words).wait(120)

    def lines(self) -> list[str]:
        effects = self.root / "effects"
        return effects.read_text().splitlines() if effects.exists() else []

    def until(self, line: str) -> None:
        eventually(lambda: line in self.lines(), line)

    def fall(self) -> None:
        """Everything ends at once, as if the machine fell."""

        for engine in self._started:
            engine.kill()

        def fallen() -> bool:
            doomed = processes_of(self.root)
            for seen in doomed:
                kill(seen.pid, signal.SIGKILL)
            return not doomed

        eventually(fallen, "everything is gone")


def live(past: Past, version: int) -> None:
    """What workflows have been through. The last one is struck while its second step runs."""
    (past.root / "go").touch()
    assert past.call("run", "--playbook", "waits") == 0
    (past.root / "go").unlink()
    assert past.call("run", "--playbook", "fails") == 1
    prefix = beginning_of_ids(past)
    past.start("run", "--playbook", "waits")
    past.until(f"{prefix}-003 two")
    assert past.call("pause", "--workflow", f"{prefix}-003") == 0
    (past.root / "go").touch()
    eventually(lambda: state(past, 3) == "paused", "the pause")
    (past.root / "go").unlink()
    past.fall()
    if version >= EVENTS:
        past.start("run", "--playbook", "listens")
        eventually(lambda: rows(past, "SELECT 1 FROM event_waits"), "it waits")
        past.fall()
    if version in SCHEDULES:
        words = ("--playbook", "fails", "--cron", "0 2 * * *", "--yes")
        assert past.call("schedule", *words) == 0
    number = 5 if version >= EVENTS else 4
    if version >= LOCKS:  # the one in the pause has the lock
        (past.root / "playbooks" / "waits.yaml").write_text(
            playbooks(version)["waits"].replace("[db]", "[other]")
        )
    past.start("run", "--playbook", "waits")
    past.until(f"{prefix}-{number:03} two")
    past.fall()


def beginning_of_ids(past: Past) -> str:
    """What the ids begin with: `WF-2026`."""
    return str(rows(past, "SELECT id FROM workflows WHERE number = 1")[0][0]).rpartition("-")[0]


def state(past: Past, number: int) -> str:
    return str(rows(past, f"SELECT state FROM workflows WHERE number = {number}")[0][0])


def rows(past: Past, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(past.root / ".orchestrate" / "orchestrate.db")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def dump(past: Past) -> str:
    """The store as SQL, with its schema's number."""
    connection = sqlite3.connect(past.root / ".orchestrate" / "orchestrate.db")
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    text = "\n".join([*connection.iterdump(), f"PRAGMA user_version={number};", ""])
    connection.close()
    assert str(past.root) not in text, "nothing in it may say where it was made"
    return text


def _give_scripts(program: Path, version: int) -> None:
    """The scripts of today, up to that version, where the program had others."""
    if version not in _WITH_TODAYS_SCRIPTS:
        return
    for script in (program / _SCHEMA).glob("*.sql"):
        script.unlink()
    for script in sorted((ROOT / _SCHEMA).glob("*.sql"))[:version]:
        shutil.copy(script, program / _SCHEMA)
    database = program / "src/orchestrate/embedded/database.py"
    text = database.read_text()
    database.write_text(re.sub(r"(?m)^VERSION = \d+$", f"VERSION = {version}", text))


def main() -> None:
    STORES.mkdir(exist_ok=True)
    for version in map(int, sys.argv[1:] or COMMITS):
        with tempfile.TemporaryDirectory(prefix="orchestrate-past-") as folder:
            past = Past(Path(folder), version)
            try:
                live(past, version)
                packed = gzip.compress(dump(past).encode(), mtime=0)
                STORES.joinpath(f"schema-{version}.sql.gz").write_bytes(packed)
            finally:
                past.fall()
        print(f"schema {version}", flush=True)


if __name__ == "__main__":
    os.umask(0o022)
    main()
