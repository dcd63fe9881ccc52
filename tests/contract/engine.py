"""The conformance suite of the port `Engine`: every implementation passes it.

Subclass `EngineContract` and give it fixtures: `engine`, whose commands are resolved on
PATH, and `new`, which makes a `NewWorkflow` from a playbook's text. Steps are run for real.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from polling import eventually

from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.workflow.engine import Engine, Filter, NewWorkflow, ResumeOptions
from orchestrate.workflow.events import EventType
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.state import fold

New = Callable[..., NewWorkflow]

TWO_STEPS = """
name: two-steps
steps:
  - name: first
    shell: echo one; echo oops >&2
  - name: second
    command: /bin/echo two
"""


class Background:
    """Runs a workflow in another thread, with an engine of its own."""

    def __init__(self, engine: Engine, workflow: str) -> None:
        self.ended: list[object] = []
        self._thread = threading.Thread(
            target=lambda: self.ended.append(engine.run(workflow)), daemon=True
        )
        self._thread.start()

    def join(self) -> object:
        self._thread.join(120)
        assert self.ended, "the workflow did not come back"
        return self.ended[0]


class EngineContract:
    """Given an engine, when users ask, then this."""

    @pytest.fixture
    def engine(self) -> Engine:
        raise NotImplementedError

    @pytest.fixture
    def second_engine(self) -> Engine:
        """Another engine on the same state, for another thread."""
        raise NotImplementedError

    @pytest.fixture
    def new(self) -> New:
        raise NotImplementedError

    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        """A directory that steps can write to, as `$ROOT`."""
        return tmp_path

    def test_a_workflow_is_created_queued_and_runs_to_its_end(self, engine: Engine, new: New):
        workflow, fresh = engine.create(new(TWO_STEPS))
        assert fresh
        assert engine.get(workflow).state is State.QUEUED
        ended = engine.run(workflow)
        assert (ended.workflow, ended.state) == (workflow, State.SUCCEEDED)
        summary = engine.get(workflow)
        assert summary.state is State.SUCCEEDED
        assert summary.playbook == "two-steps"
        assert summary.created_at <= summary.started_at <= summary.finished_at
        assert not summary.owner_lost

    def test_ids_count_up_and_are_listed_newest_first(self, engine: Engine, new: New):
        made = [engine.create(new(TWO_STEPS))[0] for _ in range(3)]
        year = time.gmtime().tm_year
        assert made == [f"WF-{year}-001", f"WF-{year}-002", f"WF-{year}-003"]
        assert [summary.id for summary in engine.find(Filter())] == made[::-1]
        assert [s.id for s in engine.find(Filter(limit=1))] == made[2:]
        assert [s.id for s in engine.find(Filter(before=made[1]))] == made[:1]

    def test_lists_are_filtered(self, engine: Engine, new: New):
        done, _ = engine.create(new(TWO_STEPS))
        engine.run(done)
        queued, _ = engine.create(new(TWO_STEPS.replace("two-steps", "other")))
        assert [s.id for s in engine.find(Filter(states=(State.QUEUED,)))] == [queued]
        assert [s.id for s in engine.find(Filter(playbook="two-steps"))] == [done]
        assert engine.find(Filter(since=time.time() + 60)) in ((), [])

    def test_an_idempotency_key_makes_one_workflow(self, engine: Engine, new: New):
        first = engine.create(new(TWO_STEPS, idempotency_key="slot-1"))
        again = engine.create(new(TWO_STEPS, idempotency_key="slot-1"))
        other = engine.create(new(TWO_STEPS, idempotency_key="slot-2"))
        assert first[1] is True
        assert again == (first[0], False)
        assert other[0] != first[0]
        assert engine.made_for("slot-2") == other[0]
        assert engine.made_for("slot-3") is None

    def test_the_observer_sees_the_journal_in_order(self, engine: Engine, new: New):
        workflow, _ = engine.create(new(TWO_STEPS))
        seen: list[int] = []
        engine.run(workflow, lambda event: seen.append(event.seq))
        journal = engine.events(workflow)
        assert [event.seq for event in journal] == list(range(1, len(journal) + 1))
        assert seen == sorted(seen)
        assert seen[-1] == journal[-1].seq

    def test_the_journal_comes_in_pages(self, engine: Engine, new: New):
        workflow, _ = engine.create(new(TWO_STEPS))
        engine.run(workflow)
        whole = engine.events(workflow)
        assert [e.seq for e in engine.events(workflow, after=2, limit=2)] == [3, 4]
        assert list(engine.follow(workflow)) == list(whole)

    def test_the_plan_is_kept(self, engine: Engine, new: New):
        asked = new(TWO_STEPS)
        workflow, _ = engine.create(asked)
        assert engine.plan(workflow) == asked.plan

    def test_a_failing_step_fails_the_workflow_with_its_reason(self, engine: Engine, new: New):
        workflow, _ = engine.create(new("name: f\nsteps:\n  - name: broken\n    shell: exit 3\n"))
        ended = engine.run(workflow)
        assert (ended.state, ended.message) == (State.FAILED, "exit code 3")
        assert engine.get(workflow).reason == "exit code 3"

    def test_a_command_that_does_not_exist_fails_its_step(self, engine: Engine, new: New):
        workflow, _ = engine.create(new("name: f\nsteps:\n  - command: no-such-program-here\n"))
        ended = engine.run(workflow)
        assert ended.state is State.FAILED
        assert "no-such-program-here" in ended.message

    def test_output_is_kept_by_step(self, engine: Engine, new: New):
        workflow, _ = engine.create(new(TWO_STEPS))
        engine.run(workflow)
        pieces = [(p.path, p.attempt, p.stream, p.data) for p in engine.output(workflow)]
        assert sorted(pieces) == [
            ("first", 1, "stderr", b"oops\n"),
            ("first", 1, "stdout", b"one\n"),
            ("second", 1, "stdout", b"two\n"),
        ]
        assert [p.data for p in engine.output(workflow, "second")] == [b"two\n"]
        assert [p.data for p in engine.output(workflow, tail=1)] == [b"two\n"]
        assert [p.data for p in engine.follow_output(workflow, "second")] == [b"two\n"]

    def test_output_is_read_by_bytes(self, engine: Engine, new: New):
        workflow, _ = engine.create(
            new("name: f\nsteps: [{name: one, shell: 'printf 0123456789'}]\n")
        )
        engine.run(workflow)
        (attempt,) = (e.seq for e in engine.events(workflow) if e.type == "attempt_started")
        assert engine.part_of_output(workflow, attempt, None, 4) == (b"6789", 6, 10)
        assert engine.part_of_output(workflow, attempt, 2, 3) == (b"234", 2, 10)
        assert engine.part_of_output(workflow, attempt, 8, 100) == (b"89", 8, 10)
        assert engine.part_of_output(workflow, attempt, 50, 5) == (b"", 10, 10)

    def test_what_does_not_exist_is_not_found(self, engine: Engine):
        for ask in (
            lambda: engine.get("WF-2001-001"),
            lambda: engine.run("WF-2001-001"),
            lambda: engine.plan("WF-2001-001"),
            lambda: engine.events("WF-2001-001"),
            lambda: engine.cancel("WF-2001-001", actor="me"),
            lambda: engine.pause("WF-2001-001", actor="me"),
            lambda: engine.complete("WF-2001-001", actor="me", force=True),
            lambda: engine.resume("WF-2001-001", ResumeOptions()),
        ):
            with pytest.raises(NotFoundError):
                ask()

    def test_what_is_over_cannot_be_controlled(self, engine: Engine, new: New):
        workflow, _ = engine.create(new(TWO_STEPS))
        engine.run(workflow)
        for ask in (
            lambda: engine.run(workflow),
            lambda: engine.cancel(workflow, actor="me"),
            lambda: engine.pause(workflow, actor="me"),
            lambda: engine.complete(workflow, actor="me", force=True),
            lambda: engine.resume(workflow, ResumeOptions()),
        ):
            with pytest.raises(ConflictError):
                ask()

    def test_a_queued_workflow_is_cancelled_without_running(self, engine: Engine, new: New):
        workflow, _ = engine.create(new(TWO_STEPS))
        engine.cancel(workflow, actor="me", reason="a mistake")
        summary = engine.get(workflow)
        assert (summary.state, summary.reason) == (State.CANCELLED, "a mistake")
        assert fold(engine.events(workflow)).steps == {}

    def test_cancelling_stops_the_step_and_runs_finally(
        self, engine: Engine, second_engine: Engine, new: New, place: Path
    ):
        workflow, _ = engine.create(
            new("""
