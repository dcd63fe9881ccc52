"""What becomes of slots: on time, late, while the one before still runs."""

from datetime import UTC, datetime

import pytest

from orchestrate.triggers.schedules import (
    CatchUp,
    Due,
    Overlap,
    Schedule,
    coming,
    decide,
    due_at,
    next_due,
)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


HOURLY = Schedule(
    "hourly", "tidy", "0 * * * *", "UTC", None, {}, "ada", enabled=True,
    decided_until=at("2026-05-01T10:00"),
)  # fmt: skip


def shown(due: list[Due]) -> list[str]:
    return [
        entry.slot.name[11:]
        + " "
        + (
            entry.decided.outcome
            if entry.decided
            else "wait"
            if entry.waits
            else "cancel and start"
            if entry.cancels
            else "start"
        )
        for entry in due
    ]


def test_nothing_is_due_before_its_time_and_a_slot_at_its_time() -> None:
    assert decide(HOURLY, at("2026-05-01T10:59:59"), None) == []
    assert shown(decide(HOURLY, at("2026-05-01T11:00"), None)) == ["11:00 start"]
    assert next_due(HOURLY) == at("2026-05-01T11:00")


def test_a_slot_that_was_decided_is_never_due_again() -> None:
    decided = HOURLY._replace(decided_until=at("2026-05-01T11:00"))
    assert decide(decided, at("2026-05-01T11:00:30"), None) == []


@pytest.mark.parametrize(
    ("catch_up", "expected"),
    [
        (CatchUp.SKIP, ["11:00 missed", "12:00 missed", "13:00 missed"]),
        (CatchUp.LATEST, ["11:00 missed", "12:00 missed", "13:00 start"]),
        (CatchUp.ALL, ["11:00 start", "12:00 start", "13:00 start"]),
    ],
)
def test_what_was_missed_is_said_and_made_up_for_as_wanted(
    catch_up: CatchUp, expected: list[str]
) -> None:
    late = HOURLY._replace(catch_up=catch_up, overlap=Overlap.ALLOW)
    assert shown(decide(late, at("2026-05-01T13:30"), None)) == expected


def test_a_slot_on_time_after_missed_ones_is_the_latest() -> None:
    found = decide(HOURLY, at("2026-05-01T13:00:10"), None)
    assert shown(found) == ["11:00 missed", "12:00 missed", "13:00 start"]
    skipping = HOURLY._replace(catch_up=CatchUp.SKIP)
    assert shown(decide(skipping, at("2026-05-01T13:00:10"), None))[-1] == "13:00 start"


@pytest.mark.parametrize(
    ("overlap", "expected"),
    [
        (Overlap.SKIP, "11:00 skipped"),
        (Overlap.QUEUE, "11:00 wait"),
        (Overlap.ALLOW, "11:00 start"),
        (Overlap.CANCEL_PREVIOUS, "11:00 cancel and start"),
    ],
)
def test_while_the_one_before_runs(overlap: Overlap, expected: str) -> None:
    found = decide(HOURLY._replace(overlap=overlap), at("2026-05-01T11:00"), "WF-2026-007")
    assert shown(found) == [expected]
    if overlap is Overlap.SKIP:
        assert found[0].decided is not None
        assert found[0].decided.reason == "WF-2026-007 was not over"


def test_slots_that_queue_stay_in_order_and_one_waits_for_the_other() -> None:
    queueing = HOURLY._replace(overlap=Overlap.QUEUE, catch_up=CatchUp.ALL)
    assert shown(decide(queueing, at("2026-05-01T12:30"), None)) == ["11:00 start", "12:00 wait"]


def test_jitter_puts_each_slot_off_by_its_own_share_always_the_same() -> None:
    spread = HOURLY._replace(jitter=600.0)
    found = coming(spread, HOURLY.decided_until, 24)
    shares = [due_at(spread, slot) - slot.at for slot in found]
    assert shares == [due_at(spread, slot) - slot.at for slot in found]
    assert all(0 <= share < 600 for share in shares)
    assert len(set(shares)) == 24
    assert decide(spread, due_at(spread, found[0]) - 0.001, None) == []
    assert shown(decide(spread, due_at(spread, found[0]), None)) == ["11:00 start"]


def test_years_of_missed_slots_are_decided_without_being_listed_one_by_one() -> None:
    every_minute = HOURLY._replace(cron="* * * * *")
    found = decide(every_minute, at("2026-06-01T00:00:30"), None)
    assert len(found) == 1000
    assert shown(found)[-2:] == ["23:59 missed", "00:00 start"]


def test_slots_are_not_looked_for_beyond_the_moment_that_is_asked_about() -> None:
    found = coming(HOURLY, at("2026-05-01T10:30"), 2000, at("2026-05-01T13:00"))
    assert [slot.name for slot in found] == [
        "2026-05-01T11:00", "2026-05-01T12:00", "2026-05-01T13:00",
    ]  # fmt: skip
    never = HOURLY._replace(cron="0 0 1 1 *")
    assert coming(never, at("2026-05-01T10:30"), 2000, at("2026-05-02T10:30")) == []
