"""Unified differences of texts in which lines were changed, put in or left out, but not moved.

`difflib` takes a minute for ten thousand lines that look alike; this goes through both texts once.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

_CONTEXT = 3
_FURTHEST = 400
"""Lines, of both texts together, within which they must agree again."""
_AGREEING = 2
"""Lines that must be equal for that, unless it is one that stands once in each text."""

_Change = tuple[int, int, int, int]
"""Lines of the first text, from and to, in whose place those of the second stand, from and to."""


def unified_difference(before: str, after: str, name: str) -> Iterator[str]:
    """The lines of the difference, each with its end, in the form that `patch` takes."""
    old, new = _lines(before), _lines(after)
    groups = list(_groups(list(_changes(old, new))))
    if groups:
        yield f"--- a/{name}\n"
        yield f"+++ b/{name}\n"
    for group in groups:
        yield from _hunk(group, old, new)


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    return [*(f"{part}\n" for part in parts[:-1]), *([parts[-1]] if parts[-1] else [])]


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[_Change]:
    unique = _once(old) & _once(new)
    at = to = 0
    while at < len(old) or to < len(new):
        if at < len(old) and to < len(new) and old[at] == new[to]:
            at, to = at + 1, to + 1
            continue
        gone, come = _until_equal(old, new, at, to, unique)
        yield at, at + gone, to, to + come
        at, to = at + gone, to + come


def _once(lines: Sequence[str]) -> set[str]:
    return {line for line, count in Counter(lines).items() if count == 1}


def _until_equal(
    old: Sequence[str], new: Sequence[str], at: int, to: int, unique: set[str]
) -> tuple[int, int]:
    """How many lines of each come before they agree again."""
    for distance in range(1, _FURTHEST):
        # An equal number of lines on both sides first: that is how lines are changed.
        for gone in sorted(range(distance + 1), key=lambda gone: abs(distance - 2 * gone)):
            come = distance - gone
            ends = at + gone >= len(old) and to + come >= len(new)
            here, there = old[at + gone : at + gone + 1], new[to + come : to + come + 1]
            number = 1 if here and here[0] in unique else _AGREEING
            following = old[at + gone : at + gone + number]
            agree = here == there and following == new[to + come : to + come + number]
            if ends or (here and agree):
                return min(gone, len(old) - at), min(come, len(new) - to)
    return len(old) - at, len(new) - to


def _groups(changes: Sequence[_Change]) -> Iterator[list[_Change]]:
    """Changes so near to each other that what is shown around them meets."""
    group: list[_Change] = []
    for change in changes:
        if group and change[0] - group[-1][1] > 2 * _CONTEXT:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _hunk(group: Sequence[_Change], old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    start = max(0, group[0][0] - _CONTEXT)
    end = min(len(old), group[-1][1] + _CONTEXT)
    first = group[0][2] - (group[0][0] - start)
    last = group[-1][3] + (end - group[-1][1])
    yield f"@@ -{_range(start, end)} +{_range(first, last)} @@\n"
    at = start
    for gone, gone_end, come, come_end in group:
        yield from _marked(" ", old[at:gone])
        yield from _marked("-", old[gone:gone_end])
        yield from _marked("+", new[come:come_end])
        at = gone_end
    yield from _marked(" ", old[at:end])


def _range(start: int, end: int) -> str:
    count = end - start
    if count == 1:
        return str(start + 1)
    return f"{start + 1 if count else start},{count}"


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield mark + (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
