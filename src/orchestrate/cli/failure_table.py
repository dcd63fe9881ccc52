"""The failure matrix for people: a block for each step, a line for each different consequence."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from orchestrate.cli.console import Stream
from orchestrate.cli.formats import columns, counted, cut, visible
from orchestrate.cli.style import Style, style_of
from orchestrate.library.failing import Failures
from orchestrate.workflow.rehearsal.matrix import Matrix, Mishap, Rehearsed, Row, happening
from orchestrate.workflow.rehearsal.rules import vacuous

_WIDTH = 100
"""Of the table where no terminal says otherwise."""
_NARROWEST = 80
_HEADINGS = ("WHAT HAPPENS", "HANDLERS RUN", "DONE, NOT UNDONE", "ENDS AS", "RESUME")
_GAP = 2
_WORD_ENDS = re.compile(r" (?!\()")
_SHORTEST_CALL = 16
"""Columns that are left to a step's call beside its path."""
_NAMED = 3
"""So many steps are named in a cell, the others counted."""
_EITHER = "engine dies"
_LEGEND = (
    "A workflow whose engine or host died has no owner until somebody resumes it; ENDS AS is how",
    "it ends then. (part): it was broken off, or failed, and may have done some of its work.",
)
_ORDER = (
    Mishap.FAILS,
    Mishap.TIMES_OUT,
    Mishap.ENCLOSING_TIMES_OUT,
    Mishap.WORKFLOW_TIMES_OUT,
    Mishap.CANCELLED,
    Mishap.HOST_DIES,
    Mishap.ENGINE_DIES_BEFORE,
    Mishap.ENGINE_DIES_DURING,
)


class _Line(NamedTuple):
    """Mishaps that come to the same: the cells after the first, and the mishaps."""

    cells: tuple[str, ...]
    mishaps: list[str]
    state: str


def write_failures(stream: Stream, failures: Failures) -> None:
    """Write everything that can happen, and whether the rules hold."""
    matrix, style = failures.matrix, style_of(stream)
    stream.line(f"{_summary(matrix)}; if nothing happens it ends as {_state(matrix.state)}")
    stream.line()
    width = max(style.width or _WIDTH, _NARROWEST)
    blocks = [(step, tuple(_lines(step))) for step in matrix.steps]
    widths = _widths([line for _, lines in blocks for line in lines], width)
    stream.line(style.dim(_joined(_HEADINGS, widths)))
    for step, lines in blocks:
        stream.line()
        stream.line(_heading(step, style, width))
        for line in lines:
            _write_line(stream, style, line, widths)
    stream.line()
    for line in _LEGEND:
        stream.line(style.dim(line))
    for note in matrix.notes:
        stream.line()
        stream.line(f"{style.mark('unknown')} {visible(note)}")
    if failures.required:
        stream.line()
        _write_rules(stream, failures, style)


def _write_rules(stream: Stream, failures: Failures, style: Style) -> None:
    """Of each rule whether it holds; where it is broken the findings say."""
    idle = vacuous(failures.matrix, failures.required)
    for rule in failures.required:
        broken = sum(breach.rule == rule for breach in failures.breaches)
        if rule in idle:
            stream.line(f"{style.mark('unknown')} {rule}: {idle[rule]}")
        elif broken:
            stream.line(f"{style.mark('failed')} {rule}: broken by {counted(broken, 'outcome')}")
        else:
            stream.line(f"{style.mark('succeeded')} {rule}: holds")


def _state(state: str) -> str:
    return state.replace("_", " ")


def _summary(matrix: Matrix) -> str:
    """`5 steps, 25 outcomes`."""
    return f"{counted(len(matrix.steps), 'step')}, {counted(len(matrix.rows), 'outcome')}"


def _widths(lines: Sequence[_Line], width: int) -> tuple[int, ...]:
    """The width of each column: at least its longest word, then what its longest cell needs as
    long as there is room, the narrowest first.
    """
    wanted = [len(heading) for heading in _HEADINGS]
    widths = list(wanted)
    for line in lines:
        for at, cell in enumerate((", ".join(line.mishaps), *line.cells)):
            wanted[at] = max(wanted[at], columns(cell))
            widths[at] = max(widths[at], *map(columns, _words(cell)))
    room = width - 2 - _GAP * (len(widths) - 1)
    while sum(widths) > room:
        widths[widths.index(max(widths))] -= 1
    while sum(widths) < room and widths != wanted:
        growing = [at for at, wide in enumerate(widths) if wide < wanted[at]]
        if not growing:
            break
        widths[min(growing, key=lambda at: widths[at])] += 1
    return tuple(widths)


