import re
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.expressions import ExpressionError, evaluate_condition
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import Entry, ListNode, MapNode, Scalar
from orchestrate.playbook.plan import Expression, Parameter, SecretRef, Text
from orchestrate.playbook.templates import (
    compile_condition,
    compile_expression,
    compile_template,
    compile_words,
    render,
    render_argument,
)

PLACE = Place("p.yaml", 1, 1)
VALUES = {
    "environment": "production",
    "x": "a b",
    "number": 1.5,
    "flag": True,
    "items": [1, "b"],
    "nothing": None,
}


def scalar(value):
    text = str(value)
    lines = tuple(Place("p.yaml", row, 1) for row in range(1, text.count("\n") + 2))
    return Scalar(value, text, False, PLACE, lines)


def scene():
    diagnostics = Diagnostics()
    environment = Parameter(
        "environment", "string", "", True, None, None, None, None, None, False, False, PLACE
    )
    password = environment._replace(name="password", secret=True)
    names = Names.playbook(
        diagnostics,
        [environment, password],
        ["x", "number", "flag", "items", "nothing"],
        ["api-key"],
        implicit=False,
    )
    names.add_step("monitor", "monitor", PLACE, "command")
    return names, diagnostics


def template(value):
    names, diagnostics = scene()
    node = scalar(value) if not isinstance(value, tuple) else value
    result = compile_template(node, names, diagnostics)
    assert diagnostics.found == []
    return result


def rendered(value):
    return render(template(value), VALUES.__getitem__)


def condition(text):
    names, diagnostics = scene()
    return compile_condition(scalar(text), names, diagnostics), diagnostics


def words(text):
    names, diagnostics = scene()
    return compile_words(scalar(text), names, diagnostics), diagnostics


def argv(text, values=VALUES):
    found, diagnostics = words(text)
    assert diagnostics.found == []
    return [render_argument(word, values.__getitem__) for word in found]


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("plain", "plain"),
        ("", ""),
        (3, 3),
        (None, None),
        ("${number}", 1.5),
        ("${items}", [1, "b"]),
        ("${nothing}", None),
        (" ${flag}", " true"),
        ("${x}${x}", "a ba b"),
        ("n=${number}, f=${flag}, i=${items}, z=${nothing}", 'n=1.5, f=true, i=[1, "b"], z=null'),
        ("$${x} costs $5 ${'}'}", "${x} costs $5 }"),
        ('${ {"a": {"b": "}"}}.a.b }', "}"),
        ("two\nlines ${x}", "two\nlines a b"),
    ],
)
def test_text_with_holes(value, result):
    assert rendered(value) == result


def test_lists_and_maps_are_rendered_inside():
    key = scalar("k")
    node = MapNode((Entry(key, ListNode((scalar("${x}"), scalar(1)), PLACE)),), PLACE)
    assert rendered(node) == {"k": ["a b", 1]}


@pytest.mark.parametrize(
    ("text", "rule", "column"),
    [
        ("a ${x", "unclosed-expression", 3),
        ("a ${'x}", "expression-syntax", 5),
        ("a ${} b", "empty-expression", 3),
        ("a ${ } b", "empty-expression", 3),
        ("${x | nope} b", "unknown-filter", 7),
        ("l1\nl2 ${nope}", "undefined-name", 6),
    ],
)
def test_mistakes_have_their_place(text, rule, column):
    names, diagnostics = scene()
    compile_template(scalar(text), names, diagnostics)
    assert [(found.rule, found.place.column) for found in diagnostics.found] == [(rule, column)]


def test_all_mistakes_of_a_value_are_found_at_once():
    names, diagnostics = scene()
    compile_template(scalar("${nope1} ${x} ${nope2}"), names, diagnostics)
    assert [found.place.column for found in diagnostics.errors] == [3, 17]


def test_secrets_are_references_never_values():
    assert template("${secrets.api-key}") == SecretRef("api-key")
    assert template("${secrets.api_key}") == SecretRef("api-key")
    assert template("${password}") == SecretRef("password")
    mixed = template("Bearer ${secrets.api-key} ${x}")
    assert isinstance(mixed, Text)
    assert render_argument(mixed, VALUES.__getitem__) == (
        "Bearer ",
        SecretRef("api-key"),
        " ",
        "a b",
    )
    assert render_argument(SecretRef("s"), VALUES.__getitem__) == (SecretRef("s"),)
    with pytest.raises(ExpressionError, match="the secret `api-key` cannot stand here"):
        render(mixed, VALUES.__getitem__)


