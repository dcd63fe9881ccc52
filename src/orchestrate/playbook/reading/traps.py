"""Turns a YAML parser's error into a diagnostic that shows the corrected line.

The parser reports where it gave up, which is often behind the mistake. The lines around are
therefore looked through for the mistakes that people make in playbooks: text that needs quotes,
a missing space, tabs.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.edits import NONE, Edit
from orchestrate.playbook.reading.limits import LONGEST_LINE
from orchestrate.playbook.reading.lines import split_lines
from orchestrate.playbook.reading.scalars import Layout


class Trap(NamedTuple):
    """A known mistake in one line; `column` counts from 0."""

    rule: str
    message: str
    column: int
    hint: str
    length: int = 1
    fix: tuple[int, str, str] | None = None
    """Column, what stands there, and what should."""


_PAIR = re.compile(
    r"(?P<head>\s*(?:- +)*(?:[\w./-]+|\"[^\"]*\"|'[^']*')\s*:\s+|\s*(?:- +)+)(?P<value>\S.*?)\s*"
)
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'")
_UNSPACED = re.compile(r"(?P<head>\s*(?:- +)*)(?P<key>[A-Za-z_][\w-]*):(?P<value>[^\s:/].*)")
_EXPRESSION = re.compile(r"\$\{[^{}]*\}")
_FLOW_PART = r"[^,\[\]{}:\"'\s$]|\$(?!\{)|:(?!\s)|\$\{[^{}]*\}"
_FLOW_ITEM = re.compile(
    rf"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|(?:{_FLOW_PART})(?:\s*(?:{_FLOW_PART}))*"
)
"""A whole item inside `[…]` or `{…}`: in quotes, or without any."""
_BEFORE_ITEM = ("", "[", "{", ",", ":")
"""What may stand before an item; quotes after anything else are part of it."""
_LONGEST_FIX = 120
_COMMENT = re.compile(r"\s#.*")
_SINGLE_QUOTED = re.compile(r"'(?:[^']|'')*'")

_PLAIN_WORDS = {
    "found unexpected end of stream": "a quote is opened here and never closed",
    "did not find expected '-' indicator": "this line does not line up with the list around it",
    "did not find expected key": "this does not fit the mapping around it",
    "did not find expected <document start>": "this line is indented less than the first one",
    "did not find expected ',' or ']'": "a comma or the closing `]` of this list is missing",
    "did not find expected ',' or '}'": "a comma or the closing `}` of this mapping is missing",
    "did not find expected node content": "a value is expected here",
    "found character that cannot start any token": "text cannot begin with this character",
    "mapping values are not allowed in this context": "a second `:` stands where a value is read",
    "block sequence entries are not allowed in this context": "a list cannot begin in this line",
    "could not find expected ':'": "the `:` after a key is missing",
    "found unknown escape character": "double quotes have no such escape",
}
_HINTS = {
    "found unexpected end of stream": "close the quote at the end of the value",
    "did not find expected '-' indicator": "indent list items alike, and the keys of one step",
    "did not find expected key": "indent the keys of one mapping alike; some values need quotes",
    "did not find expected <document start>": "let all top-level keys begin in the first column",
    "did not find expected ',' or ']'": "close the list, or quote items with brackets or braces",
    "did not find expected ',' or '}'": "close the mapping, or quote values with braces",
    "did not find expected node content": "quote the value if the character belongs to it",
    "found character that cannot start any token": "put the value in quotes",
    "mapping values are not allowed in this context": "quote the value, or indent keys alike",
    "block sequence entries are not allowed in this context": "begin the list in a new line",
    "could not find expected ':'": "write `key: value`",
    "found unknown escape character": r"use single quotes, or write the backslash twice: \\",
}


def explain(error: Any, layout: Layout, diagnostics: Diagnostics) -> None:
    """Record the diagnostic for an error of PyYAML's scanner or parser."""
    mark = error.problem_mark or error.context_mark
    lines = split_lines(layout.text)
    problem: str = error.problem or "the YAML cannot be read"
    if error.context_mark and _points_back(problem, error):
        mark = error.context_mark
    row: int = min(mark.line, len(lines) - 1)
    for candidate in _suspects(row, error.context_mark, lines):
        trap = _trapped(lines[candidate], same_line=candidate == row)
        if trap is not None:
            _record(trap, layout.file, candidate + 1, diagnostics)
            return
    # The end of the file has no line of its own to show: point behind the last text.
    column: int = min(mark.column, len(lines[row]))
    while row > 0 and not lines[row].strip():
        row -= 1
        column = len(lines[row])
    diagnostics.error(
        "yaml-syntax",
        _PLAIN_WORDS.get(problem, problem),
        Place(layout.file, row + 1, column + 1),
        hint=_HINTS.get(problem, "quote the value if it holds characters that YAML reads"),
    )


