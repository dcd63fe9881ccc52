"""From what was typed to a request for a workflow: playbook, environment, values, permission."""

import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orchestrate.app import App, current_actor
from orchestrate.cli.console import err
from orchestrate.cli.git import GitState
from orchestrate.errors import ConflictError, NotFoundError, UsageError
from orchestrate.library.plans import Loaded, load_plan
from orchestrate.playbook.parameters import bind, convert, missing, parse_options
from orchestrate.playbook.plan import Json, Parameter, Plan
from orchestrate.workflow.engine import NewWorkflow, Summary
from orchestrate.workflow.program import RunOptions
from orchestrate.workflow.selection import check_selection

ENVIRONMENT = "environment"
"""The parameter that *is* the environment, where a playbook declares it."""


class Request(NamedTuple):
    """What somebody typed to start a workflow."""

    playbook: str
    parameters: Sequence[str]
    environment: str | None
    options: RunOptions
    yes: bool
    idempotency_key: str | None = None
    earlier: Mapping[str, Json] = {}
    """Values of the workflow that is run again; what was typed wins over them."""
    rerun_of: str | None = None


def prepare(app: App, request: Request) -> NewWorkflow:
    """Everything that is decided before a workflow exists; asks on a terminal where it may."""
    git = GitState(app.project.root)
    try:
        new = compose(app, request)
        if app.environment(new.environment).protected and not request.yes:
            confirm(f"{new.environment} is protected. Run {new.plan.name} there?")
        return new._replace(git_commit=git.commit, git_dirty=git.dirty())
    finally:
        git.close()


def compose(app: App, request: Request) -> NewWorkflow:
    """The workflow that is asked for: it could run, and nobody has agreed to it yet."""
    loaded, typed = load(app, request)
    plan, environment = loaded.plan, loaded.environment
    app.use_environment(environment)
    check_selection(plan, request.options)
    _check_place(plan, environment.name)
    supplied = values_for(plan, environment.parameters, {**request.earlier, **typed})
    parameters, secret_values = bind_values(app, plan, supplied, environment.name)
    check_commands(app, plan, environment.name)
    return NewWorkflow(
        plan=plan,
        parameters=parameters,
        secret_values=secret_values,
        environment=environment.name,
        variables=environment.variables,
        env={name: app.env[name] for name in plan.env_names if name in app.env},
        actor=current_actor(),
        options=request.options,
        idempotency_key=request.idempotency_key,
        rerun_of=request.rerun_of,
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
            f"the parameters file {name} cannot be read: {error.strerror}",
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

    try:
        return json.loads(data)
    except ValueError as error:
        raise UsageError(
            f"{name} is not JSON: {error}", hint="A file that ends with .yaml may be YAML."
        ) from error


def values_for(
    plan: Plan, environment: Mapping[str, Json], typed: Mapping[str, Json]
) -> dict[str, Json]:
    """All values by precedence; what is still missing is asked for on a terminal."""
    declared = {parameter.name for parameter in plan.parameters}
    supplied = {name: value for name, value in environment.items() if name in declared}
    supplied.update(typed)
    for parameter in missing(plan, supplied):
        if parameter.name != ENVIRONMENT and can_ask():
            supplied[parameter.name] = ask(parameter)
    return supplied


def bind_values(
    app: App, plan: Plan, supplied: Mapping[str, Json], environment: str
) -> tuple[dict[str, Json], dict[str, str]]:
    """Typed parameters without the secret ones, and every secret value."""
    from orchestrate.secrets.sources import resolve

    bound = dict(bind(plan, supplied, environment))
    secret_values = dict(resolve(plan.secrets, app.env)) if plan.secrets else {}
    for parameter in plan.parameters:
        if parameter.secret and parameter.name in bound:
            secret_values[parameter.name] = str(bound.pop(parameter.name))
    return bound, secret_values


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


def _check_place(plan: Plan, environment: str) -> None:
    if plan.environments is not None and environment not in plan.environments:
        raise ConflictError(
            f"{plan.name} may not run in {environment}",
            hint=f"Its `environments` are: {', '.join(plan.environments)}.",
        )


def can_ask() -> bool:
    """Whether a person is there to answer."""
    return err.is_terminal() and sys.stdin is not None and sys.stdin.isatty()


def ask(parameter: Parameter) -> Json:
    """The value of a parameter, from the terminal."""
    import click

    words = parameter.name
    if parameter.description:
        words = f"{parameter.name} ({parameter.description})"
    if parameter.choices:
        words += f" [{', '.join(str(choice) for choice in parameter.choices)}]"
    while True:
        typed = str(click.prompt(words, hide_input=parameter.secret, err=True))
        try:
            convert(parameter, typed)
        except ValueError as error:
            what = "has a value that does not fit" if parameter.secret else error
            err.line(f"{parameter.name} {what}")
        else:
            return typed


def confirm(question: str) -> None:
    """Go on only if a person says yes; without a person that takes `--yes`."""
    if not can_ask():
        raise ConflictError(question, hint="Nobody can be asked here; say `--yes`.")
    import click

    if not click.confirm(question, err=True):
        raise ConflictError("not confirmed, nothing was done", hint="Say yes, or use `--yes`.")


def resume_values(
    app: App, plan: Plan, which: Summary, parameters: Sequence[str]
) -> tuple[dict[str, Json], dict[str, str]]:
    """What `resume` is told anew: (changed parameters, typed; every secret value)."""
    typed = parse_options(parameters, plan, read_values)
    if typed.get(ENVIRONMENT, which.environment) != which.environment:
        raise UsageError(
            f"{which.id} belongs to {which.environment}, a resume cannot move it",
            hint="Start a new workflow with `orchestrate run --environment …`.",
        )
    secret_names = {parameter.name for parameter in plan.parameters if parameter.secret}
    supplied = {**which.parameters, **typed}
    for parameter in plan.parameters:
        if parameter.secret and parameter.required and parameter.name not in supplied:
            if not can_ask():
                raise UsageError(
                    f"the secret parameter {parameter.name} is not kept with a workflow",
                    hint=f"Give it again: --parameters {parameter.name}=…",
                )
            supplied[parameter.name] = ask(parameter)
    known = {parameter.name for parameter in plan.parameters}
    supplied = {name: value for name, value in supplied.items() if name in known}
    bound, secret_values = bind_values(app, plan, supplied, which.environment)
    changed = {name: bound[name] for name in typed if name in bound and name not in secret_names}
    return changed, secret_values
