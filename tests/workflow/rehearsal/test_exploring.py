"""Which answers are tried, and in which order."""

from orchestrate.workflow.rehearsal.exploring import Frontier
from orchestrate.workflow.rehearsal.suppositions import Question


def asked(answers: dict[str, int]) -> list[Question]:
    """Like a playbook that asks about b only if a is 0."""
    a = Question("a", ("a0", "a1"), answers.get("a", 0))
    b = Question("b", ("b0", "b1", "b2"), answers.get("b", 0))
    c = Question("c", ("c0", "c1"), answers.get("c", 0))
    return [a, c] if a.answer else [a, b, c]


def tried(*, combine: bool) -> list[str]:
    frontier = Frontier(combine=combine)
    found = []
    while len(frontier):
        taken = frontier.take()
        questions = asked(dict(taken.answers))
        found.append(" ".join(question.words for question in questions))
        frontier.learn(taken, questions)
    return found


def test_each_answer_once() -> None:
    assert tried(combine=False) == ["a0 b0 c0", "a1 c0", "a0 b1 c0", "a0 b2 c0", "a0 b0 c1"]


def test_all_combinations_the_usual_ones_first() -> None:
    assert tried(combine=True) == [
        "a0 b0 c0",
        "a1 c0",
        "a0 b1 c0",
        "a0 b2 c0",
        "a0 b0 c1",
        "a1 c1",
        "a0 b1 c1",
        "a0 b2 c1",
    ]
