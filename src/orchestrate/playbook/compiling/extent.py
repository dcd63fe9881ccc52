"""How large a plan is: its steps, and how deep they are nested, sub-playbooks included."""

from collections.abc import Iterable
from typing import NamedTuple

from orchestrate.playbook.nesting import body
from orchestrate.playbook.plan import Plan, Step, SubPlaybook


class Extent(NamedTuple):
    """Steps in all, and levels of steps inside steps (1: none is inside another)."""

    steps: int
    depth: int


class Extents:
    """Measures plans, each once: a plan may include another many times at many depths."""

    def __init__(self) -> None:
        self._measured: dict[int, tuple[Plan, Extent]] = {}

    def of(self, plan: Plan) -> Extent:
        """The extent of a plan."""
        # The plan is kept beside its extent, so that its identity stays its own.
        found = self._measured.get(id(plan))
        if found is None:
            parts = (plan.steps, plan.on_failure, plan.on_success, plan.always)
            found = self._measured[id(plan)] = (plan, self._joined(parts))
        return found[1]

    def _joined(self, sequences: Iterable[tuple[Step, ...]]) -> Extent:
        extents = [self._step(step) for steps in sequences for step in steps]
        return Extent(
            sum(extent.steps for extent in extents),
            max((extent.depth for extent in extents), default=0),
        )

    def _step(self, step: Step) -> Extent:
        handlers = (step.on_failure, step.on_success, step.always, step.compensate)
        inside = self._joined((*handlers, *body(step)))
        action = step.action
        included = self.of(action.plan) if isinstance(action, SubPlaybook) else Extent(0, 0)
        return Extent(1 + inside.steps + included.steps, 1 + max(inside.depth, included.depth))
