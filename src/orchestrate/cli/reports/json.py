"""Findings as JSON: one object, its keys documented in docs/cli.md."""

from collections.abc import Sequence
from typing import Any

from orchestrate.cli.console import out
from orchestrate.cli.formats import dump
from orchestrate.library.checking import Report
from orchestrate.library.findings import report_json


def write(reports: Sequence[Report]) -> None:
    """All reports in one object."""
    out.line(dump(as_data(reports), indent=2))


def as_data(reports: Sequence[Report]) -> dict[str, Any]:
    """The object."""
    return {
        "valid": not any(report.count("error") for report in reports),
        "errors": sum(report.count("error") for report in reports),
        "warnings": sum(report.count("warning") for report in reports),
        "notes": sum(report.count("note") for report in reports),
        "playbooks": [report_json(report) for report in reports],
    }
