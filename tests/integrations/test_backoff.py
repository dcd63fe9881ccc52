"""When a delivery is tried again."""

import pytest

from orchestrate.integrations.backoff import is_given_up, next_attempt

NOW = 1_000.0
MIDDLE = 0.5
"""A draw that neither lengthens nor shortens."""


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(1, 2.0), (2, 4.0), (3, 8.0), (6, 64.0), (9, 512.0), (10, 900.0), (10_000, 900.0)],
)
def test_the_time_between_attempts_doubles_up_to_a_quarter_of_an_hour(
    attempts: int, seconds: float
) -> None:
    assert next_attempt(NOW, attempts, None, MIDDLE) == NOW + seconds


def test_draws_spread_the_attempts_by_a_fifth_either_way() -> None:
    assert next_attempt(NOW, 1, None, 0.0) == pytest.approx(NOW + 1.6)
    assert next_attempt(NOW, 1, None, 1.0) == pytest.approx(NOW + 2.4)


@pytest.mark.parametrize(
    ("after", "seconds"), [(30.0, 30.0), (0.5, 2.0), (-5.0, 2.0), (1e9, 86_400.0)]
)
def test_a_receiver_may_ask_for_more_time_but_for_no_more_than_a_day(
    after: float, seconds: float
) -> None:
    assert next_attempt(NOW, 1, after, MIDDLE) == NOW + seconds


def test_it_ends() -> None:
    assert not is_given_up(NOW, NOW - 9.9, patience=10.0)
    assert is_given_up(NOW, NOW - 10.0, patience=10.0)
