"""How the shell reads a place in its text."""

from enum import Enum, auto
from typing import NamedTuple

from orchestrate.playbook.diagnostics import TextFaultError


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


class ShellSyntaxError(TextFaultError):
    """The shell could not read this text either."""

    rule = "shell-syntax"


class Heredoc(NamedTuple):
    """A here-document that was begun and whose text follows on the next line."""

    delimiter: str
    quoted: bool
    strip_tabs: bool


SEPARATORS = " \t\r\n;&|()<>"
