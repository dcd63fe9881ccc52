"""A figure as an SVG picture. A playbook is nested boxes: that needs no general graph layout.

Every block knows its size and is drawn at its own origin; what contains it moves it into place.
Steps of a list are in rows: those of one row follow on steps in rows above.
"""

from html import escape
from typing import NamedTuple

from orchestrate.library.drawing.figure import Figure, Group
from orchestrate.library.drawing.palette import COLOURS, shortened

_CHARACTER = 6.8
"""Width of a letter, in pixels, at the size of the text; captions are drawn smaller."""
_PAD = 14.0
_GAP = 26.0
_LINE = 18.0
_HEAD = """<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" \
viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{title}">
<title>{title}</title>
<style>text{{font:12px ui-sans-serif,system-ui,sans-serif;fill:#1f2937}}
.name{{font-weight:600}}.call{{fill:#4b5563;font-size:11px}}.caption{{fill:#6b7280;font-size:11px}}
.arrow{{fill:none;stroke:#6b7280;marker-end:url(#tip)}}.aside{{stroke-dasharray:4 3}}</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" \
orient="auto"><path d="M0 0L8 4L0 8z" fill="#6b7280"/></marker></defs>
<rect width="100%" height="100%" fill="#ffffff"/>
"""


class _Block(NamedTuple):
    """Something drawn. Arrows reach it at the top and leave it at `foot`, both at `centre`."""

    width: float
    height: float
    centre: float
    foot: float
    drawn: str


def svg(name: str, groups: tuple[Group, ...]) -> str:
    """The picture's text."""
    blocks = [_list(groups[0])] + [_lane(group) for group in groups[1:]]
    content = _beside(blocks)
    width = max(content.width, _width(name)) + 2 * _PAD
    head = _HEAD.format(
        width=width, height=content.height + _LINE + 3 * _PAD, title=escape(name, quote=True)
    )
    title = _text(_PAD, _PAD + 10, name, "name")
    return f"{head}{title}{_at(_PAD, _LINE + 2 * _PAD, content.drawn)}</svg>\n"


def _step(figure: Figure) -> _Block:
    inner = [group for group in figure.groups if not group.aside]
    main = _container(figure, inner) if inner else _leaf(figure)
    lanes = [_lane(group) for group in figure.groups if group.aside]
    return _with_lanes(main, lanes) if lanes else main


def _leaf(figure: Figure) -> _Block:
    call = shortened(figure.call)
    heading = _heading(figure)
    width = max(_width(heading), _width(call)) + 2 * _PAD
    height = 2 * _LINE + _PAD
    drawn = (
        _frame(width, height, figure.state)
        + _text(_PAD, _LINE + 2, heading, "name")
        + _text(_PAD, 2 * _LINE + 2, call, "call")
    )
    return _Block(width, height, width / 2, height, drawn)


def _container(figure: Figure, inner: list[Group]) -> _Block:
    caption = f"{_heading(figure)}: {shortened(figure.call)}"
    lists = [_lane(group) if group.caption else _list(group) for group in inner]
    content = _beside(lists)
    width = max(content.width, _width(caption)) + 2 * _PAD
    height = content.height + _LINE + 2 * _PAD
    drawn = (
        _frame(width, height, figure.state)
        + _text(_PAD, _LINE, caption, "name")
        + _at((width - content.width) / 2, _LINE + _PAD, content.drawn)
    )
    return _Block(width, height, width / 2, height, drawn)


def _heading(figure: Figure) -> str:
    plain = figure.kind in ("command", "shell", "script")
    return figure.name if plain else f"{figure.name} · {figure.kind}"


