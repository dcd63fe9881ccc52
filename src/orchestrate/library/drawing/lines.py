"""A figure as lines of text, indented, for a terminal."""

from collections.abc import Iterator
from typing import NamedTuple

from orchestrate.library.drawing.figure import Figure, Group


class Row(NamedTuple):
    """One line: what is drawn before it, and its parts. `call` is empty for captions."""

    rail: str
    name: str
    call: str
    state: str


class Rail(NamedTuple):
    """The characters that lines are drawn with."""

    middle: str
    last: str
    down: str
    blank: str


UNICODE = Rail("├─ ", "└─ ", "│  ", "   ")
ASCII = Rail("|- ", "`- ", "|  ", "   ")


def rows(groups: tuple[Group, ...], rail: Rail) -> list[Row]:
    """Every line, in written order."""
    return list(_groups(groups, "", rail))


def _groups(groups: tuple[Group, ...], before: str, rail: Rail) -> Iterator[Row]:
    entries: list[tuple[Figure, str] | Group] = []
    for group in groups:
        if group.caption:
            entries.append(group)
        else:
            entries += ((figure, _order(group, i)) for i, figure in enumerate(group.figures))
    for position, entry in enumerate(entries):
        is_last = position == len(entries) - 1
        sign = before + (rail.last if is_last else rail.middle)
        inside = before + (rail.blank if is_last else rail.down)
        if isinstance(entry, Group):
            yield Row(sign, entry.caption, "", "")
            yield from _groups((entry._replace(caption=""),), inside, rail)
        else:
            figure, order = entry
            yield Row(sign, figure.name, figure.call + order, figure.state)
            yield from _groups(figure.groups, inside, rail)


def _order(group: Group, position: int) -> str:
    """On what a step follows, if that is not what stands before it."""
    follows = group.figures[position].follows
    if follows == ((position - 1,) if position else ()):
        return ""
    needed = ", ".join(group.figures[followed].name for followed in follows)
    return f"  (after {needed or 'nothing'})"
