"""The JSON Schema of scenario files accepts every scenario there is, and describes every key."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.document.schema import schema_of
from orchestrate.playbook.nodes import plain
from orchestrate.playbook.reader import read
from orchestrate.workflow.scenarios.document import ScenarioFile

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = schema_of(ScenarioFile)
FILES = [
    *sorted((ROOT / "tests/scenarios").glob("*.yaml")),
    *sorted(ROOT.glob("examples/*/playbooks/tests/*.yaml")),
    *sorted((ROOT / "src/orchestrate/library").glob("*/tests/*.yaml")),
    *sorted((ROOT / "src/orchestrate/library/templates").glob("*.test.yaml")),
]


def faults(text: bytes) -> list[str]:
    node = read("scenarios.yaml", text, Diagnostics())
    assert node is not None
    return [error.message for error in jsonschema.Draft7Validator(SCHEMA).iter_errors(plain(node))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_scenario_file_validates(file: Path) -> None:
    assert faults(file.read_bytes()) == []


def properties(schema: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        for inner in schema.values():
            yield from properties(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from properties(inner)


def test_every_key_has_a_description() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    found = list(properties(SCHEMA))
    assert len(found) > 60
    assert [
        key for key, schema in found if "description" not in schema and "$ref" not in schema
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        b"- scenario: a\n",
        b"- scenario: a\n  expect: {state: done}\n",
        b"- scenario: a\n  expcet: {state: failed}\n",
        b"- scenario: a\n  outcomes: {x: perhaps}\n  expect: {state: failed}\n",
        b"scenarios: []\n",
        b"just text\n",
    ],
)
def test_what_is_no_scenario_does_not_validate(text: bytes) -> None:
    assert faults(text)
