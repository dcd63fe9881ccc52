"""Events on a cluster: steps that wait get theirs, triggers start what they say, each once."""

import json
import threading
from collections.abc import Iterator

import pytest
from cluster.conftest import Cluster, Server
from cluster.replaying import replay
from cluster.test_cluster_schedules import Site
from polling import eventually

from orchestrate.cluster import names as names_of
from orchestrate.cluster.connection import Connection
from orchestrate.cluster.serving.event_book import EventBook
from orchestrate.cluster.serving.events import ClusterInbox
from orchestrate.launching.inbox import Settled
from orchestrate.triggers.cloud_events import CloudEvent
from orchestrate.workflow.audit import Author
from orchestrate.workflow.events import EventType
from orchestrate.workflow.outcomes import State

WAITS = """
name: waits
steps:
  - {name: built, type: wait, event: "build-*", source: ci, filter: "${event.data.n} > 1"}
  - {name: uses, shell: "echo ${built.output.data.n}"}
"""
ADA = Author("ada")


def event(identity: str, kind: str = "build-done", source: str = "ci", **data: object):
    return CloudEvent(identity, source, kind, data)


@pytest.fixture
def inbox(cluster: Cluster) -> Iterator[ClusterInbox]:
    connection = Connection(cluster.address)
    yield ClusterInbox(connection)
    connection.close()


def test_a_step_gets_the_first_event_that_fits_and_the_sender_hears_of_it(
    cluster: Cluster, inbox: ClusterInbox
):
    cluster.worker()
    engine, other = cluster.engine(), cluster.engine()
    workflow, _ = engine.create(cluster.new(WAITS))
    ended: list[object] = []
    thread = threading.Thread(target=lambda: ended.append(other.run(workflow)), daemon=True)
    thread.start()
    names = iter(range(1000))
    kept = eventually(
        lambda: inbox.put([event(f"try-{next(names)}", "build-probe", n=0)], 0.0, ADA)[0].waiters,
        "the step to wait",
    )
    assert [(one.workflow, one.path) for one in kept] == [(workflow, "built")]
    assert inbox.put([event("7", source="elsewhere", n=7)], 0.0, ADA)[0].waiters == ()
    assert [one.fresh for one in inbox.put([event("8", n=8), event("8", n=8)], 0.0, ADA)] == [
        True,
        False,
    ]
    thread.join(120)
    assert ended[0].state is State.SUCCEEDED
    received = [e for e in engine.events(workflow) if e.type is EventType.EVENT_RECEIVED]
    assert [e.data["event"]["id"] for e in received] == ["8"]
    assert replay(cluster.address, names_of.EVENTS) > 10
    assert replay(cluster.address, workflow) > 10


def test_an_event_that_came_before_counts_if_the_step_says_so(
    cluster: Cluster, inbox: ClusterInbox
):
    engine = cluster.engine()
    cluster.worker()
    workflow, _ = engine.create(
        cluster.new("name: early\nsteps: [{name: late, type: wait, event: go, since: workflow}]\n")
    )
    inbox.put([event("1", "go")], 0.0, ADA)
    assert engine.run(workflow).state is State.SUCCEEDED


def test_who_waits_is_offered_what_arrives_while_no_worker_runs(
    cluster: Cluster, inbox: ClusterInbox
):
    worker = cluster.worker()
    engine, other = cluster.engine(), cluster.engine()
    workflow, _ = engine.create(cluster.new(WAITS))
    thread = threading.Thread(target=lambda: other.run(workflow), daemon=True)
    thread.start()
    names = iter(range(1000))
    eventually(
        lambda: inbox.put([event(f"try-{next(names)}", n=0)], 0.0, ADA)[0].waiters,
        "the step to wait",
    )
    worker.stop()
    sending = threading.Thread(target=lambda: inbox.put([event("9", n=9)], 0.0, ADA))
    sending.start()
    cluster.worker("two")
    sending.join(120)
    eventually(lambda: engine.get(workflow).state is State.SUCCEEDED, "its end")
    thread.join(120)


@pytest.fixture
def site(server: Server, tmp_path) -> Iterator[Site]:
    made = Site(server, tmp_path)
    yield made
    made.close()


def test_an_event_starts_what_its_trigger_says_and_what_nobody_wanted_is_listed(site: Site):
    site.playbook(
        "tidy",
        "parameters: [{name: host}]\n"
        "triggers: [{type: event, event: disk-full, parameters: {host: '${event.data.host}'}}]\n"
        "steps: [{shell: 'echo ${host} >> $SITE/effects'}]\n",
    )
    site.worker()
    for _ in range(2):
        site("emit", "--source", "m", "--event", "disk-full", "--data", "host=web1", "--id", "1")
    site("emit", "--source", "m", "--event", "nothing", "--id", "2")
    eventually(lambda: (site.root / "effects").exists(), "the workflow")
    eventually(lambda: site.json("emit", "--list-unmatched"), "what nobody wanted")
    (unmatched,) = site.json("emit", "--list-unmatched")
    assert unmatched["event"]["id"] == "2"
    assert site.json("emit", "--retry-unmatched") == {"looked_at_again": 1}
    listed = site.json("status", "--all")
    assert [one["actor"] for one in listed] == ["trigger tidy/1"]
    assert (site.root / "effects").read_text() == "web1\n"


def put(book: EventBook, *events: CloudEvent, now: float = 100.0):
    return book.perform("put", {"events": [list(one) for one in events]}, now)


def states(book: EventBook) -> dict[str, str]:
    return {entry[2][0]: entry[3] for entry in book.state()["events"]}


def test_what_a_step_may_still_take_is_not_unmatched():
    book = EventBook()
    book.hear("WF-1", [["await", "a", "build-*", "ci", 0.0]])
    assert put(book, event("1"), event("2", "other")) == [
        {"fresh": True, "waiters": [["WF-1", "a"]]},
        {"fresh": True, "waiters": []},
    ]
    for one in book.pending():
        book.settle(one["number"], Settled("unmatched", (), "nobody"))
    assert states(book) == {"1": "taken", "2": "unmatched"}
    book.hear("WF-1", [["kept_back", "a", 1], ["kept_back", "a", 1]])
    assert states(book)["1"] == "unmatched"
    book.hear("WF-1", [["taken", "a", 1], ["forget", "a"]])
    assert states(book)["1"] == "taken"


def test_a_wait_that_is_said_again_is_offered_the_same_again():
    book = EventBook()
    put(book, event("0"), now=1.0)
    put(book, event("1"), now=100.0)
    for _ in range(2):
        book.hear("WF-1", [["await", "a", "build-*", None, 50.0]])
    assert [(offer.path, offer.number) for offer in book.outbox] == [("a", 2), ("a", 2)]
    book.lost("WF-1")
    assert put(book, event("2"))[0]["waiters"] == []


def test_a_new_run_offers_again_what_nobody_answered_for():
    book = EventBook()
    book.hear("WF-1", [["await", "a", "build-*", "ci", 0.0]])
    put(book, event("1"))
    again = EventBook(json.loads(json.dumps(book.state())))
    assert [(offer.workflow, offer.number) for offer in again.outbox] == [("WF-1", 1)]
    assert put(again, event("1")) == [{"fresh": False, "waiters": []}]
    assert again.state()["last"] == 1
