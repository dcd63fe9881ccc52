"""Diagnostics: what is wrong with a playbook, all of it at once, each with its place."""

from typing import ClassVar, NamedTuple

from orchestrate.errors import ExitCode, OrchestrateError, Place
from orchestrate.playbook.edits import NONE, Fix
from orchestrate.playbook.reading.lines import split_lines
from orchestrate.playbook.spelling import nearest

__all__ = ["Diagnostic", "Diagnostics", "PlaybookInvalidError", "TextFaultError", "nearest"]

TOO_MANY = "too-many-findings"
"""The rule of the last finding if there would be more."""
_WIDEST = 160
"""Columns of a shown line; a longer one is cut around the place."""


class Diagnostic(NamedTuple):
    """One finding. `rule` is a stable kebab-case code; `severity` is error or warning."""

    rule: str
    severity: str
    message: str
    place: Place
    hint: str = ""
    length: int = 1
    """How many characters the caret underlines."""
    fix: Fix = NONE
    """What puts it right, if there is exactly one right answer."""


class TooManyFindingsError(Exception):
    """More was found than anybody reads; that is the last of the findings."""


class Diagnostics:
    """Collects findings; keeps the text of the files so that lines can be shown.

    With `most`, the finding after so many ends the search: `TooManyFindingsError` is raised.
    """

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self.found: list[Diagnostic] = []
        self.texts: dict[str, list[str]] = {}
        self._seen: set[Diagnostic] = set()

    def add_source(self, file: str, text: str) -> None:
        """Remember a file's text for rendering."""
        self.texts[file] = split_lines(text)

    def error(
        self,
        rule: str,
        message: str,
        place: Place,
        *,
        hint: str = "",
        length: int = 1,
        fix: Fix = NONE,
    ) -> None:
        """Record an error; the same one a second time (through an alias) is not recorded."""
        self._add(Diagnostic(rule, "error", message, place, hint, length, fix))

    def warning(
        self, rule: str, message: str, place: Place, *, hint: str = "", length: int = 1
    ) -> None:
        """Record a warning."""
        self._add(Diagnostic(rule, "warning", message, place, hint, length))

    def _add(self, diagnostic: Diagnostic) -> None:
        if diagnostic in self._seen:
            return
        if self.most is not None and len(self.found) >= self.most:
            self.found.append(_the_last(diagnostic.place, self.most))
            raise TooManyFindingsError
        self._seen.add(diagnostic)
        self.found.append(diagnostic)

    @property
    def errors(self) -> list[Diagnostic]:
        """Only the errors, in order of place."""
        return sorted(
            (d for d in self.found if d.severity == "error"), key=lambda found: found.place
        )

    @property
    def warnings(self) -> list[Diagnostic]:
        """Only the warnings, in order of place."""
        return sorted(
            (d for d in self.found if d.severity == "warning"), key=lambda found: found.place
        )

    def render(self, diagnostic: Diagnostic) -> str:
        """`file:line:column: error[rule]: message`, the line, a caret, the hint."""
        place = diagnostic.place
        head = f"{place}: {diagnostic.severity}[{diagnostic.rule}]: {diagnostic.message}"
        lines = self.texts.get(place.file, [])
        parts = [head]
        if 1 <= place.line <= len(lines):
            text, before, width = _window(lines[place.line - 1], place.column, diagnostic.length)
            number = str(place.line)
            caret = " " * before + "^" * width
            parts += [f"  {number} | {text}", f"  {' ' * len(number)} | {caret}"]
        if diagnostic.hint:
            parts.append(f"  = {diagnostic.hint}")
        return "\n".join(parts)


def _the_last(place: Place, most: int) -> Diagnostic:
    return Diagnostic(
        TOO_MANY,
        "error",
        f"there are more than {most:,} findings; nothing was looked at after this one",
        place,
        "mend the others first; `validate --fix` does what has one right answer",
    )


def _window(line: str, column: int, length: int) -> tuple[str, int, int]:
    """What to show of a line, and where the caret stands: columns before it, and its width.

    Control characters become visible, so that a playbook cannot write to the terminal; letters of
    double width are counted as such.
    """
    clean = "".join(_visible(letter) for letter in line)
    at = min(column - 1, len(clean))
    start = max(0, min(at - _WIDEST // 2, len(clean) - _WIDEST))
    shown = clean[start : start + _WIDEST]
    marked = clean[at : min(at + max(1, length), start + _WIDEST)]
    lead = "…" if start else ""
    tail = "…" if start + _WIDEST < len(clean) else ""
    before = len(lead) + sum(map(_columns, clean[start:at]))
    return lead + shown + tail, before, max(1, sum(map(_columns, marked)))


def _visible(letter: str) -> str:
    if letter == "\t":
        return " "
    return letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}"


def _columns(letter: str) -> int:
    if letter.isascii():
        return 1
    import unicodedata

    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


class TextFaultError(Exception):
    """Something is wrong at `start` (an offset) in a text inside a playbook. It becomes a
    diagnostic where the text's place is known; `rule` is by default that of its class.
    """

    rule = "text"

    def __init__(
        self,
        message: str,
        start: int,
        length: int = 1,
        hint: str = "",
        rule: str = "",
        meant: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.length = length
        self.hint = hint
        self.rule = rule or self.rule
        self.meant = meant
        """What should stand there instead, if only one thing can be meant."""


class PlaybookInvalidError(OrchestrateError):
    """The playbook has errors; `diagnostics` holds all of them."""

    code: ClassVar[str] = "invalid-playbook"
    exit_code: ClassVar[int] = ExitCode.USAGE

    def __init__(self, diagnostics: Diagnostics) -> None:
        errors = diagnostics.errors
        super().__init__("\n".join(diagnostics.render(error) for error in errors))
        self.diagnostics = diagnostics
