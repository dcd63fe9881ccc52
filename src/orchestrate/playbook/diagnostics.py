"""Diagnostics: what is wrong with a playbook, all of it at once, each with its place."""

import difflib
from collections.abc import Iterable
from typing import ClassVar, NamedTuple

from orchestrate.errors import ExitCode, OrchestrateError, Place


class Diagnostic(NamedTuple):
    """One finding. `rule` is a stable kebab-case code; `severity` is error or warning."""

    rule: str
    severity: str
    message: str
    place: Place
    hint: str = ""
    length: int = 1
    """How many characters the caret underlines."""


class Diagnostics:
    """Collects findings; keeps the text of the files so that lines can be shown."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.texts: dict[str, list[str]] = {}

    def add_source(self, file: str, text: str) -> None:
        """Remember a file's text for rendering."""
        self.texts[file] = text.splitlines()

    def error(
        self, rule: str, message: str, place: Place, *, hint: str = "", length: int = 1
    ) -> None:
        """Record an error."""
        self.found.append(Diagnostic(rule, "error", message, place, hint, length))

    def warning(
        self, rule: str, message: str, place: Place, *, hint: str = "", length: int = 1
    ) -> None:
        """Record a warning."""
        self.found.append(Diagnostic(rule, "warning", message, place, hint, length))

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
            text = lines[place.line - 1].replace("\t", " ")
            number = str(place.line)
            caret = " " * (place.column - 1) + "^" * max(1, diagnostic.length)
            parts += [f"  {number} | {text}", f"  {' ' * len(number)} | {caret}"]
        if diagnostic.hint:
            parts.append(f"  = {diagnostic.hint}")
        return "\n".join(parts)


class PlaybookInvalidError(OrchestrateError):
    """The playbook has errors; `diagnostics` holds all of them."""

    code: ClassVar[str] = "invalid-playbook"
    exit_code: ClassVar[int] = ExitCode.USAGE

    def __init__(self, diagnostics: Diagnostics) -> None:
        errors = diagnostics.errors
        super().__init__("\n".join(diagnostics.render(error) for error in errors))
        self.diagnostics = diagnostics


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `name` was probably meant to be, if one is near."""
    found = difflib.get_close_matches(name, list(candidates), n=1, cutoff=0.6)
    return found[0] if found else None
