"""What people do beside workflows of a cluster is in its audit: one chain, as on one machine."""

import json
from collections.abc import Iterator

import pytest
from cluster.conftest import Server
from cluster.test_cluster_audit import Audited
from polling import eventually

from orchestrate.cluster import names
from orchestrate.cluster.auditing.actions import SUBJECT, ActionBook, Head, done
from orchestrate.cluster.auditing.journals import Journals
from orchestrate.cluster.auditing.verifying import Expected, Verification
from orchestrate.cluster.serving.delivery_book import DeliveryBook
from orchestrate.launching.signing import make_key

ADA = {"actor": "ada", "origin": {"host": "desk"}}


@pytest.fixture
def site(server: Server, tmp_path) -> Iterator[Audited]:
    made = Audited(server, tmp_path)
    made.worker()
    yield made
    made.close()


def test_what_is_done_beside_workflows_is_listed_exported_signed_and_verified(site: Audited):
    site("schedule", "--playbook", "locked", "--cron", "0 2 * * *", "--name", "nightly")
    site("schedule", "nightly", "--enable")
    site("schedule", "nightly", "--remove")
    site("pause", "--all", "--reason", "freeze")
    site("pause", "--all", fails=5)
    site("resume", "--all")

    def listed() -> list[dict]:
        found = json.loads(site("audit", "--json").stdout)
        return found if len(found) == 5 else []

    entries = eventually(listed, "five actions")
    assert [one["action"] for one in entries] == [
        "hold_ended", "hold_begun", "schedule_removed", "schedule_enabled", "schedule_added",
    ]  # fmt: skip
    enabled = entries[3]
    assert (enabled["before"]["enabled"], enabled["after"]["enabled"]) == (False, True)
    assert {(one["chain"], "host" in one["from"], bool(one["actor"])) for one in entries} == {
        ("actions", True, True)
    }
    # What two keepers tell at about the same time is in the chain in the order of its arrival.
    chained = sorted(entries, key=lambda one: one["number"])
    assert [one["number"] for one in chained] == [1, 2, 3, 4, 5]
    assert (entries[1]["reason"], entries[0]["before"]["reason"]) == ("freeze", "freeze")
    site("audit", "export", "--output", "exported.jsonl")
    exported = (site.root / "exported.jsonl").read_text().splitlines()
    assert [json.loads(line)["hash"] for line in exported] == [one["hash"] for one in chained]
    make_key(site.root / "audit.pem")
    settings = site.root / "orchestrate.toml"
    settings.write_text(settings.read_text() + '[audit]\nkey = "audit.pem"\n')
    signed = json.loads(site("audit", "sign").stdout)
    assert signed["heads"] == {SUBJECT: [5, chained[-1]["hash"], None]}
    found = site.audit("--exported", "exported.jsonl")
    assert (found["sound"], found["actions"], found["checkpoints"]) == (True, 5, 1)
    assert found["head"] == {"action": 5, "hash": chained[-1]["hash"]}
    # Somebody ends their keeper: it is made again, and knows nothing of what was signed.
    handle = site.connection.client.get_workflow_handle(names.ACTIONS)
    site.connection.wait(handle.terminate())
    site("pause", "--all", "--reason", "again")
    eventually(lambda: Journals(site.connection).actions()[0].head.number == 1, "a new chain")
    (cut,) = site.audit(fails=1)["findings"]
    assert (cut["kind"], cut["number"]) == ("cut", 2)
    # Whoever signs the new chain does not take back what was signed of the old one.
    assert json.loads(site("audit", "sign").stdout)["heads"][SUBJECT][0] == 1
    (cut,) = site.audit(fails=1)["findings"]
    assert (cut["kind"], cut["number"]) == ("cut", 2)


def rows(count: int) -> list[list]:
    return [list(done(float(n), "hold_begun", ADA, "", reason=f"r{n}")) for n in range(count)]


def test_a_chain_goes_on_where_the_run_before_ended():
    book = ActionBook()
    book.record(rows(3))
    again = ActionBook(json.loads(json.dumps(book.state())))
    assert (again.head, again.entries()) == (book.head, book.entries())
    again.record(rows(1))
    assert again.head.number == 4
    assert again.digest(3) == book.head.hash
    entry = book.entries()[1]
    assert (entry.actor, entry.origin, entry.reason, entry.number) == (
        "ada", {"host": "desk"}, "r1", 2,
    )  # fmt: skip


def test_old_actions_go_and_the_rest_still_fits():
    book = ActionBook()
    book.record(rows(4001))
    kept = ActionBook(json.loads(json.dumps(book.state())))
    assert (kept.head, len(kept.entries())) == (book.head, 2000)
    assert kept.before == Head(2001, book.digest(2001))
    assert kept.digest(2000) is None


class Chain(Journals):
    """Of a namespace that has actions alone."""

    def __init__(self, book: ActionBook, told: Head | None) -> None:
        self._told = book, told

    def actions(self) -> tuple[ActionBook, Head | None]:
        return self._told

    def runs(self) -> dict[str, list[str]]:
        return {}


def test_a_chain_that_was_written_anew_is_found():
    book, forged = ActionBook(), ActionBook()
    book.record(rows(3))
    forged.record([*rows(1), *rows(2)])
    signed = {SUBJECT: [Expected(2, book.digest(2) or "", "signed", 0.0)]}
    assert list(Verification(Chain(book, book.head), signed)) == []
    (found,) = Verification(Chain(forged, forged.head), signed)
    assert (found.kind, found.number) == ("replaced", 2)
    (found,) = Verification(Chain(forged, book.head), {})
    assert "shown by its keeper" in found.message


def test_who_retries_and_who_drops_deliveries_is_noted():
    book = DeliveryBook()
    said = {
        "workflow": "WF-1", "seq": 2, "previous": 0, "at": 50.0, "kind": "failure",
        "told": {"hook": ["failure"]}, "playbook": "p", "environment": "dev", "project": "shop",
        "ended": "failed",
    }  # fmt: skip
    book.hear(said, 100.0)
    assert book.perform("retry", {"key": "WF-1/2/hook", "author": ADA}, 101.0) == 1
    book.perform("drop", {"key": "WF-1/2/hook", "author": ADA}, 102.0)
    assert book.perform("retry", {"key": None, "author": ADA}, 103.0) == 0
    assert [(one.action, one.subject, one.data["before"]) for one in book.done] == [
        ("delivery_retried", "WF-1/2/hook", {"state": "waiting"}),
        ("delivery_dropped", "WF-1/2/hook", {"state": "waiting"}),
    ]
