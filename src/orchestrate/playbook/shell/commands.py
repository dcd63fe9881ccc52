"""The commands of a shell text: words, separators, groups, `case`, here-documents."""

from typing import TYPE_CHECKING

from orchestrate.playbook.shell.reading import SEPARATORS, Context, Heredoc, ShellSyntaxError

if TYPE_CHECKING:
    from orchestrate.playbook.shell.scanning import ShellScanner

_LEADING_WORDS = frozenset(("if", "then", "else", "elif", "while", "until", "do", "!", "{", "time"))
_SPECIAL = frozenset("\\'\"`$#\n;&|()<> \t\r")


class Commands:
    """Commands: the text itself, or what stands inside `$(…)` and backquotes."""

    def __init__(self, scanner: "ShellScanner") -> None:
        self._scanner = scanner
        self._nesting: list[str] = []
        """Open `(`, `case` (before its `in`) and `in` (among its patterns)."""
        self._heredocs: list[Heredoc] = []
        self._command_position = True
        self._word_start = True

    def scan(self, closing: str | None) -> bool:
        """Read up to `closing`, which is copied; whether it was found (or none was wanted)."""
        scanner = self._scanner
        while scanner.more:
            character = scanner.peek()
            if character == ")" and closing == ")" and not self._inside_pattern_or_group():
                self._check_heredocs()
                scanner.copy()
                return True
            if character in SEPARATORS:
                self._at_separator(character)
            else:
                self._in_word(character)
        return closing is None

    def _inside_pattern_or_group(self) -> bool:
        return bool(self._nesting) and self._nesting[-1] != "case"

    def _check_heredocs(self) -> None:
        if self._heredocs:
            raise ShellSyntaxError(
                "a here-document must end before `)`",
                self._scanner.at,
                hint="begin its text on the next line, and write its delimiter before the `)`",
            )

    def _separator(self) -> None:
        self._word_start = True
        self._command_position = True

    def _at_separator(self, character: str) -> None:
        scanner = self._scanner
        if character in " \t\r":
            scanner.copy()
            self._word_start = True
        elif character == "\n":
            scanner.copy()
            self._separator()
            for heredoc in self._heredocs:
                scanner.heredoc_body(heredoc)
                if scanner.peek() == "\n" and heredoc is not self._heredocs[-1]:
                    scanner.copy()
            self._heredocs.clear()
        elif character in "<>":
            self._redirection()
        elif scanner.is_arithmetic_command() and self._command_position:
            scanner.arithmetic(2)
            self._word_start = self._command_position = False
        else:
            if character == "(":
                self._nesting.append("(")
            elif character == ")" and self._nesting and self._nesting[-1] == "(":
                self._nesting.pop()
            scanner.copy()
            self._separator()

    def _redirection(self) -> None:
        scanner = self._scanner
        self._word_start = True
        if scanner.peek(3) == "<<<":
            scanner.copy(3)
        elif scanner.peek(2) == "<<":
            strip_tabs = scanner.peek(3) == "<<-"
            scanner.copy(3 if strip_tabs else 2)
            while scanner.peek() in (" ", "\t"):
                scanner.copy()
            delimiter, quoted = scanner.delimiter()
            self._heredocs.append(Heredoc(delimiter, quoted, strip_tabs))
            self._word_start = False
        else:
            scanner.copy()

    def _in_word(self, character: str) -> None:
        scanner = self._scanner
        if character == "#" and self._word_start:
            scanner.copy_until(scanner.find("\n"))
            return
        if character not in _SPECIAL and self._word_start:
            self._plain_word()
            return
        self._word_start = False
        self._command_position = False
        if character == "\\":
            scanner.backslash()
        elif character == "'":
            scanner.single_quoted()
        elif character == '"':
            scanner.double_quoted()
        elif character == "`":
            scanner.backquoted()
        elif character == "$":
            scanner.dollar(Context.UNQUOTED)
        else:
            scanner.copy()

    def _plain_word(self) -> None:
        """A word's plain beginning: reserved words decide where commands and patterns stand."""
        scanner = self._scanner
        length = 0
        while scanner.peek(1, length) and scanner.peek(1, length) not in _SPECIAL:
            length += 1
        word = scanner.peek(length)
        whole = scanner.peek(1, length) in ("", *SEPARATORS)
        scanner.copy(length)
        self._word_start = False
        at_command, self._command_position = self._command_position, False
        if not whole:
            return
        innermost = self._nesting[-1] if self._nesting else ""
        if word == "in" and innermost == "case":
            self._nesting[-1] = "in"
            self._command_position = True
        elif at_command and word == "case":
            self._nesting.append("case")
        elif at_command and word == "esac" and innermost == "in":
            self._nesting.pop()
        elif at_command and word in _LEADING_WORDS:
            self._command_position = True
