import json
import os
import signal

import pytest
from polling import eventually

from orchestrate.embedded import listing, ownership
from orchestrate.embedded.claims import Claim
from orchestrate.embedded.runtime import Owned
from orchestrate.errors import ConflictError
from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.events import EventType
from orchestrate.workflow.outcomes import State

GATED = "steps: [{name: gate, type: approval, message: Go?}]\n"


def test_whoever_comes_second_is_told_who_came_first(project) -> None:
    engine = project.engine()
    workflow, _ = engine.create(project.new("steps:\n  - shell: exit 0\n"))
    row = engine.store.reading(lambda c: listing.get(c, workflow))
    me = ownership.myself("")
    claim = Claim(row.number, workflow, me, "", expected=row.last_seq)
    assert isinstance(engine.store.writer.call(claim), Owned)
    with pytest.raises(ConflictError) as caught:
        engine.store.writer.call(claim)
    assert caught.value.message == f"{workflow} is being resumed by process {me.pid}"
    assert "logs" in caught.value.hint


def test_a_resume_that_comes_behind_a_cancel_does_not_revive_the_workflow(project) -> None:
    engine = project.engine()
    owner = project.start(GATED, stays=True)
    workflow = json.loads(owner.stdout.readline())["id"]
    eventually(lambda: engine.get(workflow).state is State.WAITING, "it waits for people")
    os.kill(owner.pid, signal.SIGSTOP)
    asked, askers = "SELECT 1 FROM requests WHERE state = 'pending'", []
    for verb in ("cancel", "resume"):
        askers.append(project.other(verb, workflow))
        eventually(lambda: len(engine.store.read(asked)) == len(askers), f"{verb} is asked for")
    os.kill(owner.pid, signal.SIGCONT)
    cancelled, refused = (json.loads(asker.communicate(timeout=120)[0]) for asker in askers)
    assert cancelled == {"cancelled": True}
    assert refused == {"error": "conflict", "message": f"{workflow} has ended meanwhile: cancelled"}
    assert engine.get(workflow).state is State.CANCELLED
    assert EventType.RESUMED not in [event.type for event in engine.events(workflow)]


def test_what_was_seen_going_on_is_not_begun_anew_after_its_end(project) -> None:
    engine = project.engine()
    workflow, _ = engine.create(project.new("steps:\n  - shell: exit 1\n"))
    engine.run(workflow)
    with pytest.raises(ConflictError) as caught:
        engine.resume(workflow, ResumeOptions(actor="me", unless_ended=True))
    assert caught.value.message == f"{workflow} has ended meanwhile: failed"
    assert engine.resume(workflow, ResumeOptions(actor="me")).state is State.FAILED
