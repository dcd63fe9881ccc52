"""The steps of a plan as a rehearsal sees them: where they stand, and whether they have effects."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from orchestrate.playbook.plan import (
    Approval,
    Command,
    Conditional,
    ForEach,
    Parallel,
    Plan,
    Script,
    Shell,
    Step,
    SubPlaybook,
    Transaction,
    Wait,
)
from orchestrate.workflow import paths

ReadsOnly = Callable[[tuple[str, ...]], bool]
"""Whether the command with these literal words only reads."""

DEPLOYMENT = "deployment"
"""The label of steps that bring something into production."""
_CHECKING = frozenset(("validation", "test"))
"""Labels of steps that look at something and change nothing."""
_REACTIONS = frozenset((paths.ON_FAILURE, paths.FINALLY, paths.COMPENSATE))
_TESTING = "/test"
_TELLING = "/notify"
"""What was said cannot be unsaid: nothing of it is left to be undone."""


class Part(NamedTuple):
    """A step of a plan. `path` is the one in the plan, without iterations; `order`: its place in
    the written order, handlers after what they belong to.
    """

    path: str
    step: Step
    order: int
    effects: bool
    """It performs something that changes the world, as far as anybody can tell from outside."""
    tells: bool
    """It tells somebody something."""
    reads_only: bool
    """What it calls only reads, so it is called again if nobody knows how that ended."""

    @property
    def performs(self) -> bool:
        """Whether something can happen to it: it calls something, waits, or asks."""
        return isinstance(self.step.action, Command | Shell | Script | Wait | Approval)


def parts_of(plan: Plan, reads_only: ReadsOnly) -> dict[str, Part]:
    """Every step of the plan by its path."""
    found: dict[str, Part] = {}
    for path, step in _of_plan(plan, "", ""):
        words = _literal_words(step)
        tells = words[:1] == (_TELLING,) or step.label in ("notify", "notification")
        reads = bool(words) and reads_only(words)
        effects = not reads and _has_effects(step, words)
        found[path] = Part(path, step, len(found), effects, tells, reads)
    return found


def _of_plan(plan: Plan, prefix: str, handlers_prefix: str) -> Iterator[tuple[str, Step]]:
    yield from _of_steps(plan.steps, prefix)
    yield from _of_handlers(plan, handlers_prefix)


def _of_handlers(owner: Plan | Step, prefix: str) -> Iterator[tuple[str, Step]]:
    yield from _of_steps(owner.on_failure, paths.join(prefix, paths.ON_FAILURE))
    yield from _of_steps(owner.on_success, paths.join(prefix, paths.ON_SUCCESS))
    yield from _of_steps(owner.always, paths.join(prefix, paths.FINALLY))


def _of_steps(steps: Sequence[Step], prefix: str) -> Iterator[tuple[str, Step]]:
    for step in steps:
        path = paths.join(prefix, step.key)
        yield path, step
        match step.action:
            case Parallel(branches=branches):
                for branch in branches:
                    yield from _of_steps(branch.steps, paths.join(path, branch.key))
            case Conditional(then=then, otherwise=otherwise):
                yield from _of_steps(then, paths.join(path, paths.THEN))
                yield from _of_steps(otherwise, paths.join(path, paths.ELSE))
            case ForEach(steps=inner) | Transaction(steps=inner):
                yield from _of_steps(inner, path)
            case SubPlaybook(plan=plan):
                yield from _of_plan(plan, path, paths.join(path, paths.PLAYBOOK))
            case _:
                pass
        yield from _of_handlers(step, path)
        yield from _of_steps(step.compensate, paths.join(path, paths.COMPENSATE))


def _literal_words(step: Step) -> tuple[str, ...]:
    """The words of its command up to the first that is not known before it runs."""
    action = step.action.probe if isinstance(step.action, Wait) else step.action
    if not isinstance(action, Command):
        return ()
    words: list[str] = []
    for word in action.words:
        if not isinstance(word, str):
            break
        words.append(word)
    return tuple(words)


def _has_effects(step: Step, words: tuple[str, ...]) -> bool:
    if not isinstance(step.action, Command | Shell | Script):
        return False
    return step.label not in _CHECKING and words[:1] not in ((_TELLING,), (_TESTING,))


def is_reaction(path: str) -> bool:
    """Whether it stands in an `on_failure`, a `finally` or a compensation."""
    return not _REACTIONS.isdisjoint(path.split("/"))
