"""What the engines under test are given: workflows, and programs found on PATH."""

import shutil
from collections.abc import Sequence

from orchestrate.commands.model import Resolved
from orchestrate.errors import CommandError
from orchestrate.playbook.compile import compile_playbook
from orchestrate.workflow.engine import NewWorkflow
from orchestrate.workflow.program import RunOptions


class Programs:
    """Resolves first words on PATH."""

    def resolve(self, words: Sequence[str]) -> Resolved:
        found = shutil.which(words[0])
        if found is None:
            raise CommandError(f"{words[0]} was not found", hint="Install it.")
        return Resolved((found, *words[1:]), found, read_only=words[0] == "cat", env={})


def new_workflow(text: str) -> NewWorkflow:
    plan = compile_playbook("playbook.yaml", text.encode(), lambda name: None)
    return NewWorkflow(
        plan=plan,
        parameters={},
        secret_values={},
        environment="dev",
        variables={},
        env={},
        actor="tester",
        options=RunOptions(),
    )
