import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.expression.filters import FILTER_FUNCTIONS
from orchestrate.playbook.expression.functions import FUNCTIONS
from orchestrate.playbook.expression.known import INTERNAL_NAMES
from orchestrate.playbook.expression.predicates import PREDICATES
from orchestrate.playbook.expression.signatures import FILTERS, TESTS
from orchestrate.playbook.expressions import ExpressionError, evaluate, evaluate_condition
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import Scalar
from orchestrate.playbook.plan import Expression, Parameter
from orchestrate.playbook.templates import compile_condition, compile_template

PLACE = Place("p.yaml", 1, 1)
VALUES = {
    "environment": "production",
    "count": 3,
    "flag": True,
    "data": {
        "nothing": None,
        "url": "http://x/a b",
        "keys": "own",
        "tags": ["b", "a", "b"],
        "rows": [{"n": 1, "ok": True}, {"n": 2, "ok": False}],
        "content-type": "text",
        "number": "5",
        "empty": [],
    },
    "env": {"HOME": "/root"},
    "run_tests": {"success": True, "exit_code": 0, "stdout": "all good\n", "output": None},
}


def scalar(text):
    lines = tuple(Place("p.yaml", row, 1) for row in range(1, text.count("\n") + 2))
    return Scalar(text, text, True, PLACE, lines)


def parameter(name, kind="string", *, secret=False):
    return Parameter(
        name, kind, "", True, None, None, None, None, None, secret, False, Place("p.yaml", 1, 1)
    )


def scene():
    diagnostics = Diagnostics()
    parameters = [
        parameter("environment"),
        parameter("count", "integer"),
        parameter("flag", "boolean"),
        parameter("password", secret=True),
    ]
    names = Names.playbook(diagnostics, parameters, ["data"], ["api-key"], implicit=False)
    names.add_step("run-tests", "run-tests", PLACE, "command")
    return names, diagnostics


def compiled(source):
    names, diagnostics = scene()
    result = compile_template(scalar("${" + source + "}"), names, diagnostics)
    assert diagnostics.found == []
    assert isinstance(result, Expression)
    return result


def value_of(source):
    return evaluate(compiled(source), VALUES.__getitem__)


