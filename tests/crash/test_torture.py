"""Kills at random moments: forty with a fixed seed, some with one that is new each time."""

import random

from crash.torture import campaign


def test_kills_at_random_moments() -> None:
    figures = campaign(40, 7, seconds=45)
    assert figures.faults == []
    assert figures.total > 0


def test_kills_that_nobody_has_seen_before() -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    figures = campaign(8, seed, seconds=12)
    assert figures.faults == [], f"python -m crash.torture --seed {seed}"
