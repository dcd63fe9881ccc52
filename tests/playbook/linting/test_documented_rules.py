"""docs/lint-rules.md says of every rule what the rule says of itself, and its examples are true."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestrate.playbook.diagnostics import Diagnostic
from orchestrate.playbook.linting.rules import RULES

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "lint-rules.md"
SECTIONS = dict(
    re.findall(r"^### (\S+)\n\n(.*?)(?=^### |\Z)", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
)
EXAMPLES = [
    (rule, kind, body)
    for rule, text in SECTIONS.items()
    for kind, body in re.findall(r"^```yaml (\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
]


def test_every_rule_is_documented_and_every_documented_rule_exists() -> None:
    assert list(SECTIONS) == list(RULES)


@pytest.mark.parametrize("name", RULES)
def test_the_document_says_what_the_rule_says(name: str) -> None:
    rule = RULES[name]
    paragraphs = [" ".join(each.split()) for each in SECTIONS[name].split("\n\n")]
    assert paragraphs[0] == f"*{rule.severity.capitalize()}: {rule.summary}.*"
    assert paragraphs[1] == rule.explanation


@pytest.mark.parametrize(("rule", "kind", "body"), EXAMPLES)
def test_an_example_is_true(
    rule: str, kind: str, body: str, findings: Callable[..., list[Diagnostic]]
) -> None:
    names = {each.rule for each in findings(body)}
    assert (rule in names) is (kind == "found")


def test_the_document_has_examples() -> None:
    assert len(EXAMPLES) > 30


def test_a_rule_is_worded_for_people() -> None:
    unfit: list[Any] = [
        rule.name
        for rule in RULES.values()
        if rule.severity not in ("error", "warning", "note")
        or not rule.explanation.endswith(".")
        or rule.summary[:1].isupper()
    ]
    assert unfit == []
