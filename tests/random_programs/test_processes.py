"""Random programs, run by real processes that are killed, come to what the model says, too."""

import os
from collections import Counter

import pytest
from random_programs.processes import show

SHOWS = 5


@pytest.mark.parametrize("number", range(SHOWS))
def test_random_programs_survive_the_death_of_what_runs_them(number: int) -> None:
    seed = int(os.environ.get("SEED", "1"))
    figures: Counter[str] = Counter()
    found = show(seed, number, figures)
    assert found == [], "\n".join(found)
    assert figures["attempts of real processes"] > 0
