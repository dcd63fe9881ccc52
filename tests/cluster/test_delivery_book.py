"""What is kept of deliveries on a cluster: order, repetitions, what is forgotten."""

import json
from typing import Any

import pytest

from orchestrate.cluster.serving.delivery_book import DeliveryBook
from orchestrate.errors import ConflictError, NotFoundError

ALL = ("start", "success", "failure", "pause", "recovery")


def said(seq: int, kind: str, workflow: str = "WF-1", **changes: Any) -> dict[str, Any]:
    ended = {"success": "succeeded", "failure": "failed"}.get(kind)
    return {
        "workflow": workflow, "seq": seq, "previous": 0, "at": 100.0, "kind": kind,
        "playbook": "deploy", "environment": "dev", "project": "shop", "ended": ended,
        "told": {"hook": ALL}, **changes,
    }  # fmt: skip


def outcome(state: str = "delivered", **changes: Any) -> dict[str, Any]:
    return {"state": state, "error": "", "wait": 0.0, "held": (), "remember": None, **changes}


def begun(book: DeliveryBook, now: float = 100.0) -> list[tuple[int, str]]:
    return [(errand.entry.delivery.number, errand.entry.delivery.key) for errand in book.due(now)]


def kinds(book: DeliveryBook) -> list[tuple[str, str]]:
    return [(one.key, one.kind) for one in book.deliveries()]


def again(book: DeliveryBook) -> DeliveryBook:
    return DeliveryBook(json.loads(json.dumps(book.state())))


def test_a_channel_is_delivered_in_order_and_others_meanwhile():
    book = DeliveryBook()
    book.hear(said(2, "start", told={"hook": ALL, "chat": ("failure",)}), 100.0)
    book.hear(said(9, "failure", told={"hook": ALL, "chat": ("failure",)}), 100.0)
    assert begun(book) == [(1, "WF-1/2/hook"), (3, "WF-1/9/chat")]
    assert begun(book) == []
    book.settle(1, outcome("waiting", error="it is down", wait=4.0), 101.0)
    assert book.next_due() == 105.0
    assert begun(book, 104.0) == []
    assert begun(book, 105.0) == [(1, "WF-1/2/hook")]
    book.settle(1, outcome(), 106.0)
    assert begun(book, 106.0) == [(2, "WF-1/9/hook")]
    first = next(iter(book.deliveries()))
    assert (first.state, first.attempts, first.error) == ("delivered", 1, "")


def test_what_is_said_twice_counts_once_also_for_a_later_run():
    book = DeliveryBook()
    for _ in range(2):
        book.hear(said(2, "start"), 100.0)
    book = again(book)
    book.hear(said(2, "start"), 100.0)
    assert kinds(book) == [("WF-1/2/hook", "start")]


def test_a_message_that_overtook_another_waits_for_it_but_not_for_ever():
    book = DeliveryBook()
    book.hear(said(9, "success", previous=5), 100.0)
    book.hear(said(5, "pause", previous=2), 100.0)
    assert kinds(book) == []
    assert book.next_due() == 110.0
    book = again(book)
    book.hear(said(2, "start"), 101.0)
    assert [kind for _, kind in kinds(book)] == ["start", "pause", "success"]
    book.hear(said(30, "pause", previous=20), 200.0)
    assert begun(book, 209.0) == [(1, "WF-1/2/hook")]
    book.due(210.0)
    assert [kind for _, kind in kinds(book)][-1] == "pause"


def test_what_happened_first_is_told_first_whichever_is_heard_of_first():
    book = DeliveryBook()
    book.hear(said(2, "start", "WF-2", at=100.0), 100.0)
    book.hear(said(9, "success", "WF-1", at=99.5), 100.0)
    book = again(book)
    assert begun(book) == [(2, "WF-1/9/hook")]
    book.hear(said(9, "success", "WF-0", at=98.0), 100.0)
    book.settle(2, outcome(), 101.0)
    assert begun(book) == [(3, "WF-0/9/hook")]


