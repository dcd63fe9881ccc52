from collections.abc import Callable, Mapping, Sequence

import pytest

from orchestrate.playbook.compile import check_playbook
from orchestrate.playbook.diagnostics import Diagnostic
from orchestrate.playbook.linting.linter import ignored_in, lint
from orchestrate.playbook.linting.model import Called, Facts


def called(words: Sequence[str]) -> Called:
    """/restart runs on another machine; /backup list and /monitor only read."""
    reads = words[0] == "/monitor" or list(words[:2]) == ["/backup", "list"]
    return Called(remote=words[0] == "/restart", reads_only=reads)


def lint_text(
    text: str,
    ignore: Sequence[str] = (),
    variables: Mapping[str, object] | None = None,
    others: Mapping[str, str] | None = None,
) -> list[Diagnostic]:
    """All that the compiler warns of and the rules find in a playbook, which must be right."""

    def load(name: str) -> tuple[str, bytes] | None:
        found = (others or {}).get(name)
        return None if found is None else (f"{name}.yaml", found.encode())

    plan, diagnostics, documents, _ = check_playbook(
        "p.yaml", text.encode(), load, environment_variables=variables
    )
    assert plan is not None, [diagnostics.render(error) for error in diagnostics.errors]
    lines = diagnostics.texts["p.yaml"]
    ignored = ignored_in("p.yaml", lines, ignore)
    warned = [
        each for each in diagnostics.warnings if not ignored.covers(each.rule, each.place, None)
    ]
    facts = Facts(called, environment="staging", variables=variables or {})
    return [*warned, *lint(plan, documents["p.yaml"], lines, facts, ignored)]


@pytest.fixture(scope="session")
def findings() -> Callable[..., list[Diagnostic]]:
    return lint_text


@pytest.fixture(scope="session")
def rules_of() -> Callable[..., list[tuple[str, int]]]:
    """Rule and line of everything that is found; playbooks get a description if they lack one."""

    def find(text: str, **options: object) -> list[tuple[str, int]]:
        found = lint_text(text, **options)  # type: ignore[arg-type]
        return [(each.rule, each.place.line) for each in found if each.rule != "no-description"]

    return find
