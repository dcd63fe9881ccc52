"""Engines that are killed, stopped and doubled: nothing runs twice, nothing is lost."""

import json
import os
import signal
from pathlib import Path

import pytest
from embedded.conftest import Project
from polling import eventually

from orchestrate.embedded import retention
from orchestrate.errors import ConflictError
from orchestrate.processes import client
from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.events import EventType
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.state import fold

WAITS = """
name: waits
steps:
  - name: first
    shell: "echo $$ >> $ROOT/first; until test -e $ROOT/go; do sleep 0.02; done; echo done >> $ROOT/first"
  - name: second
    shell: echo x >> $ROOT/second
"""  # noqa: E501

EFFECTS = """
name: effects
steps:
  - name: a
    shell: echo a >> $ROOT/effects
  - name: b
    shell: echo b >> $ROOT/effects
  - name: both
    type: parallel
    branches:
      - name: left
        steps:
          - name: c
            shell: echo c >> $ROOT/effects
      - name: right
        steps:
          - name: d
            shell: echo d >> $ROOT/effects
  - name: e
    shell: echo e >> $ROOT/effects
"""


def begun(project: Project) -> int:
    """The pid of the step `first`, once it runs."""
    return int(eventually(lambda: project.lines("first"))[0])


def runs(pid: int) -> bool:
    """Whether a process exists and is not a zombie that nobody has collected."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def only_id(project: Project) -> str:
    from orchestrate.workflow.engine import Filter

    return project.engine().find(Filter())[0].id


def supervisor_of(pid: int) -> int:
    """The supervisor above a step: its slot's parent."""

    def parent(process: int) -> int:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])

    return parent(parent(pid))


def test_a_step_outlives_the_killed_engine_and_is_recorded_once(project):
    engine_process = project.start(WAITS)
    step = begun(project)
    engine_process.kill()
    engine_process.wait()
    assert runs(step)
    engine = project.engine()
    workflow = only_id(project)
    summary = engine.get(workflow)
    assert (summary.state, summary.owner_lost) == (State.RUNNING, True)
    project.path("go").touch()
    ended = engine.resume(workflow, ResumeOptions(actor="me"))
    assert ended.state is State.SUCCEEDED
    assert project.lines("first") == [str(step), "done"]
    assert project.lines("second") == ["x"]
    view = fold(engine.events(workflow))
    assert view.steps["first"].attempts == 1


def test_an_end_that_came_while_nobody_looked_is_found(project):
    engine_process = project.start(WAITS)
    step = begun(project)
    engine_process.kill()
    engine_process.wait()
    project.path("go").touch()
    eventually(lambda: not runs(step))
    engine = project.engine()
    assert engine.resume(only_id(project), ResumeOptions(actor="me")).state is State.SUCCEEDED
    assert project.lines("first") == [str(step), "done"]


POINTS = [
    "claim.after", "recover.fenced", "commit.before:2", "commit.after:2", "commit.before:3",
    "commit.after:3", "commit.after:4", "commit.after:5", "commit.after:6", "launch.before",
    "launch.after", "launch.before:2", "launch.after:2", "launch.before:3", "launch.after:4",
    "outcome.before", "outcome.before:2", "outcome.before:3", "outcome.before:5",
    "acknowledge.before", "acknowledge.before:2", "acknowledge.before:3", "release.before",
]  # fmt: skip


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_commit_point_everything_runs_exactly_once(project, point):
    crashed = project.start(EFFECTS, crash_at=point)
    assert crashed.wait(120) == -signal.SIGKILL
    engine = project.engine()
    workflow = only_id(project)
    if engine.get(workflow).state is State.QUEUED:
        ended = engine.run(workflow)
    else:
        ended = engine.resume(workflow, ResumeOptions(actor="me"))
    assert ended.state is State.SUCCEEDED
    effects = project.lines("effects")
    assert sorted(effects) == ["a", "b", "c", "d", "e"]
    assert [effects[0], effects[1], effects[4]] == ["a", "b", "e"]
    sequence = [event.seq for event in engine.events(workflow)]
    assert sequence == list(range(1, len(sequence) + 1))


@pytest.mark.parametrize("point", ["recover.fenced", "commit.after", "launch.after", "claim.after"])
def test_killed_while_recovering_from_a_crash(project, point):
    project.start(EFFECTS, crash_at="launch.after:2").wait(120)
    workflow = only_id(project)
    assert project.other("resume", workflow, crash_at=point).wait(120) == -signal.SIGKILL
    engine = project.engine()
    assert engine.resume(workflow, ResumeOptions(actor="me")).state is State.SUCCEEDED
    assert sorted(project.lines("effects")) == ["a", "b", "c", "d", "e"]


