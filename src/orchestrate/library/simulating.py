"""What `validate --simulate` finds: every way through a playbook is walked, and what goes wrong on
one of them for sure is a finding, with its place.
"""

from collections.abc import Callable, Iterator

from orchestrate.errors import Place
from orchestrate.library.checking import Report
from orchestrate.playbook.diagnostics import Diagnostic
from orchestrate.playbook.plan import Json, Plan
from orchestrate.playbook.undecided import undecided
from orchestrate.workflow import paths
from orchestrate.workflow.rehearsal.planned import Problem
from orchestrate.workflow.rehearsal.walk import Walked
from orchestrate.workflow.structure import locate

FAILS = "fails-in-simulation"
UNREACHED = "never-reached"
ENDLESS = "no-end"


def with_simulation(report: Report, simulate: Callable[[Plan], Walked]) -> Report:
    """The report with what `simulate` finds; a playbook with errors is not simulated."""
    plan = report.plan
    if plan is None or report.count("error"):
        return report
    walked = simulate(plan)
    findings = sorted(
        (*report.findings, *_findings(plan, walked)),
        key=lambda found: (found.place, found.severity),
    )
    return report._replace(findings=tuple(findings), simulation=walked)


def values_to_try(plan: Plan) -> dict[str, list[Json]]:
    """For each parameter: its choices, or its default and any other value, or any value."""
    found: dict[str, list[Json]] = {}
    for parameter in plan.parameters:
        if parameter.secret:
            continue
        anything = undecided(parameter.name)
        if parameter.type == "boolean":
            found[parameter.name] = [parameter.default is True, parameter.default is not True]
        elif parameter.choices:
            default = () if parameter.required else (parameter.default,)
            others = (choice for choice in parameter.choices if choice not in default)
            found[parameter.name] = [*default, *others]
        else:
            found[parameter.name] = [anything] if parameter.required else [
                parameter.default, anything
            ]  # fmt: skip
    return found


def _findings(plan: Plan, walked: Walked) -> Iterator[Diagnostic]:
    for problem in walked.problems:
        where = f"{problem.path}: " if problem.path else ""
        message = f"{where}{problem.message}"
        yield Diagnostic(FAILS, "error", message, _place(plan, problem.path), _case(problem))
    for step in walked.unreached:
        message = f"{step.path} is never reached: {step.why}"
        yield Diagnostic(UNREACHED, "note", message, _place(plan, step.path))
    for case in walked.endless[:1]:
        hint = f"this happens if {' and '.join(case)}" if case else ""
        message = "there is no end: something is waited for that never happens"
        yield Diagnostic(ENDLESS, "warning", message, _place(plan, ""), hint)


def _case(problem: Problem) -> str:
    if not problem.suppositions:
        return "this happens at every run"
    return f"this happens if {' and '.join(problem.suppositions)}"


def _place(plan: Plan, path: str) -> Place:
    """Where the step stands, or what it stands in."""
    for above in paths.ancestors(paths.static(path)):
        located = locate(plan, above)
        if located is not None:
            return located.step.place
    return Place(plan.sources[0].path, 1, 1)
