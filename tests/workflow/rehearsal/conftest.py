"""Playbooks in one line for the tests beside it."""

import textwrap
from collections.abc import Callable, Mapping

import pytest

from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.parameters import bind
from orchestrate.playbook.plan import Json
from orchestrate.playbook.undecided import undecided
from orchestrate.workflow.program import Program, RunOptions

Make = Callable[..., Program]


@pytest.fixture
def program() -> Make:
    """Makes a program that has not started from the text of its steps."""

    def make(
        steps: str,
        *,
        head: str = "",
        parameters: Mapping[str, Json] | None = None,
        options: RunOptions | None = None,
        env: Mapping[str, str] | None = None,
        **included: str,
    ) -> Program:
        text = f"name: sample\n{textwrap.dedent(head)}steps:\n{textwrap.dedent(steps)}"

        def load(name: str) -> tuple[str, bytes] | None:
            found = included.get(name)
            return (f"{name}.yaml", textwrap.dedent(found).encode()) if found else None

        plan = compile_playbook("sample.yaml", text.encode(), load)
        return Program(
            undecided("run.id"),
            plan,
            bind(plan, parameters or {}, "dev"),
            "dev",
            {},
            env or {},
            "tester",
            options or RunOptions(),
        )

    return make