def test_a_key_takes_a_literal_or_one_whole_expression():
    names, diagnostics = scene()
    assert compile_expression(scalar(30), names, diagnostics) == 30
    assert compile_expression(scalar("5m"), names, diagnostics) == "5m"
    whole = compile_expression(scalar("${number}"), names, diagnostics)
    assert isinstance(whole, Expression)
    assert whole.code == "number"
    assert diagnostics.found == []
    assert compile_expression(scalar("${number}m"), names, diagnostics) is None
    assert compile_expression(scalar("${password}"), names, diagnostics) is None
    assert [found.rule for found in diagnostics.found] == [
        "expression-syntax",
        "secret-in-expression",
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('${environment} == "production"', True),
        ('environment == "production"', True),
        ("${environment == 'production'}", True),
        ('${environment} == "staging" or ${flag}', True),
        ("${flag}", True),
        ("not ${flag}", False),
        ("${x | length} > 2", True),
        ("${x | default('}')} == 'a b'", True),
        ("(${number} + 1) * 2 == 5", True),
        ('{"a": ${flag}}.a', True),
        ("${monitor.success}", True),
        ("monitor.success", True),
        ("  ${flag}\n  and flag\n", True),
    ],
)
def test_a_condition_is_one_expression(text, value):
    expression, diagnostics = condition(text)
    assert diagnostics.found == []
    lookup = {**VALUES, "monitor": {"success": True}}.__getitem__
    assert evaluate_condition(expression, lookup) is value


def test_a_value_in_a_condition_is_never_code():
    expression, _ = condition("${x} == 'a' or ${x} == 'b'")
    assert evaluate_condition(expression, {"x": "' or true or '"}.__getitem__) is False


def test_a_literal_condition():
    names, diagnostics = scene()
    always = compile_condition(scalar(value=True)._replace(text="true"), names, diagnostics)
    assert evaluate_condition(always, VALUES.__getitem__) is True


@pytest.mark.parametrize(
    ("text", "rule", "column", "hint"),
    [
        ('"${x}" == "y"', "quoted-expression", 1, 'write `${x} == "y"`'),
        ("flag and '${x}' == 'y'", "quoted-expression", 10, "write `flag and ${x} == 'y'`"),
        ("'a-${x}' == 'a-y'", "quoted-expression", 1, "join text with `~`"),
        ("${environment}", "not-boolean", 1, '== "production"'),
        ("environment", "not-boolean", 1, '== "production"'),
        ("monitor", "not-boolean", 1, "${monitor.success}"),
        ("[1]", "not-boolean", 1, "| length > 0"),
        ("", "not-boolean", 1, "for example"),
        ("${}", "empty-expression", 1, ""),
        ("${x == 'y'", "unclosed-expression", 1, "close it"),
        ("${x} = 'y'", "expression-syntax", 6, "`==`"),
        ("${x} == y", "undefined-name", 9, ""),
        ("${password} == 'x'", "secret-in-expression", 3, "pass it whole"),
        ("${password}", "secret-in-expression", 1, "secrets go to commands only"),
        ("${a ${b}}", "expression-syntax", 5, ""),
    ],
)
def test_a_trap_in_a_condition_is_explained(text, rule, column, hint):
    expression, diagnostics = condition(text)
    assert expression is None
    first = diagnostics.errors[0]
    assert (first.rule, first.place.column) == (rule, column)
    assert hint in first.hint


