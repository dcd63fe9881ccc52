"""From what is asked for to a request for a workflow: playbook, environment, values, checks.

Whoever starts workflows comes through here: the command line, schedules, triggers.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from orchestrate.app import App
from orchestrate.errors import ConflictError, NotFoundError, UsageError
from orchestrate.launching.identity import current_actor
from orchestrate.library.plans import Loaded, load_plan
from orchestrate.playbook.parameters import bind, check_supplied, missing, parse_options
from orchestrate.playbook.plan import Json, Parameter, Plan
from orchestrate.processes.origin import here
from orchestrate.project.model import Environment
from orchestrate.workflow.admitting import group_of
from orchestrate.workflow.demand import demands
from orchestrate.workflow.engine import NewWorkflow, Summary
from orchestrate.workflow.notifying import Subscription
from orchestrate.workflow.program import RunOptions
from orchestrate.workflow.selection import check_selection
from orchestrate.workflow.values import early_values

Ask: TypeAlias = Callable[[Parameter], Json]
"""Has a person give a value."""
ENVIRONMENT = "environment"
"""The parameter that *is* the environment, where a playbook declares it."""


class Request(NamedTuple):
    """What somebody asks for who wants a workflow started."""

    playbook: str
    parameters: Sequence[str]
    environment: str | None
    options: RunOptions
    yes: bool
    idempotency_key: str | None = None
    earlier: Mapping[str, Json] = {}
    """Values of the workflow that is run again; what was typed wins over them."""
    rerun_of: str | None = None
    beneath: Mapping[str, Json] = {}
    """Values over which even the environment's file wins: those of a schedule or trigger."""
    actor: str | None = None
    """Who is responsible; None: the user of this process."""
    priority: str | None = None
    """None: that of the playbook."""
    waits: bool = True
    """Whether it queues while new workflows are held or frozen, instead of being refused."""
    overrides: Mapping[str, str] = {}
    """What it is let past, and why; see `workflow.admitting`."""
    origin: Mapping[str, Json] = {}
    """From where, for the audit; by default what is known of this process."""


def compose(app: App, request: Request, ask: Ask | None = None) -> NewWorkflow:
    """The workflow that is asked for: it could run, and nobody has agreed to it yet.

    `ask` is whom to ask for values that are missing; without it, all that are missing are an error.
    """
    loaded, typed = load(app, request)
    plan, environment = loaded.plan, loaded.environment
    app.use_environment(environment)
    check_selection(plan, request.options)
    _check_place(plan, environment.name)
    given = {**request.earlier, **typed}
    supplied = values_for(plan, {**request.beneath, **environment.parameters}, given, ask)
    parameters, secret_values = bind_values(app, plan, supplied, environment.name)
    check_commands(app, plan, environment.name)
    check_capacity(app, plan, parameters, loaded.environment)
    told, untold = told_of(app, plan, environment.name)
    return NewWorkflow(
        plan=plan,
        parameters=parameters,
        secret_values=secret_values,
        environment=environment.name,
        variables=environment.variables,
        env={name: app.env[name] for name in plan.env_names if name in app.env},
        actor=request.actor or current_actor(),
        options=request.options,
        idempotency_key=request.idempotency_key,
        rerun_of=request.rerun_of,
        priority=request.priority,
        group=group_of(plan, parameters, environment.name, environment.variables, app.env)
        if plan.concurrency is not None
        else None,
        waits=request.waits,
        overrides=request.overrides,
        told=told,
        untold=untold,
        origin=request.origin or here(),
    )


def load(app: App, request: Request) -> tuple[Loaded, dict[str, Json]]:
    """The plan in its environment, and the values that were typed."""
    loaded = load_plan(app.project, request.environment, request.playbook)
    typed = parse_options(request.parameters, loaded.plan, read_values)
    wanted = typed.get(ENVIRONMENT)
    if wanted is None:
        return loaded, typed
    if request.environment is not None and wanted != request.environment:
        raise UsageError(
            f"--environment {request.environment} contradicts --parameters environment={wanted}",
            hint="The playbook's parameter `environment` is the environment: give it once.",
        )
    if wanted != loaded.environment.name:
        loaded = load_plan(app.project, str(wanted), request.playbook)
    return loaded, typed


