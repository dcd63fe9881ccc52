"""The prompt itself: editing, completion, history."""

import os
from collections.abc import Iterator
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from orchestrate.cli.completing.candidates import candidates
from orchestrate.cli.completing.names import names_of
from orchestrate.cli.console import out
from orchestrate.cli.shell.verb import Session
from orchestrate.cli.style import is_dumb


def converse(session: Session) -> None:
    """Read lines and have them done until somebody leaves."""
    prompting: PromptSession[str] = PromptSession(
        completer=_Completer(session),
        history=_history(),
        complete_in_thread=True,
        complete_while_typing=not is_dumb(),
        enable_history_search=True,
    )
    out.line("`help` lists what can be said here, Tab completes, Ctrl-D leaves.")
    while not session.is_over:
        where = f" ({session.environment})" if session.environment else ""
        try:
            line = prompting.prompt(f"orchestrate{where}> ")
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        session.do(line)


class _Completer(Completer):
    def __init__(self, session: Session) -> None:
        self._names = names_of(session.app, lambda: session.environment)

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterator[Completion]:
        """What prompt_toolkit asks for."""
        del complete_event
        text = document.text_before_cursor
        current = "" if not text or text[-1].isspace() else text.split()[-1]
        for found in candidates(text, self._names):
            yield Completion(found.text, -len(current), display_meta=found.remark)


class _DiscreetHistory(FileHistory):
    """Lines that begin with a space are not kept, as in other shells."""

    def store_string(self, string: str) -> None:
        """Keep a line, unless it is not to be kept."""
        if not string.startswith(" "):
            super().store_string(string)


def _history() -> History:
    """Kept for this user alone; if that cannot be, for this session."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    file = Path(base) / "orchestrate" / "shell-history"
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600))
    except OSError:
        return InMemoryHistory()
    return _DiscreetHistory(str(file))
