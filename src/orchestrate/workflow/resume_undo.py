"""Transactions whose undoing has begun, for those who resume: none of their steps counts any more.

What was undone altogether runs again from its start, or not at all. What is half undone is undone
to its end first: nothing else may be done with it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrate.errors import ConflictError
from orchestrate.playbook.plan import Plan, Step
from orchestrate.workflow import paths
from orchestrate.workflow.engine import ResumeLine
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.history import UNDO
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.parking import COMPENSATION
from orchestrate.workflow.state import WorkflowView
from orchestrate.workflow.structure import locate
from orchestrate.workflow.tries import Tries
from orchestrate.workflow.views import PARKED

_SETTLED = frozenset((str(Status.SUCCEEDED), str(Status.SKIPPED)))


class UndoneTransaction(NamedTuple):
    """`path` is the step, `body` the try of it that is undone. `effects`: the steps to undo, the
    last to finish first (the first thousand of them). `settled`: those about which nothing is left
    to do. `over`: nothing is left to do at all.
    """

    path: str
    body: str
    because: str
    effects: tuple[str, ...]
    settled: frozenset[str]
    over: bool


def undone_transactions(view: WorkflowView, events: Sequence[Event]) -> list[UndoneTransaction]:
    """All of a workflow, the outer ones first. A try after which there was another is history."""
    found: list[UndoneTransaction] = []
    if not view.undone:
        return found
    decisions = {
        event.path: event.data["value"]
        for event in events
        if event.type is EventType.DECIDED and event.seq == view.undone.get(event.path)
    }
    settled = dict(_settled(view, events))
    tries = Tries(view.steps)
    # The inner ones first: what is half undone inside is half undone as a whole.
    for body in sorted(decisions, key=len, reverse=True):
        path = body if body in view.steps else paths.parent(body)
        if body != tries.latest(path):
            continue
        value = decisions[body]
        assert isinstance(value, Mapping)
        listed = value.get("paths")
        effects = tuple(map(str, listed)) if isinstance(listed, list | tuple) else ()
        if len(effects) == value["steps"]:
            done = frozenset(effect for effect in effects if effect in settled)
        else:
            since = view.undone[body]
            done = frozenset(
                effect
                for effect, seq in settled.items()
                if seq > since and effect.startswith(f"{body}/")
            )
        inside = all(other.over for other in found if other.path.startswith(f"{body}/"))
        over = inside and len(done) >= _count(value["steps"])
        found.append(UndoneTransaction(path, body, str(value["because"]), effects, done, over))
    return found[::-1]


def _settled(view: WorkflowView, events: Iterable[Event]) -> Iterator[tuple[str, int]]:
    """Steps that were undone, or left by decision, with the position of that."""
    for event in events:
        if event.type is EventType.STEP_FINISHED and event.data.get("kind") == COMPENSATION:
            step = view.steps.get(event.path)
            if step is not None and step.state in _SETTLED:
                yield paths.parent(event.path), event.seq


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def around(transactions: Iterable[UndoneTransaction], path: str) -> UndoneTransaction | None:
    """The outermost of these that `path` is, or is in."""
    for transaction in transactions:
        if paths.within(path, transaction.path):
            return transaction
    return None


def refuse_inside(transactions: Iterable[UndoneTransaction], path: str) -> None:
    """Raises ConflictError if somebody wants to resume from the middle of one of these."""
    found = around(transactions, path)
    if found is None or (found.over and path == found.path):
        return
    if not found.over:
        raise half_undone(found)
    raise ConflictError(
        f"{path} is in the transaction {found.path}, which was undone ({found.because})",
        hint=f"its start is the only place to resume from: --from-step {found.path}",
    )


def refuse_checkpoint(
    transactions: Iterable[UndoneTransaction], checkpoint: str, then: WorkflowView
) -> None:
    """Raises ConflictError if `checkpoint` (the view at it is `then`) lies inside one of these."""
    for transaction in transactions:
        step = then.steps.get(transaction.path)
        if step is not None and not step.finished:
            raise ConflictError(
                f"{checkpoint} was taken in the transaction {transaction.path}, "
                f"which was undone ({transaction.because})",
                hint="take an earlier checkpoint, or resume without one: "
                "the transaction then runs again from its start",
            )


def half_undone(transaction: UndoneTransaction) -> ConflictError:
    """The error for somebody who wants something else of it than that it be undone."""
    return ConflictError(
        f"the transaction {transaction.path} is half undone ({transaction.because})",
        hint="resume without options first: what is left is undone, and nothing else done with it",
    )


def undo_lines(
    transaction: UndoneTransaction, view: WorkflowView, resolved: Mapping[str, str]
) -> Iterator[ResumeLine]:
    """What a resume does about a half-undone transaction."""
    running = tuple(view.running.values())
    waiting = [path for path, step in view.steps.items() if step.state == PARKED]
    for effect in transaction.effects:
        prefix = paths.join(effect, paths.COMPENSATE)
        if effect in transaction.settled:
            yield ResumeLine(prefix, "reuse", view.steps[prefix].state)
            continue
        flying = next((path for path in running if paths.within(path, prefix)), None)
        parked = next((path for path in reversed(waiting) if paths.within(path, prefix)), None)
        if flying is not None:
            yield ResumeLine(flying, "attach", "was running")
        elif parked is not None and parked in resolved:
            yield ResumeLine(parked, resolved[parked], "decided now")
        elif parked is not None:
            yield ResumeLine(parked, "decide", _message(view, parked))
        else:
            yield ResumeLine(prefix, UNDO, transaction.because)


def behind(plan: Plan, transaction: UndoneTransaction) -> Iterator[str]:
    """What follows it in its sequences, and does not run if it ends with its undoing."""
    located = locate(plan, transaction.path)
    for place in reversed(located.places if located is not None else ()):
        if _goes_on(place.step, place.path, transaction):
            return
        for sibling in place.siblings[place.position + 1 :]:
            yield paths.join(place.prefix, sibling.key)


def ends_undone(plan: Plan, transaction: UndoneTransaction) -> bool:
    """Whether nothing follows once it is undone: no further try, and nobody tolerates it."""
    located = locate(plan, transaction.path)
    return located is not None and not any(
        _goes_on(place.step, place.path, transaction) for place in located.places
    )


def _goes_on(step: Step, path: str, transaction: UndoneTransaction) -> bool:
    attempts = step.retry.attempts
    if step.continue_on_error or not isinstance(attempts, int):
        return True
    if path == transaction.path:
        return transaction.body != paths.retried(path, attempts)
    return attempts != 1


def _message(view: WorkflowView, path: str) -> str:
    return next((parked.message for (p, _), parked in view.parked.items() if p == path), "")
