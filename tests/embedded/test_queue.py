"""`max_workflows`: the others wait, in order of creation, and are woken."""

import json
import os
import signal

from embedded.conftest import Project
from polling import eventually

from orchestrate.workflow.outcomes import State

WAITS = """
name: waits
steps:
  - shell: "echo $ORCHESTRATE_WORKFLOW >> $ROOT/order; until test -e $ROOT/go; do sleep 0.02; done"
"""


def started(project: Project, count: int) -> list[str]:
    eventually(lambda: len(project.lines("order")) >= count)
    return project.lines("order")


def waiting(engine, count: int) -> None:
    eventually(lambda: engine.store.read("SELECT count(*) FROM waiters") == [(count,)])


def end(process) -> dict[str, object]:
    return json.loads(process.communicate(timeout=120)[0].splitlines()[-1])


def test_others_wait_in_order_of_creation_and_are_woken(project):
    engine = project.engine()
    ids = [engine.create(project.new(WAITS))[0] for _ in range(3)]
    first = project.other("own", ids[0], max_workflows=1)
    started(project, 1)
    last = project.other("own", ids[2], max_workflows=1)
    waiting(engine, 1)
    second = project.other("own", ids[1], max_workflows=1)
    waiting(engine, 2)
    assert [engine.get(i).state for i in ids] == [State.RUNNING, State.QUEUED, State.QUEUED]
    project.path("go").touch()
    assert [end(p)["state"] for p in (first, second, last)] == ["succeeded"] * 3
    assert project.lines("order") == ids


def test_a_dead_waiter_drops_out_and_a_dead_runner_frees_its_place(project):
    engine = project.engine()
    ids = [engine.create(project.new(WAITS))[0] for _ in range(3)]
    first = project.other("own", ids[0], max_workflows=1)
    started(project, 1)
    second = project.other("own", ids[1], max_workflows=1)
    waiting(engine, 1)
    third = project.other("own", ids[2], max_workflows=1)
    waiting(engine, 2)
    second.kill()
    second.wait()
    first.kill()
    first.wait()
    assert started(project, 2) == [ids[0], ids[2]]
    assert engine.get(ids[0]).owner_lost
    project.path("go").touch()
    assert end(third)["state"] == "succeeded"


def test_a_waiter_is_cancelled_by_somebody_else_or_by_its_terminal(project):
    engine = project.engine()
    ids = [engine.create(project.new(WAITS))[0] for _ in range(3)]
    first = project.other("own", ids[0], max_workflows=1)
    started(project, 1)
    others = [project.other("own", i, max_workflows=1) for i in ids[1:]]
    waiting(engine, 2)
    engine.cancel(ids[1], actor="me")
    assert end(others[0])["state"] == "cancelled"
    os.kill(others[1].pid, signal.SIGINT)
    said = end(others[1])
    assert (said["state"], said["interrupted"]) == ("cancelled", True)
    project.path("go").touch()
    assert end(first)["state"] == "succeeded"
    assert project.lines("order") == [ids[0]]
    assert engine.get(ids[2]).state is State.CANCELLED
