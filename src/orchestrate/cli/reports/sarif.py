"""Findings as SARIF 2.1.0, the format that code scanners exchange."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from orchestrate import __version__
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import dump
from orchestrate.cli.reports import changes
from orchestrate.library.checking import Report
from orchestrate.playbook.diagnostics import Diagnostic
from orchestrate.playbook.linting.rules import RULES

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def write(reports: Sequence[Report]) -> None:
    """One run with all findings."""
    changes.write_all(err, reports)
    out.line(dump(as_data(reports), indent=2))


def as_data(reports: Sequence[Report]) -> dict[str, Any]:
    """The log."""
    findings = list(dict.fromkeys(finding for each in reports for finding in each.findings))
    names = list(dict.fromkeys(finding.rule for finding in findings))
    driver = {
        "name": "orchestrate",
        "semanticVersion": __version__,
        "rules": [_rule(name) for name in names],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, names.index(finding.rule)) for finding in findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str) -> dict[str, Any]:
    rule = RULES.get(name)
    if rule is None:
        return {"id": name}
    return {
        "id": name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.explanation},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(finding: Diagnostic, index: int) -> dict[str, Any]:
    place = finding.place
    text = f"{finding.message}. {finding.hint}" if finding.hint else finding.message
    region = {
        "startLine": place.line,
        "startColumn": place.column,
        "endColumn": place.column + max(1, finding.length),
    }
    location = {"artifactLocation": {"uri": quote(place.file)}, "region": region}
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": text},
        "locations": [{"physicalLocation": location}],
    }
