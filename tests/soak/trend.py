"""Whether something grows: a slope that a few odd samples, and restarts, do not bend."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

_MOST = 800
"""Points of which all pairs are looked at; of more, evenly chosen ones."""


class Point(NamedTuple):
    """A value at a moment. Only points of one life (of a process) are compared."""

    at: float
    value: float
    life: int = 0


class Trend(NamedTuple):
    """How a series went."""

    level: float
    """The median of it."""
    slope: float
    """For each second: the median of the slopes between any two points (Theil and Sen)."""


def trend_of(points: Sequence[Point]) -> Trend | None:
    """None if there are too few points to say anything."""
    step = max(1, -(-len(points) // _MOST))
    chosen = points[::step]
    lives: dict[int, list[Point]] = {}
    for point in chosen:
        lives.setdefault(point.life, []).append(point)
    slopes = [
        (later.value - earlier.value) / (later.at - earlier.at)
        for life in lives.values()
        for number, earlier in enumerate(life)
        for later in life[number + 1 :]
        if later.at > earlier.at
    ]
    if len(slopes) < 45:  # of ten points
        return None
    return Trend(median(point.value for point in chosen), median(slopes))
