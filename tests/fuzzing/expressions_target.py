"""Expressions: read, checked, compiled, evaluated over all kinds of values."""

import re
from collections.abc import Iterator, Mapping

from fuzzing.target import ROOT, Target, check_json, documents, is_good

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.expressions import ExpressionError, evaluate_condition
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import Scalar
from orchestrate.playbook.plan import Json, Parameter
from orchestrate.playbook.templates import (
    compile_condition,
    compile_template,
    compile_words,
    render,
    render_argument,
)

_PLACE = Place("t.yaml", 1, 1)
_LONGEST = 4 << 20
"""Characters of a value that comes of an expression of a few hundred."""
VALUES: Mapping[str, Json] = {
    "name": "web-1", "count": 3, "rate": 0.25, "flag": True, "items_": ["b", "a", "b"],
    "environment": "production", "timestamp": "20261122T163000Z",
    "data": {
        "nothing": None, "text": "a b\nc", "odd": "\udcff", "number": "5", "empty": [],
        "huge": 2**62, "tiny": 5e-324, "rows": [{"n": 1, "ok": True}, {"n": 2, "ok": False}],
        "json": '{"a": [1, 2.5, null]}', "deep": [[[[["x"]]]]], "content-type": "text",
        "strange": ["[" * 500 + "]" * 500, "1e999", "-0.0", "NaN", "٣", "1_0", '"\\ud800"'],
    },
    "env": {"HOME": "/root"},
    "run_tests": {"success": True, "exit_code": 0, "stdout": "good\n", "output": {"n": 1}},
}  # fmt: skip
_PARAMETERS = {"name": "string", "count": "integer", "rate": "number", "flag": "boolean",
               "items_": "list"}  # fmt: skip


def check(data: bytes) -> None:
    """Compiled there is a value that JSON can hold, the same each time, or an ExpressionError."""
    text = data.decode("utf-8", "replace")
    _check(text, "condition")
    _check("${" + text + "}", "template")
    _check(text, "template")
    _check(text, "words")


def _check(text: str, form: str) -> None:
    places = tuple(Place("t.yaml", row, 1) for row in range(1, text.count("\n") + 2))
    node = Scalar(text, text, True, _PLACE, places)
    names, diagnostics = _scene()
    if form == "condition":
        condition = compile_condition(node, names, diagnostics)
        if condition is not None and not diagnostics.errors:
            _twice(lambda: evaluate_condition(condition, VALUES.__getitem__))
    elif form == "words":
        words = compile_words(node, names, diagnostics)
        if not diagnostics.errors:
            for word in words:
                _twice(lambda word=word: render_argument(word, VALUES.__getitem__))
    else:
        template = compile_template(node, names, diagnostics)
        if not diagnostics.errors:
            _twice(lambda: render(template, VALUES.__getitem__))
    diagnostics.add_source("t.yaml", text)
    for one in diagnostics.found:
        assert one.place.line >= 1, one
        diagnostics.render(one)


def _twice(evaluated):
    first, second = _outcome(evaluated), _outcome(evaluated)
    assert first == second


def _outcome(evaluated) -> object:
    try:
        value = evaluated()
    except ExpressionError as error:
        is_good(error)
        return error.message
    except KeyError as error:  # a name that `VALUES` does not have
        raise AssertionError(f"asked for {error}") from error
    check_json(value)
    assert len(str(value)) <= _LONGEST
    return value


def _scene() -> tuple[Names, Diagnostics]:
    diagnostics = Diagnostics()
    declared = [
        Parameter(name, kind, "", True, None, None, None, None, None, False, False, _PLACE)
        for name, kind in _PARAMETERS.items()
    ]
    names = Names.playbook(diagnostics, declared, ["data"], ["token"], implicit=False)
    names.add_step("run-tests", "run-tests", _PLACE, "command")
    return names, diagnostics


def _seeds() -> Iterator[bytes]:
    manual = (ROOT / "docs" / "language.md").read_text("utf-8")
    yield from {one.encode() for one in re.findall(r"\$\{([^}\n]+)\}", manual)}
    for playbook in documents("src/orchestrate/library/**/*.yaml", "tests/scenarios/**/*.yaml"):
        yield from set(re.findall(rb"\$\{([^}\n]+)\}", playbook))
    yield b"data.rows | selectattr('ok') | map(attribute='n') | sum + 2 ** 3 // 2"
    yield b"count if flag and not name in items_ else data.rows[-1].n"
    yield b"{'a': [1, 2.5e3, null]} | tojson | fromjson"
    yield b"'x' ~ run-tests.stdout[:4:2] | upper is defined"


TARGET = Target(
    "expressions: a value that JSON can hold, or an error with a hint", check, _seeds, longest=400
)
