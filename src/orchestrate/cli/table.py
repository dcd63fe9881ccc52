"""Tables for people: aligned, and on a narrow terminal without the least important columns."""

from collections.abc import Sequence

from orchestrate.cli.console import Stream
from orchestrate.cli.formats import cut, visible
from orchestrate.cli.style import STATE_STYLES, style_of

_GAP = 2
_NARROWEST_LAST = 12


def write_table(
    stream: Stream, headings: Sequence[str], rows: Sequence[Sequence[str]], *, state: int = -1
) -> list[int]:
    """Write rows under headings, the most important column first. Columns that do not fit are
    left out from the right, the last one that does is cut. `state` is the column to be coloured.
    Returns how wide each line is, for whoever draws over them.
    """
    style = style_of(stream)
    clean = [[visible(cell) for cell in row] for row in rows]
    widths = [
        max(len(heading), *(len(row[column]) for row in clean)) if clean else len(heading)
        for column, heading in enumerate(headings)
    ]
    kept = _fitting(widths, style.width)
    written: list[int] = []
    for row in (headings, *clean):
        cells: list[str] = []
        bare: list[str] = []
        for column in range(kept):
            last = column == kept - 1
            room = style.width - sum(widths[:column]) - _GAP * column if style.width else 0
            text = cut(row[column], room) if last else row[column].ljust(widths[column])
            bare.append(text)
            if row is headings:
                text = style.dim(text)
            elif column == state and row[column].split(" ")[0] in STATE_STYLES:
                text = style.state(row[column].split(" ")[0], text)
            cells.append(text)
        stream.line((" " * _GAP).join(cells).rstrip())
        written.append(len((" " * _GAP).join(bare).rstrip()))
    return written


def _fitting(widths: Sequence[int], width: int) -> int:
    """How many columns fit; the last may be cut down to a few characters."""
    if width == 0:
        return len(widths)
    used = 0
    for column, wide in enumerate(widths):
        needed = min(wide, _NARROWEST_LAST) if column else wide
        if column and used + _GAP + needed > width:
            return column
        used += wide + (_GAP if column else 0)
    return len(widths)
