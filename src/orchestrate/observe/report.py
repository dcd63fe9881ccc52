"""An analysis as one HTML file with its picture: it needs nothing from anywhere else."""

from collections.abc import Callable, Iterator, Sequence
from html import escape

from orchestrate.observe.analysis import Analysis, StepTime, by_weight, longest_pieces
from orchestrate.observe.breakdown import WORDS
from orchestrate.observe.gantt import Bar, Chart, Row, chart_of
from orchestrate.observe.spans import Span
from orchestrate.workflow.moments import rfc3339

_ROWS = 200
_WORTH = 0.005
"""The share of the whole that a piece of the critical path must be to be listed."""
_LEFT, _ACROSS, _HIGH = 280, 760, 22
_COLOURS = {
    "succeeded": "#2e9e5b", "running": "#2f7fd6", "waiting": "#e0b33a", "skipped": "#b5b9c0",
    "cancelled": "#c98a2b", "ended": "#e0b33a",
}  # fmt: skip
_FAILED = "#d64545"
_WORDS = ("step", "what")
"""Headings of columns that hold words; the others hold figures."""
_CLOCK = (10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 14400.0,
          28800.0, 86400.0, 172800.0, 604800.0)  # fmt: skip
"""Round steps of an axis beyond a few seconds."""
_STYLE = """
body { font: 14px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 1120px; padding: 0 1em;
  color: #1d2530; background: #fff }
h1 { font-size: 1.4em } h2 { font-size: 1.1em; margin-top: 1.6em }
table { border-collapse: collapse } td, th { padding: .2em 1em .2em 0; text-align: left }
td, th { vertical-align: top } td { overflow-wrap: anywhere }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(30em, 1fr)); gap: 0 3em }
.state { font-weight: 600 }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif }
svg .name { fill: currentColor } svg .critical { font-weight: 700 }
svg .grid { stroke: #d9dde3 } svg .tick { fill: #77808c }
@media (prefers-color-scheme: dark) { body { color: #e4e8ee; background: #14181d }
  svg .grid { stroke: #333b45 } }
"""


def html_report(found: Analysis) -> str:
    """The whole page."""
    timeline, root = found.timeline, found.timeline.root
    title = f"{timeline.workflow} {root.name}"
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        (
            f'<p><span class="state">{escape(root.status.replace("_", " "))}</span> in '
            f"{_seconds(timeline.duration)}, begun {rfc3339(root.started_at)}{_why(root)}</p>"
        ),
        picture(chart_of(timeline, found.critical, _ROWS)),
        '<div class="tables">',
        *_tables(found),
        "</div></body></html>\n",
    ]
    return "\n".join(parts)


def _why(root: Span) -> str:
    """What a workflow failed of."""
    said = [str(root.facts[fact]) for fact in ("step", "message") if root.facts.get(fact)]
    return f"<br>{escape(': '.join(said))}" if said else ""


def _tables(found: Analysis) -> Iterator[str]:
    whole = found.timeline.duration or 1.0
    yield _table(
        "Where the time went",
        ("what", "time", "share"),
        [
            (WORDS[what], _seconds(seconds), f"{seconds / whole:.0%}")
            for what, seconds in by_weight(found.breakdown.seconds)
        ],
    )
    yield _table(
        "Critical path",
        ("step", "time", "what"),
        [
            (piece.path or "(the workflow)", _seconds(piece.seconds), WORDS[piece.what])
            for piece in longest_pieces(found.critical, 25)
            if piece.seconds >= whole * _WORTH
        ],
    )
    yield _table(
        "What would shorten it most",
        ("step", "on the path", "without it"),
        [(s.path, _seconds(s.seconds), f"{_seconds(s.saves)} less") for s in found.savings],
    )
    slowest = found.steps[:25]
    if any(step.usual for step in slowest):
        yield _table("Slowest steps", ("step", "time", "attempts", "usually", "of runs"),
                     [_slow(step) for step in slowest])  # fmt: skip
    else:
        yield _table("Slowest steps (no history yet)", ("step", "time", "attempts"),
                     [_slow(step)[:3] for step in slowest])  # fmt: skip


def _slow(step: StepTime) -> tuple[str, ...]:
    usual = ("", "") if step.usual is None else (_seconds(step.usual.median), str(step.usual.runs))
    return step.span.path, _seconds(step.seconds), str(step.attempts), *usual


def _table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head = "".join(_cell("th", heading, heading) for heading in headings)
    body = "\n".join(
        f"<tr>{''.join(_cell('td', *named) for named in zip(headings, row, strict=True))}</tr>"
        for row in rows
    )
    table = f"<table><tr>{head}</tr>\n{body}</table>"
    return f"<section><h2>{escape(title)}</h2>\n{table}</section>"


