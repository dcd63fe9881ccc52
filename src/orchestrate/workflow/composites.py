"""Steps that contain steps: parallel, conditional, foreach, transaction, an included playbook."""

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from functools import partial
from typing import Any

from orchestrate.playbook.expressions import ExpressionError, evaluate_condition, supposed
from orchestrate.playbook.plan import (
    Branch,
    Conditional,
    Expression,
    ForEach,
    Json,
    Parallel,
    Step,
    SubPlaybook,
    Transaction,
)
from orchestrate.playbook.templates import render
from orchestrate.workflow import paths
from orchestrate.workflow.calling import pause_before_retry, tries_allowed
from orchestrate.workflow.calls import render_number
from orchestrate.workflow.events import EventType
from orchestrate.workflow.frames import Frame, Variables, normalise
from orchestrate.workflow.history import CANCELLED as CANCELLED_BECAUSE
from orchestrate.workflow.history import TIMEOUT
from orchestrate.workflow.kinds import kind_of
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.results import (
    CANCELLED,
    SKIPPED,
    Failure,
    Result,
    Shown,
    first_failure,
)
from orchestrate.workflow.scope import Cancelled, Pending, Scope, run_children
from orchestrate.workflow.sequence import run_sequence
from orchestrate.workflow.skipping import skipped_names

Body = Callable[[Frame, Step, str], Awaitable[Result]]


async def run_timed(frame: Frame, step: Step, path: str, body: Body) -> Result:
    """Run `body` and its retries within the step's `timeout`, counted in running time."""
    run = frame.run
    run.journal.note(EventType.STEP_STARTED, path, {"kind": kind_of(step)})
    begun = run.runtime.now()
    with frame.scope.child() as scope:
        seconds = None
        if step.timeout is not None:
            seconds = render_number(frame, step.timeout, "timeout")
            expire = partial(scope.cancel, "timed out")
            run.timers.start_deadline(path, TIMEOUT, seconds, expire)
        try:
            result = await _try(frame.nested(scope=scope), step, path, body)
        except Cancelled:
            result = CANCELLED._replace(attempts=1)
        finally:
            run.timers.clear_deadline(path, TIMEOUT)
        timed_out = result.status is Status.CANCELLED and not frame.scope.cancelled
    result = result._replace(duration=run.runtime.now() - begun)
    if timed_out and seconds is not None:
        message = f"timed out after {seconds:g} s"
        failure = Failure(path, message, None, run.journal.position)
        if result.message:
            message = f"{message}; {result.message}"
        return result._replace(status=Status.TIMED_OUT, message=message, failure=failure)
    return result


async def _try(frame: Frame, step: Step, path: str, body: Body) -> Result:
    allowed = tries_allowed(frame, step.retry)
    tries = 0
    while True:
        tries += 1
        result = await body(frame, step, paths.retried(path, tries))
        codes = step.retry.on_exit_codes
        hopeless = result.hopeless or (codes is not None and result.exit_code not in codes)
        if not result.failed or tries >= allowed or frame.scope.cancelled or hopeless:
            return result._replace(attempts=tries)
        await pause_before_retry(frame, step.retry, path, tries)


async def run_composite(frame: Frame, step: Step, path: str) -> Result:
    """One try of a step that contains steps."""
    match step.action:
        case Parallel() as action:
            return await _run_parallel(frame, action, path)
        case Conditional() as action:
            return await _run_conditional(frame, action, path)
        case ForEach() as action:
            return await _run_foreach(frame, action, path)
        case Transaction() as action:
            from orchestrate.workflow.transactions import run_transaction

            return await run_transaction(frame, action, path)
        case SubPlaybook() as action:
            from orchestrate.workflow.interpreter import run_included

            return await run_included(frame, action, path)
        case _:
            raise AssertionError(f"{kind_of(step)} contains no steps")


async def _run_conditional(frame: Frame, action: Conditional, path: str) -> Result:
    condition = action.condition
    journal = frame.run.journal
    holds = journal.decide(path, "condition", lambda: evaluate_condition(condition, frame.lookup))
    taken, left_out = (paths.THEN, paths.ELSE) if holds else (paths.ELSE, paths.THEN)
    branches = {paths.THEN: action.then, paths.ELSE: action.otherwise}
    if branches[left_out]:
        skipped: dict[str, Json] = {"status": str(Status.SKIPPED), "kind": "branch"}
        journal.note(EventType.STEP_FINISHED, paths.join(path, left_out), skipped)
    result = await run_sequence(frame, branches[taken], paths.join(path, taken))
    shown = skipped_names(branches[left_out])
    return result._replace(children={**shown, **(result.children or {})})


async def _run_parallel(frame: Frame, action: Parallel, path: str) -> Result:
    results: list[Result | None] = [None] * len(action.branches)
    layers: list[Variables | None] = [None] * len(action.branches)
    fail_fast = _FailFast(frame, path, wanted=action.fail_fast)

    async def run_branch(index: int, branch: Branch, scope: Scope) -> Result:
        layer = layers[index] = frame.variables.layer()
        inside = frame.nested(scope=scope, variables=layer)
        prefix = paths.join(path, branch.key)
        try:
            return await _run_branch(inside, branch, prefix)
        except ExpressionError as error:
            failure = Failure(prefix, error.message, None, frame.run.journal.position)
            return Result(Status.FAILED, message=error.message, failure=failure)

    def ended(index: int, result: Result) -> str | None:
        results[index] = result
        return fail_fast.why_cancel_others(result)

    limit = _limit(frame, action.max_parallel, None)
    children = [partial(run_branch, index, branch) for index, branch in enumerate(action.branches)]
    await run_children(frame.scope, children, limit=limit, ended=ended)
    for layer in layers:
        frame.variables.merge(layer)
    shown: dict[str, Shown] = {}
    for branch, result in zip(action.branches, results, strict=True):
        if branch.name:
            shown[normalise(branch.name)] = {
                **_summary(result or CANCELLED),
                **((result.children if result else None) or {}),
            }
    return _joined(frame, results, shown)


