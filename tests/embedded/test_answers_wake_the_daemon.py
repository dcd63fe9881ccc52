"""What was left waiting for an approval goes on as soon as there is one: the daemon is told."""

import pytest
from embedded.conftest import Project
from polling import eventually

from orchestrate.embedded import presence, serving
from orchestrate.workflow.approvals import Answer, Approver
from orchestrate.workflow.engine import Ended
from orchestrate.workflow.outcomes import State

GATED = """
name: gated
steps:
  - {name: gate, type: approval, message: Go on?}
  - shell: echo went on >> $ROOT/effects
"""


@pytest.mark.parametrize("rejects", [False, True])
def test_an_answer_is_seen_at_once(project: Project, monkeypatch, rejects: bool) -> None:
    monkeypatch.setattr(serving, "_LOOK", 1e9)  # nothing is found by looking now and then
    engine = project.engine()
    workflow, _ = engine.create(project.new(GATED))
    assert engine.run(workflow).state is State.WAITING
    ended: list[Ended] = []
    daemon = serving.Serving(engine, ended.append, pytest.fail)
    presence.announce(engine.store, engine.hosting.identity.socket)
    daemon.look()
    assert daemon.running == 0
    answer = Answer(reason="no", rejects=True) if rejects else Answer()
    assert not project.engine().answer(workflow, "gate", answer, Approver("ada"))
    eventually(lambda: daemon.turn() or ended, "the daemon goes on with it")
    assert ended[0].state is (State.FAILED if rejects else State.SUCCEEDED)
    assert project.lines("effects") == ([] if rejects else ["went on"])
