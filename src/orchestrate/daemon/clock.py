"""What time it is for schedules. Tests move it; everything else of a daemon uses the real clock."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

VARIABLE = "ORCHESTRATE_TEST_CLOCK"
"""Names a file with a number of seconds, by which the clock of schedules is ahead. For tests."""

Clock = Callable[[], float]


def clock_from(env: Mapping[str, str]) -> Clock:
    """Seconds since the epoch, as schedules see it."""
    named = env.get(VARIABLE)
    return time.time if not named else lambda: time.time() + _ahead(Path(named))


def _ahead(file: Path) -> float:
    try:
        return float(file.read_text())
    except (OSError, ValueError):
        return 0.0
