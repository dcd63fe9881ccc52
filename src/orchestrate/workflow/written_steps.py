"""The steps of a plan in written order, each with its path; iterations are left out."""

from collections.abc import Iterator, Sequence

from orchestrate.playbook.plan import (
    Conditional,
    ForEach,
    Parallel,
    Plan,
    Step,
    SubPlaybook,
    Transaction,
)
from orchestrate.workflow import paths


def steps_of(plan: Plan) -> Iterator[tuple[str, Step]]:
    """Every step of a plan and of its sub-playbooks, handlers and compensations after what they
    belong to.
    """
    return _plan(plan, "", "")


def steps_in(
    steps: Sequence[Step], prefix: str = "", *, included: bool
) -> Iterator[tuple[str, Step]]:
    """These steps and what is inside them; with `included` the steps of sub-playbooks, too."""
    for step in steps:
        path = paths.join(prefix, step.key)
        yield path, step
        for inner, inside in _inside(step, path):
            yield from steps_in(inside, inner, included=included)
        if included and isinstance(step.action, SubPlaybook):
            yield from _plan(step.action.plan, path, paths.join(path, paths.PLAYBOOK))
        yield from _handlers(step, path, included=included)
        undoing = paths.join(path, paths.COMPENSATE)
        yield from steps_in(step.compensate, undoing, included=included)


def _plan(plan: Plan, prefix: str, handlers_prefix: str) -> Iterator[tuple[str, Step]]:
    yield from steps_in(plan.steps, prefix, included=True)
    yield from _handlers(plan, handlers_prefix, included=True)


def _inside(step: Step, path: str) -> Iterator[tuple[str, Sequence[Step]]]:
    """The sequences of the same playbook that a step consists of, each with its path."""
    match step.action:
        case Parallel(branches=branches):
            for branch in branches:
                yield paths.join(path, branch.key), branch.steps
        case Conditional(then=then, otherwise=otherwise):
            yield paths.join(path, paths.THEN), then
            yield paths.join(path, paths.ELSE), otherwise
        case ForEach(steps=steps) | Transaction(steps=steps):
            yield path, steps
        case _:
            pass


def _handlers(owner: Plan | Step, prefix: str, *, included: bool) -> Iterator[tuple[str, Step]]:
    for word, steps in (
        (paths.ON_FAILURE, owner.on_failure),
        (paths.ON_SUCCESS, owner.on_success),
        (paths.FINALLY, owner.always),
    ):
        yield from steps_in(steps, paths.join(prefix, word), included=included)
