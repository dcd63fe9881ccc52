"""Questions to whoever sits at the terminal, one at a time, while the loop goes on: signals and
requests of other processes are heard although an answer is awaited.
"""

from collections.abc import Callable

from orchestrate.embedded.loop import Loop
from orchestrate.launching.asking import Asker
from orchestrate.workflow.views import ParkedView


class Asking:
    """The question of one workflow that is on the screen, if there is one.

    `answered` is told the path and the choice; no choice means that nobody is there any more.
    """

    def __init__(
        self, loop: Loop, asker: Asker | None, answered: Callable[[str, str | None], None]
    ) -> None:
        self._loop = loop
        self._asker = asker
        self._answered = answered
        self.path: str | None = None
        """What is being asked about."""

    def ask(self, parked: ParkedView) -> bool:
        """Put a question; False if nobody is there."""
        asker = self._asker
        if asker is None or not asker.ask(parked):
            return False
        self.path = parked.path
        self._loop.watch(asker.fileno(), self._heard)
        return True

    def withdraw(self) -> None:
        """Take the question back: it was decided elsewhere, or is of no interest any more."""
        if self.path is not None and self._asker is not None:
            self._end()
            self._asker.withdraw()

    def _heard(self) -> None:
        path, asker = self.path, self._asker
        if path is None or asker is None:
            return
        answer = asker.read()
        if answer is None:
            return  # it was asked again
        self._end()
        self._answered(path, answer.choice)

    def _end(self) -> None:
        self.path = None
        if self._asker is not None:
            self._loop.forget(self._asker.fileno())
