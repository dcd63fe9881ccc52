"""What every picture shows: the steps of a plan, nested, with what follows on what.

A figure is a step; its groups are the lists of steps inside it or beside it (branches, `then`,
handlers). `states` of a workflow, by path, colour it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrate.library.outline import call_of, claims_of
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
from orchestrate.workflow.kinds import kind_of

_WORST = (
    "failed", "timed_out", "unknown", "needs_attention", "parked", "cancelled",
    "running", "waiting", "pending", "succeeded", "skipped",
)  # fmt: skip
"""What a step that ran several times shows: the first of these that it has."""


class Figure(NamedTuple):
    """One step. `kind` is its label or its kind, `call` what it does, on one line, with what it
    holds meanwhile before it; `follows` are the positions of the siblings on which it follows.
    """

    path: str
    name: str
    kind: str
    call: str
    state: str
    follows: tuple[int, ...]
    groups: "tuple[Group, ...]"


class Group(NamedTuple):
    """Steps of one list. `aside`: they do not run in the ordinary course of things, or after it."""

    caption: str
    figures: tuple[Figure, ...]
    aside: bool


def draw(plan: Plan, states: Mapping[str, str] | None = None) -> tuple[Group, ...]:
    """The figure of a playbook: its steps, then its handlers. `states` by path, as recorded."""
    return tuple(_Drawing(_worst(states or {})).whole(plan, "", ""))


def _worst(states: Mapping[str, str]) -> dict[str, str]:
    worst: dict[str, str] = {}
    for path, state in states.items():
        known = worst.setdefault(paths.static(path), state)
        if _rank(state) < _rank(known):
            worst[paths.static(path)] = state
    return worst


def _rank(state: str) -> int:
    return _WORST.index(state) if state in _WORST else len(_WORST)


class _Drawing:
    def __init__(self, states: Mapping[str, str]) -> None:
        self._states = states

    def whole(self, plan: Plan, prefix: str, own: str) -> Iterator[Group]:
        """`own` is the path below which the playbook's own handlers are."""
        yield self._group("", plan.steps, prefix)
        yield from self._handlers(plan, own)

    def _handlers(self, owner: Plan | Step, path: str) -> Iterator[Group]:
        for name, steps in (
            (paths.ON_FAILURE, owner.on_failure),
            (paths.ON_SUCCESS, owner.on_success),
            (paths.FINALLY, owner.always),
        ):
            if steps:
                yield self._group(name, steps, paths.join(path, name), aside=True)

    def _group(
        self, caption: str, steps: Sequence[Step], prefix: str, *, aside: bool = False
    ) -> Group:
        figures = (
            self._figure(step, paths.join(prefix, step.key), followed)
            for step, followed in zip(steps, _follows(steps), strict=True)
        )
        return Group(caption, tuple(figures), aside)

    def _figure(self, step: Step, path: str, follows: tuple[int, ...]) -> Figure:
        return Figure(
            path,
            step.name or step.key,
            step.label or kind_of(step),
            " ".join((held(step) + call_of(step.action)).split()),
            self._states.get(path, ""),
            follows,
            tuple(self._inside(step, path)),
        )

    def _inside(self, step: Step, path: str) -> Iterator[Group]:
        match step.action:
            case Parallel(branches=branches):
                for branch in branches:
                    caption = branch.name or branch.key
                    yield self._group(caption, branch.steps, paths.join(path, branch.key))
            case Conditional(then=then, otherwise=otherwise):
                yield self._group(paths.THEN, then, paths.join(path, paths.THEN))
                if otherwise:
                    yield self._group(paths.ELSE, otherwise, paths.join(path, paths.ELSE))
            case ForEach(steps=steps) | Transaction(steps=steps):
                yield self._group("", steps, path)
            case SubPlaybook(plan=plan):
                yield from self.whole(plan, path, paths.join(path, paths.PLAYBOOK))
            case _:
                pass
        if step.compensate:
            inner = paths.join(path, paths.COMPENSATE)
            yield self._group(paths.COMPENSATE, step.compensate, inner, aside=True)
        yield from self._handlers(step, path)


def held(owner: Plan | Step) -> str:
    """What it holds while it runs, to stand before what it does; "" for nothing."""
    claims = claims_of(owner)
    return f"[{', '.join(claims)}] " if claims else ""


def _follows(steps: Sequence[Step]) -> list[tuple[int, ...]]:
    """For each step the positions of those after which it may start, implied ones left out."""
    at = {step.key: position for position, step in enumerate(steps)}
    ends: dict[int, None] = {}
    found: list[tuple[int, ...]] = []
    for position, step in enumerate(steps):
        follows = tuple(ends) if step.needs is None else tuple(sorted(at[k] for k in step.needs))
        for followed in follows:
            ends.pop(followed, None)
        ends[position] = None
        found.append(follows)
    return found
