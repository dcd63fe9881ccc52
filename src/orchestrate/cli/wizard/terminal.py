"""Asking on a terminal that can move its cursor: arrows, completion, editing."""

from collections.abc import Sequence
from typing import Any, NoReturn

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_processor import KeyPressEvent
from prompt_toolkit.output import create_output
from prompt_toolkit.shortcuts import clear
from prompt_toolkit.shortcuts.choice_input import ChoiceInput
from prompt_toolkit.styles import Style
from prompt_toolkit.validation import ValidationError, Validator

from orchestrate.cli.console import out
from orchestrate.cli.wizard.asking import BackError, Check, LeaveError, Option, prompt_of

_HINT = " Esc back · Ctrl-C leave without a trace "
_STYLE = Style.from_dict({"selected-option": "bold", "bottom-toolbar": "noreverse"})
_ROWS_FOR_QUESTIONS = 12
_PATIENCE = 0.1
"""Seconds after which an Esc is one, and not the beginning of an arrow."""


class TerminalAsker:
    """Implements `Asker`."""

    def __init__(self) -> None:
        self._keys = _keys()

    @property
    def size(self) -> tuple[int, int] | None:
        """What fits above a question."""
        size = create_output().get_size()
        return size.columns, max(8, size.rows - _ROWS_FOR_QUESTIONS)

    def text(
        self,
        question: str,
        default: str = "",
        *,
        words: Sequence[str] = (),
        check: Check | None = None,
    ) -> str:
        """A line that can be edited; Tab completes, and what fits is shown while typing."""
        session: PromptSession[str] = PromptSession(
            key_bindings=self._keys,
            completer=_Words(words) if words else None,
            complete_while_typing=True,
            reserve_space_for_menu=6 if words else 0,
            validator=None if check is None else _Checked(check),
            validate_while_typing=False,
            bottom_toolbar=_HINT + ("· Tab completes " if words else ""),
            style=_STYLE,
        )
        session.app.ttimeoutlen = _PATIENCE
        try:
            return session.prompt(prompt_of(question), default=default).strip()
        except (KeyboardInterrupt, EOFError):
            _leave()

    def choose(self, question: str, options: Sequence[Option], default: str | None = None) -> str:
        """A list to go up and down in; a number goes to that line."""
        chosen: ChoiceInput[str] = ChoiceInput(
            message=question,
            options=[(option.value, option.label) for option in options],
            default=default,
            key_bindings=self._keys,
            bottom_toolbar=_HINT + "· ↑ ↓ choose · Enter takes ",
            style=_STYLE,
        )
        try:
            return chosen.prompt()
        except (KeyboardInterrupt, EOFError):
            _leave()

    def show(self, lines: Sequence[str]) -> None:
        """A page of its own; what was there is scrolled away."""
        clear()
        for line in lines:
            out.line(line)


def _leave() -> NoReturn:
    raise LeaveError


def _keys() -> KeyBindings:
    keys = KeyBindings()

    def back(event: KeyPressEvent) -> None:
        event.app.exit(exception=BackError())

    keys.add("escape", eager=True)(back)
    return keys


class _Words(Completer):
    """Completes the whole line where its words begin so, else its last word."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Any:
        """What prompt_toolkit asks for."""
        del complete_event
        line = document.text_before_cursor
        last = line.split()[-1] if line and not line[-1].isspace() else ""
        for start in dict.fromkeys((line, last)):
            if not start and line:
                continue
            for word in self._words:
                if word.startswith(start) and word != start:
                    yield Completion(word, -len(start))


class _Checked(Validator):
    def __init__(self, check: Check) -> None:
        self._check = check

    def validate(self, document: Document) -> None:
        """What prompt_toolkit asks for."""
        problem = self._check(document.text.strip())
        if problem:
            raise ValidationError(len(document.text), problem)
