"""Patterns of parameters: none that a value of strangers could keep busy forever."""

import pytest

from orchestrate.errors import Place
from orchestrate.playbook.compile import check_playbook
from orchestrate.playbook.compiling.repetition import can_take_forever
from orchestrate.playbook.parameters import convert
from orchestrate.playbook.plan import Parameter


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+", "^(a+)+$", "(a*)*b", "([a-z]+)*", r"(\w+\s?)*", "(?:a+)+?", "((a+))+", "(a|b+)*",
        r"x(?:y|(\d+)?)*", "(?=(a+)+)", r"(\s*a*)+", "(a+){2,}", "(?P<n>.*)*",
        r"(?:x?(?:a|b+))*", r"(?:-?(?:\d+|[a-z]))+", "(?:(?:|x)a+)*",
    ],
)  # fmt: skip
def test_a_repetition_of_a_repetition_is_seen(pattern: str) -> None:
    assert can_take_forever(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "a+", "[a-z]+(-[a-z]+)*", r"([a-z]+\.)+[a-z]{2,}", r"v?\d+(\.\d+){0,2}", "(ab)*", "(a+)?",
        "(a+){3}", "(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", "^$", "(a|b)*", r"(?:\d{1,3}\.){3}\d{1,3}",
        "(?>a+)+", "(a++)+", "(,|;)?x*", "(?:x(?:a|b+))*",
    ],
)  # fmt: skip
def test_usual_patterns_are_taken(pattern: str) -> None:
    assert not can_take_forever(pattern)


def test_such_a_pattern_is_a_mistake_with_its_place() -> None:
    text = b"name: it\nparameters:\n  - {name: p, pattern: '^(a+)+$'}\nsteps: [{command: x}]\n"
    errors = check_playbook("t.yaml", text, lambda _: None).diagnostics.errors
    assert [(one.rule, str(one.place)) for one in errors] == [("bad-pattern", "t.yaml:3:24")]
    assert "one repetition instead of two" in errors[0].hint


def test_a_long_value_is_not_compared() -> None:
    place = Place("t.yaml", 1, 1)
    parameter = Parameter(
        "p", "string", "", False, None, None, r"a*a*b", None, None, False, False, place
    )
    with pytest.raises(ValueError, match="has 100,000 characters"):
        convert(parameter, "a" * 100_000)
    with pytest.raises(ValueError, match="it must match"):
        convert(parameter, "a" * 100)
