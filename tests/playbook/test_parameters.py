from collections.abc import Callable

import pytest

from orchestrate.errors import UsageError
from orchestrate.playbook.parameters import bind, check_supplied, missing, parse_options
from orchestrate.playbook.plan import Plan

DECLARED = """
parameters:
  - {name: version, description: what to deploy}
  - {name: environment, default: staging}
  - {name: replicas, type: integer, default: 2, min: 1, max: 9}
  - {name: ratio, type: number, required: false}
  - {name: fast, type: boolean, default: false}
  - {name: regions, type: list, default: [eu], max: 3}
  - {name: labels, type: map, default: {}}
  - {name: tag, pattern: "v[0-9]+", default: v1}
  - {name: size, choices: [small, large], default: small}
  - {name: token, secret: true, required: false}
steps:
  - command: echo
"""


@pytest.fixture
def plan(compile_text: Callable[..., Plan]) -> Plan:
    return compile_text(DECLARED)


def no_file(path: str) -> object:
    raise AssertionError(path)


def test_defaults_complete_what_was_supplied(plan: Plan) -> None:
    assert bind(plan, {"version": "1.2"}, "staging") == {
        "version": "1.2",
        "environment": "staging",
        "replicas": 2,
        "ratio": None,
        "fast": False,
        "regions": ["eu"],
        "labels": {},
        "tag": "v1",
        "size": "small",
    }


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("version", "1.10", "1.10"),
        ("version", "true", "true"),
        ("replicas", "3", 3),
        ("ratio", "0.5", 0.5),
        ("ratio", "2", 2),
        ("fast", "true", True),
        ("fast", "No", False),
        ("regions", "eu, us", ["eu", "us"]),
        ("regions", '["a,b"]', ["a,b"]),
        ("regions", "", []),
        ("labels", '{"a": 1}', {"a": 1}),
        ("replicas", 4, 4),
        ("regions", ["x"], ["x"]),
    ],
)
def test_text_becomes_the_declared_type(plan: Plan, name: str, text: object, value: object) -> None:
    bound = bind(plan, {"version": "1", name: text}, "staging")  # type: ignore[dict-item]
    assert bound[name] == value
    assert type(bound[name]) is type(value)


def test_all_problems_are_named_at_once(plan: Plan) -> None:
    supplied = {
        "replicas": "ten",
        "ratio": "x",
        "fast": "maybe",
        "regions": "a,b,c,d",
        "labels": "[1]",
        "tag": "1",
        "size": "medium",
        "versoin": "1",
        "token": 5,
    }
    with pytest.raises(UsageError) as error:
        bind(plan, supplied, "staging")  # type: ignore[arg-type]
    assert error.value.message.split("\n") == [
        "test has no parameter `versoin`; did you mean `version`?",
        "`version` is missing: what to deploy",
        "`replicas` must be a whole number, not `ten`",
        "`ratio` must be a number, not `x`",
        "`fast` must be true or false, not `maybe`",
        '`regions` cannot be ["a", "b", "c", "d"]: its length must be 3 or less',
        "`labels` must be a mapping, not [1]; write it as JSON or use @file",
        "`tag` cannot be `1`: it must match v[0-9]+",
        "`size` cannot be `medium`; it can be `small`, `large`",
        "`token` has a value that does not fit",
    ]
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    "value", ["1e400", "-1e400", "inf", "nan", float("inf"), float("-inf"), float("nan")]
)
def test_what_json_has_no_number_for_is_refused(plan: Plan, value: object) -> None:
    with pytest.raises(UsageError, match="`ratio` must be a number, not"):
        bind(plan, {"version": "1", "ratio": value}, "staging")  # type: ignore[dict-item]


