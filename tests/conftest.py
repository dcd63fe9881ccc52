"""Settings of all tests."""

import signal
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that starts this in the background has ^C ignored, and so would all that tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says more about the machine than about the code.
settings.register_profile(
    "any-machine",
    settings.default,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any-machine")

LONG = ("cluster", "acceptance", "browser", "daemon", "storms", "crash", "web", "embedded")
"""Rooms whose files take long: some of them wait, others keep the processors busy."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long rooms, a file of each in turn: what is left to the end is short, and
    those that run at the same time are seldom of one kind.
    """
    numbers: dict[str, dict[Path, int]] = {room: {} for room in LONG}

    def turn(item: pytest.Item) -> tuple[int, int]:
        room = item.path.relative_to(Path(__file__).parent).parts[0]
        if room not in numbers:
            return sys.maxsize, 0
        known = numbers[room]
        return known.setdefault(item.path, len(known)), LONG.index(room)

    items.sort(key=turn)
