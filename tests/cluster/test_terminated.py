"""A workflow that somebody ended in Temporal, whose steps go on for a while."""

import re
import time

import pytest
from cluster.conftest import ALONE, Cluster
from polling import eventually

from orchestrate.cluster.engine import ClusterEngine
from orchestrate.errors import ConflictError
from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.outcomes import State

ASKS = "name: asks\nsteps: [{type: approval, message: Go on?}]\n"


def terminate(engine: ClusterEngine, workflow: str) -> None:
    connection = engine.connection
    connection.wait(connection.client.get_workflow_handle(workflow).terminate())


def resumed(engine: ClusterEngine, workflow: str) -> str:
    """What is said against it; "": it goes on."""
    try:
        engine.go_on(workflow, ResumeOptions(actor="ada"))
    except ConflictError as error:
        return f"{error.message}; {error.hint}"
    return ""


def test_a_step_that_it_left_does_not_run_twice(cluster: Cluster, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("orchestrate.cluster.coordinating.sharing._MARGIN", 1.0)
    cluster.worker()
    # What it was begun with counts, not what whoever resumes it would begin with.
    workflow = cluster.begin(cluster.engine(lease=4.0), ALONE)
    engine = cluster.engine(lease=0.0, kill_grace=2.0)
    effects = cluster.path("effects")
    eventually(effects.exists, "the step")
    terminated = time.time()
    terminate(engine, workflow)
    said = resumed(engine, workflow)
    assert re.fullmatch(
        rf"{workflow} was terminated in Temporal: steps that it left may go on for (\d+) s more, "
        rf"and would run twice; After that: `orchestrate resume --workflow {workflow}`.*",
        said,
    )
    eventually(lambda: not resumed(engine, workflow), "that it may go on")
    assert time.time() - terminated >= 2.0 + 4.0 + 2 * 2.0
    eventually(lambda: effects.read_text().count("x") == 2, "the step again")
    cluster.path("go").touch()
    eventually(lambda: engine.get(workflow).state is State.SUCCEEDED, "the end")
    assert not cluster.path("twice").exists()


def test_one_that_left_no_step_goes_on_at_once(cluster: Cluster):
    cluster.worker()
    engine = cluster.engine()
    workflow = cluster.begin(engine, ASKS)
    eventually(lambda: engine.approvals(workflow), "the question")
    terminate(engine, workflow)
    assert resumed(engine, workflow) == ""
    eventually(lambda: engine.get(workflow).state is State.WAITING, "the question again")
