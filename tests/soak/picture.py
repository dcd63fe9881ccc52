"""The samples of a soak as a picture: one panel for each thing, SVG, readable light and dark."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from soak.strikes import Strike
from soak.trend import Trend
from soak.verdict import WARM_UP, Series, growth_of, growths

_WIDTH, _HEIGHT, _GAP, _LEFT, _RIGHT, _TOP = 900, 96, 46, 64, 36, 76
_STYLE = """
text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-size:15px;font-weight:600}
.name{font-weight:600}.quiet{fill:#59636e}.frame{fill:none;stroke:#d1d9e0}
.line{fill:none;stroke:#0969da;stroke-width:1.4}.second{stroke:#bc4c00}
.trend{stroke:#1a7f37;stroke-width:1.2;stroke-dasharray:6 3;fill:none}
.strike{stroke:#cf222e;stroke-width:1;opacity:.55}.warm{fill:#818b98;opacity:.12}
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.quiet{fill:#9198a1}.frame{stroke:#3d444d}
.line{stroke:#4493f8}.second{stroke:#f0883e}.trend{stroke:#3fb950}.strike{stroke:#f85149}}
"""


class _Line(NamedTuple):
    points: Sequence[tuple[float, float]]
    style: str = "line"


def draw(
    samples: Sequence[Mapping[str, Any]], strikes: Iterable[Strike], seconds: float, title: str
) -> str:
    """The whole picture."""
    daemon_strikes = [strike.at for strike in strikes if strike.what.startswith("the daemon")]
    panels = [_series(samples, *found, seconds) for found in growths(samples, seconds)]
    panels.append(_others(samples))
    height = _TOP + len(panels) * (_HEIGHT + _GAP)
    legend = (
        "grey: warm-up, not judged, cut off above the scale; "
        "red: the daemon was killed or restarted; dashed: the trend, by Theil and Sen"
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        _text("title", _LEFT, 24, title),
        _text("quiet", _LEFT, 44, legend),
    ]
    for number, (caption, lines) in enumerate(panels):
        top = _TOP + number * (_HEIGHT + _GAP)
        parts.append(_panel(top, caption, lines, daemon_strikes, seconds))
    parts.append("</svg>")
    return "\n".join(parts)


def _series(
    samples: Sequence[Mapping[str, Any]],
    series: Series,
    trend: Trend | None,
    flat: bool,
    seconds: float,
) -> tuple[str, list[_Line]]:
    line = [
        (sample["at"], value) for sample in samples if (value := series.value(sample)) is not None
    ]
    unit = f", {series.unit_name}" if series.unit_name else ""
    if trend is None:
        return f"{series.name}{unit}", [_Line(line)]
    first = seconds * WARM_UP
    low = trend.level - trend.slope * (seconds - first) / 2
    slope = [(first, low), (seconds, low + trend.slope * (seconds - first))]
    words = "flat" if flat else "grows"
    share = f"{100 * growth_of(trend, seconds):+.1f} % in the whole time: {words}"
    return f"{series.name}{unit}|{share}", [_Line(line), _Line(slope, "trend")]


def _others(samples: Sequence[Mapping[str, Any]]) -> tuple[str, list[_Line]]:
    """How busy it was, and how slow."""
    lines = [
        _Line([(s["at"], 1000.0 * s[key]) for s in samples if s.get(key) is not None], style)
        for key, style in (("api_median", "line"), ("late_max", "line second"))
    ]
    return "milliseconds|blue: median answer of the API; orange: latest schedule", lines


def _panel(top: int, caption: str, lines: list[_Line], strikes: list[float], seconds: float) -> str:
    name, _, told = caption.partition("|")
    judged = [y for line in lines for x, y in line.points if seconds * WARM_UP <= x <= seconds]
    highest = max(judged, default=1.0) * 1.1 or 1.0  # what was higher at first lies at the rim
    wide = _WIDTH - _LEFT - _RIGHT

    def place(x: float, y: float) -> str:
        return f"{_LEFT + wide * x / seconds:.1f},{top + _HEIGHT * (1 - min(y / highest, 1)):.1f}"

    warm = f'<rect class="warm" x="{_LEFT}" y="{top}" width="{wide * WARM_UP:.1f}"'
    parts = [
        _text("name", _LEFT, top - 8, name),
        _text("quiet", _WIDTH - _RIGHT, top - 8, told, "end"),
        f'{warm} height="{_HEIGHT}"/>',
        f'<rect class="frame" x="{_LEFT}" y="{top}" width="{wide}" height="{_HEIGHT}"/>',
        _text("quiet", _LEFT - 8, top + _HEIGHT, "0", "end"),
        _text("quiet", _LEFT - 8, top + _HEIGHT * 0.1 + 4, _short(highest / 1.1), "end"),
    ]
    for minute in range(0, int(seconds // 60) + 1, max(1, int(seconds // 360))):
        x = _LEFT + wide * minute * 60 / seconds
        parts.append(_text("quiet", x, top + _HEIGHT + 16, f"{minute} min", "middle"))
    for at in strikes:
        x = _LEFT + wide * min(at, seconds) / seconds
        parts.append(f'<path class="strike" d="M{x:.1f},{top}v{_HEIGHT}"/>')
    for line in lines:
        inside = [(x, y) for x, y in line.points if x <= seconds]
        if inside:
            route = " ".join(place(x, y) for x, y in inside)
            parts.append(f'<polyline class="{line.style}" points="{route}"/>')
    return "\n".join(parts)


def _text(style: str, x: float, y: float, told: str, anchor: str = "start") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{style}" {place}>{escape(told)}</text>'


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
