"""What counts as lost, doubled or wrong of a workflow that is over."""

from typing import Any

import pytest
from soak.judging import Noted, faults_of
from soak.playbooks import Expected

EXPECTED = Expected(
    "succeeded", frozenset({"one", "two", "one/compensate/undo"}), frozenset({"bad"}),
    undone=("one",),
)  # fmt: skip
RIGHT: list[tuple[str, str, dict[str, Any]]] = [
    ("workflow_started", "", {}),
    ("attempt_started", "one", {"id": 2, "number": 1}),
    ("attempt_finished", "one", {"id": 2, "status": "unknown"}),
    ("attempt_started", "one", {"id": 4, "number": 2}),
    ("attempt_finished", "one", {"id": 4, "status": "succeeded"}),
    ("attempt_started", "bad", {"id": 6, "number": 1}),
    ("attempt_finished", "bad", {"id": 6, "status": "failed"}),
    ("attempt_started", "one/compensate/undo", {"id": 8, "number": 1}),
    ("attempt_finished", "one/compensate/undo", {"id": 8, "status": "succeeded"}),
    ("step_finished", "one/compensate", {"kind": "compensation"}),
    ("attempt_started", "two", {"id": 11, "number": 1}),
    ("attempt_finished", "two", {"id": 11, "status": "succeeded"}),
    ("workflow_finished", "", {}),
]
EFFECTS = [
    "one 1 start", "one 2 start", "one 2 end", "bad 1 start", "bad 1 end", "two 1 start",
    "two 1 end", "one/compensate/undo 1 start", "one/compensate/undo 1 end",
]  # fmt: skip


def _journal(rows: list[tuple[str, str, dict[str, Any]]]) -> list[Noted]:
    return [Noted(number, *row) for number, row in enumerate(rows, 1)]


def test_what_is_right_has_no_fault() -> None:
    assert faults_of(EXPECTED, "succeeded", _journal(RIGHT), EFFECTS) == []


def test_another_state_is_a_fault() -> None:
    assert faults_of(EXPECTED, "failed", _journal(RIGHT), EFFECTS) == [
        "failed instead of succeeded"
    ]


@pytest.mark.parametrize(
    ("effects", "fault"),
    [
        ([*EFFECTS, "two 1 start"], "doubled: 2 times two 1 start"),
        ([*EFFECTS, "two 2 start"], "doubled: ('two', '2') ran, but the journal does not know"),
        (EFFECTS[:6] + EFFECTS[7:], "lost: _Attempt(path='two', number=1, status='succeeded')"),
    ],
)
def test_effects_must_be_those_of_the_journal(effects: list[str], fault: str) -> None:
    found = faults_of(EXPECTED, "succeeded", _journal(RIGHT), effects)
    assert found[0].startswith(fault)


def test_a_step_that_was_left_out_is_lost() -> None:
    rows = [row for row in RIGHT if row[2].get("id") != 11]
    faults = faults_of(EXPECTED, "succeeded", _journal(rows), EFFECTS[:5] + EFFECTS[7:])
    assert faults == ["lost: two succeeded 0 times"]


def test_a_step_that_ran_again_after_it_succeeded_is_doubled() -> None:
    rows = [*RIGHT[:-1], ("attempt_started", "two", {"id": 13, "number": 2}),
            ("attempt_finished", "two", {"id": 13, "status": "succeeded"}), RIGHT[-1]]  # fmt: skip
    faults = faults_of(
        EXPECTED, "succeeded", _journal(rows), [*EFFECTS, "two 2 start", "two 2 end"]
    )
    assert faults == ["doubled: two succeeded 2 times"]


def test_what_was_not_undone_is_a_fault() -> None:
    rows = [row for row in RIGHT if row[0] != "step_finished"]
    faults = faults_of(EXPECTED, "succeeded", _journal(rows), EFFECTS)
    assert faults == ["undone: () instead of ('one',)"]


def test_a_journal_with_a_hole_is_a_fault() -> None:
    journal = [event for event in _journal(RIGHT) if event.seq != 1]
    assert faults_of(EXPECTED, "succeeded", journal, EFFECTS) == ["the journal has holes"]
