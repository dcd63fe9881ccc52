"""A worker's name goes to another host, which has nothing of what the one before did."""

import threading

import pytest
from cluster.conftest import ALONE, Cluster
from polling import PATIENCE, eventually

from orchestrate.cluster.roster import looking
from orchestrate.workflow.outcomes import State


def test_a_step_of_the_host_before_runs_again_when_it_has_ended_there(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("KILL_GRACE", "4")  # it ends at once: what is left is for a busy machine
    place = cluster.root
    effects = place / "effects"
    process = cluster.process("one")
    engine, attending = (cluster.engine(heartbeat=2.0, lease=12.0) for _ in range(2))
    workflow, _ = engine.create(cluster.new(ALONE.replace("$ROOT", str(place))))
    ended: list[State] = []
    thread = threading.Thread(
        target=lambda: ended.append(attending.run(workflow).state), daemon=True
    )
    thread.start()
    eventually(effects.exists, "the first step")
    process.kill()  # its supervisor goes on with the step
    process.wait(PATIENCE)
    cluster.root = place / "elsewhere"
    cluster.root.mkdir()
    cluster.worker("one")
    eventually(lambda: effects.read_text().count("x") > 1, "the step again")
    (place / "go").touch()
    thread.join(PATIENCE)
    assert ended == [State.SUCCEEDED]
    assert not (place / "twice").exists()
    connection = engine.connection
    connection.wait(looking.drain(connection.client, "one"))
    eventually(lambda: not connection.wait(looking.look(connection.client)), "its leaving")
