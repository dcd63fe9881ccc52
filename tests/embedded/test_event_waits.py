"""What the store keeps for steps that wait for events."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrate.embedded import event_waits
from orchestrate.embedded.actions import Author
from orchestrate.embedded.event_waits import Wanted
from orchestrate.embedded.inbox import Inbox
from orchestrate.embedded.store import Store
from orchestrate.launching.inbox import Settled
from orchestrate.triggers.cloud_events import CloudEvent
from orchestrate.workflow.program import Awaited

NOW = 1_790_000_000.0
ME = Author("me")
NUMBER = 7


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "state")
    made.writer.call(
        lambda c: c.execute(
            "INSERT INTO workflows (number, id, playbook, plan, state, environment, parameters, "
            "actor, created_at, last_seq) "
            "VALUES (?, 'WF-2026-007', 'p', 1, 'running', 'dev', '{}', 'me', ?, 1)",
            (NUMBER, NOW),
        )
    )
    yield made
    made.close()


def change(store: Store, **what: Any) -> None:
    wanted = Wanted()
    for key, value in what.items():
        setattr(wanted, key, value)
    store.writer.call(lambda c: event_waits.apply(c, NUMBER, wanted))


def waits(path: str, kind: str = "go", since: str = "step", *, again: bool = False) -> Awaited:
    return Awaited(path, kind, None, since, again)


def event(identity: str, kind: str = "go") -> CloudEvent:
    return CloudEvent(identity, "here", kind, None)


def offered(store: Store) -> list[tuple[str, str]]:
    return [
        (offer.path, offer.event.id)
        for offer in store.reading(lambda c: event_waits.offers(c, NUMBER))
    ]


def state(store: Store, identity: str) -> Any:
    return store.read("SELECT state, workflows FROM inbox WHERE id = ?", (identity,))[0]


def test_what_arrives_is_offered_to_whoever_waits_by_then(store: Store) -> None:
    inbox = Inbox(store)
    inbox.put([event("1")], NOW, ME)
    change(store, awaited=[waits("a"), waits("b", "g*"), waits("c", since="workflow")])
    kept = inbox.put([event("2"), event("3", "gone"), event("2")], NOW, ME)
    assert [[one.path for one in each.waiters] for each in kept] == [["a", "b", "c"], ["b"], []]
    assert offered(store) == [("c", "1"), ("a", "2"), ("b", "2"), ("c", "2"), ("b", "3")]


def test_a_wait_that_goes_on_keeps_what_it_was_offered_and_a_new_one_does_not(store: Store) -> None:
    inbox = Inbox(store)
    change(store, awaited=[waits("a")])
    inbox.put([event("1")], NOW, ME)
    change(store, awaited=[waits("a", again=True)])
    assert offered(store) == [("a", "1")]
    change(store, awaited=[waits("a")])
    assert offered(store) == []


@pytest.mark.parametrize("daemon_first", [True, False])
def test_an_event_is_matched_as_long_as_a_step_has_it_or_may_have_it(
    store: Store, daemon_first: bool
) -> None:
    inbox = Inbox(store)
    change(store, awaited=[waits("a"), waits("b")])
    inbox.put([event("1"), event("2")], NOW, ME)
    first, second = (arrived.number for arrived in inbox.pending())
    steps: list[Callable[[], object]] = [
        lambda: [inbox.settle(n, Settled("unmatched", (), "nobody")) for n in (first, second)],
        lambda: change(store, taken=[first], over=["a"]),
    ]
    for step in steps if daemon_first else reversed(steps):
        step()
    assert state(store, "1") == ("taken", '["WF-2026-007"]')
    assert state(store, "2") == ("taken", "[]"), "b may still want it"
    change(store, kept_back=[("b", second)])
    assert state(store, "2") == ("unmatched", "[]")
    change(store, over=["b"])
    assert offered(store) == []
    assert [arrived.event.id for arrived in inbox.unmatched(10)] == ["2"]


def test_what_is_offered_outlives_ten_thousand_others(store: Store) -> None:
    inbox = Inbox(store)
    change(store, awaited=[waits("a")])
    inbox.put([event("wanted"), *(event(str(n), "noise") for n in range(10_010))], NOW, ME)
    store.writer.call(lambda c: c.execute("UPDATE inbox SET state = 'unmatched'"))
    inbox.put([event("last", "noise")], NOW, ME)
    (last,) = inbox.pending()
    inbox.settle(last.number, Settled("unmatched", (), ""))
    assert offered(store) == [("a", "wanted")]
    assert store.read("SELECT count(*) FROM inbox") == [(10_001,)]


def test_a_workflow_that_is_over_is_offered_nothing(store: Store) -> None:
    change(store, awaited=[waits("a")])
    store.writer.call(lambda c: c.execute("UPDATE workflows SET state = 'failed'"))
    assert Inbox(store).put([event("1")], NOW, ME)[0].waiters == ()
