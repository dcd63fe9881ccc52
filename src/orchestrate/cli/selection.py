"""Which workflow is meant: an id, or `current`.

`current` is the only workflow on which the verb is legal now. For `resume` it is the only one that
is paused, waiting, in need of attention or without its owner, else the newest of all if it failed.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from orchestrate.cli.formats import standing
from orchestrate.errors import ConflictError, NotFoundError, OrchestrateError
from orchestrate.playbook.diagnostics import nearest
from orchestrate.workflow.engine import Engine, Filter, Summary
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.standing import OPEN, open_workflows

CURRENT = "current"

Legal = Callable[[Summary], bool]


def can_pause(which: Summary) -> bool:
    """Pause needs a workflow that runs."""
    return which.state is State.RUNNING and not which.owner_lost


def can_resume(which: Summary) -> bool:
    """Resume needs one that stands still but is not over."""
    still = (State.PAUSED, State.WAITING, State.NEEDS_ATTENTION)
    return which.state in still or which.owner_lost


def is_open(which: Summary) -> bool:
    """Cancel and complete need one that is not over."""
    return which.state in OPEN


def select(engine: Engine, wanted: str, verb: str, legal: Legal) -> str:
    """The id of the workflow that is meant; raises ConflictError with the list if several are."""
    if wanted != CURRENT:
        return known(engine, wanted)
    candidates = [which for which in open_workflows(engine) if legal(which)]
    if not candidates:
        raise NotFoundError(
            f"there is no workflow to {verb} now",
            hint="`orchestrate status` lists the workflows; name one with --workflow ID.",
        )
    if len(candidates) > 1:
        raise _several(candidates)
    return candidates[0].id


def select_to_resume(engine: Engine, wanted: str, *, yes: bool = False) -> str:
    """As `select`; if nothing stands still, `current` is the newest workflow if that failed. With
    `yes` it may be the newest failed one although others came after it.
    """
    if wanted != CURRENT or any(can_resume(which) for which in open_workflows(engine)):
        return select(engine, wanted, "resume", can_resume)
    failed = engine.find(Filter(states=(State.FAILED,), limit=1))
    if not failed:
        return select(engine, wanted, "resume", can_resume)
    newest = engine.find(Filter(limit=1))[0]
    if newest.id != failed[0].id and not yes:
        old = failed[0]
        raise ConflictError(
            f"the last workflow that failed is {old.id} ({old.playbook}), but after it came "
            f"{newest.id} ({newest.playbook}), which {standing(newest.state)}",
            hint=f"If {old.id} is meant, say so: `orchestrate resume --workflow {old.id}`, "
            "or `--yes`.",
        )
    return failed[0].id


@contextmanager
def about(workflow: str) -> Generator[None]:
    """Errors say which workflow was meant, which `current` does not."""
    try:
        yield
    except OrchestrateError as error:
        if workflow not in error.message:
            error.message = f"{workflow}: {error.message}"
        raise


def select_any(engine: Engine, wanted: str) -> str:
    """For verbs that only read: `current` is the only open workflow, else the newest one."""
    if wanted != CURRENT:
        return known(engine, wanted)
    candidates = open_workflows(engine) or list(engine.find(Filter(limit=1)))
    if not candidates:
        raise NotFoundError(
            "there is no workflow yet", hint="Start one: `orchestrate run --playbook NAME`."
        )
    if len(candidates) > 1:
        raise _several(candidates)
    return candidates[0].id


def known(engine: Engine, workflow: str) -> str:
    """The id as it is; raises NotFoundError naming the nearest one."""
    try:
        return engine.get(workflow).id
    except NotFoundError as error:
        recent = [which.id for which in engine.find(Filter(limit=200))]
        near = nearest(workflow.upper(), recent)
        hint = f"Did you mean {near}? " if near else ""
        hint += "`orchestrate status --all` lists every workflow."
        raise NotFoundError(f"there is no workflow {workflow}", hint=hint) from error


def _several(candidates: Sequence[Summary]) -> ConflictError:
    lines = [f"  {which.id}  {which.state}  {which.playbook}" for which in candidates[:20]]
    return ConflictError(
        f"`current` could be any of {len(candidates)} workflows",
        hint="\n".join(["Name one of them by its id:", *lines]),
    )