def read_values(name: str) -> Json:
    """The content of `@file.yaml` or `@file.json`."""
    from pathlib import Path

    from orchestrate.playbook.diagnostics import Diagnostics, PlaybookInvalidError
    from orchestrate.playbook.nodes import plain
    from orchestrate.playbook.reader import read

    try:
        data = Path(name).expanduser().read_bytes()
    except OSError as error:
        raise NotFoundError(
            f"the file {name} cannot be read: {error.strerror}",
            hint="After `@` comes a path, seen from the working directory.",
        ) from error
    if name.endswith(".json"):
        return _read_json(name, data)
    diagnostics = Diagnostics()
    node = read(name, data, diagnostics)
    if diagnostics.errors:
        raise PlaybookInvalidError(diagnostics)
    return None if node is None else plain(node)  # pyright: ignore[reportReturnType]


def _read_json(name: str, data: bytes) -> Json:
    import json

    from orchestrate.playbook.json_text import read_json

    try:
        return read_json(data.decode(json.detect_encoding(data)))
    except ValueError as error:
        raise UsageError(
            f"{name} is not JSON: {error}", hint="A file that ends with .yaml may be YAML."
        ) from error


def values_for(
    plan: Plan, environment: Mapping[str, Json], typed: Mapping[str, Json], ask: Ask | None
) -> dict[str, Json]:
    """All values by precedence; what is still missing is asked for, if somebody can be."""
    declared = {parameter.name for parameter in plan.parameters}
    supplied = {name: value for name, value in environment.items() if name in declared}
    supplied.update(typed)
    for parameter in missing(plan, supplied):
        if parameter.name != ENVIRONMENT and ask is not None:
            supplied[parameter.name] = ask(parameter)
    return supplied


def bind_values(
    app: App, plan: Plan, supplied: Mapping[str, Json], environment: str
) -> tuple[dict[str, Json], dict[str, str]]:
    """Typed parameters without the secret ones, and every secret value."""
    from orchestrate.secrets.sources import resolve

    check_supplied(supplied)
    bound = dict(bind(plan, supplied, environment))
    secret_values = dict(resolve(plan.secrets, app.env)) if plan.secrets else {}
    for parameter in plan.parameters:
        if parameter.secret and parameter.name in bound:
            secret_values[parameter.name] = str(bound.pop(parameter.name))
    return bound, secret_values


def values_to_resume(
    app: App, plan: Plan, which: Summary, typed: Mapping[str, Json], ask: Ask | None
) -> tuple[dict[str, Json], dict[str, str]]:
    """What a resume is told anew: (changed parameters, typed; every secret value, which are never
    kept with a workflow).
    """
    if typed.get(ENVIRONMENT, which.environment) != which.environment:
        raise UsageError(
            f"{which.id} belongs to {which.environment}, a resume cannot move it",
            hint="Start a new workflow with `orchestrate run --environment …`.",
        )
    secret_names = {parameter.name for parameter in plan.parameters if parameter.secret}
    supplied = {**which.parameters, **typed}
    for parameter in plan.parameters:
        if parameter.secret and parameter.required and parameter.name not in supplied:
            if ask is None:
                raise UsageError(
                    f"the secret parameter {parameter.name} is not kept with a workflow",
                    hint=f"Give it again: --parameters {parameter.name}=…",
                )
            supplied[parameter.name] = ask(parameter)
    known = {parameter.name for parameter in plan.parameters}
    supplied = {name: value for name, value in supplied.items() if name in known or name in typed}
    bound, secret_values = bind_values(app, plan, supplied, which.environment)
    changed = {name: bound[name] for name in typed if name in bound and name not in secret_names}
    return changed, secret_values