def found(source):
    """The rules, places and hints of what is wrong with an expression."""
    names, diagnostics = scene()
    compile_template(scalar("${" + source + "}"), names, diagnostics)
    return diagnostics.errors


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("environment", "production"),
        ("data.nothing", None),
        ("data['content-type']", "text"),
        ("data.content-type", "text"),
        ("data.keys", "own"),
        ("data.tags[0]", "b"),
        ("data.tags[-1]", "b"),
        ("data.tags[1:]", ["a", "b"]),
        ("environment[:4]", "prod"),
        ("data.rows[1].n", 2),
        ("run-tests.success", True),
        ("run_tests.stdout | trim", "all good"),
        ("HOME", "/root"),
        ("env.HOME", "/root"),
        ("count + 1", 4),
        ("count-1", 2),
        ("-count", -3),
        ("count / 2", 1.5),
        ("6 / 2", 3),
        ("7 // 2", 3),
        ("7 % 4", 3),
        ("2 ** 10", 1024),
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("count > 2 and flag", True),
        ("not flag or count == 3", True),
        ("'a' ~ count ~ flag ~ null", "a3truenull"),
        ("'prod' in environment", True),
        ("count not in [1, 2]", True),
        ("'url' in data", True),
        ("'yes' if flag else 'no'", "yes"),
        ("[count, 'x', null]", [3, "x", None]),
        ('{"a": count}', {"a": 3}),
        ('{"a": count}.a', 3),
        (r"'tab\t, quote \', \u00e9'", "tab\t, quote ', é"),
        ("'$${x}'", "${x}"),
        ("data.missing | default('d')", "d"),
        ("data.a.b.c | default('d')", "d"),
        ("data.nothing | default('d')", "d"),
        ("data.nothing.deeper | default('d')", "d"),
        ("run-tests.output.url | default('none')", "none"),
        ("UNSET | default('d')", "d"),
        ("'' | default('d')", ""),
        ("'' | default('d', true)", "d"),
        ("data.empty | first | default('d')", "d"),
        ("data.missing is defined", False),
        ("data.nothing is defined", True),
        ("data.nothing is null", True),
        ("data.missing is undefined", True),
        ("count is odd", True),
        ("count is not even", True),
        ("environment is startingwith('prod')", True),
        ("count is divisibleby(3)", True),
        ("data.nothing == null", True),
        ("range(count)", [0, 1, 2]),
        ("range(1, 6, 2) | join(',')", "1,3,5"),
        ("data.number | int == 5", True),
    ],
)
def test_an_expression_has_this_value(source, value):
    result = value_of(source)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("-3 | abs", 3),
        ("'aGk=' | b64decode", "hi"),
        ("'hi' | b64encode", "aGk="),
        ("'/a/b.txt' | basename", "b.txt"),
        ("'Yes' | bool", True),
        ("'hello World' | capitalize", "Hello World"),
        ("'/a/b.txt' | dirname", "/a"),
        ("[1, 2] | first", 1),
        ("'1.5' | float", 1.5),
        ("'[1, {\"a\": null}]' | fromjson", [1, {"a": None}]),
        ("' 42 ' | int", 42),
        ("4.7 | int", 4),
        ('{"a": 1} | items', [["a", 1]]),
        ("[1, true, 'x'] | join(',')", "1,true,x"),
        ('{"b": 1, "a": 2} | keys', ["b", "a"]),
        ("'abc' | last", "c"),
        ("data.tags | length", 3),
        ("'a\\nb' | lines", ["a", "b"]),
        ("'ABC' | lower", "abc"),
        ("data.tags | map('upper')", ["B", "A", "B"]),
        ("data.rows | map(attribute='n')", [1, 2]),
        ("[1, 3, 2] | max", 3),
        ("[1, 3, 2] | min", 1),
        ("[1, 2] | reject('even')", [1]),
        ("data.rows | rejectattr('ok') | length", 1),
        ("'a-b' | replace('-', '_')", "a_b"),
        ("[1, 2] | reverse", [2, 1]),
        ("2.5 | round", 3),
        ("2.345 | round(1)", 2.3),
        ("[1, 2] | select('even')", [2]),
        ("data.rows | selectattr('n', 'odd') | map(attribute='n')", [1]),
        ("'' | sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("data.tags | sort", ["a", "b", "b"]),
        ("[1, 3, 2] | sort(reverse=true)", [3, 2, 1]),
        ("data.rows | sort(attribute='n', reverse=true) | map(attribute='n')", [2, 1]),
        ("'a,b' | split(',')", ["a", "b"]),
        ("' a  b ' | split", ["a", "b"]),
        ("1.5 | string", "1.5"),
        ("[1, 2.5] | sum", 3.5),
        ("{'a': '<'} | tojson", '{"a": "<"}'),
        ("'xxaxx' | trim('x')", "a"),
        ("data.tags | unique", ["b", "a"]),
        ("'abc' | upper", "ABC"),
        ("data.url | urlencode", "http%3A%2F%2Fx%2Fa%20b"),
        ('{"a": 1} | values', [1]),
    ],
)
def test_a_filter_gives_this(source, value):
    result = value_of(source)
    assert result == value
    assert type(result) is type(value)


def test_every_filter_and_test_that_the_check_knows_exists():
    assert set(FILTERS) == set(FILTER_FUNCTIONS)
    assert set(TESTS) - {"defined", "undefined"} == set(PREDICATES)


