"""Rate limits as token buckets, in one number each: when the next start would be on time if starts
came evenly (the "theoretical arrival time" of the generic cell rate algorithm).

A bucket holds `most` tokens and gets one back every `period / count` seconds. Who takes a token
that is not there yet is told at once when it will be, so nobody has to look again.
"""

from collections.abc import Sequence
from typing import NamedTuple

from orchestrate.workflow.program import Argument


class Limit(NamedTuple):
    """At most `most` starts in `period` seconds of calls that begin with one of these words."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    """Without the slash of a command."""
    most: int
    period: float

    @property
    def interval(self) -> float:
        """Seconds until a token is back."""
        return self.period / self.most


def applying(limits: Sequence[Limit], words: Sequence[Argument]) -> tuple[Limit, ...]:
    """The limits of a call."""
    if not limits or not words:
        return ()
    first = words[0]
    said = (first.removeprefix("/") if isinstance(first, str) else first, *words[1:])
    return tuple(
        limit for limit in limits if any(said[: len(prefix)] == prefix for prefix in limit.commands)
    )


def earliest(limit: Limit, due: float, now: float) -> float:
    """When a token is there: now, or later."""
    return max(now, due - (limit.most - 1) * limit.interval)


def charged(limit: Limit, due: float, at: float) -> float:
    """The number of the bucket after a start at a moment."""
    return max(due, at) + limit.interval
