"""Long-running processes: started in a session of their own, announced by a file, ended by name.

A daemon announces itself: it writes its pid, its start time and its port to a file as soon as it
listens. Whoever finds that file, even after the starter was killed, knows what to end. The start
time makes sure that a pid which the system has given to somebody else is left alone.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

PROJECT = Path(__file__).resolve().parent.parent
START_DEADLINE = 20.0
POLL = 0.02


class DaemonError(Exception):
    """A daemon did not start; the message carries the end of its log."""


class Announcement(NamedTuple):
    """What a daemon says of itself. `started` is its start time as the system counts it."""

    name: str
    pid: int
    started: str
    port: int
    facts: Mapping[str, Any]

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return start_time(self.pid) == self.started

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, unless the process is gone."""
        if self.alive:
            with suppress(ProcessLookupError):  # it may end in between
                os.kill(self.pid, number)


def start_time(pid: int) -> str | None:
    """The start time of a process that runs (a zombie does not), else None."""
    if Path("/proc/self/stat").exists():
        try:
            text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        state, *fields = text.rpartition(")")[2].split()
        return None if state in ("Z", "X") else fields[18]
    shown = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    state, _, started = shown.partition(" ")
    return None if not shown or state.startswith("Z") else started.strip()


def announce(path: Path, name: str, port: int, facts: Mapping[str, Any]) -> None:
    """Called by a daemon that listens: write its file, readable by its user alone."""
    pid = os.getpid()
    data = {"name": name, "pid": pid, "started": start_time(pid), "port": port, "facts": facts}
    fresh = path.with_name(f".{path.name}.{pid}")
    with open(fresh, "w", encoding="utf-8", opener=_private) as file:
        json.dump(data, file)
    fresh.replace(path)


def read_announcement(path: Path) -> Announcement | None:
    """What the file says, or None if there is none."""
    try:
        return Announcement(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def announced(directory: Path) -> dict[str, Announcement]:
    """Every announcement in a directory, by name."""
    found = (read_announcement(path) for path in sorted(directory.glob("*.json")))
    return {each.name: each for each in found if each is not None}


class Starting(NamedTuple):
    """A daemon that was spawned and has not announced itself yet."""

    name: str
    process: subprocess.Popen[bytes]
    announcement: Path
    log: Path

    def wait(self, deadline: float) -> Announcement:
        """Its announcement; raises if it ends or is silent until `deadline` (monotonic)."""
        while True:
            said = read_announcement(self.announcement)
            if said is not None and said.pid == self.process.pid:
                return said
            if self.process.poll() is not None:
                raise DaemonError(
                    f"{self.name} ended with exit code {self.process.returncode}: {self._tail()}"
                )
            if time.monotonic() > deadline:
                self.process.kill()
                raise DaemonError(f"{self.name} did not start in time: {self._tail()}")
            time.sleep(POLL)

    def _tail(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f"{lines[-1] if lines else 'it wrote nothing'} ({self.log})"


def spawn(name: str, module: str, arguments: Sequence[str], run: Path, folder: str) -> Starting:
    """Start `python -m module` in its own session, its output going to a log file."""
    log = run / "logs" / f"{name}.log"
    announcement = run / folder / f"{name}.json"
    for directory in (log.parent, announcement.parent):
        directory.mkdir(parents=True, exist_ok=True)
    announcement.unlink(missing_ok=True)
    words = ["--name", name, "--announce", str(announcement), *arguments]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd=PROJECT,
        )
    return Starting(name, process, announcement, log)


def end(daemons: Sequence[Announcement], grace: float) -> list[str]:
    """End them: TERM, `grace` seconds, then KILL. Returns the names of those that had to be
    killed.
    """
    for daemon in daemons:
        daemon.signal(signal.SIGTERM)
    left = _wait_gone(daemons, grace)
    for daemon in left:
        daemon.signal(signal.SIGKILL)
    _wait_gone(left, START_DEADLINE)
    return [daemon.name for daemon in left]


def kill(daemons: Sequence[Announcement]) -> None:
    """End them at once, whatever they are doing."""
    for daemon in daemons:
        daemon.signal(signal.SIGKILL)
    _wait_gone(daemons, START_DEADLINE)


def _wait_gone(daemons: Sequence[Announcement], seconds: float) -> list[Announcement]:
    deadline = time.monotonic() + seconds
    left = [daemon for daemon in daemons if daemon.alive]
    while left and time.monotonic() < deadline:
        time.sleep(POLL)
        left = [daemon for daemon in left if daemon.alive]
    return left


def daemon_arguments(description: str) -> argparse.ArgumentParser:
    """A parser with the options that `spawn` gives to every daemon."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--name", required=True)
    parser.add_argument("--announce", required=True, type=Path)
    return parser


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
