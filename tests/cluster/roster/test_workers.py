"""Who works for a cluster: seen by everybody, lost when it was killed, drained when asked."""

from pathlib import Path

import pytest
from cluster.conftest import Cluster, ThreadWorker
from polling import eventually

from orchestrate.cluster.connection import Connection
from orchestrate.cluster.roster.looking import Standing, drain, look
from orchestrate.cluster.working.worker import WorkerOptions
from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.workflow.outcomes import State

WAITS = """
name: waits
steps:
  - {name: first, shell: "touch $ROOT/begun; until test -e $ROOT/go; do sleep 0.05; done"}
"""


class Roster:
    """What `orchestrate workers` asks."""

    def __init__(self, cluster: Cluster) -> None:
        self._connection = Connection(cluster.address)
        self.close = self._connection.close

    def __call__(self) -> dict[str, Standing]:
        found = self._connection.wait(look(self._connection.client))
        return {one.registration.name: one for one in found}

    def states(self) -> dict[str, str]:
        return {name: one.state for name, one in self().items()}

    def drain(self, name: str) -> Standing:
        return self._connection.wait(drain(self._connection.client, name))


@pytest.fixture
def roster(cluster: Cluster):
    made = Roster(cluster)
    yield made
    made.close()


def test_a_worker_is_listed_with_what_it_is_and_does(cluster: Cluster, roster: Roster):
    cluster.worker("two", ("linux", "gpu"))
    made = cluster.worker(max_steps=3, labels=("gpu", "zone=eu"), lost_after=4.0)
    eventually(lambda: roster.states() == {"one": "working", "two": "working"})
    one, two = roster().values()
    assert one.registration.labels == ("gpu", "zone=eu")
    assert (two.registration.pools, one.registration.max_steps) == (("linux", "gpu"), 3)
    assert one.running == 0
    engine = cluster.engine()
    cluster.begin(engine, WAITS)
    eventually(cluster.path("begun").exists)
    eventually(lambda: roster()["one"].running == 1, "the running step")
    cluster.path("go").touch()
    eventually(lambda: roster()["one"].running == 0, "the end of the step")
    made.stop()
    eventually(lambda: roster.states() == {"two": "working"}, "one to leave")


def test_a_drained_worker_finishes_what_it_has_and_takes_nothing_new(
    cluster: Cluster, roster: Roster
):
    cluster.worker("host", ("other",))
    made = cluster.worker(lost_after=4.0)
    engine = cluster.engine()
    workflow = cluster.begin(engine, WAITS)
    eventually(cluster.path("begun").exists)
    eventually(lambda: roster.states().get("one") == "working")
    assert roster.drain("one").registration.name == "one"
    eventually(lambda: roster.states().get("one") == "draining")
    later = cluster.begin(engine, "name: later\nsteps: [{command: echo hi}]\n")
    cluster.path("go").touch()
    eventually(lambda: engine.get(workflow).state is State.SUCCEEDED)
    eventually(lambda: "one" not in roster.states())
    made.stop()  # it has ended by itself
    assert engine.get(later).state is State.RUNNING
    cluster.worker("next")
    eventually(lambda: engine.get(later).state is State.SUCCEEDED)


def test_a_killed_worker_is_lost_until_it_comes_back(cluster: Cluster, roster: Roster):
    cluster.worker("host", ("other",))
    killed = cluster.process("one")
    eventually(lambda: roster.states().get("one") == "working")
    killed.kill()
    eventually(lambda: roster.states().get("one") == "lost")
    lost = roster()["one"]
    assert lost.last_sign_at is not None
    cluster.process("one")
    eventually(lambda: roster.states().get("one") == "working")
    assert roster()["one"].registration.instance != lost.registration.instance


def test_of_two_workers_of_one_name_the_later_one_stays(
    cluster: Cluster, roster: Roster, tmp_path: Path
):
    first = cluster.worker(lost_after=4.0)
    eventually(lambda: roster.states().get("one") == "working")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    second = ThreadWorker(cluster.address, elsewhere, WorkerOptions("one", ("default",), 20))
    eventually(lambda: first.error is not None)
    assert isinstance(first.error, ConflictError)
    assert "another worker named one has begun" in str(first.error)
    eventually(lambda: roster.states() == {"one": "working"})
    second.stop()


def test_nobody_can_be_drained_who_is_not_there(cluster: Cluster, roster: Roster):
    with pytest.raises(NotFoundError, match="no worker named nobody"):
        roster.drain("nobody")
    assert roster.states() == {}
