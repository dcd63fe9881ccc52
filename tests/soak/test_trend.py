"""What counts as growing."""

import random
from typing import Any

from soak import verdict
from soak.picture import draw
from soak.strikes import Strike
from soak.trend import Point, trend_of

HOUR = 3600.0


def _samples(**more: Any) -> list[dict[str, Any]]:
    """An hour in which everything stays as it is, but for `more`: functions of the moment."""
    even = {
        "life": 0, "age": 999.0, "daemon_rss": 60 << 20, "daemon_fds": 40, "daemon_threads": 9,
        "engines_rss_max": 30 << 20, "supervisors_rss_max": 12 << 20, "database": 9 << 20,
        "wal": 4 << 20, "state": 3 << 20, "files": 900,
        "workflows": {"succeeded": 500, "running": 50},
    }  # fmt: skip
    return [
        {"at": at, **even, **{key: value(at) for key, value in more.items()}}
        for at in [5.0 * n for n in range(720)]
    ]


def _growing(samples: list[dict[str, Any]], seconds: float = HOUR) -> list[str]:
    return [series.name for series, _, flat in verdict.growths(samples, seconds) if not flat]


def test_what_stays_as_it_is_is_flat() -> None:
    assert _growing(_samples()) == []


def test_a_leak_is_a_leak_under_noise() -> None:
    chance = random.Random(1)
    leaking = _samples(
        daemon_rss=lambda at: (60 + 12 * at / HOUR + chance.uniform(-3, 3)) * (1 << 20)
    )
    assert _growing(leaking) == ["memory of the daemon"]


def test_files_that_stay_open_are_a_leak() -> None:
    assert _growing(_samples(daemon_fds=lambda at: 40 + int(at / 300))) == [
        "open files of the daemon"
    ]


def test_noise_and_teeth_are_no_leak() -> None:
    chance = random.Random(2)
    uneven = _samples(
        daemon_rss=lambda at: chance.choice([59, 60, 60, 61, 90]) << 20,
        database=lambda at: int((8 + at % 150 / 50) * (1 << 20)),
        state=lambda at: chance.randrange(2 << 20, 4 << 20),
    )
    assert _growing(uneven) == []


def test_what_happens_while_it_warms_up_counts_for_nothing() -> None:
    assert _growing(_samples(database=lambda at: int(min(at, 600) / 60) << 20)) == []


def test_a_leak_is_seen_although_the_daemon_is_started_anew() -> None:
    """Each life begins where the first began: only within one is it seen."""

    def life(at: float) -> int:
        return int(at // 900)

    def leak(at: float) -> int:
        return int((60 + 20 * (at % 900) / 900) * (1 << 20))

    assert _growing(_samples(life=life, age=lambda at: at % 900, daemon_rss=leak)) == [
        "memory of the daemon"
    ]


def test_how_a_daemon_begins_is_no_leak() -> None:
    def rises(at: float) -> int:
        return int((60 + min(20.0, at % 900 / 6)) * (1 << 20))

    lives = _samples(life=lambda at: int(at // 900), age=lambda at: at % 900, daemon_rss=rises)
    assert _growing(lives) == []


def test_nothing_is_said_of_a_short_soak() -> None:
    assert _growing(_samples(daemon_fds=lambda at: at), 60.0) == []


def test_samples_that_are_missing_are_no_proof() -> None:
    samples = [s for s in _samples() if s["at"] < 600 or s.pop("daemon_rss")]
    assert _growing(samples) == ["memory of the daemon"]


def test_the_slope_is_that_of_most_pairs() -> None:
    points = [Point(float(n), 100.0 + 2 * n) for n in range(20)]
    points[7] = Point(7.0, 9000.0)
    trend = trend_of(points)
    assert trend is not None
    assert (trend.level, trend.slope) == (121.0, 2.0)
    assert trend_of(points[:9]) is None


def test_a_machine_that_becomes_faster_is_no_leak() -> None:
    def share(at: float) -> float:
        return 1 + at / HOUR

    faster = _samples(
        workflows=lambda at: {"succeeded": int(500 * share(at))},
        state=lambda at: int((3 << 20) * share(at)),
        database=lambda at: int((9 << 20) * share(at)),
        wal=lambda at: int((4 << 20) * share(at)),
        files=lambda at: int(900 * share(at)),
    )
    assert _growing(faster) == []


def test_an_hour_is_drawn_with_its_trends() -> None:
    samples = _samples(
        daemon_rss=lambda at: (60 + 12 * at / HOUR) * (1 << 20),
        api_median=lambda at: 0.01, late_max=lambda at: 0.1,
    )  # fmt: skip
    picture = draw(samples, [Strike(900.0, "the daemon is killed")], HOUR, "an hour")
    assert "+17.9 % in the whole time: grows" in picture
    assert picture.count('class="trend"') == len(verdict.SERIES)
