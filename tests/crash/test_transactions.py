"""Killed in the middle of undoing: each compensation exactly once, whoever died, and when."""

import json
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from crash.harness import Playground, eventually, kill

THREE = """
name: mixed
steps:
  - name: move
    type: transaction
    steps:
      - {name: create, command: ./effect 0, compensate: [{name: undo, command: ./effect 0.05}]}
      - {name: copy, command: ./effect 0, compensate: [{name: undo, command: ./effect 0.05}]}
      - {name: switch, command: ./effect 0 fail, compensate: [{name: undo, command: ./effect 0}]}
"""
UNDONE = [
    f"{path} 1 {what}"
    for path in (
        "move/create", "move/copy", "move/switch",
        "move/copy/compensate/undo", "move/create/compensate/undo",
    )
    for what in ("start", "end")
]  # fmt: skip
"""What happens, in this order and once, if nothing or everything is killed."""


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Playground]:
    made = Playground(tmp_path / "project", THREE)
    yield made
    made.close()
    assert made.processes() == []


def finish(ground: Playground) -> None:
    """Continue until it has ended as it must, and look at what happened."""
    for _ in range(20):
        if ground.workflow_state == "failed":
            break
        ground.wait(ground.resume())
    assert ground.lines() == UNDONE
    shown = ground.start("status", "--workflow", ground.workflow, "--json")
    assert ground.wait(shown) == 0
    status = json.loads(ground.said(shown))
    assert status["state"] == "failed"
    assert status["error"]["step"] == "move/switch"
    (move,) = [step for step in status["steps"] if step["path"] == "move"]
    assert move["output"] == {"rolled_back": True, "undone": 2}


@pytest.mark.parametrize(
    "point",
    [
        "undo.decided", "compensation.begun:1", "compensation.begun:2", "compensation.over:1",
        "compensation.over:2", "launch.before:4", "launch.after:4", "launch.after:5",
        "outcome.before:4", "outcome.before:5", "turn.before:6", "commit.before:6",
        "commit.after:6", "release.before",
    ],
)  # fmt: skip
def test_killed_in_the_middle_of_undoing_each_compensation_runs_once(
    three: Playground, point: str
) -> None:
    process = three.run(crash_at=point)
    assert three.wait(process) == -signal.SIGKILL
    finish(three)


def test_killed_again_while_the_undoing_is_taken_up(three: Playground) -> None:
    assert three.wait(three.run(crash_at="compensation.begun")) == -signal.SIGKILL
    for point in ("recover.fenced", "recover.replayed", "recover.answered", "compensation.over"):
        assert three.wait(three.resume(crash_at=point)) == -signal.SIGKILL
    finish(three)


def test_a_compensation_that_runs_on_is_attached_again(three: Playground) -> None:
    process = three.run(crash_at="launch.after:4!stop")
    eventually(three.stopped, "the compensation is launched")
    kill(process.pid)
    assert three.wait(process) == -signal.SIGKILL
    planned = three.resume()
    three.wait(planned)
    said = three.said(planned)
    assert "attach  move/copy/compensate/undo  was running" in said
    assert "undo    move/create/compensate  move/switch: exit code 3" in said
    finish(three)


def strike(ground: Playground, chance: random.Random) -> None:
    """Kill the engine at some moment, up to three times."""
    process = ground.run()
    for _ in range(3):
        wanted = chance.randrange(4, len(UNDONE) + 1)
        eventually(lambda: len(ground.lines()) >= wanted or process.poll() is not None)  # noqa: B023
        kill(process.pid)
        ground.wait(process)
        if ground.workflow_state == "failed":
            return
        process = ground.resume()
    ground.wait(process)


def test_kills_at_random_moments_of_undoing(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    chance = random.Random(seed)
    for number in range(5):
        ground = Playground(tmp_path / f"project-{number}", THREE)
        try:
            strike(ground, chance)
            finish(ground)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, round {number}") from error
        finally:
            ground.close()


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Playground]:
    """The undoing of `copy` does not end by itself."""
    copy = "name: copy, command: ./effect 0, compensate: [{name: undo, command: ./effect "
    made = Playground(tmp_path / "project", THREE.replace(f"{copy}0.05", f"{copy}600"))
    yield made
    made.close()
    assert made.processes() == []


def test_a_compensation_of_which_nobody_knows_is_decided(held: Playground) -> None:
    process = held.run(crash_at="launch.after:4!stop")
    eventually(lambda: "move/copy/compensate/undo 1 start" in held.lines(), "it runs")
    for seen in held.processes():
        kill(seen.pid)
    held.wait(process)
    process = held.resume()
    assert held.wait(process) == 4
    assert "nobody knows how it ended" in held.said(process)
    process = held.resume("--unknown", "fail")
    assert held.wait(process) == 4
    assert "--compensation retry|skip|accept" in held.said(process)
    process = held.resume("--compensation", "accept")
    assert held.wait(process) == 1
    assert "move was rolled back, 2 steps undone" in held.said(process)
    assert held.lines()[-2:] == [
        "move/create/compensate/undo 1 start", "move/create/compensate/undo 1 end",
    ]  # fmt: skip
