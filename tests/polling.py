"""Waiting for what another process or thread does: a condition, looked at until a deadline."""

import time
from collections.abc import Callable
from typing import Any

PATIENCE = 120.0
"""Seconds; generous, as the machine that runs the tests may be busy."""


def eventually(condition: Callable[[], Any], what: str = "", seconds: float = PATIENCE) -> Any:
    """The first true value of `condition`; what it looks up may not be there yet."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            value = condition()
        except (LookupError, FileNotFoundError):
            value = None
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain: {what or condition}"
        time.sleep(0.005)
