"""Who is next among those that wait: priority first, and whoever waits rises.

Waiting for `AGEING` seconds is worth one class of priority. All that wait rise at the same rate, so
their order never changes while they wait: it is that of the moments at which they would have come
had they all the same priority. A queue can therefore be kept sorted, and nothing starves: whatever
comes more than (classes between them) * `AGEING` later is behind, however urgent it is.
"""

from collections.abc import Mapping

AGEING = 1800.0
"""Seconds of waiting that are worth one class."""
NORMAL = "normal"
CLASSES: Mapping[str, int] = {"critical": 2, "high": 1, NORMAL: 0, "low": -1}
"""The priorities, and how many classes each is above the usual one."""


def rank(priority: str, since: float, number: int) -> tuple[float, int]:
    """The place of what waits `since` a moment (seconds since the epoch): the smallest is next.

    `number` decides between equals: that of the workflow, or any that rises.
    """
    return since - CLASSES[priority] * AGEING, number
