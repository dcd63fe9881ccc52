"""What a workflow waits for, from its events alone."""

from collections.abc import Mapping
from typing import Any

from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.pending import Pending

ASKED = {"message": "Go on?", "inputs": [], "minimum": 1, "on_timeout": "fail"}
HELD = {"lock": "deploy", "workflow": "WF-2026-007", "step": "roll-out", "since": 5.0}
BEGAN = "1970-01-01T00:00:01.000Z"


def after(*events: tuple[EventType, str, Mapping[str, Any]]) -> Pending:
    found = Pending()
    for seq, (kind, path, data) in enumerate(events, 1):
        found.apply(Event(seq, float(seq), kind, path, data))
    return found


def waits(pending: Pending, now: float = 50.0) -> list[dict[str, Any]]:
    return list(pending.to_json(None, now))


def test_people_are_waited_for_until_one_has_answered() -> None:
    asked = (EventType.APPROVAL_REQUESTED, "gate", ASKED)
    timed = (EventType.TIMER_SET, "gate", {"subject": "approval", "after": 60.0})
    given = (EventType.APPROVAL_GIVEN, "gate", {"actor": "ada", "inputs": {}})
    assert waits(after(asked, timed)) == [
        {"kind": "approval", "path": "gate", "message": "Go on?", "since": BEGAN,
         "until": "1970-01-01T00:01:02.000Z"}
    ]  # fmt: skip
    assert waits(after(asked, timed, given)) == []


def test_two_have_to_answer_where_two_are_asked() -> None:
    asked = (EventType.APPROVAL_REQUESTED, "gate", {**ASKED, "minimum": 2})
    ada = (EventType.APPROVAL_GIVEN, "gate", {"actor": "ada", "inputs": {}})
    bob = (EventType.APPROVAL_GIVEN, "gate", {"actor": "bob", "inputs": {}})
    assert [one["kind"] for one in waits(after(asked, ada))] == ["approval"]
    assert waits(after(asked, ada, bob)) == []


def test_whoever_has_it_now_counts_and_else_who_had_it_when_the_waiting_began() -> None:
    found = after((EventType.CLAIM_WAITING, "deploy", {"blockers": [HELD]}))
    assert found.claims
    assert waits(found) == [
        {"kind": "lock", "path": "deploy", "lock": "deploy", "workflow": "WF-2026-007",
         "step": "roll-out", "since": "1970-01-01T00:00:05.000Z"}
    ]  # fmt: skip
    other = {"resource": "cpu", "workflow": "WF-2026-008", "step": "", "since": 7.0}
    assert found.to_json({"deploy": [other]}, 50.0) == [
        {"kind": "capacity", "path": "deploy", "resource": "cpu", "workflow": "WF-2026-008",
         "step": "", "since": "1970-01-01T00:00:07.000Z"}
    ]  # fmt: skip
    assert found.to_json({}, 50.0) == []  # it was given just now


def test_a_claim_is_over_when_it_is_granted_or_refused() -> None:
    waiting = (EventType.CLAIM_WAITING, "deploy", {"blockers": [HELD]})
    granted = (EventType.CLAIMED, "deploy", {"tokens": {"deploy": 3}})
    refused = (EventType.CLAIM_REFUSED, "deploy", {"reason": "conflict"})
    assert waits(after(waiting, granted)) == waits(after(waiting, refused)) == []
    assert not after(waiting, granted).claims


def test_a_moment_another_attempt_an_event_and_a_decision() -> None:
    found = after(
        (EventType.TIMER_SET, "night", {"subject": "until", "at": 90.0}),
        (EventType.TIMER_SET, "flaky", {"subject": "retry-2", "at": 60.0}),
        (EventType.EVENT_AWAITED, "news", {"event": "built.*", "since": "step"}),
        (EventType.PARKED, "lost", {"subject": "unknown", "message": "Nobody knows.",
                                    "choices": ["rerun", "skip"]}),
    )  # fmt: skip
    assert [(one["kind"], one["path"]) for one in waits(found)] == [
        ("timer", "night"), ("retry", "flaky"), ("event", "news"), ("decision", "lost"),
    ]  # fmt: skip
    assert [one.get("until") for one in waits(found)] == [
        "1970-01-01T00:01:30.000Z", "1970-01-01T00:01:00.000Z", None, None,
    ]  # fmt: skip
    for over in (
        (EventType.TIMER_FIRED, "night", {"subject": "until"}),
        (EventType.TIMER_FIRED, "flaky", {"subject": "retry-2"}),
        (EventType.EVENT_RECEIVED, "news", {"event": {}}),
        (EventType.RESOLVED, "lost", {"subject": "unknown", "choice": "skip"}),
    ):
        before = len(waits(found))
        kind, path, data = over
        found.apply(Event(9, 9.0, kind, path, data))
        assert len(waits(found)) == before - 1


def test_a_deadline_is_nothing_that_is_waited_for() -> None:
    assert waits(after((EventType.TIMER_SET, "slow", {"subject": "timeout", "after": 5.0}))) == []


def test_a_rate_is_waited_for_until_its_moment_and_no_longer() -> None:
    found = after((EventType.RATE_WAITING, "call", {"limit": "infra", "until": 60.0}))
    assert [one["limit"] for one in waits(found, 59.0)] == ["infra"]
    assert waits(found, 61.0) == []


def test_the_end_of_a_step_is_the_end_of_all_that_is_in_it() -> None:
    asked = (EventType.APPROVAL_REQUESTED, "each[1]/gate", ASKED)
    night = (EventType.TIMER_SET, "each[2]/night", {"subject": "duration", "at": 90.0})
    other = (EventType.TIMER_SET, "each-other", {"subject": "duration", "at": 90.0})
    ended = (EventType.STEP_FINISHED, "each", {"status": "cancelled"})
    assert [one["path"] for one in waits(after(asked, night, other, ended))] == ["each-other"]


def test_nothing_is_left_when_the_workflow_is_over() -> None:
    asked = (EventType.APPROVAL_REQUESTED, "gate", ASKED)
    night = (EventType.TIMER_SET, "night", {"subject": "duration", "at": 90.0})
    assert waits(after(asked, night, (EventType.WORKFLOW_FINISHED, "", {"state": "failed"}))) == []


def test_what_is_forgotten_is_not_waited_for_and_what_moved_is_elsewhere() -> None:
    asked = (EventType.APPROVAL_REQUESTED, "a/gate", ASKED)
    night = (EventType.TIMER_SET, "b/night", {"subject": "duration", "at": 90.0})
    forgot = (EventType.FORGOTTEN, "", {"reason": "from", "paths": ["a"], "moved": {"b": "c"}})
    assert [one["path"] for one in waits(after(asked, night, forgot))] == ["c/night"]


def test_it_says_how_often_approvals_and_claims_changed() -> None:
    asked = (EventType.APPROVAL_REQUESTED, "gate", ASKED)
    cancelled = (EventType.STEP_FINISHED, "gate", {"status": "cancelled"})
    waiting = (EventType.CLAIM_WAITING, "deploy", {"blockers": [HELD]})
    assert (after(asked).asked, after(asked).claimed) == (1, 0)
    assert after(asked, cancelled).asked == 2
    assert after(waiting).claimed == 1
