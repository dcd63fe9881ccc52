"""What a step consists of."""

from orchestrate.playbook.plan import Conditional, ForEach, Parallel, Step, Transaction


def body(step: Step) -> tuple[tuple[Step, ...], ...]:
    """The sequences of steps of which a step consists. Handlers stand beside it, and a sub-playbook
    is a plan of its own.
    """
    match step.action:
        case Parallel(branches=branches):
            return tuple(branch.steps for branch in branches)
        case Conditional(then=then, otherwise=otherwise):
            return then, otherwise
        case ForEach(steps=steps) | Transaction(steps=steps):
            return (steps,)
        case _:
            return ()
