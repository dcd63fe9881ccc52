"""Histories that grow: a workflow goes on in new runs, with its journal, and nothing runs twice."""

import threading

import pytest
from cluster.conftest import Cluster
from polling import eventually

from orchestrate.cluster.hosting import hosted as hosting
from orchestrate.cluster.storing import pages
from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.events import EventType
from orchestrate.workflow.outcomes import State


def test_a_long_workflow_goes_on_in_new_runs(cluster: Cluster):
    cluster.worker()
    engine = cluster.engine(longest_run=25)  # events: 15 steps are 45, besides the workflow's tasks
    workflow, _ = engine.create(
        cluster.new("""
name: long
steps:
  - name: each
    type: foreach
    items: ${range(15)}
    as: n
    max_parallel: 3
    steps:
      - {name: call, shell: "echo ${n} >> $ROOT/effects"}
      - {name: check, type: assert, condition: "${n} < 15"}
""")
    )
    first = engine._find(workflow).run
    assert engine.run(workflow).state is State.SUCCEEDED
    assert engine._find(workflow).run != first
    effects = cluster.path("effects").read_text().split()
    assert sorted(effects, key=int) == [str(n) for n in range(15)]
    journal = engine.events(workflow)
    assert [event.seq for event in journal] == list(range(1, len(journal) + 1))
    kinds = [event.type for event in journal]
    assert kinds.count(EventType.WORKFLOW_STARTED) == 1
    assert kinds.count(EventType.ATTEMPT_FINISHED) == 15


def test_what_runs_may_end_before_a_new_run_takes_over(cluster: Cluster):
    cluster.worker()
    engine = cluster.engine(longest_run=20)
    workflow, _ = engine.create(
        cluster.new("""
name: both
steps:
  - type: parallel
    branches:
      - name: slow
        steps:
          - name: waits
            shell: "until test -e $ROOT/go; do sleep 0.02; done; echo slow >> $ROOT/effects"
      - name: quick
        steps:
          - {name: one, shell: "echo 1 >> $ROOT/effects"}
          - {name: two, shell: "echo 2 >> $ROOT/effects"}
          - {name: three, shell: "echo 3 >> $ROOT/effects"}
""")
    )
    attending = cluster.engine()
    ended: list[object] = []
    thread = threading.Thread(target=lambda: ended.append(attending.run(workflow)), daemon=True)
    thread.start()
    eventually(cluster.path("effects").exists, "the quick branch")
    eventually(
        lambda: engine._find(workflow).description.history_length > 20, "a history that is long"
    )
    cluster.path("go").touch()
    thread.join(120)
    assert ended[0].state is State.SUCCEEDED
    assert sorted(cluster.path("effects").read_text().split()) == ["1", "2", "3", "slow"]


LOOP = """
name: loop
steps:
  - name: each
    type: foreach
    items: ${range(3500)}
    as: n
    steps: [{name: check, type: assert, condition: "${n} >= 0"}]
  - {name: fails-once, shell: "test -e $ROOT/go"}
"""


def test_a_long_loop_goes_on_in_many_activations_and_from_many_pages(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pages, "PAGE", 100)
    monkeypatch.setattr(hosting, "_PAGES_AT_ONCE", 10)
    cluster.worker()
    engine = cluster.engine()
    workflow, _ = engine.create(cluster.new(LOOP))
    assert engine.run(workflow).state is State.FAILED
    first = engine._find(workflow)
    timers = first.description.history_length
    assert timers > 3 * 5  # a timer is five events: it stopped three times at least
    before = engine._events(first)
    cluster.path("go").touch()
    options = ResumeOptions(actor="tester")
    assert engine.resume(workflow, options).state is State.SUCCEEDED
    after = cluster.engine()._events(engine._find(workflow))
    assert after[: len(before)] == before
    kinds = [event.path for event in after if event.type is EventType.STEP_FINISHED]
    assert len([path for path in kinds if path.startswith("each[")]) == 3500


def test_who_asks_during_a_long_loop_is_answered_after_it(cluster: Cluster):
    cluster.worker()
    engine = cluster.engine()
    text = LOOP.replace("3500", "8000").replace("test -e $ROOT/go", "sleep 30")
    workflow, _ = engine.create(cluster.new(text))
    attending = cluster.engine()
    ended: list[object] = []
    thread = threading.Thread(target=lambda: ended.append(attending.run(workflow)), daemon=True)
    thread.start()
    eventually(lambda: len(engine.events(workflow)) > 100, "the loop")
    engine.cancel(workflow, actor="tester", reason="enough")
    thread.join(120)
    assert ended[0].state is State.CANCELLED
    journal = engine._events(engine._find(workflow))
    kinds = [event.type for event in journal]
    loop = [event.seq for event in journal if event.path.startswith("each[")]
    assert len(loop) == 8000
    assert kinds.index(EventType.CANCEL_REQUESTED) > loop[-1] - 1
