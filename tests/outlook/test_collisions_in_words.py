"""What `capacity` says of schedules that will not have room at the same time."""

import time

from orchestrate.outlook.capacity import said
from orchestrate.workflow.forecasting import Collision

NOW = time.mktime((2026, 11, 23, 16, 0, 0, 0, 0, -1))
HOUR = 3600.0


def collision(at: float, starts: float | None) -> Collision:
    return Collision(
        NOW + at, ("audit", "backup"), "licences", 2, 1, "backup", starts and NOW + starts
    )


def test_within_a_day_the_time_of_day_is_enough() -> None:
    assert said(collision(10 * HOUR, 11 * HOUR), NOW) == (
        "02:00: audit and backup need 2 of 1 licences; backup will start about 03:00"
    )


def test_what_comes_later_has_its_date() -> None:
    assert said(collision(34 * HOUR, 35 * HOUR), NOW) == (
        "2026-11-25 02:00: audit and backup need 2 of 1 licences; "
        "backup will start about 2026-11-25 03:00"
    )
    assert said(collision(34 * HOUR, None), NOW) == (
        "2026-11-25 02:00: audit and backup need 2 of 1 licences; backup can never start"
    )
