"""The coordinator itself: what ends without a word, its own runs, workers that die under it."""

import os
import random
import signal
import threading
import time

import pytest
from cluster.conftest import HEARTBEAT, Cluster
from cluster.replaying import replay_history
from contract.holding import HOLDS, QUICK, check_effects
from polling import eventually

from orchestrate.cluster import names
from orchestrate.cluster.coordinating.differing import warned
from orchestrate.cluster.coordinating.settings import Settings
from orchestrate.workflow.outcomes import State

FULL = os.environ.get("STORM") == "full"
WORKFLOWS, KILLS = (40, 15) if FULL else (4, 2)


def lines(cluster: Cluster) -> list[str]:
    path = cluster.path("effects")
    return path.read_text().splitlines() if path.exists() else []


def ran(cluster: Cluster, text: str, **settings: object) -> threading.Thread:
    """A workflow that somebody runs."""
    engine = cluster.engine(**settings)
    workflow, _ = engine.create(cluster.new(text))
    thread = threading.Thread(target=lambda: engine.run(workflow), daemon=True, name=workflow)
    thread.start()
    return thread


def check_replay(cluster: Cluster) -> None:
    """Every run of the coordinator, and of those that spoke to it, can be replayed."""
    connection = cluster.engine().connection
    client = connection.client

    async def replay() -> int:
        count = 0
        which = f"WorkflowType IN ('{names.COORDINATOR}', '{names.PLAYBOOK}')"
        async for found in client.list_workflows(which):
            handle = client.get_workflow_handle(found.id, run_id=found.run_id)
            count += await replay_history(await handle.fetch_history()) > 0
        return count

    assert eventually(lambda: connection.wait(replay()))


def test_what_a_terminated_workflow_held_is_free_when_its_steps_have_ended(cluster, monkeypatch):
    monkeypatch.setattr("orchestrate.cluster.coordinating.sharing._MARGIN", 0.5)
    cluster.worker()
    lease = {"lease": 1.0, "kill_grace": 0.5}
    holder = ran(cluster, HOLDS, **lease)
    eventually(lambda: lines(cluster) == ["in 1"])
    waiter = ran(cluster, QUICK, **lease)
    engine = cluster.engine()
    eventually(lambda: engine.waits().get(waiter.name))
    client = engine.connection.client
    terminated = time.time()
    engine.connection.wait(client.get_workflow_handle(holder.name).terminate())
    waiter.join(120)
    summary = engine.get(waiter.name)
    assert summary.state is State.SUCCEEDED
    assert lines(cluster) == ["in 1", "in 2", "out 2"]
    # Its steps had until then to end: heartbeat, lease, twice the grace.
    assert summary.finished_at - terminated >= HEARTBEAT + 1.0 + 2 * 0.5


def test_a_long_run_of_the_coordinator_goes_on_in_a_new_one(cluster, monkeypatch):
    monkeypatch.setattr("orchestrate.cluster.coordinating.coordinator._LONGEST_RUN", 40)
    cluster.worker()
    holder = ran(cluster, HOLDS)
    eventually(lambda: lines(cluster) == ["in 1"])
    others = [ran(cluster, QUICK) for _ in range(5)]
    engine = cluster.engine()
    eventually(lambda: len(engine.waits()) == 5)
    cluster.path("go").touch()
    for thread in (holder, *others):
        thread.join(120)
    assert check_effects(lines(cluster)) == [1, 2, 3, 4, 5, 6]
    described = engine.connection.wait(
        engine.connection.client.get_workflow_handle(names.COORDINATOR).describe()
    )
    first = described.raw_description.workflow_execution_info.first_run_id
    assert described.run_id != first
    check_replay(cluster)


def test_a_coordinator_that_somebody_ended_is_made_again(cluster: Cluster):
    cluster.worker()
    holder = ran(cluster, HOLDS)
    eventually(lambda: lines(cluster) == ["in 1"])
    engine = cluster.engine()
    client = engine.connection.client
    engine.connection.wait(client.get_workflow_handle(names.COORDINATOR).terminate())
    last = ran(cluster, QUICK)
    # It asks who has what before it gives anything away; the holder says so.
    blockers = eventually(lambda: engine.waits().get(last.name, {}).get("a"))
    assert [(b["lock"], b["workflow"]) for b in blockers] == [("db", holder.name)]
    cluster.path("go").touch()
    holder.join(120)
    last.join(120)
    assert {engine.get(each.name).state for each in (holder, last)} == {State.SUCCEEDED}
    tokens = check_effects(lines(cluster))
    assert tokens[0] == 1
    assert tokens[1] > 1_700_000_000


def test_what_is_in_force_is_what_was_said_last(cluster: Cluster):
    cluster.worker()
    takes = "name: takes\nsteps:\n  - {name: a, resources: {cpu: 4}, command: echo a}\n"
    small, large = Settings({"cpu": 2}), Settings({"cpu": 8})
    engine = cluster.engine(shared=small)
    workflow, _ = engine.create(cluster.new(takes))
    assert engine.run(workflow).state is State.FAILED
    engine = cluster.engine(shared=large)
    workflow, _ = engine.create(cluster.new(takes))
    assert engine.run(workflow).state is State.SUCCEEDED
    pools = {pool.name: pool.there for pool in cluster.engine().coordination.pools()}
    assert pools == {"workflows": None, "cpu": 8}


def test_workflows_that_share_nothing_touch_no_coordinator(cluster: Cluster):
    cluster.worker()
    engine = cluster.engine(shared=Settings())
    workflow, _ = engine.create(cluster.new("name: x\nsteps:\n  - {name: a, command: echo a}\n"))
    assert engine.run(workflow).state is State.SUCCEEDED
    assert engine.connection.wait(engine._shares.coordinator.in_force()) is None


@pytest.mark.parametrize("seed", [7])
def test_no_lock_is_held_twice_whoever_dies(cluster: Cluster, seed: int):
    """Two workers, of which one or the other has the coordinator, killed again and again."""
    chance = random.Random(seed)
    workers = {name: cluster.process(name) for name in ("one", "two")}
    threads = [ran(cluster, QUICK) for _ in range(WORKFLOWS)]
    for _ in range(KILLS):
        seen = len(lines(cluster))
        name = chance.choice(sorted(workers))
        os.kill(workers[name].pid, signal.SIGKILL)
        workers[name].wait()
        workers[name] = cluster.process(name)
        eventually(
            lambda: len(lines(cluster)) > seen or not any(map(threading.Thread.is_alive, threads)),  # noqa: B023
            "it goes on",
        )
    for thread in threads:
        thread.join(120)
    engine = cluster.engine()
    states = {thread.name: engine.get(thread.name).state for thread in threads}
    assert set(states.values()) == {State.SUCCEEDED}, states
    assert len(check_effects(lines(cluster))) == WORKFLOWS
    eventually(lambda: engine.coordination.locks()["locks"] == [])
    check_replay(cluster)


def test_a_project_that_says_something_else_than_what_is_in_force_is_warned(cluster: Cluster):
    cluster.worker()
    engine = cluster.engine(shared=Settings({"cpu": 2}))
    workflow, _ = engine.create(cluster.new(QUICK))
    engine.run(workflow)
    in_force = eventually(lambda: engine.connection.wait(engine._shares.coordinator.in_force()))
    assert warned(Settings({"cpu": 2}), in_force) == []
    (found,) = warned(Settings({"cpu": 3}, 4), in_force)
    assert found.message.startswith(
        "[capacity], [engine] max_workflows of orchestrate.toml is not what is in force, as tester"
    )
