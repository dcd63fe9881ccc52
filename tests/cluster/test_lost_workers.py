"""Workers that die, leave, or come back: what ran is taken up again, and never runs twice."""

import signal
import threading

import pytest
from cluster.conftest import Cluster
from polling import eventually

from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.events import EventType
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.state import fold

OUTLIVES = """
name: outlives
steps:
  - name: first
    shell: |
      echo x >> $ROOT/effects; echo begun
      until test -e $ROOT/go; do sleep 0.05; done
      echo over
  - name: second
    shell: echo y >> $ROOT/effects
"""


def begun(cluster: Cluster, text: str):
    """A workflow whose first step runs, and the thread that attends to it."""
    engine, attending = cluster.engine(), cluster.engine()
    workflow, _ = engine.create(cluster.new(text))
    ended: list[object] = []
    thread = threading.Thread(target=lambda: ended.append(attending.run(workflow)), daemon=True)
    thread.start()
    eventually(cluster.path("effects").exists, "the first step")
    return engine, workflow, thread, ended


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_step_goes_on_without_its_worker_and_is_taken_up_again(cluster: Cluster, how):
    process = cluster.process("one")
    engine, workflow, thread, ended = begun(cluster, OUTLIVES)
    process.send_signal(how)
    process.wait(120)
    cluster.path("go").touch()
    cluster.process("one")
    thread.join(120)
    assert ended[0].state is State.SUCCEEDED
    assert cluster.path("effects").read_text() == "x\ny\n"
    assert [p.data for p in engine.output(workflow, "first")] == [b"begun\n", b"over\n"]


def test_what_nobody_takes_up_again_is_in_doubt_and_asked_about(cluster: Cluster):
    process = cluster.process("one")
    engine, workflow, thread, ended = begun_with_short_lease(cluster)
    process.kill()
    process.wait(120)
    cluster.worker("two")
    thread.join(120)
    assert ended[0].state is State.NEEDS_ATTENTION
    assert fold(engine.events(workflow)).steps["first"].state == "parked"
    cluster.path("go").touch()
    assert engine.resume(workflow, ResumeOptions(unknown="skip", actor="me")) is None
    eventually(lambda: engine.get(workflow).state is State.SUCCEEDED, "the end")
    assert cluster.path("effects").read_text() == "x\ny\n"


def begun_with_short_lease(cluster: Cluster):
    engine = cluster.engine(heartbeat=2.0, lease=2.0)
    workflow, _ = engine.create(cluster.new(OUTLIVES))
    attending = cluster.engine()
    ended: list[object] = []
    thread = threading.Thread(target=lambda: ended.append(attending.run(workflow)), daemon=True)
    thread.start()
    eventually(cluster.path("effects").exists, "the first step")
    return engine, workflow, thread, ended


def test_cancelling_ends_the_process_tree_of_a_step_that_was_taken_up_again(cluster: Cluster):
    process = cluster.process("one")
    engine, workflow, thread, ended = begun(cluster, OUTLIVES)
    process.kill()
    process.wait(120)
    cluster.process("one")
    eventually(
        lambda: any(e.type is EventType.ATTEMPT_STARTED for e in engine.events(workflow)), "it"
    )
    engine.cancel(workflow, actor="me")
    thread.join(120)
    assert ended[0].state is State.CANCELLED
    assert cluster.path("effects").read_text() == "x\n"
    assert fold(engine.events(workflow)).steps["first"].state == "cancelled"
