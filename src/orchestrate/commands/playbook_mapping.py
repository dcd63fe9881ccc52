"""`[commands.NAME] playbook = "…"`: a command that is a workflow of its own.

`/infra deploy --component api --fast` runs the playbook with the parameters component=api and
fast=true; `arguments = ["action"]` gives names to the positional words.
"""

import re
import sys
from collections.abc import Sequence

from orchestrate.errors import CommandError
from orchestrate.project.model import CommandMapping

_SPLITS = re.compile(r",(?=\s*[A-Za-z_][A-Za-z0-9_-]*=)")
"""A comma that `--parameters` would take for the end of a value."""


def playbook_call(playbook: str, environment: str) -> tuple[str, ...]:
    """The words before the parameters. `--yes`: whoever started the outer workflow has
    confirmed the environment, and a step has nobody to ask.
    """
    run = (sys.executable, "-m", "orchestrate", "run")
    return (*run, "--playbook", playbook, "--environment", environment, "--yes")


def playbook_arguments(
    word: str, mapping: CommandMapping, arguments: Sequence[str]
) -> tuple[str, ...]:
    """The words of a call as `--parameters` options. Raises CommandError for a positional word
    that `arguments` gives no name.
    """
    options: list[str] = []
    names = iter(mapping.arguments)
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if argument.startswith("--") and len(argument) > 2:
            name, has_value, value = argument[2:].partition("=")
            if not has_value:
                value = waiting.pop(0) if waiting and not waiting[0].startswith("--") else "true"
        else:
            name, value = next(names, ""), argument
            if not name:
                raise CommandError(
                    f"`{word}` is the playbook `{mapping.playbook}` ({mapping.origin}), "
                    f"which does not say what `{argument}` means",
                    hint='Name positional words there: arguments = ["action"].',
                )
        options += ["--parameters", f"{name}={_SPLITS.sub(_escape, value)}"]
    return tuple(options)


def _escape(comma: re.Match[str]) -> str:
    return "\\" + comma[0]
