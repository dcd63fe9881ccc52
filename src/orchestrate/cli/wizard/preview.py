"""What a draft looks like: tree and YAML side by side, and what the checker says of it."""

from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import NamedTuple

from orchestrate.app import App
from orchestrate.cli.console import out
from orchestrate.cli.formats import columns, counted, cut, visible
from orchestrate.cli.style import style_of
from orchestrate.cli.wizard.draft import Draft, Path
from orchestrate.errors import OrchestrateError, Place
from orchestrate.library.checking import check
from orchestrate.playbook.diagnostics import Diagnostic, Diagnostics
from orchestrate.playbook.nodes import ListNode, MapNode, Node
from orchestrate.playbook.reader import read
from orchestrate.playbook.writing.emitting import write

_NARROW = 90
"""Columns below which tree and YAML stand below each other."""
_SHOWN_FINDINGS = 4
_BETWEEN = " │ "


class Checked(NamedTuple):
    """A draft as text, and what was found in it."""

    text: str
    findings: tuple[Diagnostic, ...]

    @property
    def errors(self) -> int:
        """How many of the findings keep it from running."""
        return sum(found.severity == "error" for found in self.findings)


def check_draft(app: App, file: FilePath, draft: Draft) -> Checked:
    """Check a draft as `validate` would if it were in its file."""
    text = write(draft.document)
    try:
        report = check(app.project, app.registry_in, str(file), None, text=text.encode())
    except OrchestrateError as error:  # such as a broken environment file
        found = Diagnostic(error.code, "error", error.message, error.place or _start(file))
        return Checked(text, (found,))
    return Checked(text, report.findings)


def _start(file: FilePath) -> Place:
    return Place(file.name, 1, 1)


def preview(draft: Draft, checked: Checked, shown: str, size: tuple[int, int] | None) -> list[str]:
    """The page: a headline, tree and YAML, findings."""
    findings = _findings(checked)
    head = f"{shown}: {_verdict(checked)}"
    tree = _tree(draft)
    yaml = [_visible(line) for line in checked.text.splitlines()]
    if size is None:
        return [head, "", *tree, "", *(f"  {line}" for line in yaml), "", *findings]
    width, height = size
    room = max(4, height - len(findings) - 2)
    at = _line_of(checked.text, draft.changed)
    if width < _NARROW:
        half = max(2, room // 2)
        lines = [*_window(tree, half, None), "", *_window(yaml, half, at)]
        return [head, *(cut(line, width) for line in (*lines, *findings))]
    left = min(max(map(columns, tree), default=0), width * 2 // 5)
    right = width - left - len(_BETWEEN) - 1
    pairs = _beside(_window(tree, room, None), _window(yaml, room, at), left, right)
    return [head, "", *pairs, *(cut(line, width) for line in findings)]


def _verdict(checked: Checked) -> str:
    style = style_of(out)
    warnings = len(checked.findings) - checked.errors
    if checked.errors:
        return style.bad(counted(checked.errors, "error"))
    return f"valid, {counted(warnings, 'warning')}" if warnings else "valid"


def _tree(draft: Draft) -> list[str]:
    rows = draft.rows()
    if not rows:
        return ["(no steps yet)"]
    return [
        _visible(f"{'  ' * row.depth}{row.name}{'  ' if row.what else ''}{row.what}")
        for row in rows
    ]


def _findings(checked: Checked) -> list[str]:
    shown = [
        f"line {found.place.line}: {found.severity}: {found.message}"
        + (f" ({found.hint})" if found.hint else "")
        for found in checked.findings[:_SHOWN_FINDINGS]
    ]
    more = len(checked.findings) - len(shown)
    return [visible(line) for line in shown] + ([f"… {more} more"] if more else [])


def _visible(line: str) -> str:
    """The line without control characters, indented as it is."""
    return line[: len(line) - len(line.lstrip(" "))] + visible(line)


def _beside(left: Sequence[str], right: Sequence[str], width: int, rest: int) -> list[str]:
    lines: list[str] = []
    for row in range(max(len(left), len(right))):
        first = cut(left[row], width) if row < len(left) else ""
        second = cut(right[row], rest) if row < len(right) else ""
        lines.append(f"{first}{' ' * (width - columns(first))}{_BETWEEN}{second}".rstrip())
    return lines


def _window(lines: Sequence[str], height: int, at: int | None) -> list[str]:
    """As many lines as fit, around line `at` (from 1), else from the top."""
    if len(lines) <= height:
        return list(lines)
    inner = height - 2
    start = 0 if at is None else max(0, min(at - 1 - inner // 3, len(lines) - inner))
    before, after = start, len(lines) - start - inner
    top = [f"… {counted(before, 'line')} above"] if before else []
    bottom = [f"… {counted(after, 'line')} more"] if after else []
    return [*top, *lines[start : start + inner], *bottom]


def _line_of(text: str, path: Path | None) -> int | None:
    """Where a step stands in the text."""
    node: Node | None = read("", text, Diagnostics())
    if path is None or node is None:
        return None
    for part in path:
        if isinstance(node, MapNode) and isinstance(part, str):
            node = node.get(part)
        elif isinstance(node, ListNode) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
        else:
            return None
    return None if node is None else node.place.line
