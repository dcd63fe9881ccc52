"""The last pass over a plan: what is read of each step's result, and the plan's digest.

Only when the whole playbook was compiled is it known which results later expressions read.
"""

from collections.abc import Mapping

from orchestrate.playbook.compiling.digests import digest_sources
from orchestrate.playbook.names import Known
from orchestrate.playbook.plan import (
    Action,
    Conditional,
    ForEach,
    Parallel,
    Plan,
    Step,
    Transaction,
)


def finish(plan: Plan, knowns: Mapping[int, Known]) -> Plan:
    """The plan with `reads`, `keep_results` and its digest. `knowns` go by the steps' identity."""
    finishing = _Finishing(knowns)
    return plan._replace(
        steps=finishing.steps(plan.steps),
        on_failure=finishing.steps(plan.on_failure),
        on_success=finishing.steps(plan.on_success),
        always=finishing.steps(plan.always),
        digest=digest_sources(source.digest for source in plan.sources),
    )


class _Finishing:
    def __init__(self, knowns: Mapping[int, Known]) -> None:
        self._knowns = knowns

    def steps(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        return tuple(self._step(step) for step in steps)

    def _step(self, step: Step) -> Step:
        known = self._knowns[id(step)]
        return step._replace(
            action=self._action(step.action, known),
            on_failure=self.steps(step.on_failure),
            on_success=self.steps(step.on_success),
            always=self.steps(step.always),
            compensate=self.steps(step.compensate),
            reads=tuple(sorted(known.reads)),
        )

    def _action(self, action: Action, known: Known) -> Action:
        match action:
            case Parallel(branches=branches):
                inside = tuple(b._replace(steps=self.steps(b.steps)) for b in branches)
                return action._replace(branches=inside)
            case Conditional(then=then, otherwise=otherwise):
                return action._replace(then=self.steps(then), otherwise=self.steps(otherwise))
            case ForEach(steps=steps):
                return action._replace(steps=self.steps(steps), keep_results=known.results_read)
            case Transaction(steps=steps):
                return action._replace(steps=self.steps(steps))
            case _:
                return action