def _record(trap: Trap, file: str, line: int, diagnostics: Diagnostics) -> None:
    fix = NONE
    if trap.fix is not None:
        column, old, new = trap.fix
        fix = (Edit(Place(file, line, column + 1), old, new),)
    place = Place(file, line, trap.column + 1)
    diagnostics.error(trap.rule, trap.message, place, hint=trap.hint, length=trap.length, fix=fix)


def _points_back(problem: str, error: Any) -> bool:
    """Whether the beginning of the value tells more than where the parser gave up."""
    unclosed = problem.endswith(("or ']'", "or '}'"))
    return problem == "found unexpected end of stream" or (
        unclosed and error.context_mark.line < error.problem_mark.line
    )


def _suspects(row: int, context: Any, lines: list[str]) -> list[int]:
    """The lines to look at: where the parser gave up, the one before, where the value began."""
    before = next((at for at in range(row - 1, -1, -1) if lines[at].strip()), None)
    rows = [row] if before is None else [row, before]
    if context is not None and context.line not in rows and context.line < len(lines):
        rows.append(context.line)
    return rows


def _trapped(line: str, *, same_line: bool) -> Trap | None:
    if len(line) > LONGEST_LINE or not line.strip() or line.lstrip().startswith("#"):
        return None
    traps: tuple[Callable[[str], Trap | None], ...] = (_tab, _flow, _quote_then_more, _unspaced)
    if same_line:
        traps = (*traps, _start, _second_colon)
    return next((trap for find in traps if (trap := find(line)) is not None), None)


def _tab(line: str) -> Trap | None:
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" not in indent:
        return None
    return Trap(
        "tab-indentation",
        "a tab indents this line",
        indent.index("\t"),
        "YAML is indented with spaces; use two for each level",
    )


def _flow(line: str) -> Trap | None:
    """`[${a}, b]` and `{key: ${a}}`: the brace of the expression opens a mapping."""
    pair = _PAIR.fullmatch(line)
    if pair is None or pair["value"][0] not in "[{" or not _EXPRESSION.search(pair["value"]):
        return None
    value = _without_comment(pair["value"])
    quoted = [found.span() for found in _QUOTED.finditer(value)]
    whole = [(start, end) for start, end in quoted if value[:start].rstrip()[-1:] in _BEFORE_ITEM]
    first = next((it for it in _EXPRESSION.finditer(value) if not _within(it, whole)), None)
    if first is None:
        return None
    if _within(first, quoted):
        return Trap(
            "unquoted-value",
            "inside `[…]` and `{…}` a value with an expression must be quoted as a whole",
            len(pair["head"]) + first.start(),
            "put the whole value in single quotes, or in a line of its own",
            len(first.group()),
        )
    fixed = _FLOW_ITEM.sub(
        lambda item: _quoted(item.group()) if _needs_quoting(item.group()) else item.group(), value
    )
    return Trap(
        "unquoted-value",
        "inside `[…]` and `{…}` an expression must be quoted",
        len(pair["head"]) + first.start(),
        _rewrite(pair["head"], fixed),
        len(first.group()),
        (len(pair["head"]), value, fixed),
    )


def _within(found: re.Match[str], spans: list[tuple[int, int]]) -> bool:
    return any(start <= found.start() < end for start, end in spans)


