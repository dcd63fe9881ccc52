"""Expression tokens into a tree: minijinja's grammar, without what playbooks do not need."""

from collections.abc import Callable

from orchestrate.playbook.expression.lexing import Token, tokenize
from orchestrate.playbook.expression.syntax import (
    Attribute,
    Binary,
    Call,
    ExpressionSyntaxError,
    Filter,
    Index,
    ListDisplay,
    Literal,
    MapDisplay,
    Name,
    Slice,
    Ternary,
    Test,
    Tree,
    Unary,
)

_CONSTANTS = {
    "true": True,
    "false": False,
    "null": None,
    "none": None,
    "True": True,
    "False": False,
    "None": None,
}
_KEYWORDS = frozenset(("and", "or", "not", "in", "is", "if", "else"))
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_MAX_DEPTH = 25


def parse(source: str, known: Callable[[str], bool], *, holes: bool = False) -> Tree:
    """The tree of `source`. `known` tells which words with dashes are names; `holes`: the source
    is a condition in which `${x}` counts as `(x)`. Raises `ExpressionSyntaxError`.
    """
    return _Parser(tokenize(source, known, holes=holes)).whole()


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Tree:
        tree = self._ternary()
        if self._token.kind != "end":
            raise self._unexpected()
        return tree

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    def _is(self, *values: str) -> bool:
        token = self._token
        return token.value in values and token.kind in ("operator", "name")

    def _take(self) -> Token:
        token = self._token
        self._at += 1
        return token

    def _accept(self, *values: str) -> Token | None:
        return self._take() if self._is(*values) else None

    def _expect(self, value: str) -> Token:
        if not self._is(value):
            raise self._unexpected(f"`{value}` is expected here")
        return self._take()

    def _unexpected(self, message: str = "") -> ExpressionSyntaxError:
        token = self._token
        if token.kind == "end":
            message = f"{message}, but the expression ends" if message else "the expression ends"
            hint = "" if "expected" in message else "something is missing at its end"
            return ExpressionSyntaxError(message, max(0, token.start - 1), 1, hint)
        shown = token.value if token.kind != "text" else f'"{token.value}"'
        hint, meant = "", None
        if token.kind == "equals":
            hint, meant = "to compare, write `==`", "=="
        elif not message and token.kind in ("name", "text", "number") and self._at:
            hint = "an operator is missing before it: `==`, `and`, `or`, `~`, `|` …"
        message = message or f"`{shown}` is not expected here"
        length = token.end - token.start
        return ExpressionSyntaxError(message, token.start, length, hint, meant=meant)

    def _ternary(self) -> Tree:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise ExpressionSyntaxError("the expression is nested too deeply", self._token.start)
        value = self._or()
        if self._accept("if"):
            condition = self._or()
            if not self._is("else"):
                raise ExpressionSyntaxError(
                    "`if` without `else`",
                    value.start,
                    max(1, self._tokens[self._at - 1].end - value.start),
                    "say what the value is otherwise: `a if condition else b`",
                )
            self._take()
            otherwise = self._ternary()
            value = Ternary(value, condition, otherwise, value.start, otherwise.end)
        self._depth -= 1
        return value

    def _or(self) -> Tree:
        left = self._and()
        while self._accept("or"):
            right = self._and()
            left = Binary("or", left, right, left.start, right.end)
        return left

    def _and(self) -> Tree:
        left = self._not()
        while self._accept("and"):
            right = self._not()
            left = Binary("and", left, right, left.start, right.end)
        return left

    def _not(self) -> Tree:
        token = self._accept("not")
        if token is None:
            return self._comparison()
        self._enter(token)
        operand = self._not()
        self._depth -= 1
        return Unary("not", operand, token.start, operand.end)

    def _enter(self, token: Token) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise ExpressionSyntaxError("the expression is nested too deeply", token.start)

    def _comparison(self) -> Tree:
        left = self._sum()
        operator = self._comparison_operator()
        if operator is None:
            return left
        right = self._sum()
        tree = Binary(operator, left, right, left.start, right.end)
        token = self._token
        if self._comparison_operator() is not None:
            raise ExpressionSyntaxError(
                "comparisons cannot be chained",
                token.start,
                token.end - token.start,
                "write `a < b and b < c`",
            )
        return tree

    def _comparison_operator(self) -> str | None:
        if self._is(*_COMPARISONS, "in"):
            return self._take().value
        following = self._tokens[self._at + 1 : self._at + 2]
        if self._is("not") and following and following[0].value == "in":
            self._at += 2
            return "not in"
        return None

    def _sum(self) -> Tree:
        return self._left_to_right(("+", "-"), self._concatenation)

    def _concatenation(self) -> Tree:
        return self._left_to_right(("~",), self._product)

    def _product(self) -> Tree:
        return self._left_to_right(("*", "/", "//", "%"), self._power)

    def _left_to_right(self, operators: tuple[str, ...], operand: Callable[[], Tree]) -> Tree:
        left = operand()
        while self._is(*operators):
            operator = self._take().value
            right = operand()
            left = Binary(operator, left, right, left.start, right.end)
        return left

    def _power(self) -> Tree:
        left = self._unary()
        token = self._accept("**")
        if token is None:
            return left
        self._enter(token)
        right = self._power()
        self._depth -= 1
        return Binary("**", left, right, left.start, right.end)

    def _unary(self) -> Tree:
        token = self._accept("-")
        if token is None:
            return self._filtered(self._postfix())
        self._enter(token)
        operand = self._postfix() if not self._is("-") else self._unary()
        self._depth -= 1
        return self._filtered(Unary("-", operand, token.start, operand.end))

    def _postfix(self) -> Tree:
        tree = self._primary()
        while True:
            if self._accept("."):
                tree = self._attribute(tree)
            elif self._is("["):
                tree = self._subscript(tree)
            elif self._is("("):
                arguments, end = self._arguments()
                tree = Call(tree, arguments, tree.start, end)
            else:
                return tree

    def _attribute(self, target: Tree) -> Tree:
        token = self._token
        if token.kind == "number":
            raise self._unexpected(f"write `[{token.value}]` for an item of a list")
        if token.kind != "name":
            raise self._unexpected("a name is expected after `.`")
        self._take()
        word, split = token.value, token.value
        while "-" in split and split.rpartition("-")[2][0].isdecimal() and not _in_key(split):
            split = split.rpartition("-")[0]
        if split != word:
            self._split(token, split)
        return Attribute(target, split, target.start, token.start + len(split), token.start)

    def _split(self, token: Token, name: str) -> None:
        """`a.count-1`: the rest of the word after `count` is a subtraction."""
        rest = token.value[len(name) :]
        at = token.start + len(name)
        pieces: list[Token] = []
        for part in rest[1:].split("-"):
            if not part.isdecimal():
                raise ExpressionSyntaxError("a number runs into a word", at + 1, len(part))
            pieces.append(Token("operator", "-", at, at + 1))
            pieces.append(Token("number", part, at + 1, at + 1 + len(part)))
            at += 1 + len(part)
        self._tokens[self._at : self._at] = pieces

    def _subscript(self, target: Tree) -> Tree:
        self._expect("[")
        bounds: list[Tree | None] = [None, None, None]
        position = 0
        is_slice = False
        while not self._is("]"):
            if self._is(":"):
                self._take()
                is_slice = True
                position += 1
                if position > 2:
                    raise self._unexpected()
            elif bounds[position] is None:
                bounds[position] = self._ternary()
            else:
                raise self._unexpected("`]` is expected here")
        end = self._expect("]").end
        first = bounds[0]
        if is_slice:
            return Slice(target, (bounds[0], bounds[1], bounds[2]), target.start, end)
        if first is None:
            raise ExpressionSyntaxError("an index is missing", end - 1)
        if isinstance(first, Literal) and isinstance(first.value, str):
            return Attribute(target, first.value, target.start, end, first.start)
        return Index(target, first, target.start, end)

    def _arguments(self) -> tuple[tuple[Tree, ...], int]:
        arguments, keywords, end = self._all_arguments()
        if keywords:
            key, tree = keywords[0]
            raise ExpressionSyntaxError(f"`{key}=` is not expected here", tree.start)
        return arguments, end

    def _all_arguments(self) -> tuple[tuple[Tree, ...], tuple[tuple[str, Tree], ...], int]:
        self._expect("(")
        plain: list[Tree] = []
        keywords: list[tuple[str, Tree]] = []
        while not self._is(")"):
            token = self._token
            following = self._tokens[self._at + 1 : self._at + 2]
            if token.kind == "name" and following and following[0].kind == "equals":
                self._at += 2
                keywords.append((token.value, self._ternary()))
            else:
                plain.append(self._ternary())
            if not self._accept(","):
                break
        return tuple(plain), tuple(keywords), self._expect(")").end

    def _filtered(self, tree: Tree) -> Tree:
        while True:
            if self._accept("|"):
                tree = self._filter(tree)
            elif self._accept("is"):
                tree = self._test(tree)
            else:
                return tree

    def _filter(self, target: Tree) -> Tree:
        token = self._name("the name of a filter is expected after `|`")
        arguments: tuple[Tree, ...] = ()
        keywords: tuple[tuple[str, Tree], ...] = ()
        end = token.end
        if self._is("("):
            arguments, keywords, end = self._all_arguments()
        return Filter(target, token.value, arguments, keywords, target.start, end, token.start)

    def _test(self, target: Tree) -> Tree:
        negated = self._accept("not") is not None
        token = self._name("the name of a test is expected after `is`", keywords=True)
        arguments: tuple[Tree, ...] = ()
        end = token.end
        if self._is("("):
            arguments, end = self._arguments()
        return Test(target, token.value, arguments, negated, target.start, end, token.start)

    def _name(self, message: str, *, keywords: bool = False) -> Token:
        token = self._token
        if token.kind != "name" or (token.value in _KEYWORDS and not keywords):
            raise self._unexpected(message)
        return self._take()

    def _primary(self) -> Tree:
        token = self._token
        if token.kind == "text":
            self._take()
            return Literal(token.value, token.start, token.end)
        if token.kind == "number":
            self._take()
            return Literal(_number(token), token.start, token.end)
        if token.kind == "name" and token.value not in _KEYWORDS:
            self._take()
            if token.value in _CONSTANTS:
                return Literal(_CONSTANTS[token.value], token.start, token.end)
            return Name(token.value, token.start, token.end)
        if self._is("("):
            return self._parenthesised()
        if self._is("["):
            return self._list()
        if self._is("{"):
            return self._map()
        raise self._unexpected("" if token.kind != "end" else "a value is expected")

    def _parenthesised(self) -> Tree:
        opening = self._take()
        tree = self._ternary()
        if self._is(","):
            raise ExpressionSyntaxError(
                "a list is written with brackets", opening.start, 1, "write `[a, b]`"
            )
        self._expect(")")
        return tree

    def _list(self) -> Tree:
        opening = self._take()
        items: list[Tree] = []
        while not self._is("]"):
            items.append(self._ternary())
            if not self._accept(","):
                break
        return ListDisplay(tuple(items), opening.start, self._expect("]").end)

    def _map(self) -> Tree:
        opening = self._take()
        pairs: list[tuple[Tree, Tree]] = []
        while not self._is("}"):
            key = self._ternary()
            if isinstance(key, Name):
                raise ExpressionSyntaxError(
                    "a key needs quotes",
                    key.start,
                    len(key.word),
                    f'write `"{key.word}": …`',
                )
            self._expect(":")
            pairs.append((key, self._ternary()))
            if not self._accept(","):
                break
        return MapDisplay(tuple(pairs), opening.start, self._expect("}").end)


def _in_key(word: str) -> bool:
    """`us-east-1`: digits after two or more words belong to a name; `count-1` is a subtraction."""
    return word.count("-") > 1


def _number(token: Token) -> int | float:
    text = token.value
    if not text.isdecimal():
        value = float(text)
        if value in (float("inf"),):
            raise ExpressionSyntaxError("the number is too large", token.start, len(text))
        return value
    if len(text) > 18:
        raise ExpressionSyntaxError("the number is too large", token.start, len(text))
    return int(text)
