"""Splits `command:` into words by the shell's quoting rules, with `${…}` whole inside a word."""

import re

from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.expression.holes import Hole, UnclosedHole, hole_end
from orchestrate.playbook.expression.interpolation import Source, hole, report_unclosed
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import Scalar
from orchestrate.playbook.plan import Expression, SecretRef, Text

_BLANK = " \t\r\n"
_RUN = re.compile(r"""[^ \t\r\n'"\\$]+""")
"""Characters that mean themselves, within quotes and without."""
_PLAIN_WORD = re.compile(r"""[^ \t\r\n'"\\$]+(?=[ \t\r\n]|\Z)""")
"""A whole word of such characters: most of them are, and need not be looked at one by one."""
_OPERATORS = frozenset(
    ("&&", "||", "|&", "|", "&", ";", ">>", "2>&1", "2>", ">&2", "&>", "<<", ">", "<")
)

_OPERATING = frozenset("&|;>2<$`")
"""With one of these begins what means something to a shell."""


class _Word:
    """One word while it is read: `quoted` tells an empty argument from no argument."""

    __slots__ = ("parts", "quoted", "start")

    def __init__(self, start: int) -> None:
        self.start = start
        self.parts: list[str | Hole] = []
        self.quoted = False

    def add(self, text: str) -> None:
        """Append literal text."""
        if self.parts and isinstance(self.parts[-1], str):
            self.parts[-1] += text
        elif text:
            self.parts.append(text)


class _Splitter:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.scalar.text
        self._at = 0
        self._word: _Word | None = None
        self.words: list[_Word] = []

    def split(self) -> list[_Word] | None:
        """The words, or None after an error that makes them meaningless."""
        while self._at < len(self._text):
            character = self._text[self._at]
            if character in _BLANK:
                self._end_word()
                self._at += 1
            elif not (self._plain_word() or self._one(character)):
                return None
        self._end_word()
        return self.words

    def _plain_word(self) -> bool:
        """Read a word without anything special in it, if there is one."""
        found = None if self._word else _PLAIN_WORD.match(self._text, self._at)
        if found is None:
            return False
        word = _Word(self._at)
        word.parts.append(found[0])
        self.words.append(word)
        self._at = found.end()
        return True

    def _end_word(self) -> None:
        if self._word is not None:
            self.words.append(self._word)
            self._word = None

    def _current(self) -> _Word:
        if self._word is None:
            self._word = _Word(self._at)
        return self._word

    def _one(self, character: str) -> bool:
        """Read one character, quotation or hole outside quotes."""
        word = self._current()
        if character == "'":
            return self._single(word)
        if character == '"':
            return self._double(word)
        if character == "\\":
            return self._backslash(word)
        return self._plain_or_hole(word)

    def _plain_or_hole(self, word: _Word) -> bool:
        text, at = self._text, self._at
        if text.startswith("$${", at):
            word.add("${")
            self._at = at + 3
        elif text.startswith("${", at):
            end = hole_end(text, at)
            if end is None:
                report_unclosed(self._source, UnclosedHole(at))
                return False
            word.parts.append(Hole(text[at + 2 : end - 1], at, end))
            self._at = end
        else:
            run = _RUN.match(text, at)
            self._at = at + 1 if run is None else run.end()
            word.add(text[at : self._at])
        return True

    def _single(self, word: _Word) -> bool:
        """`'…'`: nothing is special but the closing quote, and `${…}`."""
        opening = self._at
        word.quoted = True
        self._at += 1
        while self._at < len(self._text):
            if self._text[self._at] == "'":
                self._at += 1
                return True
            if not self._plain_or_hole(word):
                return False
        return self._unbalanced(opening, "'")

    def _double(self, word: _Word) -> bool:
        r"""`"…"`: a backslash hides `"`, `\`, `$`, a backquote and a line end."""
        opening = self._at
        word.quoted = True
        self._at += 1
        while self._at < len(self._text):
            character = self._text[self._at]
            following = self._text[self._at + 1 : self._at + 2]
            if character == '"':
                self._at += 1
                return True
            if character == "\\" and following and following in '"\\$`\n':
                word.add(following if following != "\n" else "")
                self._at += 2
            elif not self._plain_or_hole(word):
                return False
        return self._unbalanced(opening, '"')

    def _backslash(self, word: _Word) -> bool:
        following = self._text[self._at + 1 : self._at + 2]
        if not following:
            self._source.error(
                "command-syntax",
                "the command ends with a backslash",
                self._at,
                hint="remove it, or write `\\\\` for a backslash",
            )
            return False
        if following == "\n":
            if not word.parts and not word.quoted:
                self._word = None
        else:
            word.add(following)
        self._at += 2
        return True

    def _unbalanced(self, opening: int, quote: str) -> bool:
        self._source.error(
            "command-syntax",
            f"the quote `{quote}` is never closed",
            opening,
            hint=f"close it, or write `\\{quote}` for the character itself",
        )
        return False


def words(
    node: Scalar, names: Names, diagnostics: Diagnostics
) -> tuple[str | Expression | SecretRef | Text, ...]:
    """The words of a command; a value put in is always exactly one argument."""
    source = Source(node, names, diagnostics)
    found = _Splitter(source).split()
    if found is None:
        return ()
    if not found:
        source.error("command-syntax", "the command is empty", 0, hint="name what to call")
        return ()
    _check_shell_syntax(source, found)
    return tuple(_compiled(source, word) for word in found)


def _compiled(source: Source, word: _Word) -> str | Expression | SecretRef | Text:
    if len(word.parts) == 1 and isinstance(word.parts[0], str):
        return word.parts[0]
    parts = [_argument(source, part) if isinstance(part, Hole) else part for part in word.parts]
    if not parts:
        return ""
    return parts[0] if len(parts) == 1 else Text(tuple(parts))


def _argument(source: Source, found: Hole) -> str | Expression | SecretRef:
    compiled = hole(source, found, argument=True)
    if isinstance(compiled, SecretRef) and not source.names.may_be_argument(compiled.name):
        _report_secret(source, found, compiled.name)
    return compiled or ""


def _report_secret(source: Source, found: Hole, name: str) -> None:
    written = f"${{{found.source}}}"
    variable = "".join(c if c.isalnum() else "_" for c in name).upper()
    source.error(
        "secret-in-arguments",
        f"the secret `{name}` would be an argument, which every user of the machine can see",
        found.start,
        found.end - found.start,
        f'hand it over by a variable: `env: {{{variable}: "{written}"}}`; what reads its input '
        f"gets it by `shell: printf %s {written} | …`; or say `allow_in_arguments: true` where it "
        "is declared",
    )


def _check_shell_syntax(source: Source, found: list[_Word]) -> None:
    """A command runs without a shell: what only a shell understands is most likely a mistake."""
    for word in found:
        operator = _shell_operator(word)
        if operator is not None:
            source.error(
                "shell-in-command",
                f"`{operator}` means something to a shell only; a command runs without one",
                word.start,
                len(operator),
                f"use `shell:` for this line, or quote it: `'{operator}'`",
            )
            return


def _shell_operator(word: _Word) -> str | None:
    if word.quoted or not word.parts or not isinstance(word.parts[0], str):
        return None
    text = word.parts[0]
    if text[0] not in _OPERATING and text[-1] != ";":
        return None
    if len(word.parts) == 1 and text in _OPERATORS:
        return text
    if text.startswith("$("):
        return "$("
    if text.startswith("`"):
        return "`"
    if len(word.parts) == 1 and len(text) > 1 and text.endswith(";"):
        return text
    return None
