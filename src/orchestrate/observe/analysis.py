"""What `analyze` finds out about one workflow, and about two beside each other."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orchestrate.observe.breakdown import Breakdown, break_down
from orchestrate.observe.critical import Piece, Saving, critical_path, savings
from orchestrate.observe.history import Usual
from orchestrate.observe.spans import Kind, Span
from orchestrate.observe.timeline import Timeline
from orchestrate.playbook.plan import Json
from orchestrate.workflow import paths
from orchestrate.workflow.moments import rfc3339

_LISTED = 10


class StepTime(NamedTuple):
    """One step that called or waited: how long it took, beside how long it usually takes."""

    span: Span
    seconds: float
    attempts: int
    usual: Usual | None

    @property
    def slower(self) -> float | None:
        """How many times as long as usual; None if nothing is known."""
        if self.usual is None or self.usual.median <= 0:
            return None
        return self.seconds / self.usual.median


class Analysis(NamedTuple):
    """Where the time of a workflow went."""

    timeline: Timeline
    breakdown: Breakdown
    critical: Sequence[Piece]
    savings: Sequence[Saving]
    steps: Sequence[StepTime]
    """All that called or waited, the slowest first."""
    earlier: int
    """From how many earlier workflows it is known what is usual."""

    def to_json(self) -> dict[str, Json]:
        """As `analyze --json` prints it."""
        timeline, breakdown = self.timeline, self.breakdown
        efficiency = breakdown.efficiency
        return {
            "id": timeline.workflow,
            "playbook": timeline.root.name,
            "state": timeline.root.status,
            "started_at": rfc3339(timeline.root.started_at),
            "finished_at": rfc3339(timeline.root.finished_at),
            "duration": _rounded(timeline.duration),
            "time": {what: _rounded(taken) for what, taken in by_weight(breakdown.seconds)},
            "busy": _rounded(breakdown.busy),
            "at_once": _rounded(breakdown.at_once),
            "peak": breakdown.peak,
            "efficiency": None if efficiency is None else _rounded(efficiency),
            "attempts": breakdown.attempts,
            "retries": breakdown.retries,
            "critical_path": [_piece_json(piece) for piece in self.critical],
            "savings": [
                {"path": s.path, "seconds": _rounded(s.seconds), "saves": _rounded(s.saves)}
                for s in self.savings
            ],
            "steps": [_step_json(step) for step in self.steps],
            "earlier_workflows": self.earlier,
        }


class Difference(NamedTuple):
    """A step in two workflows, in seconds; None where it did not run."""

    path: str
    before: float | None
    after: float | None

    @property
    def change(self) -> float:
        """How many seconds longer it took."""
        return (self.after or 0.0) - (self.before or 0.0)


def analyze(timeline: Timeline, known: Mapping[str, Usual], earlier: int) -> Analysis:
    """Find out where the time went. `known`: what is usual, from so many `earlier` workflows."""
    breakdown = break_down(timeline)
    critical = critical_path(timeline, breakdown)
    steps = sorted(_step_times(timeline, known), key=lambda step: -step.seconds)
    return Analysis(timeline, breakdown, critical, savings(timeline, critical), steps, earlier)


def compare(before: Timeline, after: Timeline) -> list[Difference]:
    """Every step of either, the greatest change first."""
    old, new = _seconds_by_path(before), _seconds_by_path(after)
    both = [Difference(path, old.get(path), new.get(path)) for path in {**old, **new}]
    return sorted(both, key=lambda difference: -abs(difference.change))


def by_weight(seconds: Mapping[str, float]) -> list[tuple[str, float]]:
    """The most of it first."""
    return sorted(seconds.items(), key=lambda entry: -entry[1])


def longest_pieces(pieces: Sequence[Piece], most: int = _LISTED) -> list[Piece]:
    """The longest pieces of a critical path, in the order of time."""
    longest = sorted(pieces, key=lambda piece: -piece.seconds)[:most]
    return sorted(longest, key=lambda piece: piece.started_at)


def _step_times(timeline: Timeline, known: Mapping[str, Usual]) -> list[StepTime]:
    found: list[StepTime] = []
    for span in timeline.root.walk():
        if span.kind is Kind.STEP and not any(
            child.kind in (Kind.STEP, Kind.GROUP) for child in span.children
        ):
            attempts = sum(child.kind is Kind.ATTEMPT for child in span.children)
            if attempts or any(child.kind is Kind.WAIT for child in span.children):
                seconds = timeline.end_of(span) - span.started_at
                found.append(StepTime(span, seconds, attempts, known.get(paths.static(span.path))))
    return found


def _seconds_by_path(timeline: Timeline) -> dict[str, float]:
    seconds: dict[str, float] = {}
    for step in _step_times(timeline, {}):
        seconds[step.span.path] = seconds.get(step.span.path, 0.0) + step.seconds
    return seconds


def _piece_json(piece: Piece) -> dict[str, Json]:
    return {
        "path": piece.path,
        "what": piece.what,
        "started_at": rfc3339(piece.started_at),
        "seconds": _rounded(piece.seconds),
    }


def _step_json(step: StepTime) -> dict[str, Json]:
    usual = step.usual
    return {
        "path": step.span.path,
        "state": step.span.status,
        "seconds": _rounded(step.seconds),
        "attempts": step.attempts,
        "usual": None
        if usual is None
        else {
            "median": _rounded(usual.median),
            "low": _rounded(usual.low),
            "high": _rounded(usual.high),
            "runs": usual.runs,
        },
    }


def _rounded(seconds: float) -> float:
    return round(seconds, 6)
