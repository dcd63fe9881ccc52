"""What the finished steps of a transaction did, for the case that it must be undone."""

from typing import NamedTuple

from orchestrate.playbook.plan import Step
from orchestrate.workflow.frames import Frame, normalise
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.results import Result, Shown


class Effect(NamedTuple):
    """A step that can be undone: where it stood, and the names that it saw, its own result too.

    `order` counts in the order of finishing; `doubt` says why nobody knows whether it took effect.
    """

    order: int
    path: str
    step: Step
    frame: Frame
    doubt: str


class UndoLog:
    """The effects of one transaction so far. A committed inner transaction leaves its own here."""

    __slots__ = ("_effects", "left")

    def __init__(self) -> None:
        self._effects: list[Effect] = []
        self.left: list[str] = []
        """Paths that transactions inside of this one could not undo."""

    def add(self, frame: Frame, step: Step, path: str, body: Result, result: Result) -> None:
        """A step has ended; `body` is its result before its handlers.

        What took effect counts, not what the handlers made of it.
        """
        begun = step.compensate_on_start and body.attempts > 0
        if not (body.status is Status.SUCCEEDED or begun or body.doubt):
            return
        output = body.output if result.output is None else result.output
        own: dict[str, Shown] = {}
        if step.name:
            own[normalise(step.name)] = body._replace(output=output)
        seen = frame.nested(variables=frame.variables.snapshot(), names=own).apart()
        frame.run.effects += 1
        self._effects.append(Effect(frame.run.effects, path, step, seen, body.doubt))

    def take(self, inner: "UndoLog") -> None:
        """An inner transaction was committed: it is undone with this one."""
        self._effects += inner._effects
        self.left += inner.left

    def latest_first(self) -> list[Effect]:
        """All effects, the one that came last first."""
        return sorted(self._effects, key=lambda effect: -effect.order)
