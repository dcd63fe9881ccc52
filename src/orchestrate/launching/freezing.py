"""Times in which a project lets nothing new begin: `[[freeze]]`."""

from collections.abc import Iterable, Sequence

from orchestrate.playbook.cron import parse_cron, zone_named
from orchestrate.project.model import FreezeWindow
from orchestrate.project.zone import local_zone
from orchestrate.triggers.slots import Dst, slots
from orchestrate.workflow.admitting import Halt
from orchestrate.workflow.ranking import CLASSES

_MOST = 100
"""Windows that follow one another without a gap, at most."""


def frozen(
    windows: Sequence[FreezeWindow], now: float, environment: str, priority: str
) -> Halt | None:
    """What keeps a new workflow from beginning at a moment, and until when: also windows that
    begin before the first one ends count.
    """
    concerned = [which for which in windows if _concerns(which, environment, priority)]
    first = _ends(concerned, now)
    if first is None:
        return None
    name, until = first
    for _ in range(_MOST):
        following = _ends(concerned, until)
        if following is None:
            return Halt(f"frozen by {name} until {_said(until)}", until)
        until = following[1]
    return Halt(f"frozen by {name}, with no end in sight", until)


def in_force(windows: Sequence[FreezeWindow], now: float) -> Sequence[tuple[FreezeWindow, float]]:
    """The windows around a moment, each with its end."""
    return [(which, end) for which in windows if (end := _end_around(which, now)) is not None]


def _concerns(window: FreezeWindow, environment: str, priority: str) -> bool:
    if window.environments is not None and environment not in window.environments:
        return False
    allowed = window.allow_priority
    return allowed is None or CLASSES[priority] < CLASSES[allowed]


def _ends(windows: Iterable[FreezeWindow], now: float) -> tuple[str, float] | None:
    """The window around a moment that ends last: its name and its end."""
    found = [(end, which.name) for which in windows if (end := _end_around(which, now)) is not None]
    if not found:
        return None
    end, name = max(found)
    return name, end


def _end_around(window: FreezeWindow, now: float) -> float | None:
    if window.cron is None:
        assert window.start is not None
        assert window.end is not None
        return window.end if window.start <= now < window.end else None
    zone = zone_named(window.zone or local_zone())
    end = None
    for slot in slots(parse_cron(window.cron), zone, Dst.RUN_ONCE, now - window.duration):
        if slot.at > now:
            break
        end = slot.at + window.duration
    return end if end is not None and end > now else None


def _said(moment: float) -> str:
    from datetime import datetime

    return datetime.fromtimestamp(moment).astimezone().strftime("%Y-%m-%d %H:%M %Z")
