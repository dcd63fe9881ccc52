"""`--step-by-step`: a question before each step, answered on the terminal."""

import os
import sys
from typing import TYPE_CHECKING

from orchestrate.cli.console import err
from orchestrate.errors import UsageError

if TYPE_CHECKING:
    from orchestrate.launching.asking import Answer
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


class Terminal:
    """Asks on the terminal: implements `launching.asking.Asker`. A terminal hands input over line
    by line, so what is read at once is a whole answer, and reading one does not block.
    """

    def __init__(self) -> None:
        self._question = ""

    def fileno(self) -> int:
        """The descriptor of stdin."""
        return sys.stdin.fileno()

    def ask(self, parked: "ParkedView") -> bool:
        """Write the question."""
        self._question = f"{parked.message} [y]es, [s]kip, [a]bort: "
        err.write(self._question)
        return err.alive

    def read(self) -> "Answer | None":
        """What was typed; what is no choice is asked again."""
        from orchestrate.launching.asking import Answer

        try:
            typed = os.read(self.fileno(), 4096)
        except OSError:
            typed = b""  # the terminal is gone
        if not typed or not err.alive:
            err.line()
            return Answer(None)
        choice = _CHOICES.get(typed.decode("utf-8", "replace").strip().lower())
        if choice is None:
            err.write(self._question)
            return None
        return Answer(choice)

    def withdraw(self) -> None:
        """End the line of the question."""
        err.line()
