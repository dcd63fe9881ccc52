"""Every step of a playbook with where it stands: what contains it, and what comes after it."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple, cast

from orchestrate.playbook.plan import Branch, Plan, Step, SubPlaybook

HANDLERS = frozenset(("on_failure", "always", "compensate"))
"""Lists that run because something went wrong, or whatever happens."""


class Located(NamedTuple):
    """A step, and where it stands."""

    step: Step
    parent: "Located | None"
    """The step that contains it."""
    role: str
    """Which list of its parent (or of the plan) it stands in: steps, then, otherwise, on_failure,
    on_success, always, compensate."""
    siblings: tuple[Step, ...]
    """The list that it stands in."""
    position: int

    @property
    def following(self) -> tuple[Step, ...]:
        """What comes after it in its list."""
        return self.siblings[self.position + 1 :]

    def around(self) -> Iterator["Located"]:
        """The step itself, then what contains it, from the inside out."""
        at: Located | None = self
        while at is not None:
            yield at
            at = at.parent

    @property
    def handles(self) -> bool:
        """Whether it is part of a handler that runs after a failure, or of a compensation."""
        return any(each.role in HANDLERS for each in self.around())


def walk(plan: Plan) -> Iterator[Located]:
    """Every step of a plan in written order."""
    for role in ("steps", "on_failure", "on_success", "always"):
        yield from _sequence(getattr(plan, role), None, role)


def inner(step: Step) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """The lists of steps inside a step, those of its action first.

    They are found by their types, so that a new kind of step needs no change here.
    """
    if not isinstance(step.action, SubPlaybook):
        yield from _lists(step.action)
    yield from _lists(step)


def descend(steps: tuple[Step, ...]) -> Iterator[Step]:
    """These steps and all inside them, those of sub-playbooks too."""
    for step in steps:
        yield step
        for _, inside in inner(step):
            yield from descend(inside)
        if isinstance(step.action, SubPlaybook):
            plan = step.action.plan
            for part in (plan.steps, plan.on_failure, plan.on_success, plan.always):
                yield from descend(part)


def _sequence(steps: tuple[Step, ...], parent: Located | None, role: str) -> Iterator[Located]:
    for position, step in enumerate(steps):
        located = Located(step, parent, role, steps, position)
        yield located
        for name, inside in inner(step):
            yield from _sequence(inside, located, name)


def _lists(value: Any) -> Iterator[tuple[str, tuple[Step, ...]]]:
    for index, name in _list_fields(cast("type[Any]", type(value))):
        items = cast("tuple[Any, ...]", value[index])
        if items and isinstance(items[0], Branch):
            for branch in items:
                yield "steps", branch.steps
        elif items:
            yield name, items


@cache
def _list_fields(kind: Any) -> tuple[tuple[int, str], ...]:
    """Which fields of a kind of action, or of a step, hold steps or branches, by their types."""
    return tuple(
        (index, name)
        for index, name in enumerate(kind._fields)
        if re.search(r"\b(Step|Branch)\b", str(kind.__annotations__[name]))
    )
