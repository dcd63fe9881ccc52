"""Several who want the same of one workflow: one gets it, the others are told."""

import threading

import pytest
from cluster.conftest import Cluster
from polling import eventually

from orchestrate.errors import ConflictError
from orchestrate.workflow.engine import Filter, ResumeOptions
from orchestrate.workflow.outcomes import State

FLAKY = """
name: flaky
steps:
  - {name: once, shell: echo x >> $ROOT/once}
  - {name: broken, shell: "echo y >> $ROOT/tried; test -e $ROOT/repaired"}
"""


def test_of_many_who_resume_one_end_one_wins(cluster: Cluster):
    cluster.worker()
    engine = cluster.engine()
    workflow, _ = engine.create(cluster.new(FLAKY))
    assert engine.run(workflow).state is State.FAILED
    cluster.path("repaired").touch()
    engines = [cluster.engine() for _ in range(4)]
    ready = threading.Barrier(len(engines))
    told: list[str] = []

    def resume(which):
        ready.wait()
        try:
            told.append(str(which.resume(workflow, ResumeOptions(actor="me")).state))
        except ConflictError:
            told.append("conflict")

    threads = [threading.Thread(target=resume, args=(one,), daemon=True) for one in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(told) == ["conflict", "conflict", "conflict", "succeeded"]
    assert cluster.path("once").read_text() == "x\n"
    assert cluster.path("tried").read_text() == "y\ny\n"


def test_who_comes_after_the_resumed_run_has_ended_comes_too_late(cluster: Cluster):
    cluster.worker()
    first, slow = cluster.engine(), cluster.engine()
    workflow, _ = first.create(cluster.new(FLAKY))
    assert first.run(workflow).state is State.FAILED
    found = slow._find(workflow)
    _, changes, events = slow._resumes._planned(found, ResumeOptions(actor="slow"))
    assert first.resume(workflow, ResumeOptions(actor="first")).state is State.FAILED
    with pytest.raises(ConflictError, match="somebody else has just resumed"):
        slow._resumes._start_again(found, ResumeOptions(actor="slow"), events, changes)
    assert cluster.path("tried").read_text() == "y\ny\n"
    cluster.path("repaired").touch()
    assert slow.resume(workflow, ResumeOptions(actor="slow")).state is State.SUCCEEDED
    assert [one.id for one in first.find(Filter())] == [workflow]


def test_two_may_attend_and_both_see_the_end(cluster: Cluster):
    cluster.worker()
    engine = cluster.engine()
    text = "name: w\nsteps: [{shell: 'until test -e $ROOT/go; do sleep 0.05; done'}]\n"
    workflow, _ = engine.create(cluster.new(text))
    attending = [cluster.engine(), cluster.engine()]
    states: list[State] = []
    run = threading.Thread(target=lambda: states.append(attending[0].run(workflow).state))
    run.start()
    eventually(lambda: engine.get(workflow).state is State.RUNNING, "the begin")
    follow = threading.Thread(
        target=lambda: states.append(list(attending[1].follow(workflow))[-1].data["state"])
    )
    follow.start()
    cluster.path("go").touch()
    for thread in (run, follow):
        thread.join(120)
    assert states == ["succeeded", "succeeded"]


def test_a_list_knows_workflows_before_visibility_and_beyond_numbers_that_were_never_used(
    cluster: Cluster,
):
    cluster.worker()
    engine = cluster.engine()
    made = [engine.create(cluster.new(FLAKY))[0]]
    for _ in range(12):
        engine._requests.allocate(None)  # whoever got these numbers died
    made += [engine.create(cluster.new(FLAKY))[0] for _ in range(3)]
    assert [one.id for one in engine.find(Filter())] == made[::-1]
    assert [one.id for one in engine.find(Filter(limit=2, before=made[-1]))] == made[2:0:-1]
    eventually(lambda: sum(1 for _ in visible(engine)) == 4, "visibility")
    assert [one.id for one in engine.find(Filter())] == made[::-1]


def visible(engine) -> list[str]:
    async def listed() -> list[str]:
        query = "WorkflowType = 'orchestrate-playbook'"
        return [entry.id async for entry in engine._connection.client.list_workflows(query)]

    return engine._connection.wait(listed())
