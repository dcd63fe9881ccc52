"""How late schedules start: many that are due within one minute, on a real daemon."""

import json
import os
import signal
import sqlite3
import statistics
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.project import Project

_SETTLING = 3.0
"""Seconds before the minute begins, for the daemon to start in."""


class Lateness(NamedTuple):
    """Seconds from when a slot was due until its workflow ran."""

    median: float
    p99: float
    started: int


def measure(project: Project, schedules: int) -> Lateness:
    """`schedules` of one playbook, spread over one minute by their jitter."""
    from orchestrate.embedded.actions import Author
    from orchestrate.embedded.schedules import StoredSchedules
    from orchestrate.embedded.store import Store
    from orchestrate.triggers.schedules import Schedule, coming, due_at

    project.run("one")
    # The clock of schedules is moved so that their minute begins soon.
    now = time.time()
    ahead = 3600.0 - now % 3600.0 - _SETTLING
    clock = project.folder / "clock"
    clock.write_text(str(ahead))
    store = Store(project.state)
    stored = StoredSchedules(store, Author("bench"))
    due: dict[str, float] = {}
    for number in range(schedules):
        which = Schedule(
            f"s{number}", "one", "0 * * * *", "UTC", None, {}, "bench", jitter=60.0, enabled=True,
            decided_until=now + ahead,
        )  # fmt: skip
        stored.put(which)
        due[which.name] = due_at(which, coming(which, now + ahead, 1)[0]) - ahead
    store.close()
    started = _serve(project, clock, schedules, until=max(due.values()) + 30)
    late = sorted(started[name] - due[name] for name in started)
    return Lateness(statistics.median(late), late[int(len(late) * 0.99) - 1], len(late))


def _serve(project: Project, clock: Path, schedules: int, until: float) -> dict[str, float]:
    """When the workflow of each schedule began to run."""
    daemon = subprocess.Popen(
        [project.program, "serve"], cwd=project.folder,
        env={**project.env, "ORCHESTRATE_TEST_CLOCK": str(clock)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while time.time() < until:
            time.sleep(1.0)
            found = _started(project)
            if len(found) == schedules:
                return found
        return _started(project)
    finally:
        os.kill(daemon.pid, signal.SIGTERM)
        daemon.wait(60)


def _started(project: Project) -> dict[str, float]:
    connection = sqlite3.connect(project.state / "orchestrate.db")
    try:
        rows = connection.execute(
            "SELECT e.data, w.started_at FROM workflows w JOIN events e ON e.workflow = w.number "
            "AND e.seq = 1 WHERE w.idempotency_key LIKE 'schedule:%' AND w.started_at IS NOT NULL"
        ).fetchall()
    finally:
        connection.close()
    keys = ((json.loads(data)["idempotency_key"], float(at)) for data, at in rows)
    return {key.split(":")[1]: at for key, at in keys}
