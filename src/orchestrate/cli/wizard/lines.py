"""Asking line by line, for terminals that cannot move their cursor (TERM=dumb)."""

import sys
from collections.abc import Sequence

from orchestrate.cli.console import out
from orchestrate.cli.wizard.asking import BackError, Check, LeaveError, Option, prompt_of

BACK, NOTHING = "<", "-"


class LineAsker:
    """Implements `Asker`."""

    def __init__(self) -> None:
        out.line(f"Enter takes what stands in brackets, `{NOTHING}` takes nothing, `{BACK}` goes "
                 "back, Ctrl-C leaves without a trace.")  # fmt: skip

    @property
    def size(self) -> tuple[int, int] | None:
        """Lines scroll, so a page may be of any length."""
        return None

    def text(
        self,
        question: str,
        default: str = "",
        *,
        words: Sequence[str] = (),
        check: Check | None = None,
    ) -> str:
        """A line; what could be meant is listed."""
        if words and len(words) <= 20:
            out.line(f"  ({', '.join(words)})")
        while True:
            typed = _read(prompt_of(question, default))
            answer = {"": default, NOTHING: ""}.get(typed, typed)
            problem = check(answer) if check else ""
            if not problem:
                return answer
            out.line(f"  {problem}")

    def choose(self, question: str, options: Sequence[Option], default: str | None = None) -> str:
        """A numbered list."""
        values = [option.value for option in options]
        first = values.index(default) + 1 if default in values else 1
        out.line(question)
        for number, option in enumerate(options, 1):
            out.line(f"  {number}. {option.label}")
        while True:
            typed = _read(f"number [{first}]: ") or str(first)
            if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(values):
                return values[int(typed) - 1]
            out.line(f"  write a number, 1 to {len(values)}")

    def show(self, lines: Sequence[str]) -> None:
        """The lines, set off."""
        for line in ("", *lines, ""):
            out.line(line)


def _read(prompt: str) -> str:
    out.write(prompt)
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        line = ""
    if not line:
        out.line()
        raise LeaveError
    answer = line.strip()
    if answer == BACK:
        raise BackError
    return answer
