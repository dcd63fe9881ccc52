"""Waiting for what another process or thread does: a condition, looked at until a deadline."""

import time
from collections.abc import Callable
from typing import Any

PATIENCE = 120.0
"""Seconds; generous, as the machine that runs the tests may be busy."""


_FIRST, _FACTOR, _LONGEST = 0.005, 1.2, 0.05
"""Seconds between looks: they become fewer, for what is waited for needs the processor, too."""


def eventually(
    condition: Callable[[], Any], what: str = "", seconds: float = PATIENCE, every: float = 0.0
) -> Any:
    """The first true value of `condition`; what it looks up may not be there yet. `every`: seconds
    between looks that are not for nothing.
    """
    deadline = time.monotonic() + seconds
    pause = _FIRST
    while True:
        try:
            value = condition()
        except (LookupError, FileNotFoundError):
            value = None
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain: {what or condition}"
        time.sleep(max(pause, every))
        pause = min(_LONGEST, pause * _FACTOR)
