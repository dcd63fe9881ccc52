"""Regular expressions that can take forever: a repetition of what repeats by itself, `(a+)+`.

Each letter more of `aaaa…` doubles the ways to read it, and a text that does not fit in the end has
all of them tried. Values come from strangers, so such a pattern is refused.
"""

import importlib
from collections.abc import Iterator
from typing import Any, cast

_PARSER = cast("Any", importlib.import_module("re._parser"))
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")


def can_take_forever(pattern: str) -> bool:
    """Whether a pattern (that compiles) repeats what is a repetition, with nothing between that
    would have to be there.
    """
    return any(
        _is_endless(value[1]) and _is_repetition(value[2])
        for kind, value in _all(_PARSER.parse(pattern))
        if kind in _REPEATS
    )


def _is_repetition(body: Any) -> bool:
    """Whether one of its ways is a repetition without end, beside what may be left out."""
    for way in _ways(body):
        for position, (kind, value) in enumerate(way):
            others = [*way[:position], *way[position + 1 :]]
            if any(not _may_be_empty(*other) for other in others):
                continue
            if kind in _REPEATS and (_is_endless(value[1]) or _is_repetition(value[2])):
                return True
            if kind == "SUBPATTERN" and _is_repetition(value[-1]):
                return True
            if kind == "BRANCH" and any(_is_repetition(each) for each in value[1]):
                return True
    return False


def _may_be_empty(kind: str, value: Any) -> bool:
    if kind in _REPEATS:
        return value[0] == 0 or all(_may_be_empty(*each) for each in _plain(value[2]))
    if kind == "SUBPATTERN":
        return any(all(_may_be_empty(*each) for each in way) for way in _ways(value[-1]))
    if kind == "BRANCH":
        return any(all(_may_be_empty(*each) for each in _plain(way)) for way in value[1])
    return kind in ("AT", "ASSERT", "ASSERT_NOT")


def _ways(body: Any) -> list[list[tuple[str, Any]]]:
    """The sequences that a body stands for."""
    items = _plain(body)
    if len(items) == 1 and items[0][0] == "BRANCH":
        return [_plain(way) for way in items[0][1][1]]
    return [items]


def _all(body: Any) -> Iterator[tuple[str, Any]]:
    """Everything in it, however deep."""
    for kind, value in _plain(body):
        yield kind, value
        match kind:
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                inner = [value[2]]
            case "SUBPATTERN":
                inner = [value[-1]]
            case "BRANCH":
                inner = list(value[1])
            case "ASSERT" | "ASSERT_NOT":
                inner = [value[1]]
            case "ATOMIC_GROUP":
                inner = [value]
            case _:
                inner = []
        for each in inner:
            yield from _all(each)


def _plain(body: Any) -> list[tuple[str, Any]]:
    return [(str(kind), value) for kind, value in body]


def _is_endless(most: Any) -> bool:
    return str(most) == "MAXREPEAT"
