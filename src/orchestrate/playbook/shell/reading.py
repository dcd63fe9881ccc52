"""How the shell reads a place in its text."""

from enum import Enum, auto
from typing import NamedTuple


class Context(Enum):
    """How the shell reads the place at which a value stands."""

    UNQUOTED = auto()
    DOUBLE_QUOTED = auto()
    HEREDOC = auto()
    SINGLE_QUOTED = auto()
    QUOTED_HEREDOC = auto()
    ARITHMETIC = auto()
    EXPANSION = auto()
    BACKQUOTES = auto()
    DELIMITER = auto()
    ESCAPED = auto()


class ShellSyntaxError(Exception):
    """The shell could not read this text either."""

    def __init__(
        self,
        message: str,
        start: int,
        length: int = 1,
        hint: str = "",
        rule: str = "shell-syntax",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.length = length
        self.hint = hint
        self.rule = rule


class Heredoc(NamedTuple):
    """A here-document that was begun and whose text follows on the next line."""

    delimiter: str
    quoted: bool
    strip_tabs: bool


SEPARATORS = " \t\r\n;&|()<>"
