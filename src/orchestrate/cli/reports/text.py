"""Findings for people: each with its line and a caret, then one line that sums up."""

from orchestrate.cli.console import out
from orchestrate.cli.formats import counted
from orchestrate.cli.style import Style, style_of
from orchestrate.library.checking import Report


def write(report: Report) -> None:
    """Everything that was found in one playbook."""
    style = style_of(out)
    for finding in report.findings:
        out.line(report.diagnostics.render(finding))
    out.line(_verdict(report, style))


def _verdict(report: Report, style: Style) -> str:
    errors, warnings = len(report.diagnostics.errors), len(report.diagnostics.warnings)
    where = f"{report.file} in {report.environment.name}"
    found = [counted(errors, "error")] * bool(errors) + [counted(warnings, "warning")] * bool(
        warnings
    )
    mark = style.mark("failed" if errors else "succeeded")
    return f"{mark} {where}: {', '.join(found) or 'valid'}"
