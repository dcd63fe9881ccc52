"""YAML scalars: the types of the YAML 1.2 core schema, and where each character stands.

PyYAML types scalars by YAML 1.1, where `on` and `no` are booleans, `017` is fifteen and `12:30` is
a number. Playbooks are typed by YAML 1.2: only what looks like a number, `true`, `false` or `null`
is one. What JSON has no number for (`.inf`, `.nan`, `7e1234`) is text: values are recorded as JSON.
"""

import math
import re
from collections.abc import Sequence

from orchestrate.errors import Place
from orchestrate.playbook.reading.lines import BREAK

_CONSTANTS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_NUMBER_START = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 300
"""Longer runs of digits are text: nobody means a number by them, and reading one takes long."""

_FOLD = rf"[ \t]*(?:{BREAK.pattern})(?:[ \t]*(?:{BREAK.pattern}))*[ \t]*"
_SINGLE_TOKEN = re.compile(rf"(?P<fold>{_FOLD})|(?P<escape>'')|[^'\s]+|[ \t]+|.")
_DOUBLE_TOKEN = re.compile(
    rf"(?P<joined>\\[ \t]*(?:{BREAK.pattern})[ \t]*)|(?P<fold>{_FOLD})"
    r"|(?P<escape>\\(?:x..|u.{4}|U.{8}|.))|[^\\\s]+|[ \t]+|."
)


def typed(text: str) -> bool | int | float | str | None:
    """The value of a plain scalar."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in _NUMBER_START or len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text


class Layout:
    """Where lines begin in one file; finds the places of a scalar's characters."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.starts = [0, *(found.end() for found in BREAK.finditer(text))]

    def place(self, index: int, row: int) -> Place:
        """The place of the character at `index`, known to be in line `row` (from 0)."""
        return Place(self.file, row + 1, index - self.starts[row] + 1)

    def of_block(
        self, value: str, row: int, end: int
    ) -> tuple[tuple[Place, ...], tuple[tuple[int, Place], ...]]:
        """Of a block scalar whose header is in line `row`: places of its lines, and jumps.

        Each line of the file is looked up in the value in turn, which serves literal and folded
        scalars alike.
        """
        jumps: list[tuple[int, Place]] = []
        cursor = 0
        for at in range(row + 1, len(self.starts)):
            start = self.starts[at]
            if start >= end:
                break
            stop = self.starts[at + 1] if at + 1 < len(self.starts) else len(self.text)
            line = self.text[start:stop].rstrip("\r\n\x85\u2028\u2029")
            content = line.strip(" \t")
            found = value.find(content, cursor) if content else -1
            if found >= 0:
                jumps.append((found, self.place(start + line.index(content), at)))
                cursor = found + len(content)
        if not jumps:
            return (Place(self.file, row + 1, 1),), ()
        jumps[0] = self._first(jumps[0])
        return (jumps[0][1],), tuple(jumps)

    @staticmethod
    def _first(jump: tuple[int, Place]) -> tuple[int, Place]:
        """The first jump moved to offset 0: the value may begin with spaces of its own."""
        offset, place = jump
        return 0, place._replace(column=max(1, place.column - offset))

    def of_flow(
        self, start: int, row: int, column: int, end: int, style: str
    ) -> tuple[tuple[Place, ...], tuple[tuple[int, Place], ...]]:
        """Of a plain or quoted scalar from `start` (in `row` and `column`, from 0) to `end`: the
        place of its text, and jumps.
        """
        first = Place(self.file, row + 1, column + 1 + bool(style))
        raw = self.text[start + 1 : end - 1] if style else self.text[start:end]
        escapes = (style == '"' and "\\" in raw) or (style == "'" and "''" in raw)
        if not escapes and not BREAK.search(raw):
            return (first,), ()
        return (first,), tuple(self._walk(raw, first, start + bool(style), style))

    def _walk(self, raw: str, first: Place, index: int, style: str) -> Sequence[tuple[int, Place]]:
        """Jumps after each fold and each escape."""
        jumps = [(0, first)]
        offset, row = 0, first.line - 1
        for token in (_DOUBLE_TOKEN if style == '"' else _SINGLE_TOKEN).finditer(raw):
            kind = token.lastgroup
            if kind is None:
                offset += len(token.group())
                continue
            if kind == "escape":
                offset += 1
            else:
                breaks = len(BREAK.findall(token.group()))
                row += breaks
                if kind == "fold":
                    offset += max(1, breaks - 1)
            jumps.append((offset, self.place(index + token.end(), row)))
        return jumps
