"""A scanner of POSIX shell text that knows, at each place, how the shell would read it.

It understands what decides about quoting: quotes and backslashes, comments, `$(…)`, backquotes,
`$((…))`, the shell's own `${…}` (written `$${…}`), here-documents, and `case` patterns inside
`$(…)`. It does not check the rest of the grammar; the shell does.
"""

from collections.abc import Callable

from orchestrate.playbook.expression.holes import hole_end
from orchestrate.playbook.shell.commands import Commands
from orchestrate.playbook.shell.reading import SEPARATORS, Context, Heredoc, ShellSyntaxError

_FURTHEST_LOOK = 1_000_000
"""Characters that are looked through, in all, for the ends of arithmetic."""


class ShellScanner:
    """Copies the text, with `replace(start, end, context)` in place of each `${…}`."""

    def __init__(self, text: str, replace: Callable[[int, int, Context], str]) -> None:
        self._text = text
        self._replace = replace
        self._limit = len(text)
        self._at = 0
        self._out: list[str] = []
        self._looked = 0
        self._forced: Context | None = None
        """What every value inside counts as: arithmetic, an expansion, awkward backquotes."""

    def rewrite(self) -> str:
        """The text with every value replaced. Raises `ShellSyntaxError`."""
        Commands(self).scan(closing=None)
        return "".join(self._out)

    # What `Commands` works with; the scanners of quoted places below call each other.

    @property
    def at(self) -> int:
        """Where the scanner stands."""
        return self._at

    @property
    def more(self) -> bool:
        """Whether there is text left in this scope."""
        return self._at < self._limit

    def peek(self, length: int = 1, ahead: int = 0) -> str:
        """The next characters of this scope."""
        start = self._at + ahead
        return self._text[start : min(start + length, self._limit)]

    def copy(self, length: int = 1) -> None:
        """Copy the next characters as they are."""
        self._out.append(self.peek(length))
        self._at = min(self._at + length, self._limit)

    def copy_until(self, end: int) -> None:
        """Copy everything up to the offset `end`."""
        self.copy(max(0, end - self._at))

    def find(self, wanted: str) -> int:
        """The offset of `wanted` in the rest of this scope, or of its end."""
        found = self._text.find(wanted, self._at, self._limit)
        return self._limit if found < 0 else found

    def dollar(self, context: Context) -> None:
        """What begins with `$`: a value, the shell's own expansions, or the character."""
        if self.peek(3) == "$${":
            self._expansion(context)
        elif self.peek(2) == "${":
            self._value(context)
        elif self.peek(3) == "$((" and self._arithmetic_end(self._at + 3) is not None:
            self.arithmetic(3)
        elif self.peek(2) == "$(":
            opening = self._at
            self.copy(2)
            saved, self._forced = self._forced, self._inside_substitution()
            if not Commands(self).scan(closing=")"):
                raise ShellSyntaxError("`$(` is never closed", opening, 2, "close it with `)`")
            self._forced = saved
        elif self.peek(2) == "$'" and context is Context.UNQUOTED:
            self._dollar_single()
        else:
            self.copy()

    def _inside_substitution(self) -> Context | None:
        """A command inside arithmetic or an expansion is ordinary code again."""
        return self._forced if self._forced is Context.BACKQUOTES else None

    def _value(self, context: Context) -> None:
        end = hole_end(self._text, self._at)
        if end is None or end > self._limit:
            raise ShellSyntaxError(
                "`${` is never closed",
                self._at,
                2,
                "close it with `}`; for the two characters themselves write `$${`",
                "unclosed-expression",
            )
        self._out.append(self._replace(self._at, end, self._forced or context))
        self._at = end

    def _dollar_single(self) -> None:
        """`$'…'`: some shells read backslashes in it, others do not."""
        closing = self._text.find("'", self._at + 2, self._limit)
        if closing > 0 and self._text[closing - 1] == "\\":
            raise ShellSyntaxError(
                "`$'…'` with a backslash before a quote means different things to different shells",
                self._at,
                2,
                "use `'…'` or `\"…\"`",
            )
        self.copy()
        self.single_quoted()

    def backslash(self) -> None:
        """A backslash and what it hides."""
        if self.peek(2, 1) == "${":
            self._at += 1
            self._replace_escaped()
            return
        if self.peek(3, 1) == "$${":
            self.copy()
            self._out.append("${")
            self._at += 3
            return
        self.copy(2)

    def _replace_escaped(self) -> None:
        end = hole_end(self._text, self._at)
        if end is not None:
            self._replace(self._at, end, Context.ESCAPED)
            self._at = end

    def single_quoted(self) -> None:
        """`'…'`."""
        opening = self._at
        self.copy()
        while self.more:
            if self.peek() == "'":
                self.copy()
                return
            if not self._literal_or_value(Context.SINGLE_QUOTED):
                self.copy()
        raise ShellSyntaxError("the quote `'` is never closed", opening, 1, "close it")

    def _literal_or_value(self, context: Context) -> bool:
        """`$${` as `${`, or a value where none can be."""
        if self.peek(3) == "$${":
            self._out.append("${")
            self._at += 3
            return True
        if self.peek(2) == "${":
            self._value(context)
            return True
        return False

    def double_quoted(self) -> None:
        """`"…"`."""
        opening = self._at
        self.copy()
        while self.more:
            character = self.peek()
            if character == '"':
                self.copy()
                return
            self._inside_quotes(character, Context.DOUBLE_QUOTED)
        raise ShellSyntaxError('the quote `"` is never closed', opening, 1, "close it")

    def _inside_quotes(self, character: str, context: Context) -> None:
        if character == "\\":
            self.backslash()
        elif character == "$":
            self.dollar(context)
        elif character == "`":
            self.backquoted()
        else:
            self.copy()

    def backquoted(self) -> None:
        """`` `…` ``: its text is read twice, so a value needs a text without backslashes."""
        opening = self._at
        end = opening + 1
        while end < self._limit and self._text[end] != "`":
            end += 2 if self._text[end] == "\\" else 1
        if end >= self._limit:
            raise ShellSyntaxError("the backquote is never closed", opening, 1, "write `$(…)`")
        self.copy()
        saved = self._limit, self._forced
        self._limit = end
        if "\\" in self._text[opening:end]:
            self._forced = Context.BACKQUOTES
        Commands(self).scan(closing=None)
        self._limit, self._forced = saved
        self.copy()

    def _expansion(self, context: Context) -> None:
        """The shell's own `${…}`, written `$${…}`."""
        opening = self._at
        self._out.append("${")
        self._at += 3
        saved, self._forced = self._forced, Context.EXPANSION
        while self.more and self.peek() != "}":
            character = self.peek()
            if character == '"':
                self.double_quoted()
            elif character == "'":
                self._single_quote_in_expansion(context)
            else:
                self._inside_quotes(character, context)
        if not self.more:
            raise ShellSyntaxError("the shell's `${` is never closed", opening, 3, "close it: `}`")
        self.copy()
        self._forced = saved

    def _single_quote_in_expansion(self, context: Context) -> None:
        """Within double quotes some shells take it for a quote, others for a character."""
        if context is not Context.UNQUOTED:
            raise ShellSyntaxError(
                "a single quote here means different things to different shells",
                self._at,
                1,
                "put the text into a variable first, and use the variable",
            )
        self.single_quoted()

    def _arithmetic_end(self, position: int) -> int | None:
        """The offset of the `))` that ends arithmetic begun before `position`; None if the
        parentheses turn out to be commands.
        """
        if self._text.find("))", position, self._limit) < 0:
            return None
        depth, start = 0, position
        while position < self._limit:
            character = self._text[position]
            if character == "\\":
                position += 1
            elif self._text.startswith("${", position):
                position = (hole_end(self._text, position) or self._limit) - 1
            elif character == "(":
                depth += 1
            elif character == ")":
                if depth == 0:
                    break
                depth -= 1
            position += 1
        self._looked += position - start
        if self._looked > _FURTHEST_LOOK:
            hint = "put a part of it into a script of its own"
            raise ShellSyntaxError("too much arithmetic for one shell text", start, 1, hint)
        return position if self._text.startswith("))", position) else None

    def is_arithmetic_command(self) -> bool:
        """`((…))`, which some shells take for arithmetic."""
        return self.peek(2) == "((" and self._arithmetic_end(self._at + 2) is not None

    def arithmetic(self, opening: int) -> None:
        """`$((…))` or `((…))`; `opening` is the length of its beginning."""
        end = self._arithmetic_end(self._at + opening)
        assert end is not None
        self.copy(opening)
        saved, self._forced = self._forced, Context.ARITHMETIC
        while self._at < end:
            self._inside_quotes(self.peek(), Context.ARITHMETIC)
        self._forced = saved
        self.copy(2)

    def heredoc_body(self, heredoc: Heredoc) -> None:
        """The lines up to the delimiter."""
        continued = False
        while self.more:
            line_end = self.find("\n")
            line = self._text[self._at : line_end]
            candidate = line.lstrip("\t") if heredoc.strip_tabs else line
            if candidate == heredoc.delimiter and not continued:
                self.copy_until(line_end)
                return
            self._heredoc_line(heredoc, line_end)
            if self._at == line_end:
                self.copy()
                continued = False
            else:
                continued = not heredoc.quoted

    def _heredoc_line(self, heredoc: Heredoc, line_end: int) -> None:
        while self._at < line_end:
            if not heredoc.quoted:
                self._inside_quotes(self.peek(), Context.HEREDOC)
            elif not self._literal_or_value(Context.QUOTED_HEREDOC):
                self.copy()

    def delimiter(self) -> tuple[str, bool]:
        """The delimiter of a here-document, and whether any of it is quoted."""
        word, quoted = "", False
        while self.more and self.peek() not in SEPARATORS:
            character = self.peek()
            if self.peek(2) == "${":
                self._value(Context.DELIMITER)
            elif character in "'\"":
                quoted = True
                opening = self._at
                self.single_quoted() if character == "'" else self.double_quoted()
                word += self._text[opening + 1 : self._at - 1]
            elif character == "\\":
                quoted = True
                word += self.peek(1, 1)
                self.copy(2)
            else:
                word += character
                self.copy()
        return word, quoted
