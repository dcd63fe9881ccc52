"""The critical path of a workflow, and what would shorten it.

Backwards from the end: of what a step consists of, the part that ended last is what was waited for;
before it began, the part that ended last before that, and so on, at every depth.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from orchestrate.observe.breakdown import ENGINE, RUNNING, Breakdown
from orchestrate.observe.spans import Kind, Span
from orchestrate.observe.timeline import Timeline
from orchestrate.workflow import paths


class Piece(NamedTuple):
    """A piece of the critical path: what was waited for, and whose it is ("" the workflow)."""

    path: str
    what: str
    started_at: float
    finished_at: float
    span: Span | None = None

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.finished_at - self.started_at


class Saving(NamedTuple):
    """What a step has on the critical path, and how much shorter the workflow would be if it took
    no time at all. `path` is that of the plan: all iterations together.
    """

    path: str
    seconds: float
    saves: float


def critical_path(timeline: Timeline, breakdown: Breakdown) -> list[Piece]:
    """The pieces, in order of time and without holes: together as long as the workflow."""
    pieces: list[Piece] = []
    root = timeline.root
    for span, start, end in _backwards(timeline, root, timeline.end_of(root)):
        if span is not None:
            what = RUNNING if span.kind is Kind.ATTEMPT else span.name
            pieces.append(Piece(span.path, what, start, end, span))
            continue
        for stretch in reversed(breakdown.between(start, end)):
            what = ENGINE if stretch.what == RUNNING else stretch.what
            pieces.append(Piece("", what, stretch.started_at, stretch.finished_at))
    pieces.reverse()
    return _joined(pieces)


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """What follows on itself is one piece, however many short steps were in between."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last is not None and not piece.path and (last.path, last.what) == ("", piece.what):
            joined[-1] = last._replace(finished_at=piece.finished_at)
        else:
            joined.append(piece)
    return joined


def _backwards(
    timeline: Timeline, span: Span, until: float
) -> Iterator[tuple[Span | None, float, float]]:
    """What was waited for between the begin of a span and `until`, last first."""
    at = until
    children = sorted(_parts(span), key=timeline.end_of, reverse=True)
    if not children and span.kind in (Kind.ATTEMPT, Kind.WAIT) and at > span.started_at:
        yield span, span.started_at, at
        return
    for child in children:
        end = timeline.end_of(child)
        if end > at or child.started_at >= at:
            continue
        if end < at:
            yield None, end, at
        yield from _backwards(timeline, child, end)
        at = child.started_at
    if at > span.started_at:
        yield None, span.started_at, at


def _parts(span: Span) -> list[Span]:
    """What a span consists of. Waits of the whole workflow are seen in the gaps between."""
    if span.kind is Kind.WORKFLOW:
        return [child for child in span.children if child.kind in (Kind.STEP, Kind.GROUP)]
    return [child for child in span.children if child.kind is not Kind.LOCK]


def savings(timeline: Timeline, pieces: Sequence[Piece], most: int = 5) -> list[Saving]:
    """What would shorten the workflow most, the greatest saving first."""
    taken: dict[str, float] = {}
    for piece in pieces:
        if piece.path:
            static = paths.static(piece.path)
            taken[static] = taken.get(static, 0.0) + piece.seconds
    longest = sorted(taken.items(), key=lambda entry: -entry[1])[:most]
    now = timeline.duration
    found = [
        Saving(path, seconds, max(0.0, now - _without(timeline, path))) for path, seconds in longest
    ]
    return sorted(found, key=lambda saving: -saving.saves)


def _without(timeline: Timeline, path: str) -> float:
    """How long the workflow would take if a step took no time: everything else begins as long
    after what ended before it as it did.
    """

    def end(span: Span, start: float) -> float:
        parts = sorted(_parts(span), key=lambda part: (part.started_at, timeline.end_of(part)))
        if not parts:
            gone = bool(span.path) and paths.static(span.path) == path
            return start if gone else start + timeline.end_of(span) - span.started_at
        by_end = sorted(parts, key=timeline.end_of)
        moved: dict[int, float] = {}
        before, earlier, index = span.started_at, start, 0
        for part in parts:
            while index < len(by_end) and timeline.end_of(by_end[index]) <= part.started_at:
                if id(by_end[index]) not in moved:
                    break
                before = max(before, timeline.end_of(by_end[index]))
                earlier = max(earlier, moved[id(by_end[index])])
                index += 1
            moved[id(part)] = end(part, earlier + part.started_at - before)
        last = max(timeline.end_of(part) for part in parts)
        return max(moved.values()) + timeline.end_of(span) - last

    return end(timeline.root, timeline.root.started_at) - timeline.root.started_at
