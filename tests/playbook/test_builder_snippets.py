"""What the visual builder is made with: it has no compiler, so this is where it is checked."""

import json
from pathlib import Path
from typing import Any

import pytest

from orchestrate.library.schemas import schema_text
from orchestrate.playbook.compile import check_playbook

BUILDER = Path(__file__).parents[2] / "web-ui" / "src" / "builder"
SNIPPETS = [
    (kind, snippet["title"], snippet["step"])
    for kind, snippets in json.loads((BUILDER / "snippets.json").read_text()).items()
    for snippet in snippets
]


def test_its_tests_know_the_schema_as_it_is() -> None:
    assert json.loads((BUILDER / "testing" / "playbook.schema.json").read_text()) == json.loads(
        schema_text("playbook")
    )


@pytest.mark.parametrize(("kind", "title", "step"), SNIPPETS)
def test_a_step_of_the_palette_is_valid_as_it_stands(
    kind: str, title: str, step: dict[str, Any]
) -> None:
    text = json.dumps({"steps": [{"name": "placed", **step}]})
    other = ("other.yaml", b"steps: [{command: 'true'}]\n")
    found = check_playbook("p.yaml", text.encode(), lambda _: other)
    # Which playbook a step runs, nobody can know before.
    expected = ["empty-value"] if kind == "playbook" else []
    assert [one.rule for one in found.diagnostics.errors] == expected, title
