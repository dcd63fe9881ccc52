"""Those that wait sleep: they wake up every few seconds, read next to nothing, write nothing,
and each of them gets in its turn what it waits for.

Counted are wake-ups and reads, as the system counts them, for time says little on a busy machine.
"""

import json
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from storms.conftest import Storm, crowd, full_or, rows

from orchestrate.embedded.loop import BACKSTOP

WAITERS = full_or(7, 250)
"""Of each kind."""
WINDOW = full_or(4, 30)
"""Seconds."""
UNTIL_GO = "touch $ORCHESTRATE_WORKFLOW.began; until test -e go; do sleep 0.2; done"
LOCKED = f"steps:\n  - {{name: hold, locks: [db], shell: {UNTIL_GO!r}}}\n"
GROUPED = f"concurrency: one\nsteps:\n  - shell: {UNTIL_GO!r}\n"
CLAIMS = "SELECT workflow FROM claims WHERE state = 'waiting' ORDER BY number"
TOLD = "SELECT count(*) FROM events WHERE type = 'claim_waiting'"
QUEUE = "SELECT workflow FROM waiters ORDER BY rank, workflow"


class Count(NamedTuple):
    """What a process has done so far."""

    wakeups: int
    reads: int
    written: int

    def since(self, before: "Count") -> "Count":
        return Count(*(now - then for now, then in zip(self, before, strict=True)))


def count(pid: int) -> Count:
    wakeups = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        status = (thread / "status").read_text()
        wakeups += int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])
    told = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return Count(wakeups, int(told["rchar"]), int(told["wchar"]))


class Spent(NamedTuple):
    """The most that one process did while it looked so many times."""

    looks: float
    most: Count

    @property
    def is_little(self) -> bool:
        return (
            self.most.wakeups <= 3 * self.looks
            and self.most.reads <= 2000 * self.looks  # of /proc: does the first one live?
            and self.most.written == 0
        )


def in_a_window(processes: Sequence["subprocess.Popen[bytes]"]) -> Spent:
    before, moment = [count(process.pid) for process in processes], time.monotonic()
    time.sleep(WINDOW)
    looks = (time.monotonic() - moment) / BACKSTOP + 2
    found = [count(p.pid).since(b) for p, b in zip(processes, before, strict=True)]
    return Spent(looks, Count(*(max(values) for values in zip(*found, strict=True))))


def number_of(workflow: str) -> int:
    return int(workflow.rpartition("-")[2])


def began(storm: Storm) -> set[int]:
    return {number_of(path.name.removesuffix(".began")) for path in storm.root.glob("*.began")}


def test_waiters_sleep_and_get_their_turn(storm, until) -> None:
    storm.playbook("locked", LOCKED)
    storm.playbook("grouped", GROUPED)
    words = [("run", "--playbook", name) for name in ("locked", "grouped")]
    with crowd(storm, words) as first:
        until(lambda: len(began(storm)) == 2, "one of each kind runs")
        with crowd(storm, words * WAITERS) as many:
            until(lambda: len(rows(storm, CLAIMS)) == WAITERS, "all wait for the lock", 120)
            until(lambda: len(rows(storm, QUEUE)) == WAITERS, "all wait for the group", 120)
            claims, queue = ([number for (number,) in rows(storm, q)] for q in (CLAIMS, QUEUE))
            until(lambda: rows(storm, TOLD) == [(WAITERS,)], "they have written down for whom", 120)
            time.sleep(BACKSTOP + 1)  # whoever saw that something was written has looked
            spent: list[Spent] = []
            for _ in range(10):  # on a busy machine some look later
                spent.append(in_a_window(many))
                if spent[-1].is_little:
                    break
            storm.touch("go")
            assert {process.wait(timeout=600) for process in (*many, *first)} == {0}
    print(f"{2 * WAITERS} waiters, {WINDOW} s: at most {spent[-1]}")
    assert spent[-1].is_little, spent
    granted = rows(storm, "SELECT data, workflow FROM events WHERE type = 'claimed'")
    order = sorted((json.loads(data)["tokens"]["db"], workflow) for data, workflow in granted)
    assert [workflow for _, workflow in order][1:] == claims
    owned = rows(storm, "SELECT workflow FROM events WHERE type = 'owned' ORDER BY at")
    assert [number for (number,) in owned if number in queue] == queue