def test_what_is_no_json_is_shown_some(plan: Plan) -> None:
    with pytest.raises(UsageError) as error:
        bind(plan, {"version": "1", "labels": "a=b", "regions": "[eu"}, "staging")
    assert [line.partition(":")[0] for line in error.value.message.split("\n")] == [
        '`regions` is not JSON such as `["a", "b"]`',
        '`labels` is not JSON such as `{"key"',
    ]


def test_nobody_gives_a_value_that_is_not_known_yet() -> None:
    check_supplied({"replicas": "4", "labels": {"a": 1}})
    with pytest.raises(UsageError, match=r"`replicas` holds U\+FFFE, which is no character"):
        check_supplied({"version": "1", "replicas": "\ufffex\uffff"})


def test_numbers_for_text_are_refused_because_what_was_written_is_lost(plan: Plan) -> None:
    with pytest.raises(UsageError, match=r"`version` must be text, not 1\.1; put it in quotes"):
        bind(plan, {"version": 1.1}, "staging")


def test_bounds(plan: Plan) -> None:
    with pytest.raises(UsageError, match="`replicas` cannot be 10: it must be 9 or less"):
        bind(plan, {"version": "1", "replicas": "10"}, "staging")
    with pytest.raises(UsageError, match="`replicas` cannot be 0: it must be 1 or more"):
        bind(plan, {"version": "1", "replicas": 0}, "staging")


def test_a_declared_environment_is_the_environment(plan: Plan) -> None:
    assert bind(plan, {"version": "1"}, "production")["environment"] == "production"
    assert bind(plan, {"version": "1", "environment": "dev"}, "dev")["environment"] == "dev"
    with pytest.raises(UsageError, match="`environment` cannot be `dev`"):
        bind(plan, {"version": "1", "environment": "dev"}, "production")


def test_missing_are_the_required_ones_without_value(plan: Plan) -> None:
    assert [parameter.name for parameter in missing(plan, {})] == ["version"]
    assert missing(plan, {"version": ""}) == ()


@pytest.mark.parametrize(
    ("options", "values"),
    [
        (["version=1"], {"version": "1"}),
        (["version=1,replicas=3"], {"version": "1", "replicas": "3"}),
        (["version=1, replicas=3"], {"version": "1", "replicas": "3"}),
        (["regions=a,b,version=2"], {"regions": "a,b", "version": "2"}),
        (["version=a\\,replicas=3"], {"version": "a,replicas=3"}),
        (["version=a=b"], {"version": "a=b"}),
        (["version="], {"version": ""}),
        (["version= spaces kept "], {"version": " spaces kept "}),
        (["version=1", "version=2"], {"version": "2"}),
        (["version=two\nlines"], {"version": "two\nlines"}),
    ],
)
def test_options(plan: Plan, options: list[str], values: dict[str, str]) -> None:
    assert parse_options(options, plan, no_file) == values  # type: ignore[arg-type]


def test_options_from_a_file(plan: Plan) -> None:
    files = {"values.yaml": {"version": "7", "replicas": 5}, "list.yaml": [1]}
    values = parse_options(["@values.yaml", "replicas=6"], plan, files.__getitem__)
    assert values == {"version": "7", "replicas": "6"}
    with pytest.raises(UsageError, match=r"list.yaml does not hold a mapping"):
        parse_options(["@list.yaml"], plan, files.__getitem__)


def test_options_that_are_none(plan: Plan) -> None:
    with pytest.raises(UsageError, match="`version` is not name=value"):
        parse_options(["version"], plan, no_file)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="test has no parameter `versin`; did you mean `version`"):
        parse_options(["versin=1"], plan, no_file)  # type: ignore[arg-type]


def test_a_default_that_looks_like_a_number_stays_as_written(
    compile_text: Callable[..., Plan],
) -> None:
    text = "parameters: [{name: v, default: 1.10, choices: [1.10, 2.0]}]\nsteps: [{command: echo}]"
    (parameter,) = compile_text(text).parameters
    assert (parameter.default, parameter.choices) == ("1.10", ("1.10", "2.0"))
