"""What a daemon makes of workflows that change under its hands."""

import pytest
from embedded.conftest import Project
from polling import eventually

from orchestrate.embedded import serving
from orchestrate.workflow.approvals import Answer, Approver
from orchestrate.workflow.engine import Ended
from orchestrate.workflow.outcomes import State

TWO_GATES = """
name: gates
steps:
  - name: both
    type: parallel
    branches:
      - {name: a, steps: [{name: ask, type: approval, message: Go on?}]}
      - {name: b, steps: [{name: ask, type: approval, message: Go on?}]}
"""


def test_what_somebody_changed_while_it_was_taken_up_is_taken_up_later(
    project: Project, monkeypatch
) -> None:
    engine, people = project.engine(), project.engine()
    workflow, _ = engine.create(project.new(TWO_GATES))
    assert engine.run(workflow).state is State.WAITING
    people.answer(workflow, "both/a/ask", Answer(), Approver("ada"))
    answers = [("both/b/ask", Answer(), Approver("ben"))]
    program = engine.program

    def slowly(row):
        while answers:
            people.answer(workflow, *answers.pop())
        return program(row)

    monkeypatch.setattr(engine, "program", slowly)
    monkeypatch.setattr(serving, "_LOOK", 0.05)
    ended: list[Ended] = []
    daemon = serving.Serving(engine, ended.append, pytest.fail)
    daemon.look()
    assert (answers, daemon.running) == ([], 0)  # it was overtaken
    eventually(lambda: daemon.turn() or ended, "it is taken up")
    assert ended[0].state is State.SUCCEEDED


ONE = "name: one\nsteps: [{name: a, shell: echo a >> $ROOT/effects}]\n"


def test_a_store_that_cannot_be_tidied_up_ends_no_daemon(project: Project):
    engine = project.engine(retention_days=1)
    daemon = serving.Serving(engine, pytest.fail, pytest.fail)
    engine.store.writer._connection.execute("PRAGMA query_only=1")
    daemon.look()
    last = "SELECT name FROM facts WHERE name = 'pruned_at'"
    assert engine.store.read(last) == []
    engine.store.writer._connection.execute("PRAGMA query_only=0")
    daemon.look()
    assert engine.store.read(last) == [("pruned_at",)]


def test_a_supervisor_that_cannot_be_started_ends_no_daemon(project: Project, monkeypatch):
    engine = project.engine()
    refused: list[serving.Refused] = []
    ended: list[Ended] = []
    daemon = serving.Serving(engine, ended.append, refused.append)
    workflow, _ = engine.create(project.new(ONE))
    folder = project.state / "supervisors"
    folder.rmdir()
    folder.write_text("in the way")
    daemon.begin(workflow)
    assert [each.workflow for each in refused] == [workflow]
    assert "cannot make" in refused[0].reason
    assert engine.get(workflow).state is State.QUEUED
    # It is tried again, and again.
    monkeypatch.setattr(serving, "_LOOK", 0.05)
    monkeypatch.setattr(serving, "_YOUNG", 0.0)
    monkeypatch.setattr(serving, "_RARELY", 0.1)
    daemon._refusals[workflow] = daemon._refusals[workflow]._replace(at=0.0)
    eventually(lambda: daemon.turn() or daemon._refusals[workflow].delay == 0.1, "a second try")
    folder.unlink()
    folder.mkdir()
    eventually(lambda: daemon.turn() or ended, "it is taken up")
    assert ended[0].state is State.SUCCEEDED
    assert len(refused) > 1
