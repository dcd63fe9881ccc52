"""Values of strangers in expressions: an error that says what is too much, and no fault of ours."""

from contextlib import suppress

import pytest

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.expressions import ExpressionError, evaluate
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import Scalar
from orchestrate.playbook.plan import Expression
from orchestrate.playbook.templates import compile_template

PLACE = Place("p.yaml", 1, 1)
VALUES = {
    "data": {
        "n": 3, "rate": 1.2345, "large": 1e300, "deep": "[" * 500 + "]" * 500, "endless": "1e999",
        "half": '"\\ud800"', "many": 10**18, "long": "x" * 4_000_000,
    }
}  # fmt: skip


def compiled(source: str) -> tuple[object, Diagnostics]:
    diagnostics = Diagnostics()
    names = Names.playbook(diagnostics, [], ["data"], [], implicit=False)
    text = "${" + source + "}"
    return compile_template(Scalar(text, text, True, PLACE, (PLACE,)), names, diagnostics), (
        diagnostics
    )


def value_of(source: str) -> object:
    expression, diagnostics = compiled(source)
    assert diagnostics.found == []
    assert isinstance(expression, Expression)
    return evaluate(expression, VALUES.__getitem__)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("data.deep | fromjson", "nested too deep"),
        ("data.endless | fromjson", "too large a number"),
        ("data.half | fromjson", "is no JSON"),
        ("data.rate | round(data.many)", "cannot keep"),
        ("data.rate | round(-data.many)", "cannot keep"),
        ("data.rate | round(400)", "cannot keep"),
        ("data.long | replace('x', 'xxxxxxxxxx')", "40,000,000 characters"),
        ("data.long ~ data.long ~ data.long ~ data.long ~ data.long", "20,000,000 characters"),
        ("[1, 2, 3, 4, 5, 6] | join(data.long)", "24,000,006 characters"),
        ("range(1000000) + range(1000000)", "at most 1000000 items"),
    ],
)
def test_too_much_is_an_error_that_says_so(source: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=said) as caught:
        value_of(source)
    assert caught.value.place == Place("p.yaml", 1, 3)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("data.rate | round(2)", 1.23),
        ("data.rate | round", 1),
        ("data.rate | round(15)", 1.2345),
        ("data.large | round(15)", 1e300),
        ("data.large | round", int(1e300)),
        ("1234.5 | round(-2)", 1200.0),
        ("'a-a' | replace('a', 'bb')", "bb-bb"),
    ],
)
def test_what_is_usual_is_as_it_was(source: str, value: object) -> None:
    assert value_of(source) == value


@pytest.mark.parametrize("digit", ["²", "३", "①"])
def test_digits_of_other_kinds_are_no_fault_of_ours(digit: str) -> None:
    for source in (f"data.n-{digit}", f"data-{digit}", f"data.n + {digit}", f"data.n[{digit}]"):
        expression, diagnostics = compiled(source)
        if not diagnostics.errors:
            assert isinstance(expression, Expression)
            with suppress(ExpressionError):
                evaluate(expression, VALUES.__getitem__)
