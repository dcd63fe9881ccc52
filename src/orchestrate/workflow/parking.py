"""What only somebody can decide: an unknown outcome, a confirmation, a record that does not fit."""

from collections.abc import Sequence
from typing import NamedTuple

from orchestrate.workflow.events import EventType
from orchestrate.workflow.journal import Journal
from orchestrate.workflow.scope import Cancelled, Pending, Scope

CONFIRM = "confirm"
UNKNOWN = "unknown"
SURVIVORS = "survivors"
MISMATCH = "mismatch"
HISTORY = "history"
COMPENSATION = "compensation"


class Question(NamedTuple):
    """Something parked: its choices, and where the answer goes."""

    subject: str
    choices: tuple[str, ...]
    answer: Pending[str]


class Parking:
    """Everything that waits for a decision, one question per path."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.questions: dict[str, Question] = {}
        self.early: dict[tuple[str, str], list[str]] = {}
        """Recorded answers to questions that the interpreter has not come to yet."""

    @property
    def only_confirmations(self) -> bool:
        """Whether all that is asked is `--step-by-step`'s leave to go on."""
        return all(question.subject == CONFIRM for question in self.questions.values())

    async def ask(
        self, scope: Scope, path: str, subject: str, message: str, choices: Sequence[str]
    ) -> str:
        """Park `path` until somebody chooses."""
        if scope.cancelled:
            raise Cancelled
        self._journal.note(
            EventType.PARKED,
            path,
            {"subject": subject, "message": message, "choices": tuple(choices)},
        )
        early = self.early.get((path, subject))
        if early:
            return early.pop(0)
        answer: Pending[str] = Pending()
        self.questions[path] = Question(subject, tuple(choices), answer)
        try:
            return await scope.wait(answer)
        finally:
            self.questions.pop(path, None)

    def answer(self, path: str, subject: str, choice: str) -> bool:
        """Deliver a decision; False if that is not asked."""
        question = self.questions.get(path)
        if question is None or question.subject != subject:
            return False
        del self.questions[path]
        question.answer.resolve(choice)
        return True

    def answer_all(self, subject: str, choice: str) -> None:
        """Nobody is to be asked about this any more."""
        for path, question in tuple(self.questions.items()):
            if question.subject == subject:
                self.answer(path, subject, choice)


def chosen(subject: str, unknown: str | None, compensation: str | None) -> str | None:
    """What was chosen for something parked with this subject, if anything. Leave to run a step is
    given by whoever is asked for it.
    """
    if subject == CONFIRM:
        return None
    return compensation if subject == COMPENSATION else unknown
