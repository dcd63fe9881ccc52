"""The JSON Schema for editors says what the checker says, as far as a schema can."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.diagnostics import Diagnostics, PlaybookInvalidError
from orchestrate.playbook.document.kinds import KINDS
from orchestrate.playbook.document.schema import SUMMARIES, playbook_schema
from orchestrate.playbook.nodes import plain
from orchestrate.playbook.reader import read

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = playbook_schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
VALID = [
    *sorted((ROOT / "tests/playbook/spec").glob("*.yaml")),
    *sorted((ROOT / "examples").glob("*/playbooks/*.yaml")),
]
BROKEN = sorted((ROOT / "tests/playbook/broken").glob("*.yaml"))
IN_A_SCHEMA = {
    "empty-value",
    "misplaced-key",
    "missing-key",
    "out-of-range",
    "unknown-key",
    "unknown-kind",
    "unknown-value",
    "wrong-type",
}
"""Rules of the checker that a schema can know; the others need names, types or other files."""
PLACED = {"compensate-in-handler", "compensate-outside"}
"""Keys that are right or wrong by where their step stands, which is beyond a schema of one step."""
STEP = "steps: [{command: /bin/true}]\n"


def faults(text: str | bytes) -> list[str]:
    node = read("playbook.yaml", text, Diagnostics())
    assert node is not None
    return [error.message for error in VALIDATOR.iter_errors(plain(node))]


def rules(file: Path) -> set[str]:
    try:
        compile_playbook(file.name, file.read_bytes(), lambda _: None)
    except PlaybookInvalidError as error:
        return {found.rule for found in error.diagnostics.errors}
    return set()


def hint_of(text: str) -> str:
    with pytest.raises(PlaybookInvalidError) as caught:
        compile_playbook("playbook.yaml", text.encode(), lambda _: None)
    hints = [e.hint for e in caught.value.diagnostics.errors if "zzzzzz" in e.message]
    assert len(hints) == 1
    return hints[0]


def keys_that_the_checker_knows(text: str) -> set[str]:
    """The checker lists the keys that it knows when none is near the one that it does not know."""
    hint = hint_of(text)
    assert hint.startswith("keys: ")
    return set(hint.removeprefix("keys: ").split(", "))


def test_it_is_a_schema_of_draft_7() -> None:
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", VALID, ids=lambda file: file.stem)
def test_valid_playbooks_validate(file: Path) -> None:
    assert faults(file.read_bytes()) == []


@pytest.mark.parametrize(
    "file",
    [file for file in BROKEN if rules(file) & IN_A_SCHEMA and file.stem not in PLACED],
    ids=lambda file: file.stem,
)
def test_broken_playbooks_do_not(file: Path) -> None:
    node = read(file.name, file.read_bytes(), Diagnostics())
    if node is not None:  # else it is no YAML, and every editor says so
        assert not VALIDATOR.is_valid(plain(node))


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_of_each_kind_has_the_keys_that_the_checker_knows(kind: str) -> None:
    known = keys_that_the_checker_knows(f"steps: [{{type: {kind}, zzzzzz: 1}}]")
    assert set(SCHEMA["definitions"][f"{kind}-step"]["properties"]) == known


@pytest.mark.parametrize(
    ("definition", "text"),
    [
        ("parameter", STEP + "parameters: [{name: a, zzzzzz: 1}]"),
        ("secret", STEP + "secrets: [{name: a, source: environment, variable: A, zzzzzz: 1}]"),
        ("retry", "steps: [{command: /bin/true, retry: {attempts: 2, zzzzzz: 1}}]"),
        ("script", "steps: [{script: {text: 'true', zzzzzz: 1}}]"),
        ("branch", "steps: [{type: parallel, branches: [{" + STEP.strip() + ", zzzzzz: 1}]}]"),
    ],
)
def test_every_other_part_has_the_keys_that_the_checker_knows(definition: str, text: str) -> None:
    known = keys_that_the_checker_knows(text)
    assert set(SCHEMA["definitions"][definition]["properties"]) == known


def test_a_playbook_has_the_keys_that_the_checker_knows() -> None:
    assert set(SCHEMA["properties"]) == keys_that_the_checker_knows(STEP + "zzzzzz: 1\n")


def resolved(schema: Any) -> Any:
    """What a reference within the schema stands for."""
    target = SCHEMA
    for name in schema.get("$ref", "").split("/")[1:]:
        target = target[name]
    return target if "$ref" in schema else schema


def described(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every property at any depth."""
    if isinstance(schema, dict):
        for name, inner in schema.items():
            if name == "properties" and not path.endswith(("/if", "/not")):
                yield from ((f"{path}/{key}", resolved(value)) for key, value in inner.items())
            yield from described(inner, f"{path}/{name}")
    elif isinstance(schema, list):
        for index, inner in enumerate(schema):
            yield from described(inner, f"{path}/{index}")


def test_every_key_and_every_kind_has_a_description() -> None:
    properties = list(described(SCHEMA))
    assert len(properties) > 150
    assert [path for path, schema in properties if not schema.get("description")] == []
    assert set(KINDS) <= set(SUMMARIES)


def test_a_description_speaks_of_the_kind_at_hand() -> None:
    loop = SCHEMA["definitions"]["foreach-step"]["properties"]
    assert loop["items"]["description"] == "A list, or an expression that yields one."
    assert not [d for _, s in described(SCHEMA) if re.match("foreach: ", d := s["description"])]


def test_expressions_are_allowed_where_the_checker_allows_them() -> None:
    text = (
        "parameters: [{name: n, type: integer}]\n"
        "steps: [{command: /bin/true, timeout: '${n}', retry: '${n}', continue_on_error: true}]\n"
    )
    assert faults(text) == []
    assert faults("steps: [{command: /bin/true, continue_on_error: '${n}'}]")
    assert faults("steps: [{command: /bin/true, retry: often}]")
    assert faults("steps: [{command: /bin/true, timeout: 5 parsecs}]")


def test_one_mistake_in_a_step_is_told_once() -> None:
    assert sorted(faults("steps: [{type: parallel, branches: [], command: /bin/true}]")) == [
        "Additional properties are not allowed ('command' was unexpected)",
        "[] should be non-empty",
    ]
    assert faults("steps: [text]") == ["'text' is not of type 'object'"]


def test_it_is_plain_json() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
