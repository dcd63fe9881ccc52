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
    """Something that was asked. `choices` are the answers in words (`build.output.ok is true`);
    `answer` is the number of the one that was given.
    """

    key: str
    choices: tuple[str, ...]
    answer: int

    @property
    def answers(self) -> int:
        """How many there are."""
        return len(self.choices)

    @property
    def words(self) -> str:
        """What was supposed."""
        return self.choices[self.answer]


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
        answer = self.choose(f"{kind} {about}", _answers(kind, about))
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

    def choose(self, key: str, choices: tuple[str, ...]) -> int:
        """Which of the answers a question has in this rehearsal."""
        asked = self.asked.get(key)
        if asked is None:
            asked = self.asked[key] = Question(key, choices, self._given.get(key, 0))
        return asked.answer


_NUMBERS: Mapping[str, float] = {"timeout": FOREVER, "retry.attempts": 1, "max_parallel": 8}


def _items(about: str, answer: int) -> list[Json]:
    """One item, none, two."""
    if answer == 0:
        return [undecided(f"{about}[…]")]
    return [] if answer == 1 else [undecided(f"{about}[0]"), undecided(f"{about}[1]")]


def _answers(kind: str, about: str) -> tuple[str, ...]:
    match kind:
        case "boolean":
            return f"{about} is true", f"{about} is false"
        case "until":
            return f"{about} holds at once", f"{about} holds at the second look"
        case "list":
            return f"{about} has one item", f"{about} has no items", f"{about} has two items"
        case _:
            return (f"{about} is known only then",)
