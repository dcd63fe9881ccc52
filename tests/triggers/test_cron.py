"""Cron expressions and the slots that they mean."""

from datetime import UTC, datetime
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrate.errors import UsageError
from orchestrate.playbook.cron import parse_cron, zone_named
from orchestrate.triggers.slots import Dst, Slot, slots


def at(text: str, zone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone_named(zone)).timestamp()


def shown(slot: Slot) -> str:
    moment = datetime.fromtimestamp(slot.at, UTC).strftime("%Y-%m-%dT%H:%MZ")
    return f"{moment} {slot.name}" + (f" ({slot.remark})" if slot.remark else "")


def due(cron: str, zone: str, after: str, count: int, dst: Dst = Dst.RUN_ONCE) -> list[str]:
    found = slots(parse_cron(cron), zone_named(zone), dst, at(after, zone))
    return [shown(slot) for slot in islice(found, count)]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("0 2 * * *", "0 2 * * *"),
        ("0 3 * * SUN", "0 3 * * SUN"),
        ("0 0 1 * *", "0 0 1 * *"),
        ("  */15   8-18  *  jan-mar  mon-fri ", "*/15 8-18 * JAN-MAR MON-FRI"),
        ("@daily", "0 0 * * *"),
        ("@Weekly", "0 0 * * 0"),
        ("0 0 L * *", "0 0 L * *"),
    ],
)
def test_five_fields_names_and_macros_are_understood(text: str, fields: str) -> None:
    assert parse_cron(text).fields == fields


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("0 0 2 * * *", "has 6 fields", "without the first field: `0 2 * * *`"),
        ("0 2 * *", "has 4 fields", "`0 2 * * *` is every day at 02:00"),
        ("", "has 0 fields", "Put it in quotes"),
        ("60 2 * * *", "`60` cannot be a minute", "0-59"),
        ("0 24 * * *", "`24` cannot be a hour", "0-23"),
        ("0 2 32 * *", "`32` cannot be a day of month", "1-31"),
        ("0 2 * FOO *", "`FOO` cannot be a month", "JAN-DEC"),
        ("0 2 * * MOO", "`MOO` cannot be a day of week", "SUN-SAT"),
        ("*/0 2 * * *", "`*/0` cannot be a minute", "steps"),
        ("5-1 2 * * *", "`5-1` cannot be a minute", "ranges"),
        ("0 0 30 2 *", "never comes", "30 February"),
        ("@never", "`@never` is unknown", "@daily"),
        ("@reboot", "is no time", "systemd"),
    ],
)
def test_what_is_wrong_is_named(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_cron(text)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_zone_is_looked_up_by_name() -> None:
    with pytest.raises(UsageError) as caught:
        zone_named("Europe/Berlim")
    assert caught.value.hint == "Did you mean `Europe/Berlin`?"


def test_a_time_of_day_is_that_of_the_zone_in_summer_and_in_winter() -> None:
    assert due("0 2 * * *", "Europe/Berlin", "2026-07-01T02:00", 2) == [
        "2026-07-02T00:00Z 2026-07-02T02:00",
        "2026-07-03T00:00Z 2026-07-03T02:00",
    ]
    assert due("0 2 * * *", "Europe/Berlin", "2026-12-01T01:59", 1) == [
        "2026-12-01T01:00Z 2026-12-01T02:00"
    ]


SPRING = {
    Dst.RUN_ONCE: "2026-03-29T01:00Z 2026-03-29T02:30 (02:30 does not exist on this day)",
    Dst.RUN_TWICE: "2026-03-29T01:00Z 2026-03-29T02:30 (02:30 does not exist on this day)",
    Dst.SKIP: "2026-03-30T00:30Z 2026-03-30T02:30",
}


@pytest.mark.parametrize("dst", list(Dst))
def test_a_time_that_is_left_out_runs_when_the_clock_goes_on_or_is_skipped(dst: Dst) -> None:
    assert due("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", 1, dst) == [SPRING[dst]]


@pytest.mark.parametrize("dst", list(Dst))
def test_a_time_that_comes_twice_runs_once_unless_twice_is_wanted(dst: Dst) -> None:
    found = due("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", 2, dst)
    assert found[0] == "2026-10-25T00:30Z 2026-10-25T02:30 (this time comes twice)"
    assert found[1] == (
        "2026-10-25T01:30Z 2026-10-25T02:30+1 (the second time)"
        if dst is Dst.RUN_TWICE
        else "2026-10-26T01:30Z 2026-10-26T02:30"
    )


@pytest.mark.parametrize("dst", list(Dst))
@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("America/New_York", "2026-03-08T00:00"),
        ("America/New_York", "2026-11-01T00:00"),
        ("Europe/Berlin", "2026-10-25T00:00"),
        ("Australia/Lord_Howe", "2026-04-04T22:00"),
    ],
)
def test_every_twenty_minutes_goes_on_through_a_change(dst: Dst, zone: str, change: str) -> None:
    found = slots(parse_cron("*/20 * * * *"), zone_named(zone), dst, at(change, zone))
    moments = [slot.at for slot in islice(found, 30)]
    assert {later - earlier for earlier, later in pairwise(moments)} <= {1200.0, 600.0, 1800.0}
    if zone != "Australia/Lord_Howe":  # where the clock is changed by half an hour
        assert {later - earlier for earlier, later in pairwise(moments)} == {1200.0}


def test_several_times_that_are_left_out_are_one_slot() -> None:
    found = due("0,30 2,3 * * *", "Europe/Berlin", "2026-03-28T23:00", 2)
    assert [entry[:17] for entry in found] == ["2026-03-29T01:00Z", "2026-03-29T01:30Z"]


def test_a_day_that_is_left_out_altogether() -> None:
    assert due("0 12 * * *", "Pacific/Apia", "2011-12-29T13:00", 2) == [
        "2011-12-30T10:00Z 2011-12-30T12:00 (12:00 does not exist on this day)",
        "2011-12-30T22:00Z 2011-12-31T12:00",
    ]


def test_ends_of_months_and_the_twenty_ninth_of_february() -> None:
    assert [entry[18:28] for entry in due("0 0 31 * *", "UTC", "2026-01-01T00:00", 4)] == [
        "2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31",
    ]  # fmt: skip
    assert [entry[18:28] for entry in due("0 0 29 2 *", "UTC", "2026-01-01T00:00", 2)] == [
        "2028-02-29", "2032-02-29",
    ]  # fmt: skip
    assert [entry[18:28] for entry in due("0 0 L * *", "UTC", "2028-01-15T00:00", 2)] == [
        "2028-01-31", "2028-02-29",
    ]  # fmt: skip


ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")
FIELD = st.one_of(st.just("*"), st.integers(0, 23).map(str), st.just("*/7"))


@settings(deadline=None, max_examples=60)
@given(
    minute=FIELD, hour=FIELD, zone=st.sampled_from(ZONES), dst=st.sampled_from(list(Dst)),
    after=st.integers(int(at("2024-01-01T00:00")), int(at("2029-01-01T00:00"))),
)  # fmt: skip
def test_slots_rise_have_names_of_their_own_and_do_not_depend_on_where_one_begins(
    minute: str, hour: str, zone: str, dst: Dst, after: int
) -> None:
    cron = parse_cron(f"{minute} {hour} * * *")
    found = list(islice(slots(cron, zone_named(zone), dst, after), 40))
    assert all(earlier.at < later.at for earlier, later in pairwise(found))
    assert found[0].at > after
    assert len({slot.name for slot in found}) == len(found)
    again = list(islice(slots(cron, zone_named(zone), dst, found[9].at), 30))
    assert again == found[10:]
