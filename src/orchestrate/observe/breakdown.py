"""Where the time of a workflow went: each moment counts once, for what happened in it."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orchestrate.observe.spans import Kind, Wait
from orchestrate.observe.timeline import Timeline

RUNNING = "running"
ENGINE = "engine"
"""Nothing ran and nothing was waited for: orchestrate itself was at work."""
WORDS: Mapping[str, str] = {
    RUNNING: "steps ran",
    ENGINE: "orchestrate itself",
    Wait.QUEUE: "waited for its turn",
    Wait.CLAIM: "waited for locks and capacity",
    Wait.RETRY: "waited before retries",
    Wait.TIMER: "waited for a moment",
    Wait.EVENT: "waited for an event",
    Wait.PAUSE: "paused",
    Wait.DECISION: "waited for a person",
    Wait.UNOWNED: "nobody ran it",
    Wait.STOPPED: "had ended, before it was resumed",
}
"""What each of these is called for people."""
_ORDER = (
    RUNNING, Wait.CLAIM, Wait.RETRY, Wait.TIMER, Wait.EVENT, Wait.DECISION, Wait.PAUSE,
    Wait.QUEUE, Wait.UNOWNED, Wait.STOPPED,
)  # fmt: skip
"""What counts if several hold at once: the first."""


class Stretch(NamedTuple):
    """A stretch of time and what it counts for."""

    started_at: float
    finished_at: float
    what: str


class Breakdown(NamedTuple):
    """`seconds` by what they count for; they add up to the duration. `busy`: the seconds of all
    attempts together; `peak`: how many ran at once at most.
    """

    seconds: dict[str, float]
    busy: float
    peak: int
    stretches: Sequence[Stretch]
    attempts: int
    retries: int

    @property
    def at_once(self) -> float:
        """How many attempts ran at once on average, while any did."""
        running = self.seconds.get(RUNNING, 0.0)
        return self.busy / running if running > 0 else 0.0

    @property
    def efficiency(self) -> float | None:
        """How much of the width that was used at the peak was used all the time, 0 to 1."""
        return self.at_once / self.peak if self.peak > 0 and self.busy > 0 else None

    def between(self, start: float, end: float) -> list[Stretch]:
        """The stretches within a time, cut to it."""
        first = max(0, bisect_right(self.stretches, start, key=lambda s: s.started_at) - 1)
        found: list[Stretch] = []
        for stretch in self.stretches[first:]:
            if stretch.started_at >= end:
                break
            low, high = max(start, stretch.started_at), min(end, stretch.finished_at)
            if high > low:
                found.append(Stretch(low, high, stretch.what))
        return found


def break_down(timeline: Timeline) -> Breakdown:
    """Look at every moment of the workflow."""
    changes: list[tuple[float, int, int]] = []
    busy, attempts, retries = 0.0, 0, 0
    for span in timeline.root.walk():
        if span.kind is Kind.ATTEMPT:
            what = 0
            attempts += 1
            number = span.facts.get("number")
            retries += isinstance(number, int) and number > 1
            busy += timeline.end_of(span) - span.started_at
        elif span.kind is Kind.WAIT:
            what = _ORDER.index(Wait(span.name))
        else:
            continue
        changes.append((span.started_at, 1, what))
        changes.append((timeline.end_of(span), -1, what))
    stretches, peak = _sweep(timeline, sorted(changes))
    seconds: dict[str, float] = {}
    for stretch in stretches:
        taken = stretch.finished_at - stretch.started_at
        seconds[stretch.what] = seconds.get(stretch.what, 0.0) + taken
    return Breakdown(seconds, busy, peak, stretches, attempts, retries)


def _sweep(
    timeline: Timeline, changes: Sequence[tuple[float, int, int]]
) -> tuple[list[Stretch], int]:
    """Stretches without holes from beginning to end, and the most attempts at once."""
    lasting = [0] * len(_ORDER)
    stretches: list[Stretch] = []
    at, peak = timeline.root.started_at, 0
    for moment, change, what in (*changes, (timeline.end_of(timeline.root), 0, 0)):
        if moment > at:
            now = next((str(_ORDER[i]) for i, count in enumerate(lasting) if count), ENGINE)
            if stretches and stretches[-1].what == now:
                stretches[-1] = stretches[-1]._replace(finished_at=moment)
            else:
                stretches.append(Stretch(at, moment, now))
            at = moment
        lasting[what] += change
        peak = max(peak, lasting[0])
    return stretches, peak
