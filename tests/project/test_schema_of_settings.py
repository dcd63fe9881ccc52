"""The JSON Schemas of `orchestrate.toml` and the environment files say what the checker says."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.nodes import plain
from orchestrate.playbook.reader import read
from orchestrate.project.environments import read_environment
from orchestrate.project.fields import SettingsError
from orchestrate.project.model import Project
from orchestrate.project.schema import environment_schema, settings_schema
from orchestrate.project.sections import BUILT_IN_OPTIONS, CHECKS, NOTIFY
from orchestrate.project.settings import DEFAULTS, parse_settings

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = settings_schema()
ENVIRONMENT = environment_schema()
UNKNOWN = "zzzzzz = 1\n"


def known_by(error: SettingsError) -> set[str]:
    """The checker lists the keys that it knows when none is near the one that it does not know."""
    hints = [found.hint for found in error.problems if "zzzzzz" in found.message]
    assert len(hints) == 1
    return set(hints[0].removeprefix("Known here: ").removesuffix(".").split(", "))


def known_in(text: str) -> set[str]:
    with pytest.raises(SettingsError) as caught:
        parse_settings("orchestrate.toml", text.encode())
    return known_by(caught.value)


def properties(*path: str) -> set[str]:
    schema: Any = SETTINGS
    for name in path:
        schema = schema["additionalProperties"] if name == "*" else schema["properties"][name]
    return set(schema["properties"])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), UNKNOWN),
        (("engine",), "[engine]\n" + UNKNOWN),
        (("state",), "[state]\n" + UNKNOWN),
        (("backup",), "[backup]\n" + UNKNOWN),
        (("backup", "sets", "*"), "[backup.sets.a]\npaths = ['b']\n" + UNKNOWN),
        (("backup", "targets", "*"), "[backup.targets.a]\ndirectory = 'b'\n" + UNKNOWN),
        (("test",), "[test]\n" + UNKNOWN),
        (("test", "suites", "*"), "[test.suites.a]\nshell = 'b'\n" + UNKNOWN),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else "",
)
def test_each_table_has_the_keys_that_the_checker_knows(path: tuple[str, ...], text: str) -> None:
    assert properties(*path) == known_in(text)


def test_a_request_has_the_keys_that_the_checker_knows() -> None:
    schema = SETTINGS["properties"]["test"]["properties"]["suites"]["additionalProperties"]
    request = schema["properties"]["requests"]["items"]["properties"]
    head = "[test.suites.a]\nbase_url = 'http://b'\n[[test.suites.a.requests]]\npath = '/'\n"
    assert set(request) == known_in(head + UNKNOWN)


@pytest.mark.parametrize(("table", "kinds"), [("checks", CHECKS), ("notify", NOTIFY)])
def test_each_type_of_a_table_has_the_keys_that_the_checker_knows(table: str, kinds: Any) -> None:
    variants = SETTINGS["properties"][table]["additionalProperties"]["oneOf"]
    by_type = {v["properties"]["type"]["enum"][0]: set(v["properties"]) for v in variants}
    assert set(by_type) == set(kinds)
    for kind, keys in by_type.items():
        assert keys == known_in(f"[{table}.a]\ntype = '{kind}'\n{UNKNOWN}"), kind


def test_commands_have_the_keys_that_the_checker_knows() -> None:
    schema = SETTINGS["properties"]["commands"]
    listed = set().union(*(v["properties"] for v in schema["additionalProperties"]["anyOf"]))
    texts = ("argv = ['b']\n", "ssh = 'b'\n", "playbook = 'b'\n")
    assert listed == set().union(*(known_in(f"[commands.a]\n{text}{UNKNOWN}") for text in texts))
    for name in BUILT_IN_OPTIONS:
        options = set(schema["properties"][name]["anyOf"][-1]["properties"])
        known = known_in(f"[commands.{name}]\n{UNKNOWN}")
        assert known - options == {"argv", "ssh", "playbook", "arguments"}


def test_an_environment_has_the_keys_that_the_checker_knows(tmp_path: Path) -> None:
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "dev.yaml").write_text("zzzzzz: 1\n")
    with pytest.raises(SettingsError) as caught:
        read_environment(Project(tmp_path, tmp_path / ".orchestrate", DEFAULTS), "dev")
    assert set(ENVIRONMENT["properties"]) == known_by(caught.value)


def nested(schema: Any) -> Iterator[Any]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).values()
        for inner in schema.values():
            yield from nested(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from nested(inner)


@pytest.mark.parametrize("schema", [SETTINGS, ENVIRONMENT], ids=lambda schema: schema["title"])
def test_every_key_has_a_description(schema: Any) -> None:
    jsonschema.Draft7Validator.check_schema(schema)
    found = list(nested(schema))
    assert len(found) > 20
    assert all(inner["description"].endswith(".") for inner in found)


@pytest.mark.parametrize("file", sorted(ROOT.glob("examples/*/orchestrate.toml")), ids=str)
def test_settings_of_the_examples_validate(file: Path) -> None:
    jsonschema.validate(tomllib.loads(file.read_text()), SETTINGS)


@pytest.mark.parametrize("file", sorted(ROOT.glob("examples/*/environments/*.yaml")), ids=str)
def test_environments_of_the_examples_validate(file: Path) -> None:
    node = read(file.name, file.read_text(), Diagnostics())
    jsonschema.validate(None if node is None else plain(node), ENVIRONMENT)


@pytest.mark.parametrize(
    "text",
    [
        "[engine]\nmax_workflows = 0\n",
        "[engine]\nkill_grace = 'soon'\n",
        "[checks.a]\nurl = 'http://b'\n",
        "[checks.a]\ntype = 'tcp'\nhost = 'b'\n",
        "[checks.a]\ntype = 'http'\nurl = 'http://b'\nbetter = 'larger'\n",
        "[commands.a]\nargv = ['b']\nplaybook = 'c'\n",
        "[commands.a]\nmax_duration = 3\n",
        "[commands.a]\nargv = []\n",
        "[backup.sets.a]\npaths = []\n",
        "[test.suites.a]\ncommand = ['b']\nshell = 'c'\n",
        "[[test.suites.a.requests]]\nname = 'b'\n",
    ],
)
def test_what_the_checker_refuses_does_not_validate(text: str) -> None:
    with pytest.raises(SettingsError):
        parse_settings("orchestrate.toml", text.encode())
    assert not jsonschema.Draft7Validator(SETTINGS).is_valid(tomllib.loads(text))


@pytest.mark.parametrize("table", ["state", "audit"])
def test_days_are_above_zero(table: str) -> None:
    checker = jsonschema.Draft7Validator(SETTINGS)
    assert not list(checker.iter_errors({table: {"retention_days": 0.5}}))
    assert [error.message for error in checker.iter_errors({table: {"retention_days": 0}})] == [
        "0 is less than or equal to the minimum of 0"
    ]
