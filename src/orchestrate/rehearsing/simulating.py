"""`validate --simulate`: every way through a playbook, and how long it takes."""

from orchestrate.app import App
from orchestrate.launching.identity import current_actor
from orchestrate.library.checking import Report
from orchestrate.library.simulating import values_to_try, with_simulation
from orchestrate.playbook.parameters import ENVIRONMENT
from orchestrate.playbook.plan import Json, Plan
from orchestrate.playbook.undecided import undecided
from orchestrate.project.model import Environment
from orchestrate.rehearsing.estimates import earlier_durations
from orchestrate.workflow.program import Program, RunOptions
from orchestrate.workflow.rehearsal.walk import Walked, walk


def simulate(app: App, report: Report) -> Report:
    """The report with what all walks through the playbook found."""

    def walk_all(plan: Plan) -> Walked:
        values = values_to_try(plan)
        given = report.environment.parameters
        for name in values.keys() & given.keys():
            values[name] = [given[name], *(v for v in values[name] if v != given[name])]
        if ENVIRONMENT in values:
            values[ENVIRONMENT] = [report.environment.name]
        usual = {name: choices[0] for name, choices in values.items()}
        program = _program(app, plan, report.environment, usual)
        several = {name: choices for name, choices in values.items() if len(choices) > 1}
        return walk(program, earlier_durations(app, plan.name).seconds, several)

    return with_simulation(report, walk_all)


def _program(
    app: App, plan: Plan, environment: Environment, parameters: dict[str, Json]
) -> Program:
    return Program(
        "",
        plan,
        parameters,
        environment.name,
        environment.variables,
        {name: undecided(f"env.{name}") for name in plan.env_names},
        current_actor(),
        RunOptions(max_parallel=app.project.settings.max_parallel),
    )
