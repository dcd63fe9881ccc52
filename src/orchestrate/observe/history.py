"""What earlier workflows of a playbook say: how long its steps take, and which are flaky."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrate.observe.spans import Kind, Span
from orchestrate.observe.timeline import Timeline
from orchestrate.workflow import paths
from orchestrate.workflow.engine import Engine, Filter
from orchestrate.workflow.events import Event

_PAGE = 1000
_EVENTS = 50_000
"""So many events are read in all, so that a history of huge workflows is not read to the end."""
_FAILED = frozenset({"failed", "timed_out"})


class Usual(NamedTuple):
    """How long something takes: the median, and what the middle half lies between, in seconds."""

    median: float
    low: float
    high: float
    runs: int


class Flakiness(NamedTuple):
    """How a step fared: `failed` of `runs` for good, `retried`: succeeded, but not at once."""

    playbook: str
    path: str
    runs: int
    failed: int
    retried: int

    @property
    def share(self) -> float:
        """The share of runs that did not simply succeed."""
        return (self.failed + self.retried) / self.runs


def read_events(
    engine: Engine, workflow: str, most: int | None = None, after: int = 0
) -> Iterator[Event]:
    """The journal of a workflow in pages, at most so many events, from `after` (exclusive)."""
    left = most
    while left is None or left > 0:
        page = engine.events(workflow, after, _PAGE if left is None else min(_PAGE, left))
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].seq
        left = None if left is None else left - len(page)


def earlier(
    engine: Engine, playbook: str | None, before: str | None, last: int
) -> Iterator[Timeline]:
    """Timelines of the newest `last` workflows, of one playbook or of all, older than `before`."""
    left = _EVENTS
    for which in engine.find(Filter(playbook=playbook, limit=last, before=before)):
        if left <= 0:
            return
        timeline = Timeline(which.id)
        for event in read_events(engine, which.id, left):
            timeline.apply(event)
            left -= 1
        yield timeline


def usual_durations(timelines: Iterable[Timeline]) -> Mapping[str, Usual]:
    """How long each step takes when it succeeds, by its path in the plan."""
    taken: dict[str, list[float]] = {}
    for timeline in timelines:
        for span in timeline.root.walk():
            if span.kind is Kind.STEP and span.status == "succeeded":
                path = paths.static(span.path)
                taken.setdefault(path, []).append(timeline.end_of(span) - span.started_at)
    return {path: usual(seconds) for path, seconds in taken.items()}


def usual(figures: Sequence[float]) -> Usual:
    """The median and the middle half of some figures (at least one)."""
    ordered = sorted(figures)

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (ordered[above] - ordered[below]) * (place - below)

    return Usual(at(0.5), at(0.25), at(0.75), len(ordered))


def flaky_steps(timelines: Iterable[Timeline]) -> list[Flakiness]:
    """Steps that sometimes fail, or need retries; the worst first. A step that always fails for
    good is broken, not flaky.
    """
    counts: dict[tuple[str, str], list[int]] = {}
    for timeline in timelines:
        for span in timeline.root.walk():
            if span.kind is Kind.STEP and (span.status in _FAILED or span.status == "succeeded"):
                if not any(child.kind is Kind.ATTEMPT for child in span.children):
                    continue
                count = counts.setdefault((timeline.root.name, paths.static(span.path)), [0, 0, 0])
                count[0] += 1
                count[1] += span.status in _FAILED
                count[2] += span.status == "succeeded" and _was_retried(span)
    found = [Flakiness(*key, *count) for key, count in counts.items()]
    flaky = [step for step in found if step.retried or 0 < step.failed < step.runs]
    return sorted(flaky, key=lambda step: (-step.share, -step.runs, step.playbook, step.path))


def _was_retried(span: Span) -> bool:
    return any(child.status in _FAILED for child in span.children)
