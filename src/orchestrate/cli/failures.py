"""`orchestrate validate --simulate --failures`: what comes of everything that can happen."""

from collections.abc import Sequence

from orchestrate.app import App, current_actor
from orchestrate.cli.console import out
from orchestrate.cli.failure_table import happening, summary, write_matrix
from orchestrate.cli.formats import dump
from orchestrate.cli.style import style_of
from orchestrate.errors import CommandError, ExitCode
from orchestrate.playbook.parameters import bind
from orchestrate.playbook.plan import Json, Plan
from orchestrate.playbook.undecided import undecided
from orchestrate.project.model import Environment
from orchestrate.workflow.program import Program, RunOptions
from orchestrate.workflow.rehearsal.failures import failure_matrix
from orchestrate.workflow.rehearsal.matrix import Breach, Matrix
from orchestrate.workflow.rehearsal.parts import ReadsOnly
from orchestrate.workflow.rehearsal.rules import breaches, check_rules, vacuous


def show_failures(
    app: App, plan: Plan, environment: Environment, require: Sequence[str], *, as_json: bool
) -> int:
    """Print the failure matrix; ends with 1 if it breaks one of the rules `require`.

    Raises UsageError for a rule that does not exist.
    """
    check_rules(require)
    matrix = failure_matrix(_program(app, plan, environment), _reads_only(app, environment))
    broken = breaches(matrix, require)
    if as_json:
        out.line(dump(_as_json(plan, environment, matrix, require, broken), indent=2))
    else:
        ends = matrix.state.replace("_", " ")
        out.line(
            f"{plan.name} in {environment.name}: {summary(matrix)}; "
            f"if nothing happens it ends as {ends}"
        )
        write_matrix(out, matrix)
        _write_rules(matrix, require, broken)
    return ExitCode.FAILED if broken else ExitCode.SUCCEEDED


def _program(app: App, plan: Plan, environment: Environment) -> Program:
    """The playbook with what is known before it runs; what is not is undecided."""
    declared = {parameter.name for parameter in plan.parameters}
    supplied: dict[str, Json] = {
        parameter.name: undecided(parameter.name)
        for parameter in plan.parameters
        if parameter.required
    }
    supplied |= {n: value for n, value in environment.parameters.items() if n in declared}
    secret = {parameter.name for parameter in plan.parameters if parameter.secret}
    values = bind(plan, supplied, environment.name)
    env = {name: app.env.get(name, undecided(f"env.{name}")) for name in plan.env_names}
    return Program(
        "WF-0000-001",
        plan,
        {name: value for name, value in values.items() if name not in secret},
        environment.name,
        environment.variables,
        env,
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


def _write_rules(matrix: Matrix, require: Sequence[str], broken: Sequence[Breach]) -> None:
    style = style_of(out)
    if require:
        out.line()
    idle = vacuous(matrix, require)
    for rule in dict.fromkeys(require):
        rows = [breach for breach in broken if breach.rule == rule]
        if rule in idle:
            out.line(f"{style.mark('unknown')} {rule}: {idle[rule]}")
            continue
        mark = style.mark("failed" if rows else "succeeded")
        out.line(f"{mark} {rule}: {f'broken {_times(len(rows))}' if rows else 'holds'}")
        for breach in rows:
            row = breach.row
            out.line(f"    {row.path}, {happening(row.mishap, row.of)}: {breach.why}")


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _as_json(
    plan: Plan,
    environment: Environment,
    matrix: Matrix,
    require: Sequence[str],
    broken: Sequence[Breach],
) -> dict[str, Json]:
    return {
        "playbook": plan.name,
        "environment": environment.name,
        **matrix.to_json(),
        "notes": [
            *matrix.notes,
            *(f"{rule}: {why}" for rule, why in vacuous(matrix, require).items()),
        ],
        "required": list(dict.fromkeys(require)),
        "breaches": [breach.to_json() for breach in broken],
    }
