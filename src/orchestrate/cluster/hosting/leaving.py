"""When a run hands on to the next one: Temporal takes 51,200 events, 50 MB, 10,000 signals of it.

A run that is long leaves at the first moment at which no step runs. While steps of many branches
run there may be no such moment; then none begins for a while, until those that run have ended. One
that runs for long does not keep the others from beginning: after a while they begin again, and the
run tries later; only where the limits are near they wait for as long as it takes.
"""

LONGEST_HOLD = 30.0
"""Seconds for which nothing begins, while the limits are far."""
_LARGE = 8_000_000
"""Bytes of a history that count like events of the number at which it is long."""
_MOST_EVENTS = 40_000
_MOST_BYTES = 36_000_000
_MOST_SIGNALS = 8_000


class Leaving:
    """What one run knows of its length. `longest` is a number of events."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._next_try = 2.0
        """In multiples of what is long."""
        self._signals = 0
        self._held_since: float | None = None
        self.wanted = False
        """Whether to hand on as soon as no step runs."""

    def signalled(self) -> None:
        """A signal came."""
        self._signals += 1

    @property
    def held(self) -> bool:
        """Whether nothing is to begin now."""
        return self._held_since is not None

    def look(self, events: int, size: int, now: float) -> None:
        """How long the history is now."""
        length = max(events / self._longest, size / _LARGE)
        self.wanted = length >= 1 or self._signals >= _MOST_SIGNALS
        full = events >= _MOST_EVENTS or size >= _MOST_BYTES or self._signals >= _MOST_SIGNALS
        if self._held_since is None:
            if full or length >= self._next_try:
                self._held_since = now
        elif not full and now - self._held_since >= LONGEST_HOLD:
            self._held_since = None
            self._next_try = length + 1
