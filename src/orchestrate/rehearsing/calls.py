"""What the calls of a dry run would lead to. Nothing is called."""

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

from orchestrate.app import App
from orchestrate.commands.model import Resolved
from orchestrate.errors import OrchestrateError
from orchestrate.playbook.plan import Json
from orchestrate.playbook.shell.rewriting import VARIABLE_PREFIX
from orchestrate.playbook.undecided import is_undecided, plain
from orchestrate.workflow.program import Argument, Call


class Target(NamedTuple):
    """What a call resolves to: `argv` as it would be executed, what is undecided or secret marked.
    With `problem` it leads nowhere.
    """

    origin: str = ""
    argv: tuple[str, ...] = ()
    host: str | None = None
    playbook: str | None = None
    options: tuple[str, ...] = ()
    """The parameters of that playbook, as typed."""
    problem: str = ""

    def to_json(self) -> Mapping[str, Json]:
        """As in `run --dry-run --json`."""
        return {
            "origin": self.origin,
            "argv": [plain(word) for word in self.argv],
            "host": self.host,
            "playbook": self.playbook,
        }


def target_of(app: App, environment: str, call: Call) -> Target | None:
    """Where a call leads; None if that is known only when it runs."""
    words = [as_text(word) for word in call.words]
    if call.kind == "shell":
        shell = tuple(words or ("/bin/sh",))
        return Target(shell[0], (*shell, "-c", call.shown or ""))
    if not words or is_undecided(words[0]):
        return None
    try:
        resolved = app.registry(environment).resolve(words)
    except OrchestrateError as error:
        return Target(problem=error.message)
    argv = (*resolved.argv, call.shown or "") if call.kind == "script" else resolved.argv
    options = _options(resolved) if resolved.playbook is not None else ()
    return Target(resolved.origin, argv, resolved.host, resolved.playbook, options)


def _options(resolved: Resolved) -> tuple[str, ...]:
    return tuple(value for key, value in pairwise(resolved.argv) if key == "--parameters")


def as_text(argument: Argument) -> str:
    """An argument or variable, a secret in it masked."""
    if isinstance(argument, str):
        return argument
    return "".join(part if isinstance(part, str) else "***" for part in argument)


def environment_of(call: Call) -> dict[str, str]:
    """The variables that the step itself sets, for people; those of rewritten shell text are not
    among them.
    """
    return {
        name: plain(as_text(value))
        for name, value in call.env.items()
        if not name.startswith(VARIABLE_PREFIX)
    }