async def _run_branch(frame: Frame, branch: Branch, prefix: str) -> Result:
    when = branch.when
    journal = frame.run.journal
    if when is not None and not journal.decide(
        prefix, "when", lambda: evaluate_condition(when, frame.lookup)
    ):
        why: dict[str, Json] = {"status": str(Status.SKIPPED), "kind": "branch"}
        journal.note(
            EventType.STEP_FINISHED, prefix, {**why, "message": f"not true: {when.source}"}
        )
        return SKIPPED._replace(children=skipped_names(branch.steps))
    return await run_sequence(frame, branch.steps, prefix)


def _summary(result: Result) -> dict[str, Json]:
    return {
        "success": result.status is Status.SUCCEEDED,
        "failed": result.failed,
        "skipped": result.status is Status.SKIPPED,
        "status": str(result.status),
    }


class _FailFast:
    """Whether a failure cancels the others of a parallel or foreach; that is decided once."""

    def __init__(self, frame: Frame, path: str, *, wanted: bool) -> None:
        self._frame = frame
        self._path = path
        self._wanted = wanted

    def why_cancel_others(self, result: Result) -> str | None:
        if not self._wanted or not result.failed or self._frame.scope.cancelled:
            return None
        self._wanted = False
        failure = result.failure
        reason = f"{failure.step} failed" if failure else "another branch failed"
        journal = self._frame.run.journal
        return str(journal.decide(self._path, CANCELLED_BECAUSE, lambda: reason))


def _joined(
    frame: Frame, results: Sequence[Result | None], shown: dict[str, Shown] | None
) -> Result:
    failure = first_failure(results)
    if frame.scope.cancelled:
        return CANCELLED._replace(children=shown)
    if failure is not None:
        message = f"{failure.step}: {failure.message}"
        return Result(
            Status.FAILED, failure.exit_code, message=message, failure=failure, children=shown
        )
    return Result(Status.SUCCEEDED, children=shown)


def _limit(frame: Frame, limit: "int | Expression | None", default: int | None) -> int | None:
    if limit is None:
        return default
    return max(1, int(render_number(frame, limit, "max_parallel")))


class _Loop:
    """The iterations of a foreach. Only failures and, if something reads them, results stay."""

    def __init__(self, frame: Frame, action: ForEach, path: str, items: Sequence[Json]) -> None:
        self._frame = frame
        self._action = action
        self._path = path
        self._items = items
        self._keys = paths.iteration_keys(items)
        self._layers: dict[int, Variables] = {}
        self._fail_fast = _FailFast(frame, path, wanted=action.fail_fast)
        self.failures: list[Result] = []
        self.results: list[Shown] = [None] * len(items) if action.keep_results else []

    async def one_after_another(self) -> None:
        for index in range(len(self._items)):
            if self._frame.scope.cancelled:
                return
            result = await self._iterate(index, self._frame)
            self._keep(index, result)
            if result.failed and self._action.fail_fast:
                return
            await self._frame.run.scheduler.rest()

    async def at_once(self, limit: int) -> None:
        await run_children(self._frame.scope, self._children(), limit=limit, ended=self._ended)
        for _, layer in sorted(self._layers.items()):
            self._frame.variables.merge(layer)

    def _children(self) -> Iterator[Callable[[Scope], Coroutine[Pending[Any], None, Result]]]:
        for index in range(len(self._items)):
            yield partial(self._iterate_alone, index)

    async def _iterate_alone(self, index: int, scope: Scope) -> Result:
        layer = self._frame.variables.layer()
        result = await self._iterate(index, self._frame.nested(scope=scope, variables=layer))
        if layer.touched:
            self._layers[index] = layer
        return result

    async def _iterate(self, index: int, frame: Frame) -> Result:
        inside = frame.nested(names={normalise(self._action.variable): self._items[index]})
        prefix = paths.iteration(self._path, self._keys[index])
        return await run_sequence(inside, self._action.steps, prefix)

    def _ended(self, index: int, result: Result) -> str | None:
        self._keep(index, result)
        return self._fail_fast.why_cancel_others(result)

    def _keep(self, index: int, result: Result) -> None:
        if result.failed:
            self.failures.append(result._replace(children=None))
        if self._action.keep_results:
            self.results[index] = {**_summary(result), **(result.children or {})}


async def _run_foreach(frame: Frame, action: ForEach, path: str) -> Result:
    items = frame.run.journal.decide(path, "items", lambda: _items(frame, action))
    assert isinstance(items, Sequence)
    loop = _Loop(frame, action, path, items)
    limit = _limit(frame, action.max_parallel, 1)
    if limit == 1 or limit is None:
        await loop.one_after_another()
    else:
        await loop.at_once(limit)
    shown: dict[str, Shown] | None = {"results": loop.results} if action.keep_results else None
    return _joined(frame, loop.failures, shown)


def _items(frame: Frame, action: ForEach) -> Json:
    items = render(action.items, frame.lookup)
    if not isinstance(items, list | tuple):
        items = supposed(items, "list")
    if isinstance(items, list | tuple):
        return list(items)
    shown = repr(items)
    if len(shown) > 60:
        shown = shown[:57] + "..."
    raise ExpressionError(
        f"items must be a list, not {shown}",
        hint="write a list, or an expression that yields one",
        place=action.items.place if isinstance(action.items, Expression) else None,
    )
