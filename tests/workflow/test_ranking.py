"""The order of those that wait: priority first, but whoever waits rises."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from orchestrate.workflow.ranking import AGEING, CLASSES, rank

moments = st.floats(min_value=1.0e9, max_value=2.0e9)
waiters = st.lists(st.tuples(st.sampled_from(sorted(CLASSES)), moments), min_size=1, max_size=20)


def test_of_those_that_came_together_the_more_urgent_is_next() -> None:
    came = {name: rank(name, 1000.0, 7) for name in ("low", "normal", "critical", "high")}
    assert sorted(came, key=came.__getitem__) == ["critical", "high", "normal", "low"]


def test_of_equals_the_earlier_is_next_and_then_the_lower_number() -> None:
    assert rank("high", 10.0, 9) < rank("high", 11.0, 1)
    assert rank("high", 10.0, 1) < rank("high", 10.0, 2)


def test_half_an_hour_of_waiting_is_worth_one_class() -> None:
    assert rank("low", 0.0, 1) < rank("normal", 1800.5, 2)
    assert rank("normal", 1799.5, 2) < rank("low", 0.0, 1)
    assert rank("low", 0.0, 1) < rank("critical", 5400.5, 2)


@given(moments, st.sampled_from(sorted(CLASSES)), st.sampled_from(sorted(CLASSES)))
def test_nothing_starves(since: float, mine: str, other: str) -> None:
    """Three classes at most lie between two: whatever comes that much later stays behind."""
    assert rank(mine, since, 1) < rank(other, since + 3 * AGEING + 1, 2)


@given(waiters, st.floats(min_value=0, max_value=1.0e6))
def test_the_order_does_not_change_while_all_wait(
    queue: list[tuple[str, float]], shift: float
) -> None:
    """A clock that is an hour off for everybody gives the same order."""
    now = [rank(name, since, n) for n, (name, since) in enumerate(queue)]
    assert sorted(n for _, n in now) == list(range(len(queue)))
    for (first, one), (second, two) in itertools.pairwise(queue):
        if first == second and one < two:
            assert rank(first, one + shift, 0) <= rank(second, two + shift, 1)
