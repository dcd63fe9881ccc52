"""The calls of a plan whose first word is known before it runs."""

from collections.abc import Iterator

from orchestrate.errors import Place
from orchestrate.playbook.linting.walk import descend
from orchestrate.playbook.plan import Command, Plan, Script, Step, Wait


def literal_calls(plan: Plan) -> Iterator[tuple[Place, tuple[str, ...]]]:
    """Each call with its place, in written order: the literal words up to the first that is not.

    A script's interpreter counts as a call; calls whose first word is an expression are left out.
    """
    for steps in (plan.steps, plan.on_failure, plan.on_success, plan.always):
        for step in descend(steps):
            yield from _of_action(step)


def _of_action(step: Step) -> Iterator[tuple[Place, tuple[str, ...]]]:
    match step.action:
        case Command() as command:
            yield from _of_command(step, command)
        case Wait(probe=Command() as command):
            yield from _of_command(step, command)
        case Script(interpreter=interpreter):
            yield step.place, interpreter[:1]
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
