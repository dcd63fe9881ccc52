"""Two engines at once, engines that were stopped, and hosts that were started anew."""

import signal

import pytest
from crash.harness import Playground, eventually, kill
from crash.verdict import judge


@pytest.fixture
def crashed(ground: Playground) -> Playground:
    """A workflow whose engine was killed with three branches running."""
    process = ground.run(crash_at="launch.after:6!stop")
    eventually(ground.stopped, "it is stopped")
    kill(process.pid)
    assert ground.wait(process) == -signal.SIGKILL
    return ground


def test_of_two_resumes_at_once_one_wins_and_the_other_exits_5(crashed) -> None:
    rivals = [crashed.resume(), crashed.resume()]
    assert sorted(crashed.wait(rival) for rival in rivals) == [0, 5]
    assert judge(crashed, may_be_unknown=False).faults == ()


@pytest.mark.parametrize("point", ["claim.after", "recover.fenced", "recover.answered"])
def test_a_second_engine_while_one_recovers(crashed, point: str) -> None:
    first = crashed.resume(crash_at=f"{point}!stop")
    eventually(crashed.stopped, "the first is stopped")
    second = crashed.resume()
    eventually(lambda: second.poll() is not None, "the second is told")
    assert second.returncode == 5
    kill(first.pid, signal.SIGCONT)
    assert crashed.wait(first) == 0
    assert judge(crashed, may_be_unknown=False).faults == ()


@pytest.mark.parametrize("point", ["launch.before:3", "launch.before:7", "launch.after:4",
                                   "turn.before:5", "outcome.before:3"])  # fmt: skip
def test_an_engine_that_was_stopped_goes_on_after_a_takeover(ground, point: str) -> None:
    first = ground.run(crash_at=f"{point}!stop")
    eventually(ground.stopped, "it is stopped")
    second = ground.take_over()
    assert ground.wait(second) == 0, ground.said(second)
    effects = ground.lines()
    kill(first.pid, signal.SIGCONT)
    assert ground.wait(first) != 0
    assert ground.lines() == effects
    assert judge(ground, may_be_unknown=False).faults == ()


def test_after_a_reboot_what_ran_is_unknown_and_what_is_recorded_stays(ground) -> None:
    hold = ground.root / "hold-c"
    hold.touch()
    process = ground.run(crash_at="launch.after:6!stop")
    eventually(ground.stopped, "it is stopped")
    ground.reboot()
    hold.unlink()
    assert ground.wait(process) == -signal.SIGKILL
    resumed = ground.resume()
    assert ground.wait(resumed) == 4
    parked = {path for (path,) in ground.query("SELECT path FROM events WHERE type = 'parked'")}
    assert parked
    assert parked <= {"spread/left/a", "spread/middle/c", "spread/right/d", "spread/right/f"}
    assert ground.wait(ground.resume("--unknown", "rerun")) == 0
    verdict = judge(ground, may_be_unknown=True)
    assert verdict.faults == ()
    assert verdict.unknown >= 1
