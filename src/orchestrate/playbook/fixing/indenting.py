"""Spaces for the tabs that indent lines, where it does not matter how wide a tab is."""

import math
import re
from collections.abc import Iterator

from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.nodes import plain
from orchestrate.playbook.reader import read
from orchestrate.playbook.reading.lines import BREAK

_WIDTHS = (2, 4, 8)
_MARKERS = re.compile(r" *(?:- +)*")
_COLUMN = re.compile(r"^ *|- +")
_BLOCK = re.compile(r"(?:^|.*[\s:-])[|>][-+0-9]*\s*(?:#.*)?")
"""A line that ends with the header of a block of text."""


def without_tabs(text: str) -> str | None:
    """The text indented with spaces; None if it would mean another thing with wider tabs.

    Of several widths those count with which the text can be read furthest; if that is not to its
    end, because of another mistake, lines must be nested in the same way with all of them.
    """
    read_to: dict[str, float] = {}
    nested: dict[str, object] = {}
    for candidate in (_expanded(text, width) for width in _WIDTHS):
        diagnostics = Diagnostics()
        tree = read("", candidate, diagnostics)
        errors = diagnostics.errors
        read_to[candidate] = math.inf if tree is not None or not errors else errors[-1].place.line
        nested[candidate] = _depths(candidate) if tree is None else plain(tree)
    furthest = [each for each in read_to if read_to[each] == max(read_to.values())]
    first = furthest[0]
    return first if all(nested[other] == nested[first] for other in furthest) else None


def _depths(text: str) -> list[int]:
    """How deep each line is nested, counted in columns where something begins."""
    depths: list[int] = []
    columns: list[int] = []
    for line in BREAK.split(text):
        head = _MARKERS.match(line)
        if head is None or not line.strip():
            continue
        for column in (found.end() for found in _COLUMN.finditer(head.group())):
            while columns and columns[-1] >= column:
                columns.pop()
            columns.append(column)
        depths.append(len(columns))
    return depths


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _expanded(text: str, width: int) -> str:
    parts = re.split(f"({BREAK.pattern})", text)
    parts[::2] = _lines(parts[::2], width)
    return "".join(parts)


def _lines(lines: list[str], width: int) -> Iterator[str]:
    """The lines with their indentation widened; in a block of text, only that of the block."""
    header: int | None = None
    block: str | None = None
    for line in lines:
        indent = _indent(line)
        spaces = indent.expandtabs(width)
        if not line.strip():
            yield line
            continue
        if block is None and header is not None and len(spaces) > header:
            block = indent
        if block is not None and indent.startswith(block):
            yield block.expandtabs(width) + line[len(block) :]
            continue
        block = None
        comment = line.lstrip().startswith("#")
        header = len(spaces) if _BLOCK.fullmatch(line) and not comment else None
        yield spaces + line[len(indent) :]