name: long
steps:
  - name: sleeps
    shell: echo $$ > $ROOT/pid; exec sleep 60
finally:
  - name: tidy
    shell: touch $ROOT/tidied
""")
        )
        run = Background(second_engine, workflow)
        eventually(lambda: (place / "pid").exists() and (place / "pid").read_text().strip())
        engine.cancel(workflow, actor="me", reason="enough")
        ended = run.join()
        assert ended.state is State.CANCELLED
        assert (place / "tidied").exists()
        pid = (place / "pid").read_text().strip()
        with suppress(FileNotFoundError):  # a zombie that nobody collects counts as gone
            assert Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        assert fold(engine.events(workflow)).steps["sleeps"].state == "cancelled"

    def test_a_pause_lets_the_step_finish_and_resume_goes_on(
        self, engine: Engine, second_engine: Engine, new: New, place: Path
    ):
        workflow, _ = engine.create(new(WAITS_FOR_A_FILE))
        run = Background(second_engine, workflow)
        eventually((place / "begun").exists)
        checkpoint = engine.pause(workflow, actor="me", reason="lunch", checkpoint=True)
        assert checkpoint == "CP-1"
        (place / "go").touch()
        eventually(lambda: engine.get(workflow).state is State.PAUSED)
        assert engine.get(workflow).reason == "lunch"
        assert not (place / "second").exists()
        with pytest.raises(ConflictError):
            engine.pause(workflow, actor="me")
        assert engine.resume(workflow, ResumeOptions(actor="me")) is None
        assert run.join().state is State.SUCCEEDED
        assert (place / "second").exists()
        assert [c.id for c in fold(engine.events(workflow)).checkpoints] == ["CP-1"]

    def test_a_pause_ends_by_itself(
        self, engine: Engine, second_engine: Engine, new: New, place: Path
    ):
        workflow, _ = engine.create(new(WAITS_FOR_A_FILE))
        run = Background(second_engine, workflow)
        eventually((place / "begun").exists)
        engine.pause(workflow, actor="me", resume_after=0.3)
        (place / "go").touch()
        assert run.join().state is State.SUCCEEDED
        unpaused = [e for e in engine.events(workflow) if e.type is EventType.UNPAUSED]
        assert [event.data["automatic"] for event in unpaused] == [True]

    def test_completing_needs_force(
        self, engine: Engine, second_engine: Engine, new: New, place: Path
    ):
        workflow, _ = engine.create(new(WAITS_FOR_A_FILE))
        run = Background(second_engine, workflow)
        eventually((place / "begun").exists)
        with pytest.raises(ConflictError):
            engine.complete(workflow, actor="me", force=False)
        engine.complete(workflow, actor="me", force=True, reason="good enough")
        assert run.join().state is State.COMPLETED
        assert engine.get(workflow).reason == "good enough"
        assert not (place / "second").exists()

    def test_two_owners_are_refused(
        self, engine: Engine, second_engine: Engine, new: New, place: Path
    ):
        workflow, _ = engine.create(new(WAITS_FOR_A_FILE))
        run = Background(second_engine, workflow)
        eventually((place / "begun").exists)
        with pytest.raises(ConflictError):
            engine.run(workflow)
        with pytest.raises(ConflictError):
            engine.resume(workflow, ResumeOptions(actor="me"))
        (place / "go").touch()
        assert run.join().state is State.SUCCEEDED

    def test_following_sees_the_end(
        self, engine: Engine, second_engine: Engine, new: New, place: Path
    ):
        workflow, _ = engine.create(new(WAITS_FOR_A_FILE))
        run = Background(second_engine, workflow)
        seen = []
        for event in engine.follow(workflow):
            seen.append(event)
            if event.type is EventType.ATTEMPT_STARTED and event.path == "first":
                (place / "go").touch()
        assert run.join().state is State.SUCCEEDED
        assert [event.seq for event in seen] == list(range(1, len(seen) + 1))
        assert EventType.WORKFLOW_FINISHED in {event.type for event in seen}

    def test_a_failed_workflow_is_resumed_and_reuses_what_succeeded(
        self, engine: Engine, new: New, place: Path
    ):
        workflow, _ = engine.create(
            new("""
name: flaky
steps:
  - name: once
    shell: echo x >> $ROOT/once
  - name: broken
    shell: test -e $ROOT/repaired
""")
        )
        assert engine.run(workflow).state is State.FAILED
        plan = engine.plan_resume(workflow, ResumeOptions(actor="me"))
        actions = {line.path: line.action for line in plan.lines}
        assert (actions["once"], actions["broken"]) == ("reuse", "run")
        (place / "repaired").touch()
        with pytest.raises(ConflictError, match="has ended meanwhile: failed"):
            engine.resume(workflow, ResumeOptions(unless_ended=True, actor="me"))
        ended = engine.resume(workflow, ResumeOptions(actor="me"))
        assert ended.state is State.SUCCEEDED
        assert (place / "once").read_text() == "x\n"
        assert engine.get(workflow).state is State.SUCCEEDED
        assert engine.get(workflow).reason == ""


WAITS_FOR_A_FILE = """
name: waits
steps:
  - name: first
    shell: "touch $ROOT/begun; until test -e $ROOT/go; do sleep 0.02; done"
  - name: second
    shell: touch $ROOT/second
"""
