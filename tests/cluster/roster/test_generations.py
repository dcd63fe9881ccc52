"""A release beside an old one: each runs the workflows of its generation, and no others."""

import pytest
from cluster.conftest import Cluster
from polling import eventually

from orchestrate.cluster import names
from orchestrate.cluster.connection import Connection
from orchestrate.cluster.engine import ClusterEngine
from orchestrate.cluster.roster.versions import warnings
from orchestrate.workflow.outcomes import State

WAITS = """
name: waits
steps:
  - {name: first, shell: "echo a >> $ROOT/effects; until test -e $ROOT/go; do sleep 0.05; done"}
  - {name: second, shell: "echo b >> $ROOT/effects"}
"""


def said(cluster: Cluster) -> str:
    connection = Connection(cluster.address)
    try:
        return "; ".join(one.message for one in connection.wait(warnings(connection.client)))
    finally:
        connection.close()


def performers(engine: ClusterEngine, workflow: str) -> set[str]:
    connection = engine.connection
    history = connection.wait(_history(connection, workflow))
    return {
        event.activity_task_started_event_attributes.identity
        for event in history
        if event.HasField("activity_task_started_event_attributes")
    }


async def _history(connection: Connection, workflow: str):
    handle = connection.client.get_workflow_handle(workflow)
    return (await handle.fetch_history()).events


def test_an_open_workflow_ends_on_the_old_workers_while_new_ones_go_to_the_new(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    old = cluster.process("old")  # a process of its own keeps to generation 1
    engine = cluster.engine()
    workflow = cluster.begin(engine, WAITS)
    eventually(cluster.path("effects").exists)
    assert said(cluster) == ""
    monkeypatch.setattr(names, "GENERATION", 2)
    assert "no worker runs workflows that this program starts" in said(cluster)
    new = cluster.worker("new")
    eventually(lambda: "1 open workflows are of generation 1; this program" in said(cluster))
    later = cluster.begin(engine, "name: later\nsteps: [{command: echo hi}]\n")
    eventually(lambda: engine.get(later).state is State.SUCCEEDED)
    assert performers(engine, later) == {"new"}
    assert engine.get(workflow).state is State.RUNNING
    cluster.path("go").touch()
    eventually(lambda: engine.get(workflow).state is State.SUCCEEDED)
    assert performers(engine, workflow) == {"old"}
    assert cluster.path("effects").read_text() == "a\nb\n"
    eventually(lambda: said(cluster) == "")
    old.terminate()
    old.wait(120)
    assert said(cluster) == ""
    new.stop()


def test_workflows_that_nobody_can_run_any_more_are_told(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    old = cluster.process("old")
    engine = cluster.engine()
    workflow = cluster.begin(engine, "name: asks\nsteps: [{type: approval, message: Go on?}]\n")
    eventually(lambda: engine.approvals(workflow))
    monkeypatch.setattr(names, "GENERATION", 2)
    cluster.worker("new")
    old.terminate()
    old.wait(120)
    expected = "1 open workflows are of generation 1, and no worker runs those"
    eventually(lambda: said(cluster) == expected)
