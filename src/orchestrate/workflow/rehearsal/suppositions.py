"""What a rehearsal takes things for that nobody knows beforehand.

Whatever is asked is asked about an expression over results of steps, such as `build.output.ok`. The
same question has the same answer throughout one rehearsal, in all iterations of a loop too. Each
question has several answers worth a try; the first is the one that lets most happen.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from orchestrate.playbook.plan import Expression, Json
from orchestrate.playbook.undecided import undecided

FOREVER = 10 * 365 * 86400.0
"""Seconds; for a limit that is not known."""


class Question(NamedTuple):
    """Something that was asked. `answer` counts the answers from 0."""

    kind: str
    about: str
    answers: int
    answer: int

    @property
    def key(self) -> str:
        """What tells it from other questions."""
        return f"{self.kind} {self.about}"

    @property
    def words(self) -> str:
        """What was supposed: `build.output.ok is true`."""
        return _WORDS.get(self.kind, _as_number)(self.about, self.answer)


class Suppositions:
    """Answers by key, as given; to all other questions the first answer. `asked` collects the
    questions in the order in which they came up. Implements `expressions.Watcher`.
    """

    supposes = True

    def __init__(self, given: Mapping[str, int] | None = None) -> None:
        self._given = given or {}
        self._known: dict[str, Json] = {}
        self._looked: set[str] = set()
        self.asked: dict[str, Question] = {}

    def evaluated(self, expression: Expression, lookup: Callable[[str], Json], value: Json) -> None:
        """Of no interest."""

    def suppose(self, kind: str, about: str, equal: tuple[str, Json] | None = None) -> Json:
        """The answer to a question."""
        if equal is not None and equal[0] in self._known:
            return self._known[equal[0]] == equal[1]
        answer = self.choose(kind, about, _ANSWERS.get(kind, 1))
        match kind:
            case "boolean":
                if equal is not None and answer == 0:
                    self._known[equal[0]] = equal[1]
                return answer == 0
            case "until":
                seen = about in self._looked
                self._looked.add(about)
                return answer == 0 or seen
            case "list":
                return _items(about, answer)
            case _:
                return _NUMBERS.get(kind, 0)

    def choose(self, kind: str, about: str, answers: int) -> int:
        """Which of so many answers a question has in this rehearsal."""
        question = Question(kind, about, answers, 0)
        asked = self.asked.get(question.key)
        if asked is None:
            asked = question._replace(answer=self._given.get(question.key, 0))
            self.asked[question.key] = asked
        return asked.answer


_ANSWERS: Mapping[str, int] = {"boolean": 2, "until": 2, "list": 3}
_NUMBERS: Mapping[str, float] = {"timeout": FOREVER, "retry.attempts": 1, "max_parallel": 8}


def _items(about: str, answer: int) -> list[Json]:
    """One item, none, two."""
    if answer == 0:
        return [undecided(f"{about}[…]")]
    return [] if answer == 1 else [undecided(f"{about}[0]"), undecided(f"{about}[1]")]


def _as_number(about: str, answer: int) -> str:  # noqa: ARG001 - there is one answer
    return f"{about} is known only then"


_WORDS: Mapping[str, Callable[[str, int], str]] = {
    "boolean": lambda about, answer: f"{about} is {'false' if answer else 'true'}",
    "until": lambda about, answer: f"{about} holds {'at the second look' if answer else 'at once'}",
    "list": lambda about, answer: f"{about} has {('one item', 'no items', 'two items')[answer]}",
    "outcome": lambda about, answer: f"{about} {'fails' if answer else 'succeeds'}",
}
