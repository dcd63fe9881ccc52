"""Whatever a step starts: nothing survives cancel, timeout, failure or a second Ctrl-C; what a
successful step leaves on purpose does, and is listed.
"""

import json
import signal
import sys
from pathlib import Path

import pytest
from crash.harness import Playground, eventually, kill

TREES = f"""#!/bin/sh
# trees WHAT-THEN: every way of getting out of sight, then `wait` or `fail`.
(setsid sh -c 'echo a >> up; exec sleep 3600' &)
(setsid sh -c 'trap "" TERM HUP INT; echo b >> up; while :; do sleep 0.05; done' &) &
sh -c 'echo c >> up; exec sleep 3600' &
sh -c 'exec >&- 2>&- <&-; echo d >> up; exec sleep 3600' &
sh -c 'echo e >> up; kill -STOP $$; sleep 3600' &
sh -c 'trap "" TERM; echo f >> up; kill -STOP $$; sleep 3600' &
{sys.executable} -S -c '
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
until = time.monotonic() + 20
for _ in range(4):
    if os.fork() == 0:
        while time.monotonic() < until:
            if os.fork():
                os._exit(0)
            os.setsid()
        os._exit(0)
open("up", "a").write("g\\n")
' &
until test "$(sort -u up 2> /dev/null | wc -l)" -ge 7; do sleep 0.01; done
touch ready
test "$1" = fail && exit 3
sleep 3600
"""

PLAYBOOK = """
name: mixed
steps:
  - {{name: trees, command: ./trees {then}{more}}}
  - {{name: after, command: ./effect 0}}
finally:
  - {{name: clean, command: ./effect 0}}
"""

LARGE = """
name: mixed
steps:
  - name: large
    shell: |
      head -c {size} /dev/zero | tr '\\0' x
      touch written
      until test -e go; do sleep 0.02; done
"""


def planted(tmp_path: Path, then: str = "wait", more: str = "", grace: int = 1) -> Playground:
    ground = Playground(tmp_path / "project", PLAYBOOK.format(then=then, more=more))
    (ground.root / "trees").write_text(TREES)
    (ground.root / "trees").chmod(0o755)
    (ground.root / "orchestrate.toml").write_text(f"[engine]\nkill_grace = {grace}\n")
    return ground


def everything_is_gone(ground: Playground, effects: list[str]) -> None:
    """Nothing of the step when its end is told, and soon nothing at all."""
    assert ground.processes("step", "daemon") == []
    eventually(lambda: ground.processes() == [], "everything is gone")
    assert ground.lines() == effects


def ended_as(ground: Playground, status: str) -> None:
    rows = ground.query(
        "SELECT data FROM events WHERE type = 'attempt_finished' AND path = 'trees'"
    )
    (data,) = [json.loads(row[0]) for row in rows]
    assert data["status"] == status
    assert "survivors" not in data


CLEAN = ["finally/clean 1 start", "finally/clean 1 end"]


@pytest.fixture
def tended(tmp_path: Path):
    made: list[Playground] = []

    def plant(**more: object) -> Playground:
        made.append(planted(tmp_path, **more))  # type: ignore[arg-type]
        return made[-1]

    yield plant
    for ground in made:
        ground.close()
        assert ground.processes() == []


def test_a_failure_leaves_nothing(tended) -> None:
    ground = tended(then="fail")
    assert ground.wait(ground.run()) == 1
    ended_as(ground, "failed")
    everything_is_gone(ground, CLEAN)


def test_a_timeout_leaves_nothing(tended) -> None:
    ground = tended(more=", timeout: 4")
    assert ground.wait(ground.run()) == 1
    ended_as(ground, "timed_out")
    everything_is_gone(ground, CLEAN)


def test_a_cancel_leaves_nothing(tended) -> None:
    ground = tended()
    process = ground.run()
    eventually((ground.root / "ready").exists, "the trees stand")
    assert ground.wait(ground.start("cancel", "--workflow", ground.workflow)) == 0
    assert ground.wait(process) == 130
    ended_as(ground, "cancelled")
    everything_is_gone(ground, CLEAN)


def test_a_second_interrupt_does_not_wait_for_the_grace(tended) -> None:
    ground = tended(grace=600)
    process = ground.run()
    eventually((ground.root / "ready").exists, "the trees stand")
    kill(process.pid, signal.SIGINT)
    requested = "SELECT 1 FROM events WHERE type = 'cancel_requested'"
    eventually(lambda: ground.query(requested), "the cancel is recorded")
    kill(process.pid, signal.SIGINT)
    assert ground.wait(process) == 130
    ended_as(ground, "cancelled")
    everything_is_gone(ground, [])


def test_a_cancel_of_what_lost_its_engine_leaves_nothing(tended) -> None:
    ground = tended()
    process = ground.run()
    eventually((ground.root / "ready").exists, "the trees stand")
    kill(process.pid)
    assert ground.wait(process) == -signal.SIGKILL
    assert ground.wait(ground.start("cancel", "--workflow", ground.workflow)) == 0
    ended_as(ground, "cancelled")
    everything_is_gone(ground, CLEAN)


def test_trees_whose_engine_and_supervisor_were_killed_go_before_the_step_runs_again(
    tended,
) -> None:
    ground = tended()
    process = ground.run()
    eventually((ground.root / "ready").exists, "the trees stand")
    for seen in ground.processes("engine", "supervisor", "slot"):
        kill(seen.pid)
    ground.wait(process)
    resumed = ground.resume()
    assert ground.wait(resumed) == 4, ground.said(resumed)
    everything_is_gone(ground, [])


def test_a_daemon_of_a_successful_step_stays_and_is_listed(ground) -> None:
    assert ground.wait(ground.run()) == 0
    (daemon,) = ground.processes("daemon")
    status = ground.start("status", "--workflow", ground.workflow, "--json")
    assert ground.wait(status) == 0
    steps = {step["path"]: step for step in json.loads(ground.said(status))["steps"]}
    (left,) = steps["server"]["left_running"]
    assert left.split()[0] == str(daemon.pid)  # and its command, which is a shell at first
    assert "left_running" not in steps["last"]
    shown = ground.start("status", "--workflow", ground.workflow)
    assert ground.wait(shown) == 0
    assert f"left running: {left}" in ground.said(shown)


def test_100_megabytes_without_a_newline_need_little_memory(tmp_path: Path) -> None:
    ground = Playground(tmp_path / "project", LARGE.format(size=100_000_000))
    try:
        process = ground.run()
        eventually((ground.root / "written").exists, "it is written")
        peaks = {seen.kind: peak_of(seen.pid) for seen in ground.processes("supervisor", "slot")}
        engine = peak_of(process.pid)
        (ground.root / "go").touch()
        assert ground.wait(process) == 0
        assert max(engine, *peaks.values()) < 100_000, (engine, peaks)
    finally:
        ground.close()


def peak_of(pid: int) -> int:
    """The most memory that a process ever had, in KiB."""
    text = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM"))
