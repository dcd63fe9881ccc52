"""The calls of a plan whose first word is known before it runs."""

from collections.abc import Iterator, Sequence

from orchestrate.errors import Place
from orchestrate.playbook.plan import (
    Command,
    Conditional,
    ForEach,
    Parallel,
    Plan,
    Script,
    Step,
    SubPlaybook,
    Transaction,
    Wait,
)


def literal_calls(plan: Plan) -> Iterator[tuple[Place, tuple[str, ...]]]:
    """Each call with its place, in written order: the literal words up to the first that is not.

    A script's interpreter counts as a call; calls whose first word is an expression are left out.
    """
    for steps in (plan.steps, plan.on_failure, plan.on_success, plan.always):
        yield from _of_steps(steps)


def _of_steps(steps: Sequence[Step]) -> Iterator[tuple[Place, tuple[str, ...]]]:
    for step in steps:
        yield from _of_action(step)
        for handlers in (step.on_failure, step.on_success, step.always, step.compensate):
            yield from _of_steps(handlers)


def _of_action(step: Step) -> Iterator[tuple[Place, tuple[str, ...]]]:
    match step.action:
        case Command() as command:
            yield from _of_command(step, command)
        case Wait(probe=Command() as command):
            yield from _of_command(step, command)
        case Script(interpreter=interpreter):
            yield step.place, interpreter[:1]
        case Parallel(branches=branches):
            for branch in branches:
                yield from _of_steps(branch.steps)
        case Conditional(then=then, otherwise=otherwise):
            yield from _of_steps(then)
            yield from _of_steps(otherwise)
        case ForEach(steps=steps) | Transaction(steps=steps):
            yield from _of_steps(steps)
        case SubPlaybook(plan=plan):
            yield from literal_calls(plan)
        case _:
            pass


def _of_command(step: Step, command: Command) -> Iterator[tuple[Place, tuple[str, ...]]]:
    literal: list[str] = []
    for word in command.words:
        if not isinstance(word, str):
            break
        literal.append(word)
    if literal:
        yield step.place, tuple(literal)
