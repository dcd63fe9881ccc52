"""`kill -9` at every named point: everything is done once, whoever died."""

import re
import signal
from pathlib import Path

import pytest
from crash.harness import Playground, eventually, kill
from crash.verdict import judge

import orchestrate
from orchestrate.processes.supervising.crash import (
    DAEMON_POINTS,
    DELIVERY_POINTS,
    ENGINE_POINTS,
    QUEUE_POINTS,
    SLOT_POINTS,
    SUPERVISOR_POINTS,
)

RECOVERY = ("recover.fenced", "recover.replayed", "recover.answered")
"""Passed at every start, but of interest only where there is something to recover."""
CHECKPOINTS = ("checkpoint.before", "checkpoint.after")
"""Passed when the store's log has grown by 1000 pages."""
EVENTS = ("event.taken",)
"""Passed where something waits for an event."""
WATCHERS = {"engine": ENGINE_POINTS, "supervisor": SUPERVISOR_POINTS, "slot": SLOT_POINTS}

LARGE = """
name: mixed
steps:
  - name: each
    type: foreach
    items: [r, s, t, u, v, w]
    as: item
    steps:
      - name: work
        shell: |
          echo "$ORCHESTRATE_STEP $ORCHESTRATE_ATTEMPT start" >> "$EFFECTS"
          (printf large=; head -c 1000000 /dev/zero | tr '\\0' x) > "$ORCHESTRATE_OUTPUT"
          echo "$ORCHESTRATE_STEP $ORCHESTRATE_ATTEMPT end" >> "$EFFECTS"
"""

TOLD = """
name: mixed
steps:
  - {name: told, type: wait, event: go}
  - name: after
    shell: echo "$ORCHESTRATE_STEP $ORCHESTRATE_ATTEMPT ${told.output.id}" >> "$EFFECTS"
"""
EMIT = ("emit", "--source", "test", "--event", "go", "--id")


def kill_at(ground: Playground, process, point: str) -> None:
    """Wait until somebody has stopped at the point, see that it is the right one, and kill it."""
    eventually(lambda: ground.stopped() or process.poll() is not None, f"{point} is reached")
    (stopped,) = ground.stopped()
    assert point in WATCHERS[stopped.kind]
    kill(stopped.pid)


def finish(ground: Playground, process) -> None:
    """Wait for the process, and continue the workflow until it is over."""
    code = ground.wait(process)
    for _ in range(5):
        if ground.workflow_state == "succeeded":
            break
        assert code in (-signal.SIGKILL, 4), ground.said(process)
        process = ground.resume("--unknown", "rerun") if code == 4 else ground.resume()
        code = ground.wait(process)
    assert code in (-signal.SIGKILL, 0), ground.said(process)


def test_the_points_that_are_listed_are_those_that_are_passed() -> None:
    texts = [file.read_text() for file in Path(orchestrate.__file__).parent.rglob("*.py")]
    calls = [call for text in texts for call in re.findall(r"crash_point\(([^)]*)\)", text)]
    passed = {name for call in calls for name in re.findall(r'"([a-z.]+)"', call)}
    assert passed == {*ENGINE_POINTS, *QUEUE_POINTS, *DAEMON_POINTS, *DELIVERY_POINTS,
                      *SUPERVISOR_POINTS, *SLOT_POINTS}  # fmt: skip


@pytest.mark.parametrize(
    "point", [p for p in ENGINE_POINTS if p not in (*RECOVERY, *CHECKPOINTS, *EVENTS)]
)
def test_an_engine_killed_at(ground, point: str) -> None:
    once = ("claim.after", "release.before", "undo.decided")
    often = 1 if point in once else 2 if point.startswith("compensation") else 4
    process = ground.run(crash_at=f"{point}:{often}!stop")
    kill_at(ground, process, point)
    finish(ground, process)
    assert judge(ground, may_be_unknown=False).faults == ()


@pytest.mark.parametrize("point", [*RECOVERY, "claim.after", "commit.before", "commit.after",
                                   "acknowledge.before", "turn.before"])  # fmt: skip
def test_an_engine_killed_while_it_recovers_at(ground, point: str) -> None:
    process = ground.run(crash_at="launch.after:6!stop")
    kill_at(ground, process, "launch.after")
    assert ground.wait(process) == -signal.SIGKILL
    process = ground.resume(crash_at=f"{point}!stop")
    kill_at(ground, process, point)
    finish(ground, process)
    assert judge(ground, may_be_unknown=False).faults == ()


@pytest.mark.parametrize("point", SUPERVISOR_POINTS)
def test_a_supervisor_killed_at(ground, point: str) -> None:
    process = ground.run(crash_at=f"{point}:4!stop")
    kill_at(ground, process, point)
    finish(ground, process)
    assert judge(ground, may_be_unknown=False).faults == ()


@pytest.mark.parametrize("point", SLOT_POINTS)
def test_a_slot_killed_at(ground, point: str) -> None:
    process = ground.run(crash_at=f"{point}:2!stop")
    kill_at(ground, process, point)
    finish(ground, process)
    verdict = judge(ground, may_be_unknown=True)
    assert verdict.faults == ()
    if point == "slot.told":
        assert verdict.unknown <= 1  # it may have been given the next attempt meanwhile
    else:
        assert verdict.unknown == 1


@pytest.mark.parametrize("point", SLOT_POINTS)
def test_engine_supervisor_and_slot_killed_at(ground, point: str) -> None:
    process = ground.run(crash_at=f"{point}:2!stop")
    eventually(ground.stopped, f"{point} is reached")
    for seen in ground.processes("engine", "supervisor", "slot"):
        kill(seen.pid)
    finish(ground, process)
    verdict = judge(ground, may_be_unknown=True)
    assert verdict.faults == ()
    known = ("slot.accepted", "slot.recorded", "slot.told")  # never started, or written down
    assert verdict.unknown == (0 if point in known else 1)


@pytest.mark.parametrize("point", CHECKPOINTS)
def test_an_engine_killed_around_a_checkpoint(tmp_path, point: str) -> None:
    ground = Playground(tmp_path / "project", LARGE)
    try:
        process = ground.run(crash_at=f"{point}!stop")
        kill_at(ground, process, point)
        finish(ground, process)
        assert ground.query("PRAGMA integrity_check") == [("ok",)]
        assert sorted(ground.lines()) == sorted(
            f"each[{item}]/work 1 {what}" for item in "rstuvw" for what in ("start", "end")
        )
    finally:
        ground.close()


@pytest.mark.parametrize("point", EVENTS)
def test_an_engine_killed_with_an_event_in_hand_at(tmp_path, point: str) -> None:
    ground = Playground(tmp_path / "project", TOLD)
    try:
        process = ground.run(crash_at=f"{point}!stop")
        eventually(lambda: ground.query("SELECT 1 FROM event_waits"), "it waits")
        assert ground.wait(ground.start(*EMIT, "one")) == 0
        kill_at(ground, process, point)
        assert ground.wait(ground.start(*EMIT, "two")) == 0
        finish(ground, process)
        assert ground.lines() == ["after 1 one"]
    finally:
        ground.close()
