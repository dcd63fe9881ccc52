"""`--step-by-step`: a question before each step, answered on the terminal."""

import sys
from typing import TYPE_CHECKING

from orchestrate.cli.console import err
from orchestrate.errors import UsageError

if TYPE_CHECKING:
    from orchestrate.workflow.state import ParkedView

_CHOICES = {"y": "run", "yes": "run", "r": "run", "run": "run", "s": "skip", "skip": "skip",
            "n": "skip", "no": "skip", "a": "abort", "abort": "abort"}  # fmt: skip


def check_can_confirm(*, detach: bool) -> None:
    """Somebody must be there to answer."""
    if detach or not can_confirm():
        raise UsageError(
            "--step-by-step asks before each step, and nobody can be asked here",
            hint="Use it on a terminal, without --detach.",
        )


def can_confirm() -> bool:
    """Whether a person is there to answer."""
    return err.is_terminal() and sys.stdin is not None and sys.stdin.isatty()


def confirm(parked: "ParkedView") -> str | None:
    """What the person at the terminal wants; at the end of input the step is left open."""
    while err.alive:
        err.write(f"{parked.message} [y]es, [s]kip, [a]bort: ")
        line = sys.stdin.readline()
        if not line:
            break
        choice = _CHOICES.get(line.strip().lower())
        if choice is not None:
            return choice
    return None