def test_names_that_compiled_code_uses_are_reserved():
    assert set(FUNCTIONS) | {"self"} == INTERNAL_NAMES


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("data.missing", "there is no `missing`"),
        ("data.url.x", "there is no `x`: this is text"),
        ("data.nothing.x", "`nothing` is null"),
        ("data.tags[9]", "there is no [9]: the list has 3 items"),
        ("[data.missing]", "there is no `missing`"),
        ("data.missing ~ ''", "there is no `missing`"),
        ("data.empty | first", "it is empty"),
        ("data.number == 5", 'compares text ("5") with a number (5)'),
        ("data.number > 4", 'compares text ("5") with a number (4)'),
        ("data.number + 1", "`+` needs numbers"),
        ("data.url and flag", "true or false is needed"),
        ("data.url | int", "no whole number"),
        ("data.url | bool", "neither true nor false"),
        ("data | upper", "`upper` needs text"),
        ("1 / 0", "divides by zero"),
        ("2 ** 900", "too large"),
        ("9 ** 9999", "cannot be calculated"),
        ("data.tags | map(attribute='x')", "there is no `x`"),
        ("[1, 'a'] | sort", "numbers only or texts only"),
        ("UNSET", "`UNSET`: the environment variable is not set"),
        ("range(10000000)", "at most 1000000 numbers"),
        ("range(1, 2, 0)", "cannot be 0"),
    ],
)
def test_what_has_no_value_is_an_error_with_its_place(source, part):
    with pytest.raises(ExpressionError) as error:
        value_of(source)
    assert part in error.value.message
    assert error.value.place == Place("p.yaml", 1, 3)


@pytest.mark.parametrize("method", ["keys", "append", "__class__", "upper", "real", "pop"])
def test_python_attributes_are_out_of_reach(method):
    expression = compiled(f"[data.tags.{method}]")
    with pytest.raises(ExpressionError, match="there is no"):
        evaluate(expression, {"data": {"tags": []}}.__getitem__)
    with pytest.raises(ExpressionError, match="there is no"):
        evaluate(compiled(f"data.{method}"), {"data": {}}.__getitem__)


@pytest.mark.parametrize(
    ("source", "rule", "column", "hint"),
    [
        ("environment ==", "expression-syntax", 16, ""),
        ("a && b", "expression-syntax", 5, "write `and`"),
        ("count = 3", "expression-syntax", 9, "to compare, write `==`"),
        ("'open", "expression-syntax", 3, "close it"),
        ("count count", "expression-syntax", 9, "an operator is missing before it"),
        ("1 < 2 < 3", "expression-syntax", 9, "write `a < b and b < c`"),
        ("1 if flag", "expression-syntax", 3, "say what the value is otherwise"),
        ("(1, 2)", "expression-syntax", 3, "write `[a, b]`"),
        ("{a: 1}", "expression-syntax", 4, 'write `"a": …`'),
        ("data.0", "expression-syntax", 8, ""),
        ("HOME:-/x", "expression-syntax", 7, 'here: `${HOME | default("/x")}`'),
        ("HOME##*/", "expression-syntax", 7, "the shell's own is written `$${HOME##*/}`"),
        ("enviroment", "undefined-name", 3, "did you mean `environment`?"),
        ("count - nope", "undefined-name", 11, "declare it"),
        ("no-such", "undefined-name", 3, "needs spaces around `-`"),
        ("run-tests.sucess", "unknown-attribute", 13, "did you mean `success`?"),
        ("run-tests.success.x", "unknown-attribute", 21, ""),
        ("environment.x", "unknown-attribute", 15, ""),
        ("run.nope", "unknown-attribute", 7, "there are: id, actor, environment, started_at"),
        ("env[count]", "unknown-attribute", 3, "write `env.NAME`"),
        ("error.step", "error-outside-handler", 3, "STEP.failed"),
        ("data | uper", "unknown-filter", 10, "did you mean `upper`?"),
        ("data | count", "unknown-filter", 10, "did you mean `length`?"),
        ("data is mapping", "unknown-test", 11, "did you mean `map`?"),
        ("data | map('uper')", "unknown-filter", 14, "did you mean `upper`?"),
        ("data.tags | map('replace', 'a')", "wrong-arguments", 19, ""),
        ("data.tags | select('divisibleby')", "wrong-arguments", 22, ""),
        ("data.tags | map", "wrong-arguments", 3, ""),
        ("environment | replace('a')", "wrong-arguments", 17, "replace('a', 'b')"),
        ("data | sort(attr='a')", "wrong-arguments", 20, ""),
        ("data.keys()", "unknown-function", 3, "use a filter: `| keys`"),
        ("upper(environment)", "unknown-function", 3, "write `value | upper`"),
        ("now()", "unknown-function", 3, "only `range` is a function"),
        ("range('5')", "type-mismatch", 9, ""),
        ("count == '3'", "type-mismatch", 3, "write 3 without quotes"),
        ("environment == 3", "type-mismatch", 3, 'write "3" in quotes'),
        ("run-tests.exit_code == '0'", "type-mismatch", 3, "write 0 without quotes"),
        ("flag == 'true'", "type-mismatch", 3, "leave the comparison out"),
        ("environment + 'x'", "type-mismatch", 3, "text is joined with `~`"),
        ("count | upper", "type-mismatch", 3, ""),
        ("environment == 'a' or 'b'", "not-boolean", 25, "a comparison repeats the name"),
        ("'x' ~ secrets.api-key", "secret-in-expression", 9, "pass it whole"),
        ("'x' ~ password", "secret-in-expression", 9, "pass it whole"),
        ("secrets.api_kee", "undefined-secret", 11, "did you mean `api-key`?"),
        ("'a${count}'", "quoted-expression", 3, "join text with `~`"),
        ("x if ${flag} else y", "expression-syntax", 8, "names need no `${` there"),
    ],
)
def test_a_mistake_is_found_before_anything_runs(source, rule, column, hint):
    errors = found(source)
    assert [(error.rule, error.place.column) for error in errors][:1] == [(rule, column)]
    assert hint in errors[0].hint


