"""Everything in a plan that a scenario can exercise: steps, branches, handlers, iterations."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from orchestrate.errors import Place
from orchestrate.playbook.plan import (
    Branch,
    Command,
    Conditional,
    ForEach,
    Parallel,
    Plan,
    Script,
    Shell,
    Step,
    SubPlaybook,
    Transaction,
    Wait,
)
from orchestrate.workflow import paths

STEP = "step"
BRANCH = "branch"
HANDLER = "handler"
ITERATION = "iteration"
KINDS = (STEP, BRANCH, HANDLER, ITERATION)

_PLURALS = {BRANCH: "branches"}


def plural(kind: str) -> str:
    """The word for several of a kind."""
    return _PLURALS.get(kind, f"{kind}s")


class Target(NamedTuple):
    """Something to exercise. `path` has no iterations; `side` says which way of a decision."""

    kind: str
    path: str
    side: str
    place: Place
    step: Step | None

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.path} {self.side}" if self.side else self.path


def targets(plan: Plan) -> Iterator[Target]:
    """All of a plan, sub-playbooks included, in the order written."""
    yield from _sequence(plan.steps, "")
    yield from _handlers(plan, "")


def calls_something(step: Step) -> bool:
    """Whether attempts of it run a process, so that an outcome can be scripted."""
    match step.action:
        case Command() | Shell() | Script():
            return True
        case Wait(probe=probe):
            return probe is not None
        case _:
            return False


def _sequence(steps: Sequence[Step], prefix: str) -> Iterator[Target]:
    for step in steps:
        path = paths.join(prefix, step.key)
        yield Target(STEP, path, "", step.place, step)
        if step.when is not None:
            yield Target(BRANCH, path, "left out by its `when`", step.when.place, None)
        yield from _inside(step, path)
        yield from _handlers(step, path)


def _inside(step: Step, path: str) -> Iterator[Target]:
    match step.action:
        case Parallel(branches=branches):
            for branch in branches:
                yield from _branch(branch, paths.join(path, branch.key))
        case Conditional(then=then, otherwise=otherwise):
            for side, steps in ((paths.THEN, then), (paths.ELSE, otherwise)):
                place = steps[0].place if steps else step.place
                yield Target(BRANCH, paths.join(path, side), "", place, None)
                yield from _sequence(steps, paths.join(path, side))
        case ForEach(steps=steps):
            yield Target(ITERATION, path, "with an item", step.place, None)
            yield from _sequence(steps, path)
        case Transaction(steps=steps):
            yield from _sequence(steps, path)
        case SubPlaybook(plan=plan):
            yield from _sequence(plan.steps, path)
            yield from _handlers(plan, paths.join(path, paths.PLAYBOOK))
        case _:
            pass


def _branch(branch: Branch, path: str) -> Iterator[Target]:
    yield Target(BRANCH, path, "", branch.place, None)
    if branch.when is not None:
        yield Target(BRANCH, path, "left out by its `when`", branch.when.place, None)
    yield from _sequence(branch.steps, path)


def _handlers(owner: Plan | Step, prefix: str) -> Iterator[Target]:
    lists = {
        paths.ON_FAILURE: owner.on_failure,
        paths.ON_SUCCESS: owner.on_success,
        paths.FINALLY: owner.always,
        paths.COMPENSATE: owner.compensate if isinstance(owner, Step) else (),
    }
    for word, steps in lists.items():
        if steps:
            yield Target(HANDLER, paths.join(prefix, word), "", steps[0].place, None)
            yield from _sequence(steps, paths.join(prefix, word))
