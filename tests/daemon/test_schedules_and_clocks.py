"""Schedules while the clock is set, the machine sleeps, and summer and winter time change: each
slot is decided once, whatever the clock shows.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from orchestrate.daemon.log import as_text
from orchestrate.daemon.scheduler import Scheduler, Workflows
from orchestrate.embedded.actions import Author
from orchestrate.embedded.schedules import StoredSchedules
from orchestrate.embedded.store import Store
from orchestrate.intake import Request
from orchestrate.triggers.schedules import CatchUp, Overlap, Schedule

HOUR, DAY = 3600.0, 86400.0
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")


def at(text: str, zone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


class World:
    """A scheduler over a real store; the clock is what is put into `now`."""

    def __init__(self, path: Path) -> None:
        self.now = 0.0
        self.started: list[str] = []
        self.store = Store(path)
        self.schedules = StoredSchedules(self.store, Author("ada", {}))
        workflows = Workflows(
            self._start, lambda _: None, lambda _: False, lambda *_: pytest.fail("cancelled")
        )
        self.scheduler = Scheduler(self.schedules, workflows, lambda: self.now, as_text, 8)

    def _start(self, request: Request) -> str:
        assert request.idempotency_key is not None
        self.started.append(request.idempotency_key.removeprefix("schedule:s:"))
        return f"WF-2026-{len(self.started):03d}"

    def schedule(self, cron: str, start: float, **more: object) -> None:
        self.now = start
        plain = Schedule(
            "s", "tidy", cron, "UTC", None, {}, "ada", enabled=True, overlap=Overlap.ALLOW,
            decided_until=start,
        )  # fmt: skip
        self.schedules.put(plain._replace(**more))  # type: ignore[arg-type]

    def live(self, until: float, step: float = 600.0) -> None:
        """Go on as a daemon does: sleep until something is due, but not for long."""
        while self.now < until:
            wait = self.scheduler.tick()
            self.now = min(until, self.now + (step if wait is None else min(step, wait)))
        self.scheduler.tick()

    def outcomes(self) -> list[tuple[str, str]]:
        """Of all slots, in order."""
        return [(one.slot, one.outcome) for one in reversed(self.schedules.history("s", 1000))]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.store.close()


def hours(*which: int, day: str = "2026-05-01") -> list[str]:
    return [f"{day}T{hour:02d}:00" for hour in which]


def test_a_clock_that_is_set_back_an_hour_brings_no_slot_again(world: World) -> None:
    world.schedule("0 * * * *", at("2026-05-01T10:30"))
    world.live(at("2026-05-01T12:05"))
    world.now -= HOUR
    world.live(at("2026-05-01T14:05"))
    assert world.started == hours(11, 12, 13, 14)


@pytest.mark.parametrize(
    ("catch_up", "started"),
    [(CatchUp.LATEST, 1), (CatchUp.ALL, 24), (CatchUp.SKIP, 0)],
)
def test_a_day_that_the_clock_left_out_or_the_machine_slept_is_made_up_for_as_wanted(
    world: World, catch_up: CatchUp, started: int
) -> None:
    world.schedule("0 * * * *", at("2026-05-01T10:30"), catch_up=catch_up)
    world.live(at("2026-05-01T12:05"))
    before = len(world.started)
    world.now += DAY
    world.live(at("2026-05-02T12:35"))
    outcomes = world.outcomes()
    assert len(outcomes) == len({slot for slot, _ in outcomes}) == 26
    assert [outcome for _, outcome in outcomes].count("missed") == 24 - started
    assert len(world.started) == before + started
    # It was wrong: set right again, it comes to all of these times once more.
    world.now -= DAY
    world.live(at("2026-05-02T14:05"))
    assert len(world.started) == len(set(world.started)) == before + started + 2
    assert world.started[-2:] == hours(13, 14, day="2026-05-02")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("season", ["spring", "autumn"])
@pytest.mark.parametrize("set_back", [False, True])
def test_both_changes_of_the_clock_bring_each_day_and_each_hour_once(
    world: World, zone: str, season: str, set_back: bool
) -> None:
    change = CHANGES[zone, season]
    start = change - 1.5 * DAY
    days = "30 2 * * *"
    world.schedule(days, start, zone=zone)
    world.live(change + HOUR / 2)
    if set_back:  # by somebody who did not know that it changes by itself
        world.now -= HOUR
    world.live(change + 2.2 * DAY)
    local = [slot[:10] for slot in world.started]
    assert len(local) == len(set(local)) == 4
    assert local == sorted(local)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("season", ["spring", "autumn"])
def test_what_comes_every_hour_follows_real_time_through_a_change(
    world: World, zone: str, season: str
) -> None:
    change = CHANGES[zone, season]
    world.schedule("0 * * * *", change - 5.25 * HOUR, zone=zone)
    world.live(change + 5.25 * HOUR)
    found = world.outcomes()
    assert {outcome for _, outcome in found} == {"started"}
    assert len({slot for slot, _ in found}) == len(found)
    moments = [one.at for one in reversed(world.schedules.history("s", 100))]
    gaps = {later - earlier for earlier, later in pairwise(moments)}
    # Lord Howe changes by half an hour.
    assert gaps == ({HOUR} if zone != "Australia/Lord_Howe" else {HOUR, *gaps & {1800.0, 5400.0}})


CHANGES = {
    ("Europe/Berlin", "spring"): at("2026-03-29T01:00"),
    ("Europe/Berlin", "autumn"): at("2026-10-25T01:00"),
    ("America/New_York", "spring"): at("2026-03-08T07:00"),
    ("America/New_York", "autumn"): at("2026-11-01T06:00"),
    ("Australia/Lord_Howe", "spring"): at("2026-10-03T15:30"),
    ("Australia/Lord_Howe", "autumn"): at("2026-04-04T15:00"),
}
"""The moments of the changes, in UTC."""


def test_month_ends_and_the_twenty_ninth_of_february(world: World) -> None:
    world.schedule("0 6 L * *", at("2027-12-15T00:00"))
    world.live(at("2028-04-01T00:00"), step=DAY / 2)
    assert [slot[:10] for slot in world.started] == [
        "2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31",
    ]  # fmt: skip


def test_a_schedule_of_the_twenty_ninth_waits_for_years(world: World) -> None:
    world.schedule("0 6 29 2 *", at("2026-01-01T00:00"))
    world.live(at("2032-03-01T00:00"), step=20 * DAY)
    assert [slot[:10] for slot in world.started] == ["2028-02-29", "2032-02-29"]
