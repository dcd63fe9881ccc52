"""`max_workflows`: a workflow whose process stays while it waits for people gives its place to
others, and goes on in its turn.
"""

import json

import pytest
from embedded.conftest import Project
from polling import eventually
from this_year import YEAR

from orchestrate.errors import ConflictError
from orchestrate.workflow.approvals import Answer, Approver
from orchestrate.workflow.events import EventType
from orchestrate.workflow.outcomes import State

MARK = '"echo $ORCHESTRATE_WORKFLOW >> $ROOT/order"'
GATED = """
name: gated
steps:
  - shell: "until test -e $ROOT/ready; do sleep 0.02; done"
  - {name: gate, type: approval, message: Go on?%s}
"""
GATED += f"  - shell: {MARK}\n"
HOLDS = """
name: holds
steps:
  - shell: "echo $ORCHESTRATE_WORKFLOW >> $ROOT/order; until test -e $ROOT/go; do sleep 0.02; done"
"""
ONE = {"stays": True, "max_workflows": 1}
FIRST, SECOND = f"WF-{YEAR}-001", f"WF-{YEAR}-002"


def end(process) -> object:
    return json.loads(process.communicate(timeout=120)[0].splitlines()[-1])["state"]


def approve(engine, name: str = "ada") -> bool:
    return engine.answer(FIRST, "gate", Answer(), Approver(name, frozenset()))


def begun(project: Project, engine, more: str = ""):
    """A workflow that waits for people, and another that has its place."""
    first = project.start(GATED % more, **ONE)
    running = "SELECT 1 FROM workflows WHERE state = 'running'"
    eventually(lambda: engine.store.read(running), "the first runs")
    second = project.start(HOLDS, **ONE)
    eventually(lambda: engine.store.read("SELECT workflow FROM waiters") == [(2,)], "it queues")
    project.path("ready").touch()
    eventually(lambda: project.lines("order") == [SECOND], "the other one runs")
    return first, second


def requests(engine) -> list[EventType]:
    wanted = (EventType.PAUSE_REQUESTED, EventType.APPROVAL_GIVEN, EventType.UNPAUSED)
    return [event.type for event in engine.events(FIRST, 0, 100) if event.type in wanted]


def test_what_is_approved_while_another_has_its_place_waits_for_the_end_of_that(project):
    engine = project.engine()
    first, second = begun(project, engine)
    assert approve(engine)
    with pytest.raises(ConflictError):
        approve(engine)
    eventually(lambda: engine.store.read("SELECT workflow FROM waiters") == [(1,)], "it queues")
    assert engine.get(FIRST).state is State.PAUSED
    assert engine.get(FIRST).reason == "as many workflows run as may run at once (1)"
    assert project.lines("order") == [SECOND]
    project.path("go").touch()
    assert [end(second), end(first)] == ["succeeded", "succeeded"]
    assert project.lines("order") == [SECOND, FIRST]
    assert requests(engine) == ["pause_requested", "approval_given", "unpaused"]


def test_what_nobody_approved_in_time_waits_as_well(project):
    engine = project.engine()
    first, second = begun(project, engine, ", timeout: 3, on_timeout: continue")
    eventually(lambda: engine.get(FIRST).state is State.PAUSED, "the end of its time")
    assert project.lines("order") == [SECOND]
    project.path("go").touch()
    assert [end(second), end(first)] == ["succeeded", "succeeded"]
    assert project.lines("order") == [SECOND, FIRST]


def test_a_free_place_is_taken_at_once_and_given_back_if_more_people_have_to_agree(project):
    engine = project.engine()
    first, second = begun(project, engine, ", minimum: 2")
    project.path("go").touch()
    assert end(second) == "succeeded"
    assert approve(engine)
    assert engine.get(FIRST).state is State.WAITING
    project.path("go").unlink()
    third = project.start(HOLDS, **ONE)
    eventually(lambda: len(project.lines("order")) == 2, "a third one has the place")
    project.path("go").touch()
    assert end(third) == "succeeded"
    assert approve(engine, "bob")
    assert end(first) == "succeeded"
    assert project.lines("order")[2:] == [FIRST]
    assert requests(engine) == ["approval_given", "approval_given"]
