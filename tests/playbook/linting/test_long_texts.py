"""Texts that are made to be slow are looked through in linear time: a quadratic search would take
minutes for these, and the test run would not end.
"""

from collections.abc import Callable

import pytest

from orchestrate.library.dependencies.calling import first_program
from orchestrate.playbook.diagnostics import Diagnostic

SEEDS = ("a.", "a-", " \\n", "://", "set -a", "x() ", "a@", "( ", "a=b ")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_long_shell_text(seed: str, findings: Callable[..., list[Diagnostic]]) -> None:
    body = seed * 12_000
    text = f'description: x\nsteps:\n  - shell: "make key :// {body}"\n'
    assert all(each.place.line == 3 for each in findings(text))


def test_a_long_way_to_the_first_program() -> None:
    assert first_program(" \n" * 30_000 + "make") == "make"
