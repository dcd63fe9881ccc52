"""With search attributes a list asks for what it wants; without them it has the same."""

import threading

from cluster.conftest import Cluster
from polling import eventually

from orchestrate.cluster.connection import Connection
from orchestrate.cluster.looking.searching import are_registered, query, register
from orchestrate.workflow.engine import Filter
from orchestrate.workflow.outcomes import State

ECHO = "name: {}\nsteps: [{{shell: exit {}}}]\n"


def test_workflows_are_found_by_what_lists_show(cluster: Cluster):
    cluster.worker()
    connection = Connection(cluster.address)
    client = connection.client
    before = cluster.engine()
    old, _ = before.create(cluster.new(ECHO.format("one", 0)))
    before.run(old)  # without attributes, for ever
    assert not connection.wait(are_registered(client))
    assert connection.wait(register(client)) == [
        "OrchestratePlaybook", "OrchestrateEnvironment", "OrchestrateState",
    ]  # fmt: skip
    eventually(lambda: connection.wait(are_registered(client)), "the attributes")
    assert connection.wait(register(client)) == []
    engine = cluster.engine()
    good, _ = engine.create(cluster.new(ECHO.format("one", 0)))
    engine.run(good)
    bad, _ = engine.create(cluster.new(ECHO.format("two", 3)))
    engine.run(bad)

    def visible(narrowed: str) -> list[str]:
        return connection.wait(_ids(client, f"WorkflowType = 'orchestrate-playbook'{narrowed}"))

    failed = "OrchestrateState = 'failed' AND OrchestrateEnvironment = 'dev'"
    eventually(lambda: visible(f" AND {failed}") == [bad], "visibility")
    assert visible(query(Filter(playbook="two"))) == [bad, old]  # the old one may be anything
    assert [one.id for one in engine.find(Filter(playbook="two"))] == [bad]
    assert [one.id for one in engine.find(Filter(playbook="one"))] == [good, old]
    assert [one.id for one in engine.find(Filter(states=(State.FAILED,)))] == [bad]
    assert [one.id for one in engine.find(Filter(environment="production"))] == []
    assert [one.id for one in engine.find(Filter(playbook="it's"))] == []
    connection.close()


async def _ids(client, text: str) -> list[str]:
    return sorted([entry.id async for entry in client.list_workflows(text)], reverse=True)


def test_the_state_is_found_as_it_changes_and_goes_into_the_next_run(cluster: Cluster):
    cluster.worker()
    connection = Connection(cluster.address)
    connection.wait(register(connection.client))
    eventually(lambda: connection.wait(are_registered(connection.client)), "the attributes")
    engine, attending = cluster.engine(longest_run=40), cluster.engine(longest_run=40)
    workflow, _ = engine.create(
        cluster.new("""
name: long
steps:
  - {name: each, type: foreach, items: [1, 2, 3, 4, 5, 6, 7], as: n,
      steps: [{command: "echo ${n}"}]}
  - {name: asks, type: approval, message: Go on?}
""")
    )
    thread = threading.Thread(target=lambda: attending.run(workflow), daemon=True)
    thread.start()
    by_state = "OrchestrateState = '{}' AND ExecutionStatus != 'ContinuedAsNew'"

    def found(state: str) -> list[str]:
        return connection.wait(_ids(connection.client, by_state.format(state)))

    eventually(lambda: found("waiting") == [workflow], "the approval")
    thread.join(120)
    assert not thread.is_alive()
    engine.cancel(workflow, actor="me")
    eventually(lambda: found("cancelled") == [workflow], "the end")
    connection.close()
