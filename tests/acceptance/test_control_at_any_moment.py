"""Control that comes twice, late, or when nobody knows how a step ended."""

import os
import signal
import time
from pathlib import Path

import pytest
from this_year import YEAR

MARK = "  - name: {0}\n    shell: echo {0} >> effects\n"


@pytest.fixture
def running(project, waiting):
    """A workflow whose first step waits for the file slow.go; `finally` waits for one.go."""
    project.playbook(
        "work", "steps:\n" + waiting("slow") + MARK.format("after") + "finally:\n" + waiting("one")
    )
    process = project.start("run", "--playbook", "work")
    project.wait_for_file("slow.started")
    return process


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])


def test_cancel_twice_stops_finally_too(project, running) -> None:
    project.ok("cancel", f"WF-{YEAR}-001")
    project.wait_for_file("one.started")
    assert project.workflow()["state"] == "running"
    project.ok("cancel", f"WF-{YEAR}-001")
    assert project.finish(running).code == 4
    assert project.workflow()["state"] == "needs_attention"
    assert project.lines("effects") == []
    for name in ("slow", "one"):
        (pid,) = project.lines(f"{name}.started")
        assert not Path(f"/proc/{pid}").exists()
    assert project("cancel", f"WF-{YEAR}-001").code == 0
    assert project.workflow()["state"] == "cancelled"


def test_pause_now_with_a_checkpoint_and_a_moment_at_which_it_ends(project, running, until) -> None:
    done = project.ok("pause", "--workflow", "current", "--now", "--checkpoint", "--timeout", "0.1")
    assert "checkpoint CP-1" in done.out
    until(lambda: len(project.lines("slow.started")) == 2, "the step begins again by itself")
    events = project.ok("status", "--workflow", f"WF-{YEAR}-001", "--detailed", "--json").json
    found = [event["type"] for event in events["events"]]
    assert found.count("paused") == found.count("unpaused") == 1
    assert [c["id"] for c in events["checkpoints"]] == ["CP-1"]
    project.touch("slow.go")
    project.touch("one.go")
    assert project.finish(running).code == 0
    assert project.lines("effects") == ["slow", "after", "one"]


def test_a_timer_left_over_from_an_earlier_pause_ends_no_later_one(project, running, until) -> None:
    project.ok("pause", "--workflow", "current", "--now", "--timeout", "0.2")
    project.wait_for_state("paused")
    over = time.time() + 0.2 * 60
    project.ok("resume", "--workflow", f"WF-{YEAR}-001")
    until(lambda: len(project.lines("slow.started")) == 2)
    project.ok("pause", "--workflow", f"WF-{YEAR}-001", "--now")
    project.wait_for_state("paused")
    until(lambda: time.time() > over, "the moment at which the first pause was to end has passed")
    # Whoever looks after timers has had a turn since: it ran a whole workflow beside this one.
    project.playbook("other", "steps:\n  - command: /bin/true\n")
    project.ok("run", "--playbook", "other")
    found = project.workflow(f"WF-{YEAR}-001")
    assert (found["state"], found.get("resume_at")) == ("paused", None)
    project.touch("slow.go")
    project.touch("one.go")
    project.ok("resume", "--workflow", f"WF-{YEAR}-001")
    assert project.finish(running).code == 0


def test_a_pause_whose_owner_died_is_overdue_and_says_so(project, running, until) -> None:
    project.ok("pause", "--workflow", "current", "--now", "--timeout", "0.2")
    project.wait_for_state("paused")
    os.kill(running.pid, signal.SIGKILL)
    running.communicate()
    until(lambda: "resume is overdue" in project.ok("status").out, "overdue")
    project.touch("slow.go")
    project.touch("one.go")
    project.ok("resume", "--workflow", "current")
    assert project.lines("effects") == ["slow", "after", "one"]


