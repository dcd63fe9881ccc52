"""Hundreds of `run`s at once where eight may: all end, never more than eight run, in the order in
which they were made, and those that wait stay small.
"""

import json
import signal
import time
from pathlib import Path

from storms.conftest import crowd, full_or, most_at_once, rows
from this_year import YEAR

ALLOWED = 8
RUNS = full_or(40, 500)
PLAYBOOK = """
steps:
  - name: hold
    shell: |
      echo "start $ORCHESTRATE_WORKFLOW" >> log
      until test -e go; do sleep 0.1; done
      echo "end $ORCHESTRATE_WORKFLOW" >> log
"""


def peak_memory(pid: int) -> int:
    """KiB that a process had in memory at most."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise AssertionError(f"{pid} has ended")


def test_every_run_has_its_turn(storm, until) -> None:
    storm.playbook("hold", PLAYBOOK)
    storm.write("orchestrate.toml", f"[engine]\nmax_workflows = {ALLOWED}\n")
    with crowd(storm, [("run", "--playbook", "hold")] * RUNS) as many:
        waiting = "SELECT count(*) FROM waiters"
        deadline = time.monotonic() + 600
        until(lambda: len(storm.lines("log")) == ALLOWED, "eight starts")
        while rows(storm, waiting) != [(RUNS - ALLOWED,)]:
            assert time.monotonic() < deadline, "not all of them queued"
            time.sleep(0.1)
        assert len(storm.lines("log")) == ALLOWED
        memory = [peak_memory(process.pid) for process in many]
        storm.touch("go")
        codes = {process.wait(timeout=600) for process in many}
    assert codes == {0}, (storm.root / "errors").read_text()[:2000]
    print("largest process that waited:", max(memory) // 1024, "MiB")
    assert max(memory) < 80 * 1024
    log = storm.lines("log")
    assert len(log) == 2 * RUNS
    assert most_at_once(log) == ALLOWED
    assert rows(storm, "SELECT state, count(*) FROM workflows GROUP BY state") == [
        ("succeeded", RUNS)
    ]
    assert rows(storm, waiting) == [(0,)]
    # The moment of `owned` is taken behind the store's lock: in the order of the commits. Of those
    # for whom there is a place, any may be the first to take it; nobody takes that of another.
    owned = rows(storm, "SELECT workflow FROM events WHERE type = 'owned' ORDER BY at")
    order = [number for (number,) in owned]
    assert sorted(order) == list(range(1, RUNS + 1))
    assert all(number <= turn + ALLOWED for turn, number in enumerate(order))


def test_a_workflow_that_goes_on_after_a_pause_waits_for_its_place(storm, until, waiting) -> None:
    storm.write("orchestrate.toml", "[engine]\nmax_workflows = 1\n")
    storm.playbook("first", "steps:\n" + waiting("slow") + "  - shell: echo last >> effects\n")
    storm.playbook("second", "steps:\n" + waiting("go"))
    first = storm.launch("run", "--playbook", "first")
    storm.wait_for_file("slow.started")
    second = storm.launch("run", "--playbook", "second")
    until(lambda: rows(storm, "SELECT count(*) FROM waiters") == [(1,)])
    storm.ok("pause", "--workflow", f"WF-{YEAR}-001")
    storm.touch("slow.go")
    storm.wait_for_state("paused", f"WF-{YEAR}-001")
    storm.wait_for_file("go.started")  # the pause gave the place to the second
    storm.ok("resume", "--workflow", f"WF-{YEAR}-001")
    until(lambda: rows(storm, "SELECT workflow FROM waiters") == [(1,)])
    assert storm.workflow(f"WF-{YEAR}-001")["state"] == "paused"
    assert storm.lines("effects") == ["slow"]
    storm.touch("go.go")
    assert second.wait(timeout=120) == 0
    assert first.wait(timeout=120) == 0
    assert storm.lines("effects") == ["slow", "go", "last"]


def test_a_pause_that_ends_by_itself_waits_for_its_place(storm, until, waiting) -> None:
    storm.write("orchestrate.toml", "[engine]\nmax_workflows = 1\n")
    storm.playbook("first", "steps:\n" + waiting("slow") + "  - shell: echo last >> effects\n")
    storm.playbook("second", "steps:\n" + waiting("go"))
    first = storm.launch("run", "--playbook", "first")
    storm.wait_for_file("slow.started")
    second = storm.launch("run", "--playbook", "second")
    until(lambda: rows(storm, "SELECT count(*) FROM waiters") == [(1,)])
    storm.ok("pause", "--workflow", f"WF-{YEAR}-001", "--timeout", "0.15")
    storm.touch("slow.go")
    storm.wait_for_file("go.started")
    until(lambda: rows(storm, "SELECT workflow FROM waiters") == [(1,)])
    assert storm.lines("effects") == ["slow"]
    # The one that it waits for dies: nothing is written by that, its place is free all the same.
    second.kill()
    second.wait()
    assert first.wait(timeout=120) == 0
    assert storm.lines("effects") == ["slow", "last"]
    storm.touch("go.go")
    storm.ok("resume", "--workflow", f"WF-{YEAR}-002")
    assert storm.lines("effects") == ["slow", "last", "go"]


def test_a_resume_waits_for_its_place_and_can_be_interrupted(storm, until, waiting) -> None:
    storm.write("orchestrate.toml", "[engine]\nmax_workflows = 1\n")
    storm.playbook("fails", "steps:\n  - shell: '[ -e mended ]'\n")
    storm.playbook("long", "steps:\n" + waiting("go"))
    assert storm("run", "--playbook", "fails").code == 1
    storm.touch("mended")
    running = storm.launch("run", "--playbook", "long")
    storm.wait_for_file("go.started")
    first, again = (storm.launch("resume", "--workflow", f"WF-{YEAR}-001") for _ in range(2))
    until(lambda: rows(storm, "SELECT workflow FROM waiters") == [(1,)])
    first.send_signal(signal.SIGINT)
    assert first.wait(timeout=120) == 130
    assert storm.workflow(f"WF-{YEAR}-001")["state"] == "failed"
    storm.touch("go.go")
    assert running.wait(timeout=120) == 0
    assert again.wait(timeout=120) == 0
    assert json.loads(storm.ok("status", "--all", "--json").out)[1]["state"] == "succeeded"
