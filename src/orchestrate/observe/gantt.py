"""The rows of a Gantt chart: what is drawn, for terminals and pictures alike."""

from collections.abc import Sequence
from typing import NamedTuple

from orchestrate.observe.critical import Piece
from orchestrate.observe.spans import Kind, Span
from orchestrate.observe.timeline import Timeline

_CALL = 24
"""Characters of a call that are shown for a step without a name."""


class Bar(NamedTuple):
    """A stretch of a row. `what` is the status of an attempt or step, or `waiting`; `wait` says
    which wait (`claim`, `retry`, …), and `subject` for what.
    """

    started_at: float
    finished_at: float
    what: str
    about: str
    wait: str = ""
    subject: str = ""


class Row(NamedTuple):
    """One step, or one branch or iteration."""

    depth: int
    name: str
    path: str
    started_at: float
    finished_at: float
    status: str
    bars: Sequence[Bar]
    critical: bool


class Chart(NamedTuple):
    """All rows between two moments; `hidden` more are left out. `waits` are those of the workflow
    as a whole: for its turn, paused, without an owner.
    """

    started_at: float
    finished_at: float
    rows: Sequence[Row]
    hidden: int
    waits: Sequence[Bar] = ()


def chart_of(timeline: Timeline, critical: Sequence[Piece], most: int) -> Chart:
    """At most so many rows: of more, those that took longest."""
    on_path = {ancestor for piece in critical for ancestor in _upwards(piece.span)}
    rows = list(_rows(timeline, timeline.root, 0, on_path))
    kept = rows
    if len(rows) > most:
        longest = sorted(rows, key=lambda row: row.started_at - row.finished_at)[:most]
        wanted = set(map(id, longest))
        kept = [row for row in rows if id(row) in wanted]
    root = timeline.root
    waits = tuple(_bar(timeline, span) for span in root.children if span.kind is Kind.WAIT)
    return Chart(root.started_at, timeline.end_of(root), kept, len(rows) - len(kept), waits)


def _upwards(span: Span | None) -> list[int]:
    found: list[int] = []
    while span is not None:
        found.append(id(span))
        span = span.parent
    return found


def _rows(timeline: Timeline, above: Span, depth: int, on_path: set[int]) -> list[Row]:
    found: list[Row] = []
    for span in above.children:
        if span.kind not in (Kind.STEP, Kind.GROUP):
            continue
        end = timeline.end_of(span)
        if end <= span.started_at and not span.children:
            continue
        bars = tuple(
            _bar(timeline, child)
            for child in span.children
            if child.kind in (Kind.ATTEMPT, Kind.WAIT)
        )
        row = Row(
            depth,
            _name(span),
            span.path,
            span.started_at,
            end,
            span.status,
            bars,
            id(span) in on_path,
        )
        found.append(row)
        found.extend(_rows(timeline, span, depth + 1, on_path))
    return found


def _name(span: Span) -> str:
    """Of a step without a name, what it calls, too."""
    calls = [child.facts["call"] for child in span.children if "call" in child.facts]
    if not span.name.isdigit() or not calls:
        return span.name
    words = " ".join(str(calls[0]).split())
    return f"{span.name} {words[: _CALL - 1]}…" if len(words) > _CALL else f"{span.name} {words}"


def _bar(timeline: Timeline, span: Span) -> Bar:
    if span.kind is Kind.WAIT:
        subject = str(span.facts.get("subject") or span.facts.get("reason") or "")
        about = f"waited ({span.name})"
        return Bar(span.started_at, timeline.end_of(span), "waiting", about, span.name, subject)
    about = f"attempt {span.facts.get('number', 1)}: {span.status}"
    return Bar(span.started_at, timeline.end_of(span), span.status, about)
