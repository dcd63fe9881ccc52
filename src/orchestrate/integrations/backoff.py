"""When a delivery is tried again, and when no more."""

FIRST, FACTOR, LONGEST = 2.0, 2.0, 900.0
"""Seconds before the second attempt, by what that grows, and at most."""
JITTER = 0.2
"""The share by which it is longer or shorter, so that not everybody comes back at once."""
LONGEST_ASKED = 86_400.0
"""Seconds beyond which nobody is kept away by a `Retry-After`."""


def next_attempt(now: float, attempts: int, after: float | None, draw: float) -> float:
    """The moment of the next attempt, after `attempts` (at least one) that failed.

    `after` is what the receiver asked for, in seconds; `draw` is a number in [0, 1).
    """
    delay = min(LONGEST, FIRST * FACTOR ** min(attempts - 1, 30))
    delay *= 1 + JITTER * (2 * draw - 1)
    asked = 0.0 if after is None else min(max(after, 0.0), LONGEST_ASKED)
    return now + max(delay, asked)


def is_given_up(now: float, since: float, patience: float) -> bool:
    """Whether a delivery that has waited since then is not tried any more."""
    return now - since >= patience
