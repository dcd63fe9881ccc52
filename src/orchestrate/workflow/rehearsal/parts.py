"""The steps of a plan as a rehearsal sees them: where they stand, and whether they have effects."""

from collections.abc import Callable
from typing import NamedTuple

from orchestrate.playbook.plan import (
    Approval,
    Command,
    EventWait,
    Plan,
    Script,
    Shell,
    Step,
    Wait,
)
from orchestrate.workflow import paths
from orchestrate.workflow.written_steps import steps_of

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
        return isinstance(self.step.action, Command | Shell | Script | Wait | EventWait | Approval)


def parts_of(plan: Plan, reads_only: ReadsOnly) -> dict[str, Part]:
    """Every step of the plan by its path."""
    found: dict[str, Part] = {}
    for path, step in steps_of(plan):
        words = _literal_words(step)
        tells = words[:1] == (_TELLING,) or step.label in ("notify", "notification")
        reads = bool(words) and reads_only(words)
        effects = not reads and _has_effects(step, words)
        found[path] = Part(path, step, len(found), effects, tells, reads)
    return found


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
