"""Expression text into tokens."""

import re
from collections.abc import Callable
from typing import NamedTuple

from orchestrate.playbook.expression.syntax import ExpressionSyntaxError


class Token(NamedTuple):
    """`kind`: name number text operator equals end. `value` is the text's content for `text`."""

    kind: str
    value: str
    start: int
    end: int


_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<name>[^\W\d]\w*(?:-\w+)*)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
    |(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<wrong>===|!==|&&|\|\||!(?!=)|\?\?|\?|\+\+)
    |(?P<equals>=(?!=))
    |(?P<operator>\$\{|==|!=|<=|>=|//|\*\*|[-+*/%~<>|.,:()\[\]{}])
    """,
    re.VERBOSE | re.DOTALL,
)
_WRONG = {
    "===": "write `==`",
    "!==": "write `!=`",
    "&&": "write `and`",
    "||": "write `or`",
    "!": "write `not`",
    "??": "write `value | default(other)`",
    "?": "write `a if condition else b`",
    "++": "write `~` to join text, `+` to add numbers",
}
_MEANT = {"===": "==", "!==": "!=", "&&": "and", "||": "or", "!": "not "}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "/": "/"}
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)


def tokenize(source: str, known: Callable[[str], bool], *, holes: bool = False) -> list[Token]:
    """The tokens of `source`, the last one of kind `end`.

    A word with dashes is one name if `known` says so, else the longest known beginning minus the
    rest. With `holes` (conditions) each `${x}` counts as `(x)`. Raises `ExpressionSyntaxError`.
    """
    tokens: list[Token] = []
    position = 0
    open_braces: list[str] = []
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            raise _unexpected(source, position)
        kind = match.lastgroup or ""
        text = match.group()
        start, position = position, match.end()
        if kind == "name":
            tokens += _words(text, start, known, attribute=_after_dot(tokens))
        elif kind == "text":
            tokens.append(Token("text", _content(text, start), start, position))
        elif kind == "number":
            _check_number(source, start, position)
            tokens.append(Token(kind, text, start, position))
        elif kind == "operator":
            tokens.append(_operator(text, start, open_braces, holes=holes))
        elif kind == "equals":
            tokens.append(Token(kind, text, start, position))
        elif kind == "wrong":
            raise ExpressionSyntaxError(
                f"`{text}` is no operator here",
                start,
                len(text),
                _WRONG[text],
                meant=_MEANT.get(text),
            )
    tokens.append(Token("end", "", len(source), len(source)))
    return tokens


def _after_dot(tokens: list[Token]) -> bool:
    return bool(tokens) and tokens[-1].kind == "operator" and tokens[-1].value == "."


def _operator(text: str, start: int, open_braces: list[str], *, holes: bool) -> Token:
    """An operator; in a condition `${` and its brace become parentheses."""
    token = Token("operator", text, start, start + len(text))
    if text == "${":
        if not holes or "${" in open_braces:
            raise ExpressionSyntaxError(
                "a `${` inside an expression", start, 2, "names need no `${` there: write `x`"
            )
        open_braces.append(text)
        return token._replace(value="(")
    if text == "{":
        open_braces.append(text)
    elif text == "}" and open_braces and open_braces.pop() == "${":
        return token._replace(value=")")
    return token


def _words(word: str, start: int, known: Callable[[str], bool], *, attribute: bool) -> list[Token]:
    """A word with dashes as one name, or as a subtraction."""
    whole = [Token("name", word, start, start + len(word))]
    segments = word.split("-")
    if len(segments) == 1 or attribute or known(word):
        return whole
    for count in range(len(segments) - 1, 0, -1):
        beginning = "-".join(segments[:count])
        if known(beginning):
            minus = start + len(beginning)
            rest = "-".join(segments[count:])
            first = Token("name", beginning, start, minus)
            operator = Token("operator", "-", minus, minus + 1)
            return [first, operator, *_rest(rest, minus + 1, known)]
    return whole


def _rest(rest: str, start: int, known: Callable[[str], bool]) -> list[Token]:
    if not rest[0].isdecimal():
        return _words(rest, start, known, attribute=False)
    number, dash, more = rest.partition("-")
    _check_number(rest, 0, len(number), shift=start)
    tokens = [Token("number", number, start, start + len(number))]
    if dash:
        after = start + len(number)
        tokens.append(Token("operator", "-", after, after + 1))
        tokens += _rest(more, after + 1, known)
    return tokens


def _check_number(source: str, start: int, end: int, *, shift: int = 0) -> None:
    text = source[start:end]
    following = source[end : end + 1]
    if not re.fullmatch(r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", text) or following.isalpha():
        raise ExpressionSyntaxError(
            "a number runs into a word",
            start + shift,
            max(1, end - start),
            "a name begins with a letter; text needs quotes",
        )


def _content(quoted: str, start: int) -> str:
    """The text that a quoted literal stands for."""
    inner = quoted[1:-1]
    hole = inner.replace("$${", "   ").find("${")
    if hole >= 0:
        whole = inner.strip()
        closing = inner.find("}", hole)
        name = inner[hole + 2 : closing if closing > 0 else None]
        only = whole.startswith("${") and whole.endswith("}") and whole.count("${") == 1
        raise ExpressionSyntaxError(
            "quotes around `${…}` make it text, not the value",
            start,
            len(quoted),
            f"write `${{{name}}}` without quotes" if only else "join text with `~`: `'a-' ~ b`",
            "quoted-expression",
        )
    if "\\" not in inner:
        return inner.replace("$${", "${")

    def unescape(match: re.Match[str]) -> str:
        code = match.group(1)
        if code[0] == "u" and len(code) == 5:
            return chr(int(code[1:], 16))
        if code not in _ESCAPES:
            raise ExpressionSyntaxError(
                f"`\\{code}` is no escape",
                start + 1 + match.start(),
                2,
                "write `\\\\` for a backslash",
            )
        return _ESCAPES[code]

    return _ESCAPE.sub(unescape, inner).replace("$${", "${")


def _unexpected(source: str, position: int) -> ExpressionSyntaxError:
    character = source[position]
    if character in "\"'":
        return ExpressionSyntaxError(
            "text without its closing quote", position, len(source) - position, "close it"
        )
    hint = ""
    if character == "$":
        hint = "names need no `$` here: write `x`"
    elif character == "`":
        hint = "text needs single or double quotes"
    elif character == "#":
        hint = "there are no comments inside an expression"
    return ExpressionSyntaxError(f"`{character}` is not expected here", position, 1, hint)
