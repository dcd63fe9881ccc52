"""`[[freeze]]`: when nothing new begins, for whom, and until when."""

from datetime import UTC, datetime

from orchestrate.launching.freezing import frozen, in_force
from orchestrate.project.model import FreezeWindow

CHRISTMAS = FreezeWindow("christmas", 1000.0, 2000.0, None, 0.0, "UTC", ("production",), "high")
NIGHTLY = FreezeWindow("night", None, None, "0 22 * * *", 8 * 3600.0, "Europe/Berlin", None, None)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_a_window_holds_from_its_beginning_to_just_before_its_end() -> None:
    def until(now: float) -> float | None:
        found = frozen((CHRISTMAS,), now, "production", "normal")
        return None if found is None else found.until

    assert [until(999.9), until(1000.0), until(1999.9), until(2000.0)] == [
        None,
        2000.0,
        2000.0,
        None,
    ]


def test_other_environments_and_what_is_urgent_enough_go_on() -> None:
    def is_free(environment: str, priority: str) -> bool:
        return frozen((CHRISTMAS,), 1500.0, environment, priority) is None

    assert is_free("staging", "low")
    assert is_free("production", "high")
    assert is_free("production", "critical")
    assert not is_free("production", "normal")


def test_windows_that_come_again_keep_to_the_clock_on_the_wall() -> None:
    summer, winter = at("2026-07-01T20:30:00"), at("2026-12-01T20:30:00")
    found = frozen((NIGHTLY,), summer, "dev", "normal")
    assert found is not None
    assert found.until == at("2026-07-02T04:00:00")
    assert frozen((NIGHTLY,), winter, "dev", "normal") is None
    assert frozen((NIGHTLY,), at("2026-12-01T21:00:00"), "dev", "normal") is not None


def test_windows_that_meet_count_as_one_and_some_have_no_end() -> None:
    after = CHRISTMAS._replace(name="new year", start=1900.0, end=3000.0)
    found = frozen((CHRISTMAS, after), 1500.0, "production", "normal")
    assert found is not None
    assert found.until == 3000.0
    always = NIGHTLY._replace(duration=86400.0)
    found = frozen((always,), at("2026-07-01T12:00:00"), "dev", "critical")
    assert found is not None
    assert found.reason == "frozen by night, with no end in sight"


def test_the_windows_in_force_are_named_with_their_ends() -> None:
    assert in_force((CHRISTMAS, NIGHTLY), at("2026-07-01T20:30:00")) == [
        (NIGHTLY, at("2026-07-02T04:00:00"))
    ]
    assert in_force((CHRISTMAS, NIGHTLY), at("2026-07-01T12:00:00")) == []