def test_killed_between_commit_and_spawn_the_step_is_known_not_to_have_started(project):
    project.start(EFFECTS, crash_at="launch.before").wait(120)
    workflow = only_id(project)
    assert project.lines("effects") == []
    engine = project.engine()
    assert engine.resume(workflow, ResumeOptions(actor="me")).state is State.SUCCEEDED
    assert sorted(project.lines("effects")) == ["a", "b", "c", "d", "e"]
    started = [e for e in engine.events(workflow) if e.type is EventType.ATTEMPT_STARTED]
    assert [e.path for e in started].count("a") == 1


def test_tidying_up_keeps_what_proves_that_a_step_never_started(project):
    project.start(EFFECTS, crash_at="launch.before").wait(120)
    workflow = only_id(project)
    engine = project.engine()
    retention.sweep(engine.store)
    assert engine.resume(workflow, ResumeOptions(actor="me")).state is State.SUCCEEDED
    assert sorted(project.lines("effects")) == ["a", "b", "c", "d", "e"]
    engine.close()
    # Now that it is over, nothing is kept any more.
    eventually(lambda: not supervisors_after_a_sweep(project))


def supervisors_after_a_sweep(project: Project) -> list[Path]:
    engine = project.engine()
    retention.sweep(engine.store)
    engine.close()
    return list((project.state / "supervisors").iterdir())


def test_what_nobody_can_know_is_parked_and_decided(project):
    engine_process = project.start(WAITS)
    step = begun(project)
    engine_process.kill()
    os.kill(supervisor_of(step), signal.SIGKILL)
    for process in slots_of(step):
        os.kill(process, signal.SIGKILL)
    engine_process.wait()
    engine = project.engine()
    workflow = only_id(project)
    ended = engine.resume(workflow, ResumeOptions(actor="me"))
    assert ended.state is State.NEEDS_ATTENTION
    assert not runs(step)
    parked = list(fold(engine.events(workflow)).parked.values())
    assert [(p.path, p.choices) for p in parked] == [("first", ("rerun", "skip", "fail"))]
    project.path("go").touch()
    ended = engine.resume(workflow, ResumeOptions(actor="me", unknown="rerun"))
    assert ended.state is State.SUCCEEDED
    assert project.lines("second") == ["x"]


def slots_of(step: int) -> list[int]:
    """The slot above a step, if it lives."""
    status = Path(f"/proc/{step}/stat")
    parent = int(status.read_text().rpartition(")")[2].split()[1]) if status.exists() else 0
    return [parent] if parent > 1 else []


def test_of_two_resumes_at_once_one_wins(project):
    engine_process = project.start(WAITS)
    begun(project)
    engine_process.kill()
    engine_process.wait()
    workflow = only_id(project)
    rivals = [project.other("resume", workflow) for _ in range(2)]
    # The loser says so at once; the winner waits for the step.
    eventually(lambda: any(rival.poll() is not None for rival in rivals))
    loser = next(rival for rival in rivals if rival.poll() is not None)
    said = json.loads(loser.stdout.read())
    assert said["error"] in ("conflict", "stale-owner")
    project.path("go").touch()
    winner = next(rival for rival in rivals if rival is not loser)
    assert json.loads(winner.communicate(timeout=120)[0])["state"] == "succeeded"
    assert project.lines("second") == ["x"]


def test_a_stopped_owner_that_goes_on_after_a_takeover_is_refused(project):
    owner = project.start(WAITS)
    begun(project)
    os.kill(owner.pid, signal.SIGSTOP)
    engine = project.engine()
    workflow = only_id(project)
    with pytest.raises(ConflictError):
        engine.resume(workflow, ResumeOptions(actor="me"))
    project.path("go").touch()
    ended = engine.take_over(workflow)
    assert ended.state is State.SUCCEEDED
    last = engine.events(workflow)[-1].seq
    os.kill(owner.pid, signal.SIGCONT)
    said = [json.loads(line) for line in owner.communicate(timeout=120)[0].splitlines()]
    assert said[-1]["message"] == f"another process has taken {workflow} over"
    assert engine.events(workflow)[-1].seq == last
    assert project.lines("second") == ["x"]
    assert len(project.lines("first")) == 2


def test_an_owner_stopped_between_commit_and_launch_is_fenced(project):
    stopping = project.start(EFFECTS, crash_at="launch.before:2!stop")
    eventually(lambda: "T" in Path(f"/proc/{stopping.pid}/stat").read_text().split()[2])
    engine = project.engine()
    workflow = only_id(project)
    ended = engine.take_over(workflow)
    assert ended.state is State.SUCCEEDED
    os.kill(stopping.pid, signal.SIGCONT)
    stopping.communicate(timeout=120)
    assert sorted(project.lines("effects")) == ["a", "b", "c", "d", "e"]


