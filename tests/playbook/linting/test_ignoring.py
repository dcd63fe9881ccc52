"""Comments and settings that switch rules off."""

from collections.abc import Callable

import pytest

from orchestrate.playbook.diagnostics import Diagnostic

Rules = Callable[..., list[tuple[str, int]]]
RULE = "retry-not-idempotent"
OFF = f"# orchestrate: ignore {RULE}"


@pytest.mark.parametrize(
    "steps",
    [
        f"  - command: ./x\n    retry: 2 {OFF}\n",
        f"  - command: ./x\n    {OFF}\n    retry: 2\n",
        f"  {OFF}\n  - command: ./x\n    retry: 2\n",
        f"  {OFF}\n\n  # and why\n  - command: ./x\n    retry: 2\n",
        f"  - command: ./x {OFF}\n    retry: 2\n",
        f"  - command: ./x\n    retry: 2 #orchestrate:ignore unreachable,{RULE}\n",
        f'  - command: "./x #1" {OFF}\n    retry: 2\n',
        f"  - shell: | {OFF}\n      ./x\n    retry: 2\n",
    ],
)
def test_a_comment_switches_a_rule_off_for_its_line(steps: str, rules_of: Rules) -> None:
    assert rules_of(f"steps:\n{steps}") == []


@pytest.mark.parametrize(
    ("steps", "line"),
    [
        (f"  - command: ./x\n    retry: 2\n  {OFF}\n", 3),
        (f"  {OFF}\n  - command: ./x\n  - command: ./y\n    retry: 2\n", 5),
        (f'  - command: "./x {OFF}"\n    retry: 2\n', 3),
        (f"  - shell: |\n      ./x\n      {OFF}\n    retry: 2\n", 5),
        (f"  - shell: >\n      ./x\n      {OFF}\n    retry: 2\n", 5),
        (f"  - command: './x\n      {OFF}'\n    retry: 2\n", 4),
        (f"  - command: ./x#orchestrate:ignore {RULE}\n    retry: 2\n", 3),
        ("  - command: ./x\n    retry: 2 # ignore retry-not-idempotent\n", 3),
    ],
)
def test_what_is_no_comment_or_stands_elsewhere_switches_nothing_off(
    steps: str, line: int, rules_of: Rules
) -> None:
    assert rules_of(f"steps:\n{steps}") == [(RULE, line)]


@pytest.mark.parametrize("before", ["", "# about this file\n\n", "---\n"])
def test_a_comment_at_the_head_concerns_the_file(before: str, rules_of: Rules) -> None:
    steps = "steps:\n  - {command: ./x, retry: 2}\n  - {command: ./y, retry: 2}\n"
    assert rules_of(f"{before}{OFF}\n{steps}") == []


def test_settings_switch_a_rule_off_everywhere(rules_of: Rules) -> None:
    text = "steps: [{command: ./x, retry: 2}]"
    assert rules_of(text, ignore=[RULE]) == []


def test_a_warning_of_the_compiler_can_be_ignored_too(rules_of: Rules) -> None:
    text = "steps:\n  - command: ./x ${version}"
    assert rules_of(text) == [("implicit-parameter", 2)]
    assert rules_of(f"{text} # orchestrate: ignore implicit-parameter") == []


def test_a_rule_that_does_not_exist_is_reported(
    findings: Callable[..., list[Diagnostic]],
) -> None:
    (found,) = findings(
        "description: d\nsteps:\n  - command: ./x # orchestrate: ignore unreachabel\n"
    )
    assert (found.rule, found.place.line, found.place.column, found.length) == (
        "unknown-rule", 3, 40, 11,
    )  # fmt: skip
    assert found.hint == "did you mean `unreachable`?"


def test_a_comment_without_a_rule_is_reported(rules_of: Rules) -> None:
    assert rules_of("steps:\n  - command: ./x # orchestrate: ignore\n") == [("unknown-rule", 2)]