def test_a_pause_of_what_nobody_runs_any_more_says_that_a_step_goes_on(project, running) -> None:
    os.kill(running.pid, signal.SIGKILL)
    running.communicate()
    project.ok("pause", "--workflow", f"WF-{YEAR}-001", "--reason", "lunch")
    found = project.workflow(f"WF-{YEAR}-001")
    assert (found["state"], found["owner"], found["reason"]) == ("running", "lost", "lunch")
    (left,) = found["requests"]
    assert (left["request"], left["command"]) == ("pause", "orchestrate serve")
    shown = project.ok("status", "--workflow", f"WF-{YEAR}-001").out
    assert "asked to pause: it waits until somebody runs the workflow" in shown
    assert "go on: orchestrate serve" in shown
    assert project("pause", "--workflow", f"WF-{YEAR}-001").code == 5
    project.touch("slow.go")
    project.touch("one.go")
    project.ok("resume", "--workflow", f"WF-{YEAR}-001")
    assert "requests" not in project.workflow(f"WF-{YEAR}-001")
    assert project.lines("effects") == ["slow", "after", "one"]
    assert len(project.lines("slow.started")) == 1


def test_complete_ends_a_paused_workflow_and_runs_finally(project, running) -> None:
    project.ok("pause", "--workflow", "current", "--now")
    project.wait_for_state("paused")
    project.touch("one.go")
    project.ok("complete", "--workflow", f"WF-{YEAR}-001", "--force", "--reason", "by hand")
    assert project.finish(running).code == 0
    found = project.workflow()
    assert (found["state"], found["reason"]) == ("completed", "by hand")
    assert project.lines("effects") == ["one"]
    assert project("complete", "--workflow", f"WF-{YEAR}-001", "--force").code == 5


@pytest.fixture
def unknown(project, waiting) -> str:
    """A workflow with a step of which nobody can say how it ended."""
    project.playbook("work", "steps:\n" + waiting("slow") + MARK.format("after"))
    process = project.start("run", "--playbook", "work")
    project.wait_for_file("slow.started")
    (step,) = project.lines("slow.started")
    slot = parent_of(int(step))
    for pid in (parent_of(slot), slot, int(step)):
        os.kill(pid, signal.SIGKILL)
    assert project.finish(process).code == 4
    found = project.workflow(f"WF-{YEAR}-001")
    assert found["state"] == "needs_attention"
    assert [(p["path"], p["choices"]) for p in found["parked"]] == [
        ("slow", ["rerun", "skip", "fail"])
    ]
    return f"WF-{YEAR}-001"


@pytest.mark.parametrize(
    ("choice", "line", "code", "effects"),
    [
        ("rerun", "  run    slow  decided now", 0, ["slow", "after"]),
        ("skip", "  skip  slow  decided now", 0, ["after"]),
        ("fail", "  fail  slow  decided now", 1, []),
    ],
)
def test_what_nobody_knows_is_decided(project, unknown, choice, line, code, effects) -> None:
    project.touch("slow.go")
    done = project("resume", "--workflow", unknown, "--unknown", choice)
    assert done.code == code, done
    assert line.split() in [shown.split() for shown in done.out.splitlines()]
    assert project.lines("effects") == effects


def test_what_nobody_knows_stays_open_until_it_is_decided(project, unknown) -> None:
    done = project("resume", "--workflow", unknown)
    assert done.code == 4
    assert "  decide  slow" in done.out
    assert project.workflow(unknown)["state"] == "needs_attention"
    project.ok("cancel", unknown)
    assert project.workflow(unknown)["state"] in ("cancelled", "needs_attention")
    assert project("resume", "--workflow", unknown).code == 4
    assert [p["path"] for p in project.workflow(unknown)["parked"]] == ["slow"]
    project.touch("slow.go")
    project.ok("resume", "--workflow", unknown, "--unknown", "rerun")
    assert project.lines("effects") == ["slow", "after"]


def test_a_step_from_which_to_resume_and_a_checkpoint_contradict_each_other(project) -> None:
    project.playbook("one", "steps:\n" + MARK.format("one"))
    project.ok("run", "--playbook", "one", "--checkpoint")
    words = ("resume", "--workflow", "current", "--from-step", "one", "--checkpoint", "CP-1")
    assert project("resume", "--workflow", f"WF-{YEAR}-001", *words[3:]).code == 2
    assert project.lines("effects") == ["one"]
