"""The static check of an expression: names, types, filters; and the code that is evaluated.

The code is a minijinja expression. Everything that reads or computes data goes through functions
of `functions.py` (`get_`, `same_`, …), because the library reaches attributes of Python objects,
answers null for what is undefined, and compares text with numbers without a word.
"""

import json
from collections.abc import Callable
from typing import NamedTuple

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics, nearest
from orchestrate.playbook.expression.advice import TYPE_WORDS, boolean_hint, comparison_hint
from orchestrate.playbook.expression.arguments import argument_problems, count_of
from orchestrate.playbook.expression.known import (
    ANY,
    BOOLEAN,
    INTEGER,
    LIST,
    MAP,
    NULL,
    NUMBER,
    TEXT,
)
from orchestrate.playbook.expression.references import Reference, References
from orchestrate.playbook.expression.signatures import (
    COMMON_ALIASES,
    FILTERS,
    LENIENT,
    NUMERIC,
    TEST_ALIASES,
    TESTS,
)
from orchestrate.playbook.expression.syntax import (
    Attribute,
    Binary,
    Call,
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
from orchestrate.playbook.names import Names


class Checked(NamedTuple):
    """A checked subexpression: its code and its type (`any` if not known)."""

    code: str
    type: str


_FAILED = Checked("none", ANY)


class Checker:
    """Checks one expression. `place_of` maps an offset in its source to a place in the file."""

    def __init__(
        self, names: Names, diagnostics: Diagnostics, place_of: Callable[[int], Place]
    ) -> None:
        self._references = References(names, diagnostics, place_of)
        self._diagnostics = diagnostics
        self._place_of = place_of

    def whole(self, tree: Tree) -> tuple[Checked, tuple[str, ...]]:
        """The whole expression, and the root names that its code reads."""
        if isinstance(tree, Name | Attribute | Index):
            reference = self._reference(tree)
            checked = Checked(reference.path() or reference.code("get_"), reference.type)
        else:
            checked = self.check(tree)
        return checked, tuple(self._references.roots)

    def check(self, tree: Tree) -> Checked:
        """One subexpression."""
        match tree:
            case Literal():
                return _literal(tree)
            case Name() | Attribute() | Index():
                reference = self._reference(tree)
                return Checked(reference.code("get_"), reference.type)
            case Unary():
                return self._unary(tree)
            case Binary():
                return self._binary(tree)
            case Ternary():
                return self._ternary(tree)
            case Filter():
                return self._filter(tree, lenient=False)
            case Test():
                return self._test(tree)
            case Slice():
                return self._slice(tree)
            case ListDisplay():
                items = ", ".join(self.check(item).code for item in tree.items)
                return Checked(f"[{items}]", LIST)
            case MapDisplay():
                return self._map(tree)
            case Call():
                return self._call(tree)

    def _reference(self, tree: Name | Attribute | Index, *, lenient: bool = False) -> Reference:
        """A chain such as `a.b["c"][0]`, resolved from its root."""
        keys: list[Attribute | Index] = []
        root: Tree = tree
        while isinstance(root, Attribute | Index):
            keys.append(root)
            root = root.target
        keys.reverse()
        codes = [
            _quote(key.name) if isinstance(key, Attribute) else self.check(key.key).code
            for key in keys
        ]
        if isinstance(root, Name):
            return self._references.resolve(root, keys, codes, lenient=lenient)
        start = self.check(root)
        return Reference(start.code, codes, ANY if keys else start.type)

    def _error(self, rule: str, message: str, tree: Tree, hint: str = "") -> Checked:
        self._report(rule, message, tree.start, tree.end - tree.start, hint)
        return _FAILED

    def _report(self, rule: str, message: str, start: int, length: int, hint: str) -> None:
        self._diagnostics.error(rule, message, self._place_of(start), hint=hint, length=length)

    def _boolean(self, tree: Tree, word: str) -> str:
        """The code of an operand that must be true or false."""
        checked = self.check(tree)
        if checked.type == BOOLEAN:
            return checked.code
        if checked.type != ANY:
            self._error(
                "not-boolean",
                f"`{word}` needs true or false, this is {TYPE_WORDS[checked.type]}",
                tree,
                boolean_hint(tree, checked.type),
            )
        return f"bool_({checked.code})"

    def _unary(self, tree: Unary) -> Checked:
        if tree.operator == "not":
            return Checked(f"(not {self._boolean(tree.operand, 'not')})", BOOLEAN)
        operand = self.check(tree.operand)
        if isinstance(tree.operand, Literal) and operand.type in NUMERIC:
            return Checked(f"-{operand.code}", operand.type)
        self._need_number(operand, tree.operand, "-")
        return Checked(f'calculate_("-", 0, {operand.code})', _numeric(operand.type))

    def _binary(self, tree: Binary) -> Checked:
        operator = tree.operator
        if operator in ("and", "or"):
            left_code = self._boolean(tree.left, operator)
            if isinstance(tree.left, Binary) and tree.left.operator == operator:
                left_code = left_code[1:-1]  # a long chain need not nest
            right_code = self._boolean(tree.right, operator)
            return Checked(f"({left_code} {operator} {right_code})", BOOLEAN)
        left, right = self.check(tree.left), self.check(tree.right)
        if operator == "~":
            nested = isinstance(tree.left, Binary) and tree.left.operator == "~"
            start = left.code[:-1] if nested else f"concat_({left.code}"
            return Checked(f"{start}, {right.code})", TEXT)
        if operator in ("in", "not in"):
            return self._containment(tree, left, right)
        if operator in ("==", "!=", "<", "<=", ">", ">="):
            return self._comparison(tree, left, right)
        return self._arithmetic(tree, left, right)

    def _containment(self, tree: Binary, left: Checked, right: Checked) -> Checked:
        if right.type not in (ANY, TEXT, LIST, MAP):
            return self._error(
                "type-mismatch",
                f"`in` needs a list, a map or text, this is {TYPE_WORDS[right.type]}",
                tree.right,
            )
        code = f"contains_({right.code}, {left.code})"
        return Checked(code if tree.operator == "in" else f"(not {code})", BOOLEAN)

    def _comparison(self, tree: Binary, left: Checked, right: Checked) -> Checked:
        kinds = {_comparable(left.type), _comparable(right.type)}
        if NULL in kinds and tree.operator in ("==", "!="):
            kinds = {ANY}
        if ANY not in kinds and len(kinds) > 1:
            return self._error(
                "type-mismatch",
                f"compares {TYPE_WORDS[left.type]} with {TYPE_WORDS[right.type]}",
                tree,
                comparison_hint(tree, left.type, right.type),
            )
        ordered = tree.operator not in ("==", "!=")
        if ordered and kinds - {ANY, TEXT, NUMBER}:
            return self._error(
                "type-mismatch", f"`{tree.operator}` compares numbers or texts only", tree
            )
        if ordered:
            return Checked(f'order_("{tree.operator}", {left.code}, {right.code})', BOOLEAN)
        code = f"same_({left.code}, {right.code})"
        return Checked(code if tree.operator == "==" else f"(not {code})", BOOLEAN)

    def _arithmetic(self, tree: Binary, left: Checked, right: Checked) -> Checked:
        operator = tree.operator
        code = f'calculate_("{operator}", {left.code}, {right.code})'
        if operator == "+" and LIST in (left.type, right.type):
            return Checked(code, LIST)
        self._need_number(left, tree.left, operator)
        self._need_number(right, tree.right, operator)
        if operator == "+" and ANY in (left.type, right.type):
            return Checked(code, ANY)
        both_integers = left.type == right.type == INTEGER and operator not in ("/", "**")
        return Checked(code, INTEGER if both_integers else NUMBER)

    def _need_number(self, checked: Checked, tree: Tree, operator: str) -> None:
        if checked.type in (ANY, *NUMERIC):
            return
        hint = "text is joined with `~`" if operator == "+" else ""
        if checked.type == TEXT and not isinstance(tree, Literal) and operator != "+":
            hint = "text becomes a number with `| int` or `| float`"
        self._error(
            "type-mismatch",
            f"`{operator}` needs a number, this is {TYPE_WORDS[checked.type]}",
            tree,
            hint,
        )

    def _ternary(self, tree: Ternary) -> Checked:
        condition = self._boolean(tree.condition, "if")
        value, otherwise = self.check(tree.value), self.check(tree.otherwise)
        kind = value.type if value.type == otherwise.type else ANY
        return Checked(f"({value.code} if {condition} else {otherwise.code})", kind)

    def _slice(self, tree: Slice) -> Checked:
        target = self.check(tree.target)
        if target.type not in (ANY, TEXT, LIST):
            return self._error(
                "type-mismatch",
                f"only a list or text has a part, this is {TYPE_WORDS[target.type]}",
                tree.target,
            )
        bounds = [self.check(bound).code if bound else "none" for bound in tree.bounds]
        return Checked(f"slice_({target.code}, {', '.join(bounds)})", target.type)

    def _map(self, tree: MapDisplay) -> Checked:
        pairs: list[str] = []
        for key, value in tree.pairs:
            checked = self.check(key)
            if checked.type not in (ANY, TEXT):
                self._error("type-mismatch", "the key of a map must be text", key)
            pairs.append(f"{checked.code}: {self.check(value).code}")
        return Checked("{" + ", ".join(pairs) + "}", MAP)

    def _call(self, tree: Call) -> Checked:
        if isinstance(tree.target, Attribute):
            name = tree.target.name
            hint = f"values have no methods; use a filter: `| {name}`" if name in FILTERS else ""
            near = nearest(name, FILTERS)
            if not hint:
                hint = "values have no methods; filters are written `value | filter`"
                hint += f", for example `| {near}`" if near else ""
            return self._error("unknown-function", f"`.{name}(…)` cannot be called", tree, hint)
        name = tree.target.word if isinstance(tree.target, Name) else "this"
        if name == "range":
            return self._range(tree)
        hint = "only `range` is a function; filters are written `value | upper`"
        if name in FILTERS:
            hint = f"write `value | {name}`"
        return self._error("unknown-function", f"there is no function `{name}`", tree, hint)

    def _range(self, tree: Call) -> Checked:
        if not 1 <= len(tree.arguments) <= 3:
            hint = "`range(stop)`, `range(start, stop)` or `range(start, stop, step)`"
            return self._error("wrong-arguments", "`range` takes 1 to 3 numbers", tree, hint)
        codes: list[str] = []
        for argument in tree.arguments:
            checked = self.check(argument)
            self._need_number(checked, argument, "range")
            codes.append(checked.code)
        return Checked(f"range_({', '.join(codes)})", LIST)

    def _lenient(self, tree: Tree) -> Checked:
        """A value that may be missing: null then."""
        if isinstance(tree, Name | Attribute | Index):
            reference = self._reference(tree, lenient=True)
            return Checked(reference.code("find_"), ANY)
        if isinstance(tree, Filter) and tree.name in LENIENT:
            return self._filter(tree, lenient=True)
        return self.check(tree)

    def _filter(self, tree: Filter, *, lenient: bool) -> Checked:
        signature = FILTERS.get(tree.name)
        if signature is None:
            target = self.check(tree.target)
            near = COMMON_ALIASES.get(tree.name) or nearest(tree.name, FILTERS)
            hint = f"did you mean `{near}`?" if near else "see the list of filters in the manual"
            message = f"there is no filter `{tree.name}`"
            self._report("unknown-filter", message, tree.name_start, len(tree.name), hint)
            return Checked(target.code, ANY)
        lenient_target = tree.name == "default" or lenient
        target = self._lenient(tree.target) if lenient_target else self.check(tree.target)
        arguments = [self.check(argument).code for argument in tree.arguments]
        keywords = [f"{key}={self.check(value).code}" for key, value in tree.keywords]
        for problem in argument_problems(tree):
            self._report(*problem)
        if signature.takes and target.type not in (ANY, *signature.takes):
            wanted = " or ".join(dict.fromkeys(TYPE_WORDS[kind] for kind in signature.takes))
            self._error(
                "type-mismatch",
                f"`{tree.name}` needs {wanted}, this is {TYPE_WORDS[target.type]}",
                tree.target,
            )
        if lenient and tree.name in LENIENT:
            arguments.append("true")
        gives = signature.gives
        if tree.name in ("first", "last", "reverse") and target.type == TEXT:
            gives = TEXT
        if tree.name in ("abs", "round") and target.type == INTEGER:
            gives = INTEGER
        inside = ", ".join([*arguments, *keywords])
        return Checked(f"({target.code}|{tree.name}({inside}))", gives)

    def _test(self, tree: Test) -> Checked:
        counts = TESTS.get(tree.name)
        if counts is None:
            near = TEST_ALIASES.get(tree.name) or nearest(tree.name, TESTS)
            hint = f"did you mean `{near}`?" if near else "to compare, write `==`"
            message = f"there is no test `{tree.name}`"
            self._report("unknown-test", message, tree.name_start, len(tree.name), hint)
            return Checked("true", BOOLEAN)
        if not counts[0] <= len(tree.arguments) <= counts[1]:
            message = f"`{tree.name}` takes {count_of(*counts)}"
            self._report("wrong-arguments", message, tree.name_start, len(tree.name), "")
        if tree.name in ("defined", "undefined"):
            code = self._defined(tree)
            positive = (tree.name == "defined") != tree.negated
        else:
            arguments = [self.check(argument).code for argument in tree.arguments]
            parts = ", ".join([f'"{tree.name}"', self.check(tree.target).code, *arguments])
            code, positive = f"test_({parts})", not tree.negated
        return Checked(code if positive else f"(not {code})", BOOLEAN)

    def _defined(self, tree: Test) -> str:
        target = tree.target
        if isinstance(target, Name | Attribute | Index):
            return self._reference(target, lenient=True).code("has_", bare="true")
        self._error("wrong-arguments", "only a name can be defined or not", target)
        return "true"


def _quote(text: str) -> str:
    """A text literal for minijinja; JSON's escapes for control characters are its own, too."""
    return json.dumps(text, ensure_ascii=False)


def _literal(tree: Literal) -> Checked:
    value = tree.value
    if value is None:
        return Checked("none", NULL)
    if isinstance(value, bool):
        return Checked("true" if value else "false", BOOLEAN)
    if isinstance(value, int):
        return Checked(str(value), INTEGER)
    if isinstance(value, float):
        return Checked(repr(value), NUMBER)
    return Checked(_quote(value), TEXT)


def _numeric(kind: str) -> str:
    return kind if kind in NUMERIC else NUMBER


def _comparable(kind: str) -> str:
    return NUMBER if kind == INTEGER else kind
