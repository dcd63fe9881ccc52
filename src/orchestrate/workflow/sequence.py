"""Steps one after another, or at once where `--parallel` and `needs` allow it."""

from collections.abc import Coroutine, Sequence
from typing import Any

from orchestrate.playbook.nesting import body
from orchestrate.playbook.plan import Plan, Step, SubPlaybook
from orchestrate.workflow import paths
from orchestrate.workflow.frames import Frame, Variables
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.results import CANCELLED, Result, first_failure
from orchestrate.workflow.scope import Cancelled, Pending, Scope, run_children
from orchestrate.workflow.skipping import skipped_names
from orchestrate.workflow.steps import run_step


async def run_sequence(frame: Frame, steps: Sequence[Step], prefix: str) -> Result:
    """Run `steps` below `prefix`; what follows a failure does not run.

    The result's `children` are the results of the named steps.
    """
    inside = frame.nested(names={})
    if frame.run.program.options.parallel and may_overlap(steps):
        return await _Overlapping(inside, steps, prefix).run()
    for step in steps:
        result = await run_step(inside, step, paths.join(prefix, step.key))
        inside.show(step.name, result)
        if result.stops:
            return stopped(result, inside, steps)
    return Result(Status.SUCCEEDED, children=inside.shown)


def stopped(result: Result, inside: Frame, steps: Sequence[Step]) -> Result:
    """How a sequence ends whose step ended with `result`; what never ran shows as skipped."""
    children = {**skipped_names(steps), **inside.shown}
    if result.status is Status.CANCELLED:
        return CANCELLED._replace(children=children)
    failure = result.failure
    message = f"{failure.step}: {failure.message}" if failure else result.message
    return Result(
        Status.FAILED,
        failure.exit_code if failure else result.exit_code,
        message=message,
        failure=failure,
        children=children,
    )


def needed(steps: Sequence[Step]) -> list[frozenset[int]]:
    """For each step the positions of all that it waits for, directly or through others."""
    position = {step.key: index for index, step in enumerate(steps)}
    closures: list[frozenset[int]] = []
    for index, step in enumerate(steps):
        if step.needs is None:
            closures.append(frozenset(range(index)))
            continue
        direct = [position[key] for key in step.needs]
        closures.append(frozenset(direct).union(*(closures[other] for other in direct)))
    return closures


def may_overlap(steps: Sequence[Step]) -> bool:
    """Whether `needs` lets two of `steps` run at once."""
    if all(step.needs is None for step in steps):
        return False
    return any(len(closure) < index for index, closure in enumerate(needed(steps)))


def anything_overlaps(plan: Plan) -> bool:
    """Whether `--parallel` makes a difference anywhere in a plan."""
    return any(may_overlap(steps) for steps in _sequences(plan))


def _sequences(plan: Plan) -> list[Sequence[Step]]:
    found: list[Sequence[Step]] = []
    ahead: list[Sequence[Step]] = [plan.steps, plan.on_failure, plan.on_success, plan.always]
    while ahead:
        steps = ahead.pop()
        found.append(steps)
        for step in steps:
            ahead += [step.on_failure, step.on_success, step.always, *body(step)]
            if isinstance(step.action, SubPlaybook):
                inner = step.action.plan
                ahead += [inner.steps, inner.on_failure, inner.on_success, inner.always]
    return found


class _Overlapping:
    """Steps that start as soon as what they need has ended. After a failure nothing more starts;
    what runs is not cut off, because nobody said that it belongs together.
    """

    def __init__(self, frame: Frame, steps: Sequence[Step], prefix: str) -> None:
        self._frame = frame
        self._steps = steps
        self._prefix = prefix
        self._closures = needed(steps)
        self._missing = [set(closure) for closure in self._closures]
        self._ready: list[Pending[bool]] = [Pending() for _ in steps]
        self._writes: dict[int, Variables] = {}
        self._results: list[Result | None] = [None] * len(steps)
        self._failed = False

    async def run(self) -> Result:
        for index in range(len(self._steps)):
            self._release(index)
        children = [self._child(index) for index in range(len(self._steps))]
        await run_children(self._frame.scope, children, limit=None, ended=self._ended)
        for _, writes in sorted(self._writes.items()):
            self._frame.variables.merge(writes)
        failure = first_failure(self._results)
        if failure is not None:
            return stopped(Result(Status.FAILED, failure=failure), self._frame, self._steps)
        if any(result is None or result.stops for result in self._results):
            return stopped(CANCELLED, self._frame, self._steps)
        return Result(Status.SUCCEEDED, children=self._frame.shown)

    def _child(self, index: int) -> "_OverlappingChild":
        return _OverlappingChild(self, index)

    async def run_one(self, index: int, scope: Scope) -> Result | None:
        """Wait for what the step needs, then run it; None if it is not to run."""
        try:
            if not await scope.wait(self._ready[index]):
                return None
        except Cancelled:
            return CANCELLED
        step = self._steps[index]
        seen = self._frame.variables.layer()
        for other in sorted(self._closures[index]):
            seen.merge(self._writes.get(other))
        writes = self._writes[index] = seen.layer()
        frame = self._frame.nested(scope=scope, variables=writes)
        return await run_step(frame, step, paths.join(self._prefix, step.key))

    def _ended(self, index: int, result: Result | None) -> None:
        self._results[index] = result
        if result is None:
            return
        self._frame.show(self._steps[index].name, result)
        self._failed = self._failed or result.stops
        for other, missing in enumerate(self._missing):
            missing.discard(index)
            self._release(other)

    def _release(self, index: int) -> None:
        if self._failed:
            self._ready[index].resolve(False)  # noqa: FBT003 - the value of a Pending
        elif not self._missing[index]:
            self._ready[index].resolve(True)  # noqa: FBT003 - the value of a Pending


class _OverlappingChild:
    def __init__(self, owner: _Overlapping, index: int) -> None:
        self._owner = owner
        self._index = index

    def __call__(self, scope: Scope) -> Coroutine[Pending[Any], None, Result | None]:
        return self._owner.run_one(self._index, scope)