def edited_plan(app: App, plan: Plan, environment: str) -> Plan:
    """The playbook of a workflow as its file is now."""
    path = str(app.project.root / plan.sources[0].path)
    loaded = load_plan(app.project, environment, path)
    app.use_environment(loaded.environment)
    check_commands(app, loaded.plan, environment)
    return loaded.plan


class Call(NamedTuple):
    """What is asked for with an idempotency key."""

    key: str | None
    playbook: str
    environment: str
    parameters: Mapping[str, Json]


def check_same(earlier: Summary, new: NewWorkflow) -> None:
    """A key that was used for something else is a mistake, which must not pass for success."""
    check_call(earlier, Call(new.idempotency_key, new.plan.name, new.environment, new.parameters))


def check_call(earlier: Summary, call: Call) -> None:
    """The same of a call of which no workflow is to be made."""
    before = {"playbook": earlier.playbook, "environment": earlier.environment}
    now = {"playbook": call.playbook, "environment": call.environment}
    before, now = {**before, **earlier.parameters}, {**now, **call.parameters}
    other = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    if not other:
        return
    then = _assigned({name: before[name] for name in other if name in before})
    here_ = _assigned({name: now[name] for name in other if name in now})
    raise ConflictError(
        f"the key {call.key} belongs to {earlier.id}, which is another call: "
        f"{then or 'none of these values'} there, {here_ or 'none of these values'} here",
        hint=f"Use another key, or look at it: `orchestrate status {earlier.id}`.",
    )


def _assigned(values: Mapping[str, Json]) -> str:
    import json

    shown = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in values.items()
    }
    return " ".join(f"{name}={text}" for name, text in shown.items())


def told_of(
    app: App, plan: Plan, environment: str
) -> tuple[tuple[Subscription, ...], Mapping[str, str]]:
    """Who is told of a workflow; and which integrations are off, and why."""
    settings = app.project.settings.integrations
    if not plan.integrations and not settings.services:
        return (), {}
    from orchestrate.project.telling import choose

    # On a cluster workers deliver, whose variables nobody knows here.
    env = app.env if app.project.settings.cluster is None else None
    chosen = choose(plan, settings, environment, env)
    told = tuple(Subscription(name, events) for name, events in chosen.told.items())
    return told, chosen.untold


def check_commands(app: App, plan: Plan, environment: str) -> None:
    """Every command that the plan calls must be there before anything runs."""
    problems = app.registry(environment).check(plan)
    if not problems:
        return
    from orchestrate.library.checking import report_commands
    from orchestrate.playbook.compile import Compilation
    from orchestrate.playbook.diagnostics import Diagnostics, PlaybookInvalidError
    from orchestrate.playbook.nodes import MapNode
    from orchestrate.playbook.reader import read

    diagnostics = Diagnostics()
    documents: dict[str, MapNode] = {}
    for source in plan.sources:
        file = app.project.root / source.path
        node = read(source.path, file.read_bytes(), diagnostics) if file.is_file() else None
        if isinstance(node, MapNode):
            documents[source.path] = node
    report_commands(problems, plan, Compilation(None, diagnostics, documents))
    raise PlaybookInvalidError(diagnostics)


def check_capacity(
    app: App, plan: Plan, parameters: Mapping[str, Json], environment: Environment
) -> None:
    """What can never be had is refused before anything runs. Raises UsageError."""
    if next(demands(plan, lambda _: 1), None) is None:
        return
    from orchestrate.library.capacity import refuse_lacks

    known = early_values(plan, parameters, environment.name, environment.variables, app.env)
    refuse_lacks(dict(app.project.settings.capacity), plan, known)


def _check_place(plan: Plan, environment: str) -> None:
    if plan.environments is not None and environment not in plan.environments:
        raise ConflictError(
            f"{plan.name} may not run in {environment}",
            hint=f"Its `environments` are: {', '.join(plan.environments)}.",
        )
