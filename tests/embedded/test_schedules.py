"""Schedules in a real store."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from contract.schedules import SchedulesContract

from orchestrate.embedded import presence
from orchestrate.embedded.actions import Author
from orchestrate.embedded.schedules import StoredSchedules
from orchestrate.embedded.store import Store
from orchestrate.triggers.schedules import Decided, Overlap, Schedule
from orchestrate.triggers.slots import Dst


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


NIGHTLY = Schedule(
    "nightly", "backup", "0 2 * * *", "Europe/Berlin", "production", {"target": "all", "n": 3},
    "ada", Dst.SKIP, overlap=Overlap.QUEUE, jitter=30.0, enabled=True,
    decided_until=at("2026-05-01T12:00"),
)  # fmt: skip


@pytest.fixture
def schedules(tmp_path: Path) -> Iterator[StoredSchedules]:
    store = Store(tmp_path / "state")
    yield StoredSchedules(store, Author("ada"))
    store.close()


class TestStoredSchedules(SchedulesContract):
    @pytest.fixture
    def schedules(self, tmp_path: Path) -> Iterator[StoredSchedules]:
        store = Store(tmp_path / "kept")
        yield StoredSchedules(store, Author("ada"))
        store.close()


def test_what_is_due_is_found_by_time_and_the_next_moment_told(schedules: StoredSchedules) -> None:
    hourly = NIGHTLY._replace(name="hourly", cron="0 * * * *", zone="UTC", jitter=0.0)
    disabled = hourly._replace(name="disabled", enabled=False)
    for which in (NIGHTLY, hourly, disabled):
        schedules.put(which)
    assert schedules.due(at("2026-05-01T12:59")) == ([], at("2026-05-01T13:00"))
    due, later = schedules.due(at("2026-05-01T13:00"))
    assert [which.name for which in due] == ["hourly"]
    assert later is not None
    assert at("2026-05-02T00:00") <= later < at("2026-05-02T00:00") + 30


def test_what_became_of_slots_is_remembered_and_never_asked_again(
    schedules: StoredSchedules,
) -> None:
    schedules.put(NIGHTLY._replace(jitter=0.0))
    slot = Decided("2026-05-02T02:00", at("2026-05-02T00:00"), "started", "WF-2026-001", "", 5.0)
    schedules.record("nightly", [slot])
    assert schedules.history("nightly", 10) == [slot]
    assert schedules.due(at("2026-05-02T00:30")) == ([], at("2026-05-03T00:00"))


def test_time_while_it_was_disabled_is_not_made_up_for(schedules: StoredSchedules) -> None:
    schedules.put(NIGHTLY)
    schedules.enable("nightly", enabled=False, now=at("2026-05-02T00:00"))
    assert schedules.due(at("2027-01-01T00:00")) == ([], None)
    schedules.enable("nightly", enabled=True, now=at("2026-06-01T12:00"))
    assert schedules.get("nightly").decided_until == at("2026-06-01T12:00")
    schedules.enable("nightly", enabled=True, now=at("2026-07-01T12:00"))
    assert schedules.get("nightly").decided_until == at("2026-06-01T12:00")


def test_removal_takes_its_slots_along(schedules: StoredSchedules) -> None:
    schedules.put(NIGHTLY)
    schedules.record("nightly", [Decided("x", at("2026-05-02T00:00"), "missed")])
    schedules.remove("nightly")
    assert schedules.all() == []
    assert schedules.history("nightly", 10) == []
    schedules.record("nightly", [Decided("y", at("2026-05-03T00:00"), "missed")])
    assert schedules.history("nightly", 10) == []


def test_only_a_thousand_slots_of_a_schedule_are_kept(schedules: StoredSchedules) -> None:
    schedules.put(NIGHTLY)
    schedules.record("nightly", [Decided(f"s{n:04}", float(n), "missed") for n in range(1500)])
    found = schedules.history("nightly", 5000)
    assert (len(found), found[0].slot, found[-1].slot) == (1000, "s1499", "s0500")


def test_one_daemon_at_a_time_is_present(tmp_path: Path) -> None:
    assert presence.is_present(tmp_path) is False
    held = presence.take(tmp_path)
    assert held is not None
    assert presence.is_present(tmp_path) is True
    assert presence.take(tmp_path) is None
    import os

    os.close(held)
    assert presence.is_present(tmp_path) is False
