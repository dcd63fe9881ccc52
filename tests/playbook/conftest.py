from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.diagnostics import PlaybookInvalidError
from orchestrate.playbook.plan import Plan

HERE = Path(__file__).parent


@pytest.fixture
def compile_text() -> Callable[..., Plan]:
    """Compiles a playbook given as text; `others` are the sub-playbooks by name."""

    def compile_it(text: str, others: dict[str, str] | None = None, **options: object) -> Plan:
        def load(name: str) -> tuple[str, bytes] | None:
            found = (others or {}).get(name)
            return None if found is None else (f"{name}.yaml", found.encode())

        return compile_playbook("test.yaml", text.encode(), load, **options)  # type: ignore[arg-type]

    return compile_it


@pytest.fixture
def errors_of(compile_text: Callable[..., Plan]) -> Callable[..., list[tuple[str, int, str]]]:
    """Rule, line and hint of every error of a playbook."""

    def find(text: str, others: dict[str, str] | None = None) -> list[tuple[str, int, str]]:
        try:
            compile_text(text, others)
        except PlaybookInvalidError as error:
            return [(d.rule, d.place.line, d.hint) for d in error.diagnostics.errors]
        return []

    return find
