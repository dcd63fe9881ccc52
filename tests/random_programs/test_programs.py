"""Random programs come to what the model says, however they are interrupted.

CI's share; `make torture` plays as many as one likes, of any seed.
"""

import os
from collections import Counter

import pytest
from random_programs.campaign import failures

PARTS = 10
EACH = 200


@pytest.mark.parametrize("part", range(PARTS))
def test_random_programs_come_to_what_the_model_says(part: int) -> None:
    seed = int(os.environ.get("SEED", "1"))
    figures: Counter[str] = Counter()
    numbers = range(part * EACH, (part + 1) * EACH)
    wrong = next(failures(seed, numbers, figures, plays=2), None)
    assert wrong is None, wrong
    assert figures["programs"] == EACH
    assert figures["kills"] >= EACH
