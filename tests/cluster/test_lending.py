"""What is lent to workflows is given back by the worker that borrowed it, once they are over."""

import pytest
import worker_process
from cluster.conftest import Cluster
from polling import eventually

from orchestrate.cluster.working.lending import giving_back
from orchestrate.launching import leases
from orchestrate.secrets.model import Fetched
from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.outcomes import State

BORROWS = """
name: borrows
secrets:
  - {name: password, source: vault, path: database/creds/app, field: password}
steps:
  - {name: uses, shell: "test ${secrets.password} = hunter22"}
  - {name: ends, shell: "test -e $ROOT/repaired"}
"""


class Lender:
    """A source whose values are lent."""

    def __init__(self) -> None:
        self.lent: list[str] = []
        self.returned: list[str] = []

    def fetch(self, secret) -> Fetched:
        self.lent.append(f"lease-{len(self.lent) + 1}")
        return Fetched("hunter22", Lease(self.lent[-1]))

    def give_back(self, folder) -> None:
        problem = leases.give_back(folder, lambda lent: self.returned.append(lent.lease))
        assert problem == ""


class Lease:
    def __init__(self, name: str) -> None:
        self.name = name

    def is_valid(self) -> bool:
        return True


def test_what_was_lent_is_given_back_when_the_workflow_is_over(cluster: Cluster, monkeypatch):
    lender = Lender()
    plain = worker_process.services
    monkeypatch.setattr(
        worker_process,
        "services",
        lambda root: plain(root)._replace(fetch_secret=lender.fetch, give_back=lender.give_back),
    )
    monkeypatch.setattr("orchestrate.cluster.working.lending._LOOKED_EVERY", 0.1)
    worker = cluster.worker()
    engine = cluster.engine()
    workflow, _ = engine.create(cluster.new(BORROWS))
    assert engine.run(workflow).state is State.FAILED
    eventually(lambda: lender.returned == ["lease-1"], "the first lease")
    # A resume borrows anew. What is open when the worker leaves comes back when the worker does.
    cluster.path("repaired").touch()
    ended = engine.resume(workflow, ResumeOptions(from_step="uses", actor="me"))
    worker.stop()
    assert ended.state is State.SUCCEEDED
    assert lender.lent == ["lease-1", "lease-2"]
    cluster.worker()
    eventually(lambda: lender.returned == ["lease-1", "lease-2"], "the second lease")


def test_what_cannot_be_set_apart_keeps_nothing_else_from_being_given_back(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("orchestrate.cluster.working.lending._LOOKED_EVERY", 0.05)
    workflows = cluster.path("workflows")
    broken, sound = workflows / "WF-2020-001", workflows / "WF-2020-002"
    for folder in (broken, sound):
        folder.mkdir(parents=True)
        leases.note(folder, leases.Lent("vault", folder.name))
    (broken / "over").touch()  # where a folder would have to be
    lender = Lender()
    connection = cluster.engine().connection
    looking = giving_back(connection.client, workflows, lender.give_back, lambda _: True)
    connection.wait(looking.__aenter__())
    try:
        eventually(lambda: lender.returned == ["WF-2020-002"], "the first one")
        leases.note(sound, leases.Lent("vault", "another"))
        eventually(lambda: lender.returned == ["WF-2020-002", "another"], "the second one")
    finally:
        connection.wait(looking.__aexit__(None, None, None))
