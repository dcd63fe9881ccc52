"""What was found in a playbook, as JSON; its keys are documented in docs/cli.md."""

from typing import TYPE_CHECKING, Any

from orchestrate.library.checking import Changes, Report
from orchestrate.library.dependencies.model import Dependency
from orchestrate.playbook.diagnostics import Diagnostic

if TYPE_CHECKING:
    from orchestrate.library.failing import Failures
    from orchestrate.workflow.rehearsal.walk import Walked


def report_json(report: Report) -> dict[str, Any]:
    """One report."""
    data: dict[str, Any] = {
        "file": report.file,
        "name": report.name,
        "environment": report.environment.name,
        "protected": report.environment.protected,
        "valid": not report.count("error"),
        "findings": [finding_json(finding) for finding in report.findings],
    }
    if report.changes is not None:
        data["changes"] = _changes(report.changes)
    if report.dependencies is not None:
        data["dependencies"] = [_dependency(each) for each in report.dependencies]
    if report.simulation is not None:
        data["simulation"] = _simulation(report.simulation)
    if report.failures is not None:
        data["failures"] = _failures(report.failures)
    return data


def _changes(changes: Changes) -> dict[str, Any]:
    return {
        "written": changes.written and bool(changes.repairs),
        "repairs": [repair._asdict() for repair in changes.repairs],
        "diff": "".join(changes.difference),
    }


def _dependency(dependency: Dependency) -> dict[str, Any]:
    return {
        "kind": dependency.kind,
        "name": dependency.name,
        "status": dependency.status,
        "detail": dependency.detail,
        "file": dependency.place.file,
        "line": dependency.place.line,
        "column": dependency.place.column,
    }


def _simulation(walked: "Walked") -> dict[str, Any]:
    return {
        "walks": walked.walks,
        "left": walked.left,
        "states": dict(walked.states),
        "order": list(walked.order),
        "unreached": [each._asdict() for each in walked.unreached],
        "problems": [
            {"path": each.path, "message": each.message, "only_if": list(each.suppositions)}
            for each in walked.problems
        ],
        "endless": [list(case) for case in walked.endless],
        "shortest": walked.shortest,
        "longest": walked.longest,
    }


def _failures(failures: "Failures") -> dict[str, Any]:
    from orchestrate.workflow.rehearsal.rules import vacuous

    idle = vacuous(failures.matrix, failures.required)
    rules = [
        {
            "rule": rule,
            "holds": not any(breach.rule == rule for breach in failures.breaches),
            "note": idle.get(rule),
        }
        for rule in failures.required
    ]
    breaches = [breach.to_json() for breach in failures.breaches]
    matrix = failures.matrix.to_json() if failures.shown else {}
    return {"rules": rules, "breaches": breaches, **matrix}


def finding_json(finding: Diagnostic) -> dict[str, Any]:
    """An error, warning or note."""
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint,
        "file": finding.place.file,
        "line": finding.place.line,
        "column": finding.place.column,
        "length": finding.length,
        "fixable": bool(finding.fix),
    }
