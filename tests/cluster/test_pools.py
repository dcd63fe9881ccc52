from cluster.conftest import Cluster
from polling import eventually

from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.outcomes import State

ROUTED = """
name: routed
variables: {where: gpu}
steps:
  - {name: anywhere, shell: echo anywhere}
  - {name: there, pool: linux, shell: echo there}
  - {name: rendered, pool: "${where}", shell: echo rendered}
"""


def test_steps_go_to_the_workers_of_their_pool(cluster: Cluster):
    cluster.worker("one", pools=("default", "linux"))
    cluster.worker("two", pools=("gpu",))
    engine = cluster.engine()
    workflow, _ = engine.create(cluster.new(ROUTED))
    assert engine.run(workflow).state is State.SUCCEEDED
    attempts = {e.path: e.seq for e in engine.events(workflow) if e.type == "attempt_started"}
    performed = engine._connection.wait(engine._reader.end(engine._find(workflow))).workers
    assert {path: performed[attempt] for path, attempt in attempts.items()} == {
        "anywhere": "one",
        "there": "one",
        "rendered": "two",
    }
    assert [piece.data for piece in engine.output(workflow)] == [
        b"anywhere\n",
        b"there\n",
        b"rendered\n",
    ]


def test_a_pool_without_a_name_fails_the_step(cluster: Cluster):
    cluster.worker()
    engine = cluster.engine()
    text = 'name: bad\nvariables: {empty: ""}\nsteps: [{command: echo hi, pool: "${empty}"}]\n'
    workflow, _ = engine.create(cluster.new(text))
    ended = engine.run(workflow)
    assert (ended.state, ended.message) == (State.FAILED, "'' cannot be the name of a pool")


def test_a_step_waits_until_somebody_works_for_its_pool(cluster: Cluster):
    cluster.worker("one")
    engine = cluster.engine()
    workflow, _ = engine.create(
        cluster.new("name: waits\nsteps: [{name: s, pool: late, shell: echo here}]\n")
    )
    engine._requests.ask(engine._find(workflow), "begin", {})
    eventually(lambda: len(engine.events(workflow)) > 2, "the start of the step")
    assert engine.get(workflow).state is State.RUNNING
    cluster.worker("two", pools=("late",))
    eventually(lambda: engine.get(workflow).state is State.SUCCEEDED, "the end")
    assert engine.plan_resume(workflow, ResumeOptions(from_step="s")).lines[0].path == "s"