@pytest.mark.parametrize("value", [1, None])
def test_a_condition_of_another_type_is_refused(value):
    names, diagnostics = scene()
    assert compile_condition(scalar(value), names, diagnostics) is None
    assert [found.rule for found in diagnostics.found] == ["not-boolean"]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("/infra deploy --component api", ["/infra", "deploy", "--component", "api"]),
        ("a  b\n  c\t'd e'", ["a", "b", "c", "d e"]),
        ("echo '' \"\" a''b", ["echo", "", "", "ab"]),
        (r"echo a\ b \' \\ \n", ["echo", "a b", "'", "\\", "n"]),
        (r'echo "a \"b\" \\ \n $x"', ["echo", 'a "b" \\ \\n $x']),
        ("echo a\\\nb \\\n c", ["echo", "ab", "c"]),
        ("echo ${x} ${number} ${flag}", ["echo", "a b", "1.5", "true"]),
        ("echo --to=${x}.tar '${x}' \"<${x}>\"", ["echo", "--to=a b.tar", "a b", "<a b>"]),
        ("echo ${ x | default('a b') }", ["echo", "a b"]),
        ("echo ${items | join(' ')}", ["echo", "1 b"]),
        ("echo $${x} $HOME *.txt ~ # a=b", ["echo", "${x}", "$HOME", "*.txt", "~", "#", "a=b"]),
        ("echo 'a;b' \"|\" a\\>b x>y 95%", ["echo", "a;b", "|", "a>b", "x>y", "95%"]),
        ("${x}", ["a b"]),
    ],
)
def test_a_command_is_split_before_values_are_put_in(text, result):
    assert argv(text) == result


@pytest.mark.parametrize(
    "value", ["", "--help", "; rm -rf /", "$(id)", "'", '"', "\n", "${1+1}", "x" * 5000, " a  b "]
)
def test_a_value_is_exactly_one_argument(value):
    arguments = argv("printf <%s> ${x} a${x} '${x}'", {"x": value})
    assert arguments == ["printf", "<%s>", value, "a" + value, value]
    done = subprocess.run(arguments, capture_output=True, check=True)
    assert done.stdout.decode() == f"<{value}><a{value}><{value}>"


@given(st.text(alphabet="ab '\"\\\n\t", max_size=20))
@settings(max_examples=150, deadline=None)
def test_words_are_split_as_the_shell_does(text):
    found, diagnostics = words(text)
    script = f'set -f -- {text}\nfor w in "$@"; do printf \'%s\\0\' "$w"; done'
    if diagnostics.found or not found or "\n" in re.sub(r"\\.", "", text, flags=re.DOTALL):
        return
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=True)
    assert done.stdout.decode() == "".join(word + "\0" for word in found)


@pytest.mark.parametrize(
    ("text", "rule", "column", "hint"),
    [
        ("echo 'open", "command-syntax", 6, "close it"),
        ('echo a"open', "command-syntax", 7, "close it"),
        ("echo a\\", "command-syntax", 7, "remove it"),
        ("  ", "command-syntax", 1, "name what to call"),
        ("echo ${x", "unclosed-expression", 6, "close it"),
        ("echo a | wc", "shell-in-command", 8, "use `shell:`"),
        ("a && b", "shell-in-command", 3, "use `shell:`"),
        ("a; b", "shell-in-command", 1, "use `shell:`"),
        ("echo $(date)", "shell-in-command", 6, "use `shell:`"),
        ("echo `date`", "shell-in-command", 6, "use `shell:`"),
        ("echo a > b", "shell-in-command", 8, "use `shell:`"),
        ("echo ${[1, 2]}", "argument-type", 6, "join it"),
        ("echo ${monitor}", "argument-type", 6, "name one of its keys"),
        ("echo ${null}", "argument-type", 6, ""),
    ],
)
def test_a_command_that_cannot_be_meant_is_an_error(text, rule, column, hint):
    _, diagnostics = words(text)
    first = diagnostics.errors[0]
    assert (first.rule, first.place.column) == (rule, column)
    assert hint in first.hint


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("${items}", "a list cannot be an argument", "join"),
        ("a${items}", "a list cannot be an argument", "join"),
        ("${nothing}", "null cannot be an argument", "default"),
        ("${x}", "a zero byte cannot be passed", ""),
    ],
)
def test_what_cannot_be_an_argument_is_an_error(text, message, hint):
    lookup = {**VALUES, "x": "a\0b"}.__getitem__
    with pytest.raises(ExpressionError, match=message) as error:
        render_argument(template(text), lookup)
    assert hint in error.value.hint
    assert error.value.place is not None
