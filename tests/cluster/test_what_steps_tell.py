"""What steps that run elsewhere tell: how far they are, what they wrote last; and how they end when
they are stopped twice.
"""

import threading

from cluster.conftest import Cluster
from polling import eventually

from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.events import EventType
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.standing import workflow_json
from orchestrate.workflow.state import fold

TELLS = """
name: tells
steps:
  - name: build
    shell: |
      echo 40 > "$ORCHESTRATE_PROGRESS"; echo half of it
      until test -e $ROOT/go; do sleep 0.05; done
"""
STUBBORN = """
name: stubborn
steps:
  - name: stays
    shell: |
      trap 'touch $ROOT/asked' TERM
      touch $ROOT/begun
      while :; do sleep 0.05; done
"""


def test_how_far_a_step_is_can_be_seen_while_it_runs(cluster: Cluster):
    cluster.worker()
    engine, attending = cluster.engine(), cluster.engine()
    workflow, _ = engine.create(cluster.new(TELLS))
    seen = []
    run = threading.Thread(target=lambda: attending.run(workflow, seen.append), daemon=True)
    run.start()
    eventually(lambda: engine.get(workflow).progress == {"build": 40.0}, "the progress")
    (step,) = workflow_json(engine, workflow)["steps"]
    assert (step["state"], step["progress"]) == ("running", 40.0)
    eventually(lambda: [e for e in seen if e.type is EventType.PROGRESS], "whoever attends")
    (told,) = [e for e in seen if e.type is EventType.PROGRESS]
    assert (told.path, told.data) == ("build", {"percent": 40.0})
    (attempt,) = [e.seq for e in seen if e.type is EventType.ATTEMPT_STARTED]
    eventually(
        lambda: attending.end_of_output(workflow, attempt).data == b"half of it\n", "what it said"
    )
    cluster.path("go").touch()
    run.join(120)
    assert engine.get(workflow).state is State.SUCCEEDED
    assert [e.seq for e in engine.events(workflow) if e.type is EventType.PROGRESS] == []


def test_a_second_cancel_leaves_a_step_no_time(cluster: Cluster, monkeypatch):
    monkeypatch.setenv("KILL_GRACE", "600")
    cluster.worker()
    engine, attending = cluster.engine(), cluster.engine()
    workflow, _ = engine.create(cluster.new(STUBBORN))
    ended = []
    run = threading.Thread(target=lambda: ended.append(attending.run(workflow)), daemon=True)
    run.start()
    eventually(cluster.path("begun").exists, "the step")
    engine.cancel(workflow, actor="me")
    eventually(cluster.path("asked").exists, "the signal")
    engine.cancel(workflow, actor="me", reason="now")
    run.join(120)
    assert [one.state for one in ended] == [State.NEEDS_ATTENTION]  # it was not let clean up
    assert fold(engine.events(workflow)).steps["stays"].state == "cancelled"


def test_the_end_of_its_output_comes_with_a_failure(cluster: Cluster):
    worker = cluster.worker()
    engine = cluster.engine()
    text = "name: f\nsteps: [{name: bad, shell: 'seq 1000; echo no such host >&2; exit 3'}]\n"
    workflow, _ = engine.create(cluster.new(text))
    assert engine.run(workflow).state is State.FAILED
    (end,) = [e for e in engine.events(workflow) if e.type is EventType.ATTEMPT_FINISHED]
    said = str(end.data["excerpt"])
    assert said.startswith("…")
    assert said.endswith("999\n1000\nno such host\n")
    assert len(said) <= 2049
    assert end.data["written"] == sum(len(f"{n}\n") for n in range(1, 1001)) + 13
    worker.stop()  # it is had without the worker
    asked = cluster.engine()
    asked.events(workflow)
    assert asked.end_of_output(workflow, end.data["id"]).data == said.encode()
    assert asked.plan_resume(workflow, ResumeOptions()).lines[0].path == "bad"
