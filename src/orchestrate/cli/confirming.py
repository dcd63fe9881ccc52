"""`--step-by-step`: a question before each step, answered on the terminal.

The process that asks is the one that runs the workflow, and it must not stand still while somebody
thinks: questions are asked in a thread of their own, which answers like any other process would.
"""

import sys
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING

from orchestrate.cli.console import err
from orchestrate.errors import OrchestrateError, UsageError

if TYPE_CHECKING:
    from orchestrate.app import App
    from orchestrate.workflow.events import Event

_CHOICES = {"y": "run", "yes": "run", "run": "run", "s": "skip", "skip": "skip", "a": "abort",
            "abort": "abort"}  # fmt: skip


def check_can_confirm(*, detach: bool) -> None:
    """Somebody must be there to answer."""
    if detach or not err.is_terminal() or not sys.stdin or not sys.stdin.isatty():
        raise UsageError(
            "--step-by-step asks before each step, and nobody can be asked here",
            hint="Use it on a terminal, without --detach.",
        )


class Confirmer:
    """Asks about one step after the other."""

    def __init__(self, app: "App", workflow: str) -> None:
        self._app = app
        self._workflow = workflow
        self._questions: SimpleQueue[str] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def ask(self, event: "Event") -> None:
        """Have a question asked; returns at once."""
        self._questions.put(event.path)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="confirm", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        from orchestrate.app import current_actor

        with self._app.open_engine() as engine:
            while True:
                path = self._questions.get()
                choice = _answer(path)
                try:
                    engine.resolve(self._workflow, path, choice, actor=current_actor())
                except OrchestrateError as error:
                    err.line(f"{path}: {error.message}")


def _answer(path: str) -> str:
    """What the person at the terminal wants; the end of input aborts."""
    while True:
        err.write(f"run {path}? [y]es, [s]kip, [a]bort: ")
        line = sys.stdin.readline()
        if not line:
            return "abort"
        choice = _CHOICES.get(line.strip().lower())
        if choice is not None:
            return choice
