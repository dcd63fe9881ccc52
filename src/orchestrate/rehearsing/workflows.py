"""The dry run of a workflow, with the dry runs of playbooks that its commands stand for."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orchestrate.app import App
from orchestrate.errors import OrchestrateError
from orchestrate.intake import check_commands
from orchestrate.launching.identity import current_actor
from orchestrate.library.plans import load_plan
from orchestrate.playbook.parameters import bind, parse_options
from orchestrate.playbook.plan import Json
from orchestrate.playbook.undecided import undecided
from orchestrate.rehearsing.calls import Target, target_of
from orchestrate.rehearsing.claims import Held, held_now
from orchestrate.rehearsing.estimates import Estimates, earlier_durations
from orchestrate.workflow.engine import NewWorkflow
from orchestrate.workflow.program import Program, RunOptions
from orchestrate.workflow.rehearsal.dry_run import DryRun, dry_run
from orchestrate.workflow.rehearsal.planned import SKIPPED, Problem

_DEEPEST = 8
"""A command that is a playbook that calls a command that is a playbook …"""
_MOST_INSIDE = 50
"""So many calls of such commands are followed in one playbook."""


class WorkflowRehearsal(NamedTuple):
    """What would happen. `targets` and `inside` (of commands that are playbooks) by step path."""

    new: NewWorkflow
    planned: DryRun
    estimates: Estimates
    targets: Mapping[str, Target | None]
    inside: "Mapping[str, WorkflowRehearsal]"
    problems: Sequence[Problem]
    held: Held
    """Who holds what now."""

    @property
    def can_run(self) -> bool:
        """Whether nothing is in the way whatever the steps give."""
        return all(problem.suppositions for problem in self.problems)


def rehearse_workflow(app: App, new: NewWorkflow, outer: tuple[str, ...] = ()) -> WorkflowRehearsal:
    """The dry run of a workflow that is not made. `outer`: the playbooks around it."""
    estimates = earlier_durations(app, new.plan.name)
    planned = dry_run(_program(new), estimates.seconds)
    targets: dict[str, Target | None] = {}
    inside: dict[str, WorkflowRehearsal] = {}
    problems = list(planned.problems)
    around = (*outer, new.plan.name)
    known: dict[tuple[str, tuple[str, ...]], WorkflowRehearsal] = {}
    for step in planned.steps:
        if step.call is None or step.state == SKIPPED:
            continue
        target = targets[step.path] = target_of(app, new.environment, step.call)
        if target is None:
            continue
        if target.problem:
            problems.append(Problem(step.path, target.problem, step.depends_on))
        if target.playbook is None or target.playbook in around or len(around) >= _DEEPEST:
            continue
        key = target.playbook, target.options
        try:
            if key not in known and len(known) < _MOST_INSIDE:
                known[key] = rehearse_workflow(app, _inner(app, new, *key), around)
        except OrchestrateError as error:
            problems.append(Problem(step.path, error.message, step.depends_on))
        if key in known:
            inside[step.path] = known[key]
            problems += _of_inner(step.path, step.depends_on, known[key])
    claims = planned.claimed is not None or any(step.claimed for step in planned.steps)
    held: Held = held_now(app) if claims else {}
    return WorkflowRehearsal(new, planned, estimates, targets, inside, problems, held)


def _of_inner(
    path: str, suppositions: tuple[str, ...], inner: WorkflowRehearsal
) -> Sequence[Problem]:
    return [
        Problem(
            f"{path} ({inner.new.plan.name}: {problem.path})",
            problem.message,
            (*suppositions, *problem.suppositions),
        )
        for problem in inner.problems
    ]


def _inner(app: App, new: NewWorkflow, playbook: str, options: Sequence[str]) -> NewWorkflow:
    """What the command would start. Nobody is asked for anything: a step has no terminal."""
    loaded = load_plan(app.project, new.environment, playbook)
    plan, environment = loaded.plan, loaded.environment
    declared = {parameter.name for parameter in plan.parameters}
    supplied: dict[str, Json] = {
        name: value for name, value in environment.parameters.items() if name in declared
    }
    supplied.update(parse_options(options, plan, _no_file))
    check_commands(app, plan, environment.name)
    values = bind(plan, supplied, environment.name)
    secret = {parameter.name for parameter in plan.parameters if parameter.secret}
    return NewWorkflow(
        plan=plan,
        parameters={name: value for name, value in values.items() if name not in secret},
        secret_values=new.secret_values,
        environment=environment.name,
        variables=environment.variables,
        env={name: app.env[name] for name in plan.env_names if name in app.env},
        actor=current_actor(),
        options=RunOptions(max_parallel=app.project.settings.max_parallel),
    )


def _no_file(name: str) -> Json:
    return undecided(name)


def _program(new: NewWorkflow) -> Program:
    return Program(
        "", new.plan, new.parameters, new.environment, new.variables, new.env, new.actor,
        new.options,
    )  # fmt: skip
