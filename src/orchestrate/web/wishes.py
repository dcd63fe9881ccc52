"""From what a request holds to what is asked of the project, with the rights of whoever asks."""

import re
import time
from collections.abc import Mapping
from typing import NamedTuple

from orchestrate.access.rights import Scope
from orchestrate.app import App
from orchestrate.errors import ConflictError, NotFoundError, UsageError
from orchestrate.intake import ENVIRONMENT, Request, check_same, compose
from orchestrate.library.plans import Loaded, load_plan
from orchestrate.web.bodies import Admission, Wish
from orchestrate.web.engines import Engines
from orchestrate.web.identity import Caller
from orchestrate.web.repeating import check_visible, kept
from orchestrate.workflow.admitting import FREEZE, REQUIRED_SUCCESS
from orchestrate.workflow.program import RunOptions

_NAME = re.compile(r"[^/.~\0][^\0]*")


class Begun(NamedTuple):
    """A workflow that was asked for; `fresh`: it was not there before."""

    workflow: str
    fresh: bool


def check_name(name: str) -> str:
    """A playbook is named here, never pointed to: no paths. Raises NotFoundError."""
    parts = name.split("/")
    if (
        not _NAME.fullmatch(name)
        or "" in parts
        or ".." in parts
        or name.endswith((".yaml", ".yml"))
    ):
        raise NotFoundError(
            f"there is no playbook {name}", hint="Give its name, as `GET /playbooks` lists it."
        )
    return name


def check_environment(name: str | None) -> None:
    """Raises UsageError for what is no name of an environment."""
    if name is not None and not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}", name):
        raise UsageError(f"{name} is no environment", hint="Give its name, such as dev.")


def loaded_for(
    app: App, caller: Caller, scope: Scope, playbook: str, environment: str | None
) -> Loaded:
    """A playbook in its environment, if somebody may do that there."""
    caller.rights.demand(scope)
    caller.rights.demand(scope, environment, None)
    check_environment(environment)
    loaded = load_plan(app.project, environment, check_name(playbook))
    caller.rights.demand(scope, loaded.environment.name, loaded.plan.name)
    return loaded


def environment_of(wish: Wish) -> str | None:
    """The environment that is asked for. Raises UsageError for two of them."""
    environment, named = wish.environment, wish.parameters.get(ENVIRONMENT)
    if isinstance(named, str):
        if environment is not None and named != environment:
            raise UsageError(
                f"the environment {environment} contradicts the parameter environment={named}",
                hint="The parameter `environment` is the environment: give it once.",
            )
        environment = named
    return environment


def request_for(app: App, caller: Caller, playbook: str, wish: Wish) -> Request:
    """What is asked for. Raises ForbiddenError, and ConflictError if it is not confirmed."""
    values = dict(wish.parameters)
    environment = environment_of(wish)
    loaded = loaded_for(app, caller, Scope.RUN, playbook, environment)
    check_confirmed(app, loaded.environment.name, loaded.plan.name, yes=wish.yes)
    options = RunOptions(
        parallel=wish.parallel,
        max_parallel=wish.max_parallel or app.project.settings.max_parallel,
        checkpoint_each=wish.checkpoint,
        timeout=wish.timeout,
        only=tuple(wish.only),
        skip=tuple(wish.skip),
    )
    request = Request(playbook, (), loaded.environment.name, options, wish.yes, earlier=values)
    return admitted(request, caller, wish)


def admitted(request: Request, caller: Caller, how: Admission) -> Request:
    """With how urgent it is, past what it may go, and who asks."""
    return request._replace(
        priority=how.priority, waits=how.wait, overrides=_overrides(how),
        actor=caller.credential.name, origin=caller.origin,
    )  # fmt: skip


def begin(engines: Engines, caller: Caller, request: Request, key: str | None) -> Begun:
    """Make a workflow and have it run; with a key at most one. Raises ForbiddenError."""
    before = time.time()
    if key is not None:
        request = request._replace(idempotency_key=kept(key))
    new = compose(engines.app, request)
    # The file of what is run again may have been given another name since.
    caller.rights.demand(Scope.RUN, new.environment, new.plan.name)
    workflow = engines.desk.start(request)
    if key is None:
        return Begun(workflow, fresh=True)
    with engines.looking() as engine:
        summary = engine.get(workflow)
    check_visible(caller, key, summary)
    check_same(summary, new)
    return Begun(workflow, fresh=summary.created_at >= before)


def check_confirmed(app: App, environment: str, playbook: str, *, yes: bool) -> None:
    """Raises ConflictError for a protected environment without a yes."""
    if app.environment(environment).protected and not yes:
        raise ConflictError(
            f"{environment} is protected. Run {playbook} there?",
            hint="Confirm it with `yes: true`.",
        )


def _overrides(how: Admission) -> Mapping[str, str]:
    given = {FREEZE: how.override_freeze, REQUIRED_SUCCESS: how.override_required_success}
    for what, reason in given.items():
        if reason is not None and not reason.strip():
            raise UsageError(f"override_{what} has no reason", hint="Say why; it is kept.")
    return {what: reason for what, reason in given.items() if reason is not None}