def test_a_success_after_a_failure_of_the_playbook_is_a_recovery():
    book = DeliveryBook()
    book.hear(said(9, "failure"), 100.0)
    book.hear(said(9, "success", "WF-2", environment="prod"), 100.0)
    book = again(book)
    book.hear(said(9, "success", "WF-3"), 100.0)
    book.hear(said(9, "success", "WF-4"), 100.0)
    assert [kind for _, kind in kinds(book)] == ["failure", "success", "recovery", "success"]


def test_memories_are_those_of_the_channel_for_the_workflow_and_the_playbook():
    book = DeliveryBook()
    for seq in (2, 9):
        book.hear(said(seq, "pause"), 100.0)
    begun(book)
    book.settle(1, outcome(remember=["WF-1", {"ts": "1"}]), 101.0)
    [errand] = again(book).due(102.0)
    assert errand.memories == {"WF-1": {"ts": "1"}}
    book.due(102.0)
    book.settle(2, outcome(remember=["shop/deploy/dev", {"issue": "OPS-1"}]), 103.0)
    book.hear(said(2, "start", "WF-2"), 104.0)
    [errand] = book.due(105.0)
    assert errand.memories == {"shop/deploy/dev": {"issue": "OPS-1"}}


def test_what_is_dropped_under_way_stays_dropped_and_the_next_one_follows():
    book = DeliveryBook()
    book.hear(said(2, "start"), 100.0)
    book.hear(said(9, "failure"), 100.0)
    begun(book)
    book.perform("drop", {"key": "WF-1/2/hook"}, 101.0)
    assert begun(book, 101.0) == []
    book.settle(1, outcome(), 102.0)
    assert begun(book, 102.0) == [(2, "WF-1/9/hook")]
    assert [one.state for one in book.deliveries()] == ["dropped", "waiting"]
    with pytest.raises(NotFoundError):
        book.perform("drop", {"key": "WF-7/2/hook"}, 103.0)
    book.settle(2, outcome(), 104.0)
    with pytest.raises(ConflictError):
        book.perform("retry", {"key": "WF-1/9/hook"}, 105.0)


def test_what_failed_is_tried_again_before_what_came_later():
    book = DeliveryBook()
    book.hear(said(2, "start"), 100.0)
    book.hear(said(9, "failure"), 100.0)
    begun(book)
    book.settle(1, outcome("refused", error="no"), 101.0)
    assert book.perform("retry", {"key": None}, 102.0) == 2
    book = again(book)
    assert begun(book, 102.0) == [(1, "WF-1/2/hook")]
    assert [(one.state, one.since) for one in book.deliveries()] == [("waiting", 102.0)] * 2


def test_what_a_lost_worker_had_and_what_nobody_began_with_are_begun_again():
    book = DeliveryBook()
    book.hear(said(2, "start"), 100.0)
    begun(book)
    book.put_back(1)
    assert begun(book) == [(1, "WF-1/2/hook")]
    book.lost(1, "gone", 101.0)
    assert begun(book, 105.0) == []
    assert begun(book, 106.0) == [(1, "WF-1/2/hook")]


def test_variables_that_a_worker_has_make_due_what_waits_for_them():
    book = DeliveryBook()
    book.hear(said(2, "start"), 100.0)
    begun(book)
    book.settle(1, outcome("waiting", error="unset", wait=900.0, held=("A", "B")), 101.0)
    assert book.perform("release", {"variables": ["A"]}, 102.0) == 0
    assert book.perform("release", {"variables": ["A", "B", "C"]}, 102.0) == 1
    assert begun(book, 102.0) == [(1, "WF-1/2/hook")]


def test_of_what_is_over_the_newest_are_kept_and_of_what_waits_everything():
    book = DeliveryBook()
    for number in range(700):
        book.hear(said(2, "start", f"WF-{number}"), 100.0)
    for number in range(1, 601):
        assert begun(book)[0][0] == number
        book.settle(number, outcome(), 101.0)
    states = [one.state for one in again(book).deliveries()]
    assert (states.count("delivered"), states.count("waiting")) == (500, 100)
