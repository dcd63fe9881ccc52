"""Rehearsing with other answers: which are still to be tried, those nearest to the usual first."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from orchestrate.workflow import paths
from orchestrate.workflow.memory import Script, Scripted
from orchestrate.workflow.rehearsal.answering import Replies, Reply
from orchestrate.workflow.rehearsal.playing import Rehearsed, unknown_failure, unknown_success
from orchestrate.workflow.rehearsal.suppositions import Question, Suppositions

Answers = Mapping[str, int]


class _Open(NamedTuple):
    """Answers to be tried, the usual ones left out. Those to the first `fixed` questions are never
    changed again.
    """

    unusual: int
    number: int
    answers: Answers
    fixed: int


class Frontier:
    """The answers still to be tried. Without `combine` each answer is tried once; with it, all
    combinations are, each once. `kinds`: of which questions; by default of all.
    """

    def __init__(self, *, combine: bool, kinds: tuple[str, ...] = ("",)) -> None:
        self._combine = combine
        self._kinds = kinds
        self._open: list[_Open] = [_Open(0, 0, {}, 0)]
        self._number = 0
        self._tried: set[tuple[str, int]] = set()

    def __len__(self) -> int:
        """How many are known to be left; each may lead to more."""
        return len(self._open)

    def take(self) -> _Open:
        """The next."""
        return heapq.heappop(self._open)

    def learn(self, tried: _Open, questions: Iterable[Question]) -> None:
        """These questions came up: their other answers are worth a try."""
        asked = [question for question in questions if question.key.startswith(self._kinds)]
        before: dict[str, int] = {}
        for position, question in enumerate(asked):
            if position >= tried.fixed or not self._combine:
                for answer in range(question.answers):
                    if answer != question.answer and self._is_new(question.key, answer):
                        self._add({**before, question.key: answer}, position + 1)
            if question.answer:
                before[question.key] = question.answer

    def propose(self, answers: Answers) -> None:
        """These answers are worth a try, too."""
        self._add(answers, 0)

    def _is_new(self, key: str, answer: int) -> bool:
        if self._combine:
            return answer > 0
        if (key, answer) in self._tried or answer == 0:
            return False
        self._tried.add((key, answer))
        return True

    def _add(self, answers: Answers, fixed: int) -> None:
        self._number += 1
        heapq.heappush(self._open, _Open(len(answers), self._number, answers, fixed))


def explore(
    rehearsal: Callable[[Answers], Rehearsed], frontier: Frontier, *, runs: int, events: int
) -> Iterator[tuple[Answers, Rehearsed]]:
    """Rehearse with one set of answers after the other, the usual ones first, until none is left,
    or so many `runs` or `events` were made.
    """
    while len(frontier) and runs > 0 and events > 0:
        tried = frontier.take()
        rehearsed = rehearsal(tried.answers)
        yield tried.answers, rehearsed
        frontier.learn(tried, rehearsed.questions)
        runs -= 1
        events -= len(rehearsed.events)


def outcomes(
    suppositions: Suppositions,
    may_fail: Callable[[str], bool],
    durations: Mapping[str, float],
) -> Script:
    """A script by which steps succeed or, where that is supposed, fail. `may_fail` says of which
    steps (by their paths in the plan) both is possible; `durations` are seconds by such paths.
    """

    def script(path: str, number: int) -> Scripted:  # noqa: ARG001 - a Script
        step = paths.static(path)
        takes = durations.get(step, 0.0)
        if may_fail(step):
            choices = (f"{step} succeeds", f"{step} fails")
            if suppositions.choose(outcome_of(step), choices):
                return unknown_failure(path, takes)
        return unknown_success(path, takes)

    return script


def replies(suppositions: Suppositions, may_fail: Callable[[str], bool]) -> Replies:
    """People approve or, where that is supposed, reject."""

    def reply(path: str) -> Reply:
        step = paths.static(path)
        choices = (f"{step} is approved", f"{step} is rejected")
        if may_fail(step) and suppositions.choose(outcome_of(step), choices):
            return Reply.REJECT
        return Reply.APPROVE

    return reply


def outcome_of(step: str) -> str:
    """The key of the question whether a step succeeds."""
    return f"outcome {step}"
