"""Findings as workflow commands of GitHub Actions, which show them beside the lines of a change."""

from collections.abc import Sequence

from orchestrate.cli.console import err, out
from orchestrate.cli.reports import changes
from orchestrate.library.checking import Report
from orchestrate.playbook.diagnostics import Diagnostic

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
_IN_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = {**_IN_MESSAGE, ":": "%3A", ",": "%2C"}


def write(reports: Sequence[Report]) -> None:
    """One line for each finding."""
    changes.write_all(err, reports)
    for report in reports:
        for finding in report.findings:
            out.line(_command(finding))


def _command(finding: Diagnostic) -> str:
    place = finding.place
    properties = {
        "file": place.file,
        "line": str(place.line),
        "col": str(place.column),
        "endColumn": str(place.column + finding.length),
        "title": finding.rule,
    }
    written = ",".join(
        f"{name}={_escaped(value, _IN_PROPERTY)}" for name, value in properties.items()
    )
    text = f"{finding.message}\n{finding.hint}" if finding.hint else finding.message
    return f"::{_COMMANDS[finding.severity]} {written}::{_escaped(text, _IN_MESSAGE)}"


def _escaped(text: str, special: dict[str, str]) -> str:
    return "".join(special.get(letter, letter) for letter in text)
