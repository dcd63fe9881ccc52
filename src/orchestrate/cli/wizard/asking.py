"""How questions are asked: the port, and series of questions in which one can go back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias

Check = Callable[[str], str]
"""What is wrong with an answer, in a sentence; "" if nothing is."""


class BackError(Exception):
    """Back to the question before."""


class LeaveError(Exception):
    """Leave without a trace."""


class Option(NamedTuple):
    """One of several choices."""

    value: str
    label: str


class Asker(Protocol):
    """Whoever can be asked. Both kinds of question raise BackError and LeaveError."""

    def text(
        self,
        question: str,
        default: str = "",
        *,
        words: Sequence[str] = (),
        check: Check | None = None,
    ) -> str:
        """A line of text, stripped; `words` are offered while it is typed."""
        ...

    def choose(self, question: str, options: Sequence[Option], default: str | None = None) -> str:
        """The value of one of the options."""
        ...

    def show(self, lines: Sequence[str]) -> None:
        """Show a new page: what is asked next is about it."""
        ...

    @property
    def size(self) -> tuple[int, int] | None:
        """Columns and rows of a page, None if pages are of any length."""
        ...


Answers: TypeAlias = dict[str, Any]


def _always(_: Answers) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a series. `ask` gets the answers so far; `when` says whether it is asked."""

    key: str
    ask: Callable[[Answers], Any]
    when: Callable[[Answers], bool] = _always


def interview(
    questions: Sequence[Question],
    known: Mapping[str, Any] | None = None,
    *,
    from_last: bool = False,
) -> Answers:
    """The answers to all questions. Going back leads to the one that was asked before; before the
    first, out of the series (BackError).

    `known` are answers that were given before; with `from_last` all were, and the last is asked
    again.
    """
    answers: Answers = dict(known or {})
    asked: list[int] = []
    at = 0
    if from_last:
        asked = [i for i, question in enumerate(questions) if question.when(answers)]
        if not asked:
            raise BackError
        at = asked.pop()
    while at < len(questions):
        question = questions[at]
        if not question.when(answers):
            at += 1
            continue
        try:
            answers[question.key] = question.ask(answers)
        except BackError:
            if not asked:
                raise
            at = asked.pop()
            continue
        asked.append(at)
        at += 1
    return answers


def yes_or_no(asker: Asker, question: str, *, default: bool = False) -> bool:
    """A question with two answers."""
    options = [Option("yes", "yes"), Option("no", "no")]
    return asker.choose(question, options, "yes" if default else "no") == "yes"


def prompt_of(question: str, default: str = "") -> str:
    """What stands before an answer."""
    shown = f"{question} [{default}]" if default else question
    return f"{shown} " if shown.endswith("?") else f"{shown}: "
