"""Searching the library: which playbooks fit, where, and which fit best."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from orchestrate.library.listing import Entry
from orchestrate.library.outline import calls_of

_WEIGHTS = {"name": 100, "tags": 50, "category": 40, "description": 25, "commands": 20}
_WHOLE, _BEGINNING = 2.0, 1.5
"""Factors for a field that is the word itself, and for a word that begins with it."""
_CONTEXT = 60


class Match(NamedTuple):
    """A playbook that fits, and the best place: `text` of `field` with the `spans` that fit."""

    entry: Entry
    score: float
    field: str
    text: str
    spans: tuple[tuple[int, int], ...]


def search(entries: Sequence[Entry], pattern: str) -> list[Match]:
    """The playbooks in which every word of the pattern occurs, the best first.

    Names, tags, categories, descriptions and the commands that are called are looked at, upper and
    lower case alike. In a word `*` is any text and `?` any character.
    """
    words = [_expression(word) for word in pattern.split()]
    if not words:
        return []
    found = [match for entry in entries if (match := _match(entry, words)) is not None]
    return sorted(found, key=lambda match: (-match.score, match.entry.name))


def _expression(word: str) -> re.Pattern[str]:
    """What stands between two `*` is found where it comes first, for good: an expression that tried
    every place for each of many `*` would never end.
    """
    first, *rest = (
        "".join(r"\S" if c == "?" else re.escape(c) for c in part)
        for part in re.split(r"\*+", word)
    )
    inner = "".join(rf"(?>\S*?{part})" for part in rest[:-1])
    last = rf"\S*{rest[-1]}" if rest else ""
    return re.compile(f"{first}{inner}{last}", re.IGNORECASE)


def _match(entry: Entry, words: Sequence[re.Pattern[str]]) -> Match | None:
    fields = list(_fields(entry))
    total = 0.0
    best: tuple[float, str, str] | None = None
    for word in words:
        scores = [(_score(word, field, text), field, text) for field, text in fields]
        score, field, text = max(scores, key=lambda scored: scored[0])
        if score == 0:
            return None
        total += score
        if best is None or score > best[0]:
            best = (score, field, text)
    _, field, text = best or (0.0, "", "")
    shown, spans = _excerpt(text, words)
    return Match(entry, total, field, shown, spans)


def _fields(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "name", entry.name
    yield "category", entry.category or ""
    yield "description", entry.description
    for tag in entry.tags:
        yield "tags", tag
    for call in calls_of(entry.plan) if entry.plan is not None else ():
        yield "commands", call


def _score(word: re.Pattern[str], field: str, text: str) -> float:
    found = word.search(text)
    if found is None:
        return 0.0
    if word.fullmatch(text):
        return _WEIGHTS[field] * _WHOLE
    begins = found.start() == 0 or not text[found.start() - 1].isalnum()
    return _WEIGHTS[field] * (_BEGINNING if begins else 1.0)


def _excerpt(
    text: str, words: Sequence[re.Pattern[str]]
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """One line around the first match, and what matches in it."""
    text = " ".join(text.split())
    first = min((m.start() for word in words if (m := word.search(text))), default=0)
    start = max(0, first - _CONTEXT // 2)
    shown = ("…" if start else "") + text[start : start + 2 * _CONTEXT]
    shown += "…" if start + 2 * _CONTEXT < len(text) else ""
    spans = {m.span() for word in words for m in word.finditer(shown) if m.end() > m.start()}
    return shown, tuple(sorted(spans))