def _words(text: str) -> list[str]:
    """The words of a cell; what is in brackets stays with the word before it."""
    return _WORD_ENDS.split(visible(text))


def _heading(step: Rehearsed, style: Style, width: int) -> str:
    label = f"  {step.label}" if step.label else ""
    call = f"  {visible(step.call)}" if step.call else ""
    when = f"  (when {visible(step.when)})" if step.when else ""
    room = width - columns(step.path) - columns(label)
    when = cut(when, max(room - min(columns(call), _SHORTEST_CALL), _SHORTEST_CALL))
    shown = cut(call, max(room - columns(when), _SHORTEST_CALL))
    return f"{style.strong(step.path)}{label}{style.dim(shown)}{when}"


def _lines(step: Rehearsed) -> Iterator[_Line]:
    """The rows, equal ones merged. The two deaths of the engine differ only in how it goes on."""
    found: dict[tuple[object, ...], _Line] = {}
    for row in sorted(step.rows, key=lambda row: _ORDER.index(row.mishap)):
        cells = _cells(row)
        dies = row.mishap in (Mishap.ENGINE_DIES_BEFORE, Mishap.ENGINE_DIES_DURING)
        key: tuple[object, ...] = (dies, *cells[:-1]) if dies else (dies, *cells)
        line = found.get(key)
        if line is None:
            line = found[key] = _Line(cells, [], row.state)
        elif dies:
            cells = (*cells[:-1], f"{line.cells[-1]}, or {cells[-1]}")
            found[key] = _Line(cells, [_EITHER], row.state)
            continue
        line.mishaps.append(happening(row))
    yield from found.values()


def _cells(row: Row) -> tuple[str, ...]:
    left = [*row.done, *(f"{path} (part)" for path in row.partial)]
    handlers = [_short(path, row.path) for path in row.handlers]
    return _some(handlers), _some(left), _state(row.state), _resume(row)


def _resume(row: Row) -> str:
    resume = row.resume
    if resume.attaches == (row.path,) and not (resume.decide or resume.runs):
        return "attaches"
    parts = [
        f"{verb} {_some([_it(path, row.path) for path in paths])}"
        for verb, paths in (
            ("asks about", resume.decide),
            ("attaches to", resume.attaches),
            ("runs", resume.runs),
        )
        if paths
    ]
    return ", ".join(parts) or "-"


def _it(path: str, step: str) -> str:
    return "it" if path == step else path


def _short(path: str, step: str) -> str:
    """A handler's own step need not be told again."""
    return path.removeprefix(f"{step}/")


def _some(named: Sequence[str]) -> str:
    if not named:
        return "-"
    more = len(named) - _NAMED
    shown = ", ".join(named[:_NAMED] if more > 0 else named)
    return f"{shown} and {more} more" if more > 0 else shown


def _write_line(stream: Stream, style: Style, line: _Line, widths: Sequence[int]) -> None:
    cells = [
        _wrapped(cell, width)
        for cell, width in zip((", ".join(line.mishaps), *line.cells), widths, strict=True)
    ]
    for at in range(max(len(cell) for cell in cells)):
        row = [cell[at] if at < len(cell) else "" for cell in cells]
        padded = [
            text + " " * (width - columns(text)) for text, width in zip(row, widths, strict=True)
        ]
        padded[3] = style.state(line.state, padded[3])
        stream.line(f"  {(' ' * _GAP).join(padded)}".rstrip())


def _wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns; only a word that is too long is broken."""
    lines = [""]
    for word in _words(text):
        while columns(word) > width:
            room = width - columns(lines[-1]) - (1 if lines[-1] else 0)
            if lines[-1] and room < width // 2:
                lines.append("")
                continue
            lines[-1] = f"{lines[-1]} {word[:room]}".lstrip()
            word = word[room:]
            lines.append("")
        if not lines[-1]:
            lines[-1] = word
        elif columns(lines[-1]) + 1 + columns(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _joined(texts: Sequence[str], widths: Sequence[int]) -> str:
    padded = [text.ljust(width) for text, width in zip(texts, widths, strict=True)]
    return f"  {(' ' * _GAP).join(padded)}".rstrip()
