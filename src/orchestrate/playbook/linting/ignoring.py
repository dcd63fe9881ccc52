"""Comments that switch rules off: `# orchestrate: ignore rule-name, other-rule`.

On the line of a finding, or on the lines right before it, they concern that line; on the first
line of a step they concern the step's own findings; before anything else in the file, all of it.
The reader drops comments, so they are looked for in the text. A candidate inside a quoted or block
scalar is no comment, which only YAML's own tokens tell; they are read only if there is a candidate.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import yaml

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostic
from orchestrate.playbook.linting.rules import RULES, UNKNOWN_RULE
from orchestrate.playbook.spelling import nearest

_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[ \t]*orchestrate:[ \t]*ignore\b(?P<rules>[^\n]*)")
_NAME = re.compile(r"[^\s,]+")
_BLANK = re.compile(r"\s*(#.*|---.*)?")


class Ignored(NamedTuple):
    """Which rules are switched off where."""

    everywhere: frozenset[str]
    lines: dict[int, set[str]]
    """By line number, counted from 1."""
    complaints: tuple[Diagnostic, ...]
    """Comments that name no rule."""

    def covers(self, rule: str, place: Place, step: Place | None) -> bool:
        """Whether the rule is switched off for a finding at `place`, about a step at `step`."""
        if rule in self.everywhere or rule in self.lines.get(place.line, ()):
            return True
        return step is not None and rule in self.lines.get(step.line, ())


def read_comments(file: str, lines: Sequence[str]) -> Ignored:
    """What the comments of a file switch off."""
    everywhere: set[str] = set()
    by_line: dict[int, set[str]] = {}
    complaints: list[Diagnostic] = []
    first = next((at for at, line in enumerate(lines, 1) if not _BLANK.fullmatch(line)), 0)
    for number, found in _comments(lines):
        start = found.start("rules")
        names = list(_NAME.finditer(found["rules"]))
        if not names:
            place = Place(file, number, found.start() + 1)
            complaints.append(_nameless(place, found.end() - found.start()))
        known: set[str] = set()
        for name in names:
            if name.group() in RULES:
                known.add(name.group())
            else:
                place = Place(file, number, start + name.start() + 1)
                complaints.append(_unknown(name.group(), place))
        if number < first:
            everywhere |= known
        else:
            by_line.setdefault(_concerned(lines, number), set()).update(known)
    return Ignored(frozenset(everywhere), by_line, tuple(complaints))


def _concerned(lines: Sequence[str], number: int) -> int:
    """The line that a comment is about: its own, or the next that says something."""
    while number <= len(lines) and _BLANK.fullmatch(lines[number - 1]):
        number += 1
    return number


def _comments(lines: Sequence[str]) -> list[tuple[int, re.Match[str]]]:
    candidates = [
        (number, found)
        for number, line in enumerate(lines, 1)
        if "orchestrate:" in line and (found := _COMMENT.search(line))
    ]
    if not candidates:
        return []
    scalars = _scalars("\n".join(lines))
    return [
        (number, found)
        for number, found in candidates
        if not any(span.holds(number - 1, found.start()) for span in scalars)
    ]


class _Span(NamedTuple):
    """Where a scalar stands; lines and columns count from 0."""

    start: tuple[int, int]
    end: tuple[int, int]
    block: bool

    def holds(self, line: int, column: int) -> bool:
        if self.block and line == self.start[0]:
            return False  # beside the `|` of a block a comment is a comment
        return self.start <= (line, column) < self.end


def _scalars(text: str) -> list[_Span]:
    """The scalars that may hold a `#`: quoted ones and blocks."""
    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    spans: list[_Span] = []
    scan: Any = getattr(yaml, "scan")  # noqa: B009 - it has no types
    for token in scan(text, Loader=loader):
        style: str | None = getattr(token, "style", None)
        if style:
            start, end = token.start_mark, token.end_mark
            ends = (start.line, start.column), (end.line, end.column)
            spans.append(_Span(*ends, block=style in "|>"))
    return spans


def _unknown(name: str, place: Place) -> Diagnostic:
    near = nearest(name, RULES)
    hint = f"did you mean `{near}`?" if near else "docs/lint-rules.md lists the rules"
    message = f"there is no rule `{name}`"
    return Diagnostic(UNKNOWN_RULE.name, UNKNOWN_RULE.severity, message, place, hint, len(name))


def _nameless(place: Place, length: int) -> Diagnostic:
    message = "this comment names no rule, so it switches off nothing"
    hint = "write `# orchestrate: ignore rule-name`"
    return Diagnostic(UNKNOWN_RULE.name, UNKNOWN_RULE.severity, message, place, hint, length)
