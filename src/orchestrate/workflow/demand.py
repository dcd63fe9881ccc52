"""How much of which capacity a plan asks for: what a claim comes to together with those around it,
and the most that is taken at once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from orchestrate.errors import Place
from orchestrate.playbook.expressions import ExpressionError, evaluate
from orchestrate.playbook.nesting import body
from orchestrate.playbook.plan import Expression, ForEach, Json, Parallel, Plan, Step, SubPlaybook

_Amounts = Mapping[str, int]
Sizes: TypeAlias = Callable[["int | Expression"], int | None]
"""The value of an amount, or None if it is not known before the step begins."""


class Demand(NamedTuple):
    """One claim: what it asks for, and how much of that is held around it already."""

    place: Place
    resource: str
    amount: int
    around: int


def known_sizes(lookup: Callable[[str], Json]) -> Sizes:
    """Amounts as far as names have values: `lookup` as for `evaluate`."""

    def size(amount: int | Expression) -> int | None:
        if isinstance(amount, int):
            return amount
        try:
            value = evaluate(amount, lookup)
        except (ExpressionError, KeyError):
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return int(value) if value >= 1 else None

    return size


def literal_size(amount: int | Expression) -> int | None:
    """An amount that is written as a number."""
    return amount if isinstance(amount, int) else None


def demands(plan: Plan, size: Sizes = literal_size) -> Iterator[Demand]:
    """Every claim of a plan of which the amount is known, those of sub-playbooks included."""
    place = plan.steps[0].place._replace(line=1, column=1) if plan.steps else None
    yield from _of_plan(plan, place, {}, size)


def _of_plan(plan: Plan, place: Place | None, around: _Amounts, size: Sizes) -> Iterator[Demand]:
    own = _sized(plan, size)
    if place is not None:
        yield from _claims(place, own, around)
    for steps in (plan.steps, plan.on_failure, plan.on_success, plan.always):
        yield from _of_steps(steps, _added(around, own), size)


def _of_steps(steps: Sequence[Step], around: _Amounts, size: Sizes) -> Iterator[Demand]:
    for step in steps:
        own = _sized(step, size)
        yield from _claims(step.place, own, around)
        held = _added(around, own)
        if isinstance(step.action, SubPlaybook):
            # Names inside are those of the other playbook: only numbers are known there.
            yield from _of_plan(step.action.plan, step.place, held, literal_size)
        for inside in (*body(step), step.on_failure, step.on_success, step.always):
            yield from _of_steps(inside, held, size)
        # What undoes a step runs after the step gave back what it had.
        yield from _of_steps(step.compensate, around, size)


def _claims(place: Place, own: _Amounts, around: _Amounts) -> Iterator[Demand]:
    for name, amount in own.items():
        yield Demand(place, name, amount, around.get(name, 0))


def peak(plan: Plan, size: Sizes = literal_size) -> dict[str, int]:
    """The most of each resource that a plan takes at once, with all branches and as many iterations
    as `max_parallel` lets run together. What is not known counts as nothing.
    """
    parts = (plan.steps, plan.on_failure, plan.on_success, plan.always)
    inside = _most(_peak_of(step, size) for steps in parts for step in steps)
    return _added(_sized(plan, size), inside)


def _peak_of(step: Step, size: Sizes) -> dict[str, int]:
    handlers = (*step.on_failure, *step.on_success, *step.always)
    held = _most((_body(step, size), *(_peak_of(each, size) for each in handlers)))
    undoing = (_peak_of(each, size) for each in step.compensate)
    return _most((_added(_sized(step, size), held), *undoing))


def _body(step: Step, size: Sizes) -> dict[str, int]:
    match step.action:
        case Parallel(branches=branches, max_parallel=limit):
            parts = [_most(_peak_of(each, size) for each in branch.steps) for branch in branches]
            return _together(parts, None if limit is None else size(limit))
        case ForEach(items=items, steps=steps, max_parallel=limit):
            at_once = 1 if limit is None else size(limit) or 1
            if isinstance(items, Sequence) and not isinstance(items, str | Expression):
                at_once = min(at_once, len(items))
            one = _most(_peak_of(each, size) for each in steps)
            return {name: amount * at_once for name, amount in one.items()}
        case SubPlaybook(plan=plan):
            return peak(plan)
        case _:
            return _most(_peak_of(each, size) for steps in body(step) for each in steps)


def _together(parts: Sequence[_Amounts], limit: int | None) -> dict[str, int]:
    """Of what runs at once: of each resource the largest `limit` parts."""
    names = dict.fromkeys(name for part in parts for name in part)
    return {
        name: sum(sorted((part.get(name, 0) for part in parts), reverse=True)[:limit])
        for name in names
    }


def _sized(owner: Plan | Step, size: Sizes) -> dict[str, int]:
    sized = ((name, size(amount)) for name, amount in owner.resources)
    return {name: amount for name, amount in sized if amount is not None}


def _added(one: _Amounts, other: _Amounts) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}


def _most(parts: Iterable[_Amounts]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in parts:
        for name, amount in part.items():
            found[name] = max(found.get(name, 0), amount)
    return found
