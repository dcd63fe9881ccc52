"""Findings for people: each with its line and a caret, then one line that sums up."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from orchestrate.cli.console import out
from orchestrate.cli.formats import counted, duration
from orchestrate.cli.reports import changes
from orchestrate.cli.style import Style, style_of
from orchestrate.library.checking import Report
from orchestrate.library.dependencies.model import FOUND, MISSING, UNCHECKED, Dependency

if TYPE_CHECKING:
    from orchestrate.workflow.rehearsal.walk import Walked

_SHOWN_STEPS = 12
_STATES = {FOUND: "succeeded", MISSING: "failed", UNCHECKED: "unknown"}


def write(reports: Sequence[Report]) -> None:
    """Everything that was found."""
    style = style_of(out)
    for report in reports:
        if report.changes is not None:
            changes.write(out, report.file, report.changes)
        for finding in report.findings:
            out.line(report.diagnostics.render(finding))
        if report.dependencies is not None:
            _write_dependencies(report.dependencies, style)
        if report.simulation is not None:
            _write_simulation(report.simulation)
        if report.failures is not None and report.failures.shown:
            from orchestrate.cli.failure_table import write_failures

            write_failures(out, report.failures)
        out.line(_verdict(report, style))
    if len(reports) != 1:
        out.line(_summary(reports))


def _write_dependencies(dependencies: Sequence[Dependency], style: Style) -> None:
    """What the playbook needs, found or missing."""
    widest = max((len(each.kind) for each in dependencies), default=0)
    longest = max((len(each.name) for each in dependencies), default=0)
    for each in dependencies:
        mark = style.mark(_STATES[each.status])
        line = f"{mark} {each.kind:{widest}}  {each.name:{longest}}  {each.detail}".rstrip()
        out.line(line if each.status == FOUND else f"{line}  ({each.place})")


def _write_simulation(walked: "Walked") -> None:
    """What all ways through the playbook have in common, and where they end."""
    ends = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in walked.states.items())
    left = f"; at least {walked.left} more were not walked" if walked.left else ""
    out.line(f"{counted(walked.walks, 'way')} through it: {ends or 'none ends'}{left}")
    if walked.order:
        more = f", … ({len(walked.order)} in all)" if len(walked.order) > _SHOWN_STEPS else ""
        out.line(f"usually: {', '.join(walked.order[:_SHOWN_STEPS])}{more}")
    if walked.longest:
        out.line(f"takes {duration(walked.shortest)} to {duration(walked.longest)}")


def _verdict(report: Report, style: Style) -> str:
    mark = style.mark("failed" if report.count("error") else "succeeded")
    protected = " (protected)" if report.environment.protected else ""
    where = f"{report.file} in {report.environment.name}{protected}"
    return f"{mark} {where}: {_counts([report]) or 'valid'}"


def _summary(reports: Sequence[Report]) -> str:
    wrong = sum(report.count("error") > 0 for report in reports)
    invalid = f", {wrong} invalid" if wrong else ", all valid"
    counts = _counts(reports)
    return f"{counted(len(reports), 'playbook')}{invalid}{': ' if counts else ''}{counts}"


def _counts(reports: Sequence[Report]) -> str:
    numbers = {
        severity: sum(report.count(severity) for report in reports)
        for severity in ("error", "warning", "note")
    }
    return ", ".join(counted(number, severity) for severity, number in numbers.items() if number)
