import re
from pathlib import Path

from orchestrate.workflow.outcomes import State
from orchestrate.workflow.transitions import FINAL, TRANSITIONS, is_legal

DRAWING = Path(__file__).parents[2] / "docs" / "states.md"


def test_the_drawing_shows_exactly_the_table() -> None:
    drawn = set(re.findall(r"^ +(\w+) --> (\w+)$", DRAWING.read_text(), re.MULTILINE))
    table = {(str(a), str(b)) for a, following in TRANSITIONS.items() for b in following}
    assert drawn == table


def test_every_state_has_its_row() -> None:
    assert set(TRANSITIONS) == set(State)


def test_out_of_an_end_only_a_resume_leads() -> None:
    for state in FINAL:
        assert TRANSITIONS[state] == {State.RUNNING}


def test_staying_is_legal() -> None:
    assert is_legal(State.PAUSED, State.PAUSED)
    assert not is_legal(State.SUCCEEDED, State.PAUSED)
