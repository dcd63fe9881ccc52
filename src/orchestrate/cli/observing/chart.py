"""A Gantt chart on the terminal."""

from orchestrate.cli.console import Stream
from orchestrate.cli.formats import columns, counted, cut, duration, visible
from orchestrate.cli.style import Style
from orchestrate.observe.gantt import Chart, Row

_MARKS = {
    "succeeded": ("█", "#"),
    "running": ("▓", ">"),
    "waiting": ("░", "."),
    "failed": ("▒", "x"),
    "container": ("─", "-"),
}
_LEAST = 20
_USUAL_WIDTH = 100


def show_chart(stream: Stream, style: Style, chart: Chart) -> None:
    """Write it as wide as the terminal."""
    width = style.width or _USUAL_WIDTH
    names = [f"{'  ' * row.depth}{visible(row.name)}" for row in chart.rows]
    room = min(max((columns(name) for name in names), default=0), width // 3)
    figures = 9
    across = max(_LEAST, width - room - figures - 5)
    for row, name in zip(chart.rows, names, strict=True):
        shown = cut(name, room)
        taken = duration(row.finished_at - row.started_at).rjust(figures)
        mark = "*" if row.critical else " "
        padding = " " * (room - columns(shown))
        stream.line(f"{mark} {shown}{padding} |{_bars(style, chart, row, across)}|{taken}".rstrip())
    if chart.hidden:
        stream.line(style.dim(f"  … {counted(chart.hidden, 'shorter row')} left out"))
    for line in _legend(style, width):
        stream.line(style.dim(line))


def _legend(style: Style, width: int) -> list[str]:
    """What the marks mean, on as few lines as fit."""
    words = (
        ("succeeded", "ran"), ("failed", "did not succeed"), ("waiting", "waited"),
        ("container", "contains steps"),
    )  # fmt: skip
    entries = [f"{_MARKS[what][not style.unicode]} {word}" for what, word in words]
    lines = [""]
    for entry in (*entries, "* critical path"):
        if len(lines[-1]) + len(entry) + 3 > width:
            lines.append("")
        lines[-1] += f"{'   ' if lines[-1] else '  '}{entry}"
    return lines


def _bars(style: Style, chart: Chart, row: Row, across: int) -> str:
    whole = max(chart.finished_at - chart.started_at, 1e-9)
    cells = [" "] * across

    def fill(start: float, end: float, what: str) -> None:
        first = min(across - 1, int((start - chart.started_at) / whole * across))
        last = max(first + 1, round((end - chart.started_at) / whole * across))
        for index in range(first, min(last, across)):
            cells[index] = what

    fill(row.started_at, row.finished_at, "container")
    for bar in row.bars:
        fill(bar.started_at, bar.finished_at, bar.what)
    text = ""
    index = 0
    while index < across:
        what = cells[index]
        length = 1
        while index + length < across and cells[index + length] == what:
            length += 1
        text += " " * length if what == " " else _mark(style, what, length)
        index += length
    return text


def _mark(style: Style, what: str, length: int = 1) -> str:
    rich, plain = _MARKS.get(what, _MARKS["failed"])
    text = (rich if style.unicode else plain) * length
    return style.dim(text) if what == "container" else style.state(what, text)