def test_a_supervisor_that_dies_under_a_living_engine(project):
    engine_process = project.start(
        WAITS.replace("name: first\n", "name: first\n    idempotent: true\n")
    )
    step = begun(project)
    above, slot = supervisor_of(step), slots_of(step)
    project.path("go").touch()
    os.kill(above, signal.SIGKILL)
    for process in slot:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
    out = engine_process.communicate(timeout=120)[0].splitlines()
    assert json.loads(out[-1])["state"] == "succeeded"
    assert project.lines("second") == ["x"]


def test_slots_go_on_when_only_their_supervisor_is_killed(project):
    engine_process = project.start(WAITS)
    step = begun(project)
    os.kill(supervisor_of(step), signal.SIGKILL)
    eventually(lambda: len(list((project.state / "supervisors").iterdir())) > 1)
    assert runs(step)
    project.path("go").touch()
    out = engine_process.communicate(timeout=120)[0].splitlines()
    assert json.loads(out[-1])["state"] == "succeeded"
    assert project.lines("first") == [str(step), "done"]
    assert project.lines("second") == ["x"]


def test_a_slot_that_is_killed_leaves_an_unknown_outcome_and_nothing_running(project):
    engine_process = project.start(WAITS)
    step = begun(project)
    for process in slots_of(step):
        os.kill(process, signal.SIGKILL)
    out = engine_process.communicate(timeout=120)[0].splitlines()
    assert json.loads(out[-1])["state"] == "needs_attention"
    assert not runs(step)
    assert project.lines("second") == []


def test_supervisors_that_cannot_live_are_reported_and_nothing_is_concluded(project, monkeypatch):
    broken = project.path("broken.py")
    broken.write_text("raise SystemExit(1)\n")
    monkeypatch.setattr(client, "_PROGRAM", str(broken))
    engine = project.engine()
    workflow, _ = engine.create(project.new(EFFECTS))
    ended = engine.run(workflow)
    assert ended.state is State.RUNNING
    assert "4 times" in ended.message
    assert project.lines("effects") == []
    monkeypatch.undo()
    assert project.engine().take_over(workflow).state is State.SUCCEEDED
    assert sorted(project.lines("effects")) == ["a", "b", "c", "d", "e"]


def test_cancelling_a_lost_workflow_stops_its_steps_and_runs_finally(project):
    engine_process = project.start(WAITS + "finally:\n  - shell: touch $ROOT/tidied\n")
    step = begun(project)
    engine_process.kill()
    engine_process.wait()
    engine = project.engine()
    workflow = only_id(project)
    engine.cancel(workflow, actor="me")
    assert engine.get(workflow).state is State.CANCELLED
    assert not runs(step)
    assert project.path("tidied").exists()
    assert project.lines("second") == []


@pytest.mark.parametrize("now", [False, True])
def test_pausing_a_lost_workflow(project, now):
    engine_process = project.start(WAITS)
    step = begun(project)
    engine_process.kill()
    engine_process.wait()
    engine = project.engine()
    workflow = only_id(project)
    assert engine.pause(workflow, actor="me", now=now, checkpoint=True) == "CP-1"
    found = engine.get(workflow)
    # A step that goes on is not "paused"; whoever takes the workflow over records its end.
    assert (found.state, found.owner_lost) == ((State.PAUSED, False) if now else ("running", True))
    assert runs(step) is not now
    with pytest.raises(ConflictError):
        engine.pause(workflow, actor="me")
    project.path("go").touch()
    assert engine.resume(workflow, ResumeOptions(actor="me")).state is State.SUCCEEDED
    assert project.lines("second") == ["x"]
    assert [c.id for c in fold(engine.events(workflow)).checkpoints] == ["CP-1"]


def test_an_interrupt_cancels_and_a_hangup_lets_go(project):
    cancelled = project.start(WAITS)
    begun(project)
    os.kill(cancelled.pid, signal.SIGINT)
    said = json.loads(cancelled.communicate(timeout=120)[0].splitlines()[-1])
    assert (said["state"], said["interrupted"]) == ("cancelled", True)
    project.path("first").unlink()
    left = project.start(WAITS)
    step = begun(project)
    os.kill(left.pid, signal.SIGHUP)
    said = json.loads(left.communicate(timeout=120)[0].splitlines()[-1])
    assert (said["state"], said["interrupted"]) == ("running", True)
    assert runs(step)
    engine = project.engine()
    workflow = only_id(project)
    assert engine.get(workflow).owner_lost
    project.path("go").touch()
    assert engine.resume(workflow, ResumeOptions(actor="me")).state is State.SUCCEEDED
    assert project.lines("first") == [str(step), "done"]
