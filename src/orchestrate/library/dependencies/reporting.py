"""What a playbook needs becomes part of its report: missing things are findings."""

from collections.abc import Mapping

from orchestrate.commands.registry import Registry
from orchestrate.library.checking import Report
from orchestrate.library.dependencies.gathering import Options, gather
from orchestrate.library.dependencies.model import MISSING, Dependency
from orchestrate.playbook.diagnostics import Diagnostic

_CALLED = ("command", "program")


def with_dependencies(
    report: Report, registry: Registry, env: Mapping[str, str], timeout: float | None
) -> Report:
    """The report with what the playbook needs; nothing is looked for if the playbook is wrong.

    `timeout`: seconds for each host; None asks none.
    """
    if report.plan is None:
        return report._replace(dependencies=())
    options = Options(env, timeout is None, timeout or 0.0, report.calls)
    dependencies = gather(report.plan, registry, options)
    known = {found.place for found in report.findings if found.rule == "command-not-found"}
    missing = (
        _finding(each)
        for each in dependencies
        if each.status == MISSING and not (each.kind in _CALLED and each.place in known)
    )
    findings = sorted(
        (*map(_stricter, report.findings), *missing),
        key=lambda found: (found.place, found.severity),
    )
    return report._replace(findings=tuple(findings), dependencies=dependencies)


def _stricter(found: Diagnostic) -> Diagnostic:
    """A program that is not on this machine is an error where this machine is asked about."""
    return found._replace(severity="error") if found.rule == "command-not-found" else found


def _finding(dependency: Dependency) -> Diagnostic:
    kind, name, detail = dependency.kind, dependency.name, dependency.detail
    return Diagnostic(
        "missing-dependency",
        "error" if dependency.required else "warning",
        detail if f"`{name}`" in detail else f"{kind} `{name}`: {detail}",
        dependency.place,
        dependency.hint,
    )
