"""Every `expression => value` line of the manual is evaluated."""

import json

import pytest
from documents import ROOT, blocks

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.expression.signatures import FILTERS
from orchestrate.playbook.expressions import ExpressionError
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import Scalar
from orchestrate.playbook.plan import Parameter
from orchestrate.playbook.templates import compile_condition, compile_template, render

PLACE = Place("expressions.md", 1, 1)
BLOCKS = blocks(ROOT / "docs" / "expressions.md")
VALUES = json.loads(next(b.body for b in BLOCKS if b.language == "json"))
LINES = [
    (kind, *(part.strip() for part in line.split(" => ")))
    for block in BLOCKS
    for kind in ("values", "conditions")
    if block.language == "text" and kind in block.words
    for line in block.body.splitlines()
]


def parameter(name, kind):
    return Parameter(name, kind, "", True, None, None, None, None, None, False, False, PLACE)


def outcome(kind, source):
    diagnostics = Diagnostics()
    typed = [parameter("region", "string"), parameter("count", "integer")]
    typed.append(parameter("ready", "boolean"))
    names = Names.playbook(diagnostics, typed, ["servers", "limits"], [], implicit=False)
    for step in ("deploy", "run-tests"):
        names.add_step(step, step, PLACE, "command")
    text = source if kind == "conditions" else "${" + source + "}"
    node = Scalar(text, text, True, PLACE, (PLACE,))
    compiler = compile_condition if kind == "conditions" else compile_template
    compiled = compiler(node, names, diagnostics)
    if diagnostics.found:
        return "error: " + diagnostics.found[0].message
    try:
        return render(compiled, VALUES.__getitem__)
    except ExpressionError as error:
        return "error: " + error.message


@pytest.mark.parametrize(("kind", "source", "expected"), LINES)
def test_an_expression_has_the_value_that_the_manual_says(kind, source, expected):
    result = outcome(kind, source)
    if expected.startswith("error: "):
        assert expected.removeprefix("error: ") in str(result)
        assert str(result).startswith("error: ")
    else:
        assert result == json.loads(expected)


def test_the_manual_shows_every_filter():
    shown = " ".join(source for _, source, _ in LINES)
    assert [name for name in FILTERS if f"| {name}" not in shown] == []
