"""The port to whoever sits at the terminal, for `--step-by-step`."""

from typing import NamedTuple, Protocol

from orchestrate.workflow.views import ParkedView


class Answer(NamedTuple):
    """What was typed: one of the choices, or None at the end of input."""

    choice: str | None


class Asker(Protocol):
    """Whoever sits at the terminal. Nothing here may block."""

    def fileno(self) -> int:
        """What can be read when there is an answer."""
        ...

    def ask(self, parked: ParkedView) -> bool:
        """Write the question; False if nobody is there."""
        ...

    def read(self) -> Answer | None:
        """The answer, now that there is something to read; None if it was asked again."""
        ...

    def withdraw(self) -> None:
        """Say that no answer is wanted any more."""
        ...
