"""Events are kept once, looked at in order, and remembered up to a bound."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrate.embedded.actions import Author
from orchestrate.embedded.inbox import Inbox
from orchestrate.embedded.store import Store
from orchestrate.embedded.watched import Change, Seen, Watched
from orchestrate.launching.inbox import Settled
from orchestrate.triggers.cloud_events import CloudEvent

ADA = Author("ada")
NOW = 1_790_000_000.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "state")
    yield made
    made.close()


def event(identity: str, source: str = "s") -> CloudEvent:
    return CloudEvent(identity, source, "t", {"x": [1, "ü"]}, {"subject": "a"})


def fresh(inbox: Inbox, *events: CloudEvent) -> list[bool]:
    return [kept.fresh for kept in inbox.put(events, NOW, ADA)]


def test_an_event_comes_once(store: Store) -> None:
    inbox = Inbox(store)
    assert fresh(inbox, event("1"), event("2"), event("1")) == [True, True, False]
    assert fresh(inbox, event("1"), event("1", "other")) == [False, True]
    pending = inbox.pending()
    assert [one.event.id for one in pending] == ["1", "2", "1"]
    assert pending[0].event == event("1")
    inbox.settle(pending[0].number, Settled("started", ("WF-2026-001",), ""))
    inbox.settle(pending[1].number, Settled("unmatched", (), "no trigger waits for it"))
    assert [one.event.source for one in inbox.pending()] == ["other"]
    assert fresh(inbox, event("1")) == [False], "also after it was looked at"
    (lost,) = inbox.unmatched(10)
    assert (lost.event.id, lost.state, lost.reason) == ("2", "unmatched", "no trigger waits for it")
    assert inbox.try_again(ADA, NOW) == 1
    assert [one.event.id for one in inbox.pending()] == ["2", "1"]


def test_ten_thousand_are_remembered(store: Store) -> None:
    inbox = Inbox(store)
    inbox.put([event(str(number)) for number in range(10_049)], NOW, ADA)
    store.writer.call(lambda c: c.execute("UPDATE inbox SET state = 'unmatched'"))
    inbox.put([event("last")], NOW, ADA)
    (last,) = inbox.pending()
    inbox.settle(last.number, Settled("unmatched", (), ""))
    assert store.read("SELECT count(*), min(number) FROM inbox") == [(10_000, 51)]


def test_a_change_of_a_file_and_its_event_are_one(store: Store) -> None:
    watched, inbox = Watched(store), Inbox(store)
    before, after = Seen(1, 1), Seen(2, 5)
    assert watched.begin("file:p/1", "*.csv", {"/a.csv": before})
    assert not watched.begin("file:p/1", "*.csv", {})
    assert watched.known("file:p/1") == {"/a.csv": before}
    changes = [
        Change("/a.csv", before, after, "changed", told=True),
        Change("/b.csv", None, after, "created", told=False),
    ]
    watched.record("file:p/1", changes, NOW)
    watched.record("file:p/1", changes, NOW)
    assert watched.known("file:p/1") == {"/a.csv": after, "/b.csv": after}
    (told,) = inbox.pending()
    assert (told.event.id, told.event.type) == ("changed:/a.csv:2:5", "file.changed")
    assert told.event.data == {
        "path": "/a.csv", "name": "a.csv", "stem": "a", "folder": "/", "size": 5,
        "change": "changed",
    }  # fmt: skip
    watched.record("file:p/1", [Change("/a.csv", after, None, "removed", told=True)], NOW)
    assert watched.known("file:p/1") == {"/b.csv": after}
    assert watched.begin("file:p/1", "*.txt", {}), "another pattern begins anew"
    watched.forget([])
    assert watched.known("file:p/1") == {}
