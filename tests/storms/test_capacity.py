"""Hundreds of `run`s at once for a capacity of eight, of every priority: all end, eight have it and
never more, and those that wait get it in the order of their priority and of their patience.
"""

import subprocess
from collections.abc import Iterator

import pytest
from storms.conftest import Storm, crowd, full_or, most_at_once, rows

THERE = 8
RUNS = full_or(32, 500)
PRIORITIES = ("low", "normal", "high", "critical")
PLAYBOOK = """
resources: {slots: 1}
steps:
  - name: hold
    shell: |
      echo "start $ORCHESTRATE_WORKFLOW" >> log
      until test -e go; do sleep 0.1; done
      echo "end $ORCHESTRATE_WORKFLOW" >> log
"""
WAITING = "SELECT count(*) FROM claims WHERE state = 'waiting'"
ORDER = """
SELECT w.id FROM claims c JOIN workflows w ON w.number = c.workflow WHERE c.state = 'waiting'
ORDER BY c.since - 1800 * CASE w.priority
    WHEN 'critical' THEN 2 WHEN 'high' THEN 1 WHEN 'normal' THEN 0 ELSE -1 END, c.number
"""
LAST = """
SELECT max(c.number), w.id FROM claims c JOIN workflows w ON w.number = c.workflow
WHERE c.state = 'waiting' AND w.priority = 'low'
"""


@pytest.fixture
def many(storm: Storm) -> Iterator[list["subprocess.Popen[bytes]"]]:
    storm.playbook("hold", PLAYBOOK)
    storm.write("orchestrate.toml", f"[capacity]\nslots = {THERE}\n")
    words = [("run", "--playbook", "hold", "--priority", PRIORITIES[n % 4]) for n in range(RUNS)]
    with crowd(storm, words) as started:
        yield started


def test_capacity_goes_to_the_most_urgent_and_the_most_patient(storm, until, many) -> None:
    until(lambda: rows(storm, WAITING) == [(RUNS - THERE,)], "all of them wait", 600)
    assert len(storm.lines("log")) == THERE
    # One of little urgency that has waited for a night, as far as the store knows.
    ((last, patient),) = rows(storm, LAST)
    rows(storm, f"UPDATE claims SET since = since - 28800 WHERE number = {last}")
    order = [name for (name,) in rows(storm, ORDER)]
    assert order[0] == patient
    storm.touch("go")
    codes = {process.wait(timeout=600) for process in many}
    assert codes == {0}, (storm.root / "errors").read_text()[:2000]
    assert "locked" not in (storm.root / "errors").read_text()
    log = storm.lines("log")
    assert most_at_once(log) == THERE
    began = [line.split()[1] for line in log if line.startswith("start")][THERE:]
    assert sorted(began) == sorted(order)
    # Of eight that were granted at the same moment any may be the first to begin.
    assert all(abs(order.index(name) - turn) < 2 * THERE for turn, name in enumerate(began))
    assert began.index(patient) < THERE
    assert rows(storm, "SELECT state, count(*) FROM workflows GROUP BY state") == [
        ("succeeded", RUNS)
    ]
    assert rows(storm, "SELECT count(*) FROM claims") == [(0,)]
