"""`validate --simulate --failures`: what comes of everything that can happen to a playbook."""

from collections.abc import Sequence

from orchestrate.app import App
from orchestrate.errors import CommandError
from orchestrate.launching.identity import current_actor
from orchestrate.library.checking import Report
from orchestrate.library.failing import with_failures
from orchestrate.playbook.parameters import ENVIRONMENT, bind
from orchestrate.playbook.plan import Json, Plan
from orchestrate.playbook.undecided import undecided
from orchestrate.project.model import Environment
from orchestrate.workflow.program import Program, RunOptions
from orchestrate.workflow.rehearsal.failures import failure_matrix
from orchestrate.workflow.rehearsal.parts import ReadsOnly
from orchestrate.workflow.rehearsal.rules import check_rules


def find_failures(app: App, report: Report, require: Sequence[str], *, shown: bool) -> Report:
    """The report with the failure matrix and what breaks the rules: those given, those of the
    environment, or else those of `orchestrate.toml`. `shown`: the matrix itself is wanted, too.

    Raises UsageError for a rule that does not exist.
    """
    rules = (*require, *_configured(app, report.environment))
    if report.plan is None or report.count("error") or not (shown or rules):
        return report
    program = _program(app, report.plan, report.environment)
    matrix = failure_matrix(program, _reads_only(app, report.environment))
    return with_failures(report, matrix, rules, shown=shown)


def _configured(app: App, environment: Environment) -> tuple[str, ...]:
    there = environment.rehearsal_require
    if there is not None:
        file = str(environment.path.relative_to(app.project.root)) if environment.path else ""
        check_rules(there, f"{file}, rehearsal.require:")
        return there
    rules = app.project.settings.rehearsal_require
    check_rules(rules, "orchestrate.toml, [rehearsal] require:")
    return rules


def _program(app: App, plan: Plan, environment: Environment) -> Program:
    """The playbook with what is known before it runs; what is not is undecided."""
    declared = {parameter.name for parameter in plan.parameters}
    supplied: dict[str, Json] = {
        parameter.name: undecided(parameter.name)
        for parameter in plan.parameters
        if parameter.required and parameter.name != ENVIRONMENT
    }
    supplied |= {n: value for n, value in environment.parameters.items() if n in declared}
    secret = {parameter.name for parameter in plan.parameters if parameter.secret}
    values = bind(plan, supplied, environment.name)
    return Program(
        undecided("run.id"),
        plan,
        {name: value for name, value in values.items() if name not in secret},
        environment.name,
        environment.variables,
        {name: undecided(f"env.{name}") for name in plan.env_names},
        current_actor(),
        RunOptions(max_parallel=app.project.settings.max_parallel),
    )


def _reads_only(app: App, environment: Environment) -> ReadsOnly:
    registry = app.registry_in(environment)

    def reads_only(words: tuple[str, ...]) -> bool:
        try:
            return registry.resolve(words).read_only
        except CommandError:  # the check of the playbook tells of it
            return False

    return reads_only
