"""Makes edits in a text; comments, order, quotes and line ends elsewhere stay as they are."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from orchestrate.playbook.edits import Fix
from orchestrate.playbook.reading.lines import BREAK


class _Span(NamedTuple):
    """What becomes of the text from `start` to `end`."""

    start: int
    end: int
    new: str


class Applied(NamedTuple):
    """A text after edits, and which of the fixes were made (by their positions)."""

    text: str
    made: tuple[int, ...]


def apply(text: str, fixes: Iterable[Fix]) -> Applied:
    """The text with all fixes that fit it and do not touch each other; the first of two wins."""
    starts = [0, *(found.end() for found in BREAK.finditer(text))]
    newline = line_end(text)
    chosen: list[_Span] = []
    made: list[int] = []
    for position, fix in enumerate(fixes):
        spans = _spans(text, starts, fix, newline)
        if spans and not any(_is_taken(chosen, span) for span in spans):
            for span in spans:
                chosen.insert(bisect_left(chosen, span), span)
            made.append(position)
    parts: list[str] = []
    at = 0
    for span in chosen:
        parts += (text[at : span.start], span.new)
        at = span.end
    return Applied("".join((*parts, text[at:])), tuple(made))


def line_end(text: str) -> str:
    """What ends the lines of a text."""
    first = BREAK.search(text)
    return "\r\n" if first is not None and first.group() == "\r\n" else "\n"


def _spans(text: str, starts: list[int], fix: Fix, newline: str) -> list[_Span]:
    """Where the edits are to be made; none if one of them does not fit the text."""
    spans: list[_Span] = []
    for edit in fix:
        if not 1 <= edit.place.line <= len(starts):
            return []
        start = starts[edit.place.line - 1] + edit.place.column - 1
        if start > len(text) or not text.startswith(edit.old, start):
            return []
        spans.append(_Span(start, start + len(edit.old), edit.new.replace("\n", newline)))
    return spans


def _is_taken(chosen: list[_Span], span: _Span) -> bool:
    """Whether another edit changes the same characters, or puts something in at the same place."""
    at = bisect_left(chosen, span)
    for other in chosen[max(0, at - 1) : at + 2]:
        if other.start < span.end and span.start < other.end:
            return True
        if other.start == span.start and (other.end == other.start) == (span.end == span.start):
            return True
    return False
