"""A supervisor per test, real processes under it, and proof that none of them is left over."""

import os
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from polling import eventually

from orchestrate.processes import records
from orchestrate.processes.client import Supervisor
from orchestrate.processes.launch import Launch, Report

PATIENCE = 120.0
ENDS = ("finished", "refused", "lost")
SLEEPS = "until grep -q ^sleep /proc/$!/cmdline; do sleep 0.01; done"
"""In a shell: what was put into the background is a `sleep` by now, no longer a shell."""


def is_running(pid: int) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return False
    return fields[0] not in "ZX"


def processes_with(text: str) -> list[int]:
    """Every process whose command line or environment has this text."""
    found: list[int] = []
    for name in (path.name for path in Path("/proc").iterdir()):
        if not name.isdecimal() or int(name) == os.getpid() or not is_running(int(name)):
            continue
        for file in ("cmdline", "environ"):
            try:
                data = Path(f"/proc/{name}/{file}").read_bytes()
            except OSError:
                continue
            if text.encode() in data:
                found.append(int(name))
                break
    return found


class Lab:
    """One supervisor and what a test does with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.directory = folder / "supervisors" / "S1"
        self.supervisor = Supervisor.start(self.directory)
        self.reports: list[Report] = []
        self.count = 0
        self.eventually = eventually
        self.is_running = is_running
        self.processes_with = processes_with

    def launch(self, *argv: str, **changes: object) -> str:
        """Launch a process; gives its attempt id."""
        self.count += 1
        values: dict[str, object] = {
            "attempt": f"WF-2026-001/{self.count}",
            "workflow": "WF-2026-001",
            "epoch": 1,
            "argv": argv,
            "env": {"PATH": os.environ["PATH"], "LAB": str(self.folder)},
            "workdir": str(self.folder),
            "log": str(self.folder / "logs" / str(self.count)),
            "deadline": None,
            "grace": 5.0,
            "masks": (),
            "output_limit": 1_000_000,
            "tails": ("stdout", "stderr"),
        } | changes
        launch = Launch(**values)  # type: ignore[arg-type]
        self.supervisor.send_launch(launch)
        return launch.attempt

    def shell(self, text: str, **changes: object) -> str:
        return self.launch("/bin/sh", "-c", text, **changes)

    def wait_for(self, attempt: str, *phases: str) -> Report:
        """The next report of an attempt with one of these phases (default: its end)."""
        until = time.monotonic() + PATIENCE
        while True:
            for place, report in enumerate(self.reports):
                if report.attempt == attempt and report.phase in (phases or ENDS):
                    return self.reports.pop(place)
            assert time.monotonic() < until, f"no report of {attempt}: {self.reports}"
            writes = [self.supervisor] if self.supervisor.wants_write else []
            select.select([self.supervisor], writes, [], 0.2)
            self.reports += self.supervisor.receive()

    def run(self, *argv: str, **changes: object) -> Report:
        return self.wait_for(self.launch(*argv, **changes))

    def run_shell(self, text: str, **changes: object) -> Report:
        return self.wait_for(self.shell(text, **changes))

    def log(self, number: int = 1) -> bytes:
        path = self.folder / "logs" / f"{number}.log"
        return path.read_bytes() if path.exists() else b""

    def log_path(self, number: int = 1) -> Path:
        return self.folder / "logs" / str(number)

    def pid_in(self, name: str) -> int:
        """The pid that a process writes into a file of the folder."""
        path = self.folder / name
        eventually(lambda: path.exists() and path.read_text().endswith("\n"), f"{name} is written")
        return int(path.read_text())

    @property
    def supervisor_pid(self) -> int:
        for pid in processes_with(str(self.directory)):
            parent = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1]
            if int(parent) not in processes_with(str(self.directory)):
                return pid
        raise AssertionError("no supervisor")

    def slot_of(self, pid: int) -> int:
        """The slot that a process of a step is a child of."""
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A supervisor. When the test ends nothing of it may run any more."""
    lab = Lab(tmp_path)
    try:
        yield lab
        lab.supervisor.close(detach=False)
        eventually(lambda: not processes_with(str(tmp_path)), "everything has ended")
    finally:
        left = processes_with(str(tmp_path))
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        # Those that were killed have left a folder in memory.
        for directory in (tmp_path / "supervisors").iterdir():
            records.discard(directory)