def test_a_deeply_nested_expression_is_refused():
    assert found("(" * 500 + "1" + ")" * 500)[0].rule == "expression-syntax"
    assert found("not " * 500 + "flag")[0].rule == "expression-syntax"
    assert found(" + ".join(["count"] * 200))[0].rule == "expression-syntax"
    assert found("count" + " | abs" * 200)[0].rule == "expression-syntax"


def test_long_chains_are_no_nesting():
    assert value_of(" ~ ".join(["count"] * 200)) == "3" * 200
    assert value_of(" and ".join(["flag"] * 200)) is True
    assert value_of(" + ".join(["count"] * 70)) == 210
    assert value_of("[" * 20 + "1" + "]" * 20 + "[0]" * 20) == 1


def test_a_condition_must_yield_true_or_false():
    names, diagnostics = scene()
    expression = compile_condition(scalar("data.url"), names, diagnostics)
    with pytest.raises(ExpressionError, match=r'is text \("http://x/a b"\), not true or false'):
        evaluate_condition(expression, VALUES.__getitem__)


@given(st.text(alphabet="ab1.-+*/|~()[]{}\"'$,: \\=<>!?#%&", max_size=30))
@settings(max_examples=400, deadline=None)
def test_any_text_is_an_expression_or_a_diagnostic(source):
    names, diagnostics = scene()
    result = compile_template(scalar("${" + source + "}"), names, diagnostics)
    if not diagnostics.errors and isinstance(result, Expression):
        try:
            evaluate(result, {"env": {}, "a": 1}.__getitem__)
        except ExpressionError as error:
            assert "cannot be evaluated" not in error.message  # noqa: PT017 - no library message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@given(JSON)
@settings(max_examples=200, deadline=None)
def test_a_path_has_the_same_value_by_itself_and_inside_a_larger_expression(value):
    lookup = {"data": {"x": value}}.__getitem__
    alone = evaluate(compiled("data.x"), lookup)
    inside = evaluate(compiled("[data.x]"), lookup)[0]
    assert alone == value
    assert inside == value
    assert type(inside) is type(value)


def test_paths_are_evaluated_without_loading_minijinja_or_the_checker():
    program = (
        "import sys\n"
        "from orchestrate.errors import Place\n"
        "from orchestrate.playbook.plan import Expression, Text\n"
        "from orchestrate.playbook.templates import render\n"
        "e = Expression('a.b', 'a.b', ('a',), Place('', 1, 1))\n"
        "assert render(Text(('x', e)), lambda name: {'b': 1}) == 'x1'\n"
        "heavy = {'minijinja', 'yaml', 'pydantic', 'difflib'}\n"
        "heavy.add('orchestrate.playbook.expression.checking')\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