def _needs_quoting(item: str) -> bool:
    return item[0] not in "\"'" and "${" in item


def _quote_then_more(line: str) -> Trap | None:
    """`"${x}" == "y"`: text after the closing quote."""
    pair = _PAIR.fullmatch(line)
    if pair is None:
        return None
    value = _without_comment(pair["value"])
    found = _QUOTED.match(value)
    rest = "" if found is None else value[found.end() :]
    if found is None or not rest.strip() or rest.lstrip().startswith(":"):
        return None
    trap = Trap(
        "unquoted-value",
        "the quotes close before the value ends",
        len(pair["head"]) + found.end(),
        "put the whole value in quotes of the other kind, or below `key: |`",
        len(rest.strip()),
    )
    inner = found.group()[1:-1]
    if _EXPRESSION.fullmatch(inner):
        fixed = inner + rest
    elif value[-1] != value[0]:
        fixed = _quoted(value)
    elif "\\" in value or value[0] * 2 in value[:-2]:
        return trap  # which of them belong to the value, nobody can know
    else:
        fixed = _quoted(value[1:-1] if _is_quoted_around(value, found.end()) else value)
    hint = _rewrite(pair["head"], fixed)
    return trap._replace(hint=hint, fix=(len(pair["head"]), value, fixed))


def _is_quoted_around(value: str, end: int) -> bool:
    """Whether the first and the last quote were meant to hold all between them, as in
    `"echo "hi""` and `'it's'`: the one that ends at `end` begins something, or stands alone.
    """
    begins = value[end - 2].isspace() and not value[end].isspace()
    return begins or value.count(value[0]) % 2 == 1


def _unspaced(line: str) -> Trap | None:
    """`key:value`."""
    found = _UNSPACED.fullmatch(line)
    if found is None or _COMMENT.search(found["head"]):
        return None
    return Trap(
        "missing-space",
        f"a space is missing after `{found['key']}:`",
        found.start("value"),
        _rewrite(f"{found['head']}{found['key']}:", found["value"].strip()),
        fix=(found.start("value"), "", " "),
    )


def _start(line: str) -> Trap | None:
    """A value that begins with a character that means something to YAML."""
    pair = _PAIR.fullmatch(line)
    if pair is None or pair["value"][0] not in "{@`%*&!]},":
        return None
    return _needs_quotes(pair, 0, f"a value that begins with `{pair['value'][0]}` must be quoted")


def _second_colon(line: str) -> Trap | None:
    """`message: done: yes`."""
    pair = _PAIR.fullmatch(line)
    if pair is None or not pair["head"].rstrip().endswith(":") or pair["value"][0] in "\"'[{|>":
        return None
    at = re.search(r":(\s|$)", pair["value"])
    if at is None:
        return None
    return _needs_quotes(pair, at.start(), "a value with a colon and a space must be quoted")


def _needs_quotes(pair: re.Match[str], offset: int, message: str) -> Trap:
    value = _COMMENT.sub("", pair["value"]).rstrip()
    fixed = _quoted(value)
    return Trap(
        "unquoted-value",
        message,
        len(pair["head"]) + offset,
        _rewrite(pair["head"], fixed),
        fix=(len(pair["head"]), value, fixed),
    )


def _without_comment(value: str) -> str:
    """The value without a comment behind it; a `#` in quotes begins none."""
    quoted = [found.span() for found in _QUOTED.finditer(value)]
    for found in _COMMENT.finditer(value):
        if not any(start < found.start() < end for start, end in quoted):
            return value[: found.start()].rstrip()
    return value


def _rewrite(head: str, value: str) -> str:
    """The hint with the corrected line, unless nobody would read so much."""
    if len(value) > _LONGEST_FIX:
        return "put the whole value in quotes"
    return f"write: {head.strip()} {value}"


def _quoted(value: str) -> str:
    if _SINGLE_QUOTED.fullmatch(value):
        value = value[1:-1].replace("''", "'")
    if '"' in value or "\\" in value:
        return "'" + value.replace("'", "''") + "'"
    return f'"{value}"'