def _cell(tag: str, heading: str, text: str) -> str:
    kind = "" if heading in _WORDS else ' class="n"'
    return f"<{tag}{kind}>{escape(text)}</{tag}>"


def picture(chart: Chart) -> str:
    """The Gantt chart as SVG."""
    height = (len(chart.rows) + 2 + bool(chart.hidden)) * _HIGH
    bottom = (len(chart.rows) + 1) * _HIGH
    whole = max(chart.finished_at - chart.started_at, 1e-9)

    def x(moment: float) -> float:
        return round(_LEFT + (moment - chart.started_at) / whole * _ACROSS, 2)

    parts = [
        (
            f'<svg viewBox="0 0 {_LEFT + _ACROSS + 70} {height}" role="img" '
            'xmlns="http://www.w3.org/2000/svg"><title>What ran when</title>'
        )
    ]
    for after in ticks(whole):
        at = x(chart.started_at + after)
        parts.append(
            f'<line class="grid" x1="{at}" x2="{at}" y1="{_HIGH}" y2="{bottom}"/>'
            f'<text class="tick" x="{at}" y="14" text-anchor="middle">{_after(after)}</text>'
        )
    for index, row in enumerate(chart.rows):
        parts.append(_row(row, (index + 1) * _HIGH, x))
    if chart.hidden:
        parts.append(
            f'<text class="tick" x="8" y="{bottom + 14}">'
            f"{chart.hidden} shorter rows left out</text>"
        )
    parts.append(_legend(chart, height - 8))
    parts.append("</svg>")
    return "\n".join(parts)


def ticks(whole: float) -> list[float]:
    """Round moments within so many seconds, four to nine of them, from 0 on."""
    steps = (*(10.0**power * m for power in range(-4, 1) for m in (1, 2, 5)), *_CLOCK)
    step = next((step for step in steps if whole / step < 9), whole / 4)
    return [step * n for n in range(int(whole / step) + 1)]


def _after(seconds: float) -> str:
    """On the axis: round figures, written as such."""
    if seconds < 60:
        return f"{seconds:g} s"
    hours, rest = divmod(round(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    said = ((hours, "h"), (minutes, "min"), (rest, "s"))
    return " ".join(f"{amount} {unit}" for amount, unit in said if amount)


def _legend(chart: Chart, y: int) -> str:
    """The colours that are there, and what bold means."""
    seen = dict.fromkeys(bar.what for row in chart.rows for bar in row.bars)
    parts = [f'<text class="name critical" x="8" y="{y}">bold: critical path</text>']
    left = _LEFT
    for what in seen:
        colour, word = _COLOURS.get(what, _FAILED), what.replace("_", " ")
        parts.append(
            f'<rect x="{left}" y="{y - 11}" width="12" height="12" rx="2" fill="{colour}"/>'
            f'<text class="tick" x="{left + 17}" y="{y}">{escape(word)}</text>'
        )
        left += 40 + 7 * len(word)
    return "".join(parts)


def _row(row: Row, y: float, x: Callable[[float], float]) -> str:
    name = row.name if len(row.name) <= 34 else f"{row.name[:33]}…"
    kind = "name critical" if row.critical else "name"
    start, end = x(row.started_at), x(row.finished_at)
    taken = _seconds(row.finished_at - row.started_at)
    parts = [
        f'<text class="{kind}" x="{8 + 12 * row.depth}" y="{y + 15}">{escape(name)}</text>',
        f'<text class="tick" x="{end + 5}" y="{y + 15}">{taken}</text>',
    ]
    bars = row.bars or (Bar(row.started_at, row.finished_at, row.status, row.status),)
    thin = not row.bars
    if row.bars:
        parts.append(f'<line class="grid" x1="{start}" x2="{end}" y1="{y + 11}" y2="{y + 11}"/>')
    for bar in bars:
        left, right = x(bar.started_at), x(bar.finished_at)
        colour = _COLOURS.get(bar.what, _FAILED)
        about = f"{row.path}: {bar.about}, {_seconds(bar.finished_at - bar.started_at)}"
        parts.append(
            f'<rect x="{left}" y="{y + (8 if thin else 3)}" width="{max(1.0, right - left):.2f}" '
            f'height="{5 if thin else 15}" rx="2" fill="{colour}"><title>{escape(about)}</title>'
            "</rect>"
        )
    return "".join(parts)


def _seconds(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes / 60:.1f} h"
