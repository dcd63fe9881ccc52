"""Whether a new workflow may begin: pure parts of admission, which hosts apply to their stores."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from orchestrate.playbook.plan import Json, Plan
from orchestrate.playbook.templates import render
from orchestrate.workflow.values import early_values

FREEZE, REQUIRED_SUCCESS = "freeze", "required_success"
"""What can be overridden, with a reason."""
_FREE = "dev"
"""Where a playbook is tried out: nothing needs to have succeeded elsewhere before."""


class Halt(NamedTuple):
    """Nothing new begins: why, and until when (seconds since the epoch; None: nobody knows)."""

    reason: str
    until: float | None


Freezes: TypeAlias = Callable[[float, str, str], Halt | None]
"""At a moment, in an environment, for a priority."""


class Rules(NamedTuple):
    """What a project says about who may begin."""

    places: int | None = None
    """How many workflows run at once; None: any number."""
    freezes: Freezes | None = None


def group_of(
    plan: Plan,
    parameters: Mapping[str, Json],
    environment: str,
    variables: Mapping[str, Json],
    env: Mapping[str, str],
) -> str | None:
    """The group of a workflow that is about to be made, rendered with its values."""
    if plan.concurrency is None:
        return None
    known = early_values(plan, parameters, environment, variables, env)
    return str(render(plan.concurrency.group, known))


def unmet(plan: Plan, environment: str, succeeded: Callable[[str], bool]) -> tuple[str, ...]:
    """The environments in which this playbook must have succeeded before, and has not.

    Nothing is demanded where it is to be tried out: in those environments themselves, and in `dev`.
    """
    if environment == _FREE or environment in plan.require_success_in:
        return ()
    return tuple(name for name in plan.require_success_in if not succeeded(name))
