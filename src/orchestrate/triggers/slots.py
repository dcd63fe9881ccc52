"""When a schedule is due: times on the wall clock of a zone, as moments, with an explicit policy
for the two nights on which that clock is changed.

A *slot* is one time at which a schedule is due. It is named by its local time, `2026-03-29T02:30`,
with `+1` after it if that time comes twice and this is the second. That name and the schedule's are
the key by which its workflow is made once.
"""

import heapq
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from orchestrate.playbook.cron import Cron

_LOOK_BACK = timedelta(hours=26)
"""More than any clock was ever changed by."""


class Dst(StrEnum):
    """What becomes of a time of day that a change of the clock leaves out or brings twice."""

    RUN_ONCE = "run-once"
    """left out: as soon as the clock goes on; twice: the first time"""
    SKIP = "skip"
    """left out: not at all; twice: the first time"""
    RUN_TWICE = "run-twice"
    """left out: as soon as the clock goes on; twice: both times"""


class Slot(NamedTuple):
    """A time at which a schedule is due. `at`: seconds since the epoch."""

    at: float
    name: str
    remark: str
    """If the clock is changed then: what that does to this slot."""


def slots(cron: Cron, zone: tzinfo, dst: Dst, after: float) -> Iterator[Slot]:
    """The slots after `after` (exclusive), in the order of their moments, without end.

    Slots that fall on one moment (several that were left out) are one.
    """
    begin = datetime.fromtimestamp(after, zone).replace(tzinfo=None) - _LOOK_BACK
    waiting: list[Slot] = []
    last = after
    for local in cron.local_times(begin):
        found = list(_moments(local, zone, dst, follows_the_clock=cron.follows_the_clock))
        if found:
            # Second occurrences come later than times that follow them on the wall.
            while waiting and waiting[0].at < found[0].at:
                slot = heapq.heappop(waiting)
                if slot.at > last:
                    last = slot.at
                    yield slot
        for slot in found:
            heapq.heappush(waiting, slot)


def _moments(local: datetime, zone: tzinfo, dst: Dst, *, follows_the_clock: bool) -> Iterator[Slot]:
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    name = local.isoformat(timespec="minutes")
    if first.utcoffset() == second.utcoffset():
        yield Slot(first.timestamp(), name, "")
    elif _exists(first):
        yield Slot(first.timestamp(), name, "this time comes twice")
        if follows_the_clock or dst is Dst.RUN_TWICE:
            yield Slot(second.timestamp(), f"{name}+1", "the second time")
    elif not follows_the_clock and dst is not Dst.SKIP:
        yield Slot(_end_of_gap(first, second), name, f"{local:%H:%M} does not exist on this day")


def _exists(moment: datetime) -> bool:
    there_and_back = moment.astimezone(UTC).astimezone(moment.tzinfo)
    return there_and_back.replace(tzinfo=None) == moment.replace(tzinfo=None)


def _end_of_gap(before: datetime, after: datetime) -> float:
    """When the clock goes on, for a time that it leaves out: `before` and `after` are that time
    with the offsets before and after the change, which therefore lies between them.
    """
    zone = before.tzinfo
    low, high = sorted((round(before.timestamp()), round(after.timestamp())))
    old = datetime.fromtimestamp(low, zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return float(high)
