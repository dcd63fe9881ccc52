import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrate.playbook.durations import parse_duration


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (0, 0.0),
        (300, 300.0),
        (1.5, 1.5),
        ("300", 300.0),
        ("0.5", 0.5),
        ("90s", 90.0),
        ("5m", 300.0),
        ("1h30m", 5400.0),
        ("250ms", 0.25),
        ("2d", 172800.0),
        ("1.5h", 5400.0),
        (" 1h 30m ", 5400.0),
    ],
)
def test_durations_are_seconds(written: object, seconds: float) -> None:
    assert parse_duration(written) == seconds  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "written",
    [
        *(None, True, [], {}, -1, "-5", "", "5x", "m5", "5m5m", "1h-30m", "5 minutes"),
        *(math.nan, math.inf, -math.inf, "nan", 10**400, "9" * 5000, "4000d"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(written: object) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        parse_duration(written)  # type: ignore[arg-type]


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_duration(text) >= 0