def _lane(group: Group) -> _Block:
    """A list with a caption and a dashed frame."""
    content = _list(group)
    width = max(content.width, _width(group.caption)) + 2 * _PAD
    height = content.height + _LINE + 1.5 * _PAD
    drawn = (
        f'<rect width="{width:.1f}" height="{height:.1f}" rx="8" fill="none" stroke="#9ca3af" '
        'stroke-dasharray="4 3"/>'
        + _text(_PAD, _LINE - 2, group.caption, "caption")
        + _at((width - content.width) / 2, _LINE + _PAD / 2, content.drawn)
    )
    return _Block(width, height, width / 2, height, drawn)


def _with_lanes(main: _Block, lanes: list[_Block]) -> _Block:
    """A step and, to its right, what runs when it has ended."""
    right = _beside(lanes)
    x = main.width + _GAP
    y = min(main.height, right.height) / 2
    arrow = _path(f"M{main.width:.1f} {y:.1f}H{x - 2:.1f}", "arrow aside")
    drawn = main.drawn + arrow + _at(x, 0, right.drawn)
    height = max(main.height, right.height)
    return _Block(x + right.width, height, main.centre, main.height, drawn)


def _beside(blocks: list[_Block]) -> _Block:
    """Blocks from left to right."""
    drawn, x = "", 0.0
    for block in blocks:
        drawn += _at(x, 0, block.drawn)
        x += block.width + _GAP
    width = x - _GAP
    height = max(block.height for block in blocks)
    return _Block(width, height, width / 2, height, drawn)


def _list(group: Group) -> _Block:
    """The steps of a list in rows, with arrows between them."""
    blocks = [_step(figure) for figure in group.figures]
    rows = _rows(group.figures)
    left = max(sum(blocks[i].centre for i in row[:1]) for row in rows)
    places: dict[int, tuple[float, float]] = {}
    y = 0.0
    for row in rows:
        x = left - blocks[row[0]].centre if len(row) == 1 else 0.0
        for position in row:
            places[position] = (x, y)
            x += blocks[position].width + _GAP
        y += max(blocks[position].height for position in row) + _GAP
    drawn = "".join(_at(*places[i], block.drawn) for i, block in enumerate(blocks))
    for position, figure in enumerate(group.figures):
        for followed in figure.follows:
            drawn += _arrow(blocks, places, followed, position)
    width = max(places[i][0] + block.width for i, block in enumerate(blocks))
    return _Block(width, y - _GAP, left, y - _GAP, drawn)


def _rows(figures: tuple[Figure, ...]) -> list[list[int]]:
    rows: list[list[int]] = []
    depth: list[int] = []
    for position, figure in enumerate(figures):
        row = max((depth[followed] + 1 for followed in figure.follows), default=0)
        depth.append(row)
        if row == len(rows):
            rows.append([])
        rows[row].append(position)
    return rows


def _arrow(
    blocks: list[_Block], places: dict[int, tuple[float, float]], one: int, other: int
) -> str:
    x1 = places[one][0] + blocks[one].centre
    y1 = places[one][1] + blocks[one].foot
    x2, y2 = places[other][0] + blocks[other].centre, places[other][1] - 2
    bend = y2 - _GAP / 2 + 2
    if abs(x1 - x2) < 1:
        return _path(f"M{x1:.1f} {y1:.1f}V{y2:.1f}", "arrow")
    return _path(f"M{x1:.1f} {y1:.1f}V{bend:.1f}H{x2:.1f}V{y2:.1f}", "arrow")


def _frame(width: float, height: float, state: str) -> str:
    fill, line = COLOURS.get(state, ("#ffffff", "#4b5563"))
    return f'<rect width="{width:.1f}" height="{height:.1f}" rx="6" fill="{fill}" stroke="{line}"/>'


def _width(text: str) -> float:
    return len(text) * _CHARACTER


def _at(x: float, y: float, drawn: str) -> str:
    return f'<g transform="translate({x:.1f},{y:.1f})">{drawn}</g>'


def _path(way: str, style: str) -> str:
    return f'<path class="{style}" d="{way}"/>'


def _text(x: float, y: float, text: str, style: str) -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
