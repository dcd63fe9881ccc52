"""Why a workflow is not made at all, in words: the same on every engine."""

from collections.abc import Callable

from orchestrate.errors import ConflictError
from orchestrate.workflow.admitting import REQUIRED_SUCCESS, unmet
from orchestrate.workflow.engine import NewWorkflow


def refuse_unmet(new: NewWorkflow, succeeded: Callable[[str], bool]) -> None:
    """Raise ConflictError unless the playbook has succeeded in every environment where it must have
    before, as `succeeded` tells.
    """
    if not new.plan.require_success_in or REQUIRED_SUCCESS in new.overrides:
        return
    missing = unmet(new.plan, new.environment, succeeded)
    if not missing:
        return
    where = " and ".join(missing)
    runs = " and ".join(
        f"`orchestrate run --playbook {new.plan.name} --environment {name}`" for name in missing
    )
    raise ConflictError(
        f"{new.plan.name} as it is now (digest {new.plan.digest[:12]}) has not succeeded in "
        f"{where}, which it must before it runs in {new.environment}",
        hint=f"Run it there first: {runs}; or say why not: --override-required-success REASON.",
    )


def halted(reason: str) -> ConflictError:
    """New workflows are held or frozen, and this one does not wait."""
    return ConflictError(
        f"no new workflows begin: {reason}",
        hint="Let it wait with --wait, or go past it: --override-freeze REASON.",
    )


def left_out(other: str, group: str) -> ConflictError:
    """Another one of its group, named with its state, is not over, and its playbook says `skip`."""
    return ConflictError(
        f"{other} of the group {group} is not over, so this one is left out",
        hint="Its playbook says `overlap: skip`. Start it again when that has ended.",
    )
