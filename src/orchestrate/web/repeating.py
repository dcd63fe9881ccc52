"""Requests that were answered before, told by their idempotency keys: whatever has become of the
playbook since, they get the same answer.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import PurePath
from typing import NamedTuple

from orchestrate.access.rights import Scope
from orchestrate.errors import ConflictError, NotFoundError, OrchestrateError, UsageError
from orchestrate.intake import ENVIRONMENT, Call, check_call, values_for
from orchestrate.library.catalogue import FOLDER
from orchestrate.library.plans import FALLBACK_ENVIRONMENT
from orchestrate.playbook.parameters import bind
from orchestrate.playbook.plan import Json, Plan
from orchestrate.web.engines import Engines
from orchestrate.web.identity import Caller
from orchestrate.workflow.engine import Engine, Summary

_KEY = "api/"
"""Begins the keys that come from here, so that none is taken for that of a schedule's slot."""


class Asked(NamedTuple):
    """What comes with a key."""

    playbook: str
    """Any name that it can be asked for by, or its path in the project."""
    environment: str | None
    values: Mapping[str, Json]


def kept(key: str) -> str:
    """A key as it is kept."""
    return f"{_KEY}{key}"


def repeated(engines: Engines, caller: Caller, key: str | None, asked: Asked) -> str | None:
    """The workflow that the key was answered with, if it was. Raises ForbiddenError, and
    ConflictError if something else was asked for then.
    """
    if key is None:
        return None
    caller.rights.demand(Scope.RUN, asked.environment)
    with engines.looking() as engine:
        try:
            workflow = engine.made_for(kept(key))
        except OrchestrateError:
            return None  # whoever makes one waits for what is needed, or says what is missing
        if workflow is None:
            return None
        summary = engine.get(workflow)
        if not caller.rights.reach(summary.environment, summary.playbook):
            return None  # it is refused like any other
        check_call(summary, _call(engines, engine, summary, key, asked))
    return workflow


def check_visible(caller: Caller, key: str, earlier: Summary) -> None:
    """Raises ConflictError, which tells nothing of a workflow that is beyond somebody's rights."""
    if not caller.rights.reach(earlier.environment, earlier.playbook):
        raise ConflictError(f"the key {key} belongs to another call", hint="Use another key.")


def _call(engines: Engines, engine: Engine, summary: Summary, key: str, asked: Asked) -> Call:
    """What is asked for, as the plan of that workflow understands it."""
    plan = engine.plan(summary.id)
    environment = asked.environment or _usual_environment(plan)
    fixed: Mapping[str, Json] = {}
    with suppress(NotFoundError):
        fixed = engines.app.environment(environment).parameters
    try:
        bound = bind(plan, values_for(plan, fixed, asked.values, None), environment)
    except UsageError:
        # It was given what this plan does not take, or the environment's file is gone.
        bound = {**summary.parameters, **asked.values}
    secret = {parameter.name for parameter in plan.parameters if parameter.secret}
    parameters = {name: value for name, value in bound.items() if name not in secret}
    playbook = plan.name if asked.playbook in _names(plan) else asked.playbook
    return Call(key, playbook, environment, parameters)


def _names(plan: Plan) -> tuple[str, ...]:
    file = plan.sources[0].path
    path = PurePath(file)
    return plan.name, file, path.stem, str(path.with_suffix("")).removeprefix(f"{FOLDER}/")


def _usual_environment(plan: Plan) -> str:
    for parameter in plan.parameters:
        if parameter.name == ENVIRONMENT and isinstance(parameter.default, str):
            return parameter.default
    return FALLBACK_ENVIRONMENT
