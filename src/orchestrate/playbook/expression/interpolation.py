"""Compiles the `${…}` of YAML values into templates."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from orchestrate.playbook.diagnostics import Diagnostics, nearest
from orchestrate.playbook.edits import NONE, partial
from orchestrate.playbook.expression.checking import Checked, Checker
from orchestrate.playbook.expression.holes import Hole, Piece, UnclosedHole, pieces
from orchestrate.playbook.expression.known import LIST, MAP, NULL, normalise
from orchestrate.playbook.expression.parsing import parse
from orchestrate.playbook.expression.syntax import Attribute, ExpressionSyntaxError, Name, Tree
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import ListNode, MapNode, Node, Scalar
from orchestrate.playbook.plan import Expression, SecretRef, Template, Text
from orchestrate.playbook.reading.limits import LONGEST_EXPRESSION

_DEEPEST = 80
"""How deep minijinja is trusted to nest; its own limit is not much above."""
_FORM = "write it as in `${count + 1}`, `${name | upper}` or `${a and not b}`"
_NO_ARGUMENT = {
    LIST: ("a list", "join it: `| join(',')`, or call the command in a `foreach`"),
    MAP: ("a map", "name one of its keys, or use `| tojson`"),
    NULL: ("null", "write the text that is meant"),
}


class Source(NamedTuple):
    """Where expressions stand: the scalar, and what is known there."""

    scalar: Scalar
    names: Names
    diagnostics: Diagnostics

    def error(
        self,
        rule: str,
        message: str,
        start: int,
        length: int = 1,
        hint: str = "",
        meant: str | None = None,
    ) -> None:
        """Report something at an offset of the scalar's text; `meant` should stand there."""
        place = self.scalar.place_of(start)
        fix = NONE if meant is None else partial(self.scalar, start, length, meant)
        self.diagnostics.error(rule, message, place, hint=hint, length=length, fix=fix)


def template(node: Node, names: Names, diagnostics: Diagnostics) -> Template:
    """A YAML value with its `${…}` compiled."""
    match node:
        case ListNode():
            return tuple(template(item, names, diagnostics) for item in node.items)
        case MapNode():
            return {
                entry.key.text: template(entry.value, names, diagnostics) for entry in node.entries
            }
        case Scalar():
            if not isinstance(node.value, str):
                return node.value
            return text_template(Source(node, names, diagnostics), pieces(node.text))


def text_template(source: Source, found: Sequence[Piece]) -> str | Expression | SecretRef | Text:
    """Text with holes: plain text, one whole hole, or a `Text`."""
    parts: list[str | Expression | SecretRef] = []
    for piece in found:
        if isinstance(piece, UnclosedHole):
            report_unclosed(source, piece)
        elif isinstance(piece, Hole):
            parts.append(hole(source, piece) or "")
        else:
            parts.append(piece)
    if len(parts) == 1:
        return parts[0]
    return Text(tuple(parts))


def whole_expression(
    node: Scalar, names: Names, diagnostics: Diagnostics
) -> Expression | bool | int | float | str | None:
    """A literal, or one whole `${…}`."""
    if not isinstance(node.value, str) or "${" not in node.text:
        return node.value
    source = Source(node, names, diagnostics)
    compiled = text_template(source, pieces(node.text.strip()))
    if isinstance(compiled, SecretRef):
        source.error(
            "secret-in-expression",
            "a secret cannot stand here",
            0,
            len(node.text),
            "secrets go to commands only: in `env`, or in shell text",
        )
        return None
    if isinstance(compiled, Text):
        source.error(
            "expression-syntax",
            "this value is one whole `${…}` or none",
            0,
            len(node.text),
            "put all of it inside the braces: `${a + b}`",
        )
        return None
    return compiled


def report_unclosed(source: Source, piece: UnclosedHole) -> None:
    """A `${` without its brace."""
    source.error(
        "unclosed-expression",
        "`${` is never closed",
        piece.start,
        2,
        "close it with `}`; for the two characters themselves write `$${`",
    )


def hole(source: Source, found: Hole, *, argument: bool = False) -> Expression | SecretRef | None:
    """One `${…}`; None after an error. `argument`: it becomes (part of) an argument, which a list,
    a map or null cannot.
    """
    if not found.source.strip():
        source.error(
            "empty-expression",
            "`${}` holds no expression",
            found.start,
            found.end - found.start,
            "name a value; for the characters themselves write `$${}`",
        )
        return None
    compiled = expression(source, found.source, found.inside)
    if compiled is None or isinstance(compiled, SecretRef):
        return compiled
    result, checked, _tree = compiled
    if argument and checked.type in _NO_ARGUMENT:
        what, hint = _NO_ARGUMENT[checked.type]
        length = found.end - found.start
        source.error("argument-type", f"{what} cannot be an argument", found.start, length, hint)
        return None
    return result


def expression(
    source: Source, text: str, offset: int, *, holes: bool = False
) -> tuple[Expression, Checked, Tree] | SecretRef | None:
    """The expression `text`, which begins at `offset` of the scalar's text."""
    if len(text) > LONGEST_EXPRESSION:
        return _too_much(source, offset, len(text))
    try:
        return _expression(source, text, offset, holes=holes)
    except RecursionError:
        return _too_much(source, offset, len(text))


def _too_much(source: Source, offset: int, length: int) -> None:
    source.error(
        "expression-syntax",
        "the expression is too long, or nested too deeply",
        offset,
        length,
        "compute parts of it in a `set` step",
    )


def _expression(
    source: Source, text: str, offset: int, *, holes: bool
) -> tuple[Expression, Checked, Tree] | SecretRef | None:
    names = source.names
    before = len(source.diagnostics.found)
    try:
        tree = _tree(text, names, holes=holes)
    except ExpressionSyntaxError as error:
        hint = _shell_hint(text) or error.hint or _FORM
        start = offset + error.start
        source.error(error.rule, error.message, start, error.length, hint, error.meant)
        return None
    secret = _secret(source, tree, offset)
    if secret is not None:
        return secret
    if _is_undeclared_secret(tree):
        return None
    checker = Checker(
        names, source.diagnostics, lambda inner: source.scalar.place_of(offset + inner)
    )
    checked, roots = checker.whole(tree)
    if any(each.severity == "error" for each in source.diagnostics.found[before:]):
        return None
    if nesting(checked.code) > _DEEPEST:
        return _too_much(source, offset, len(text))
    place = source.scalar.place_of(offset)
    compiled = Expression(text.strip(), checked.code, roots, place)
    return compiled, checked, tree


def _tree(text: str, names: Names, *, holes: bool) -> Tree:
    """The parsed text. What a word with dashes means depends on the names that can be seen."""
    return parse(text, names.mentions, holes=holes) if "-" in text else _same_tree(text, holes)


# The same conditions and values stand in many steps.
@lru_cache(maxsize=4096)
def _same_tree(text: str, holes: bool) -> Tree:  # noqa: FBT001 - the cache takes positions only
    return parse(text, bool, holes=holes)


def nesting(code: str) -> int:
    """How deep the parentheses of `code` are nested; those inside text count, too."""
    depth = deepest = 0
    for character in code:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    return deepest


def _secret(source: Source, tree: Tree, offset: int) -> SecretRef | None:
    """A whole `${secrets.NAME}` or secret parameter."""
    names = source.names
    if isinstance(tree, Name):
        found = names.find(normalise(tree.word))
        return SecretRef(found.name) if found is not None and found.secret else None
    if not _is_secrets_attribute(tree):
        return None
    assert isinstance(tree, Attribute)
    declared = names.secret(tree.name)
    if declared is not None:
        return SecretRef(declared)
    near = nearest(tree.name, names.secret_names())
    source.error(
        "undefined-secret",
        f"there is no secret `{tree.name}`",
        offset + tree.name_start,
        len(tree.name),
        f"did you mean `{near}`?" if near else "declare it under `secrets:`",
    )
    return None


def _is_secrets_attribute(tree: Tree) -> bool:
    return (
        isinstance(tree, Attribute)
        and isinstance(tree.target, Name)
        and tree.target.word == "secrets"
    )


def _is_undeclared_secret(tree: Tree) -> bool:
    """After `_secret`: what is still a secret's name was reported as undefined."""
    return _is_secrets_attribute(tree)


_SHELL_EXPANSION = re.compile(
    r"[#!]?[A-Za-z_]\w*(?:(:?[-=+?])(.*)|[#%/^,].*|$)|[@*#?$!-]$", re.DOTALL
)


def _shell_hint(text: str) -> str:
    """For what is no expression, but would be the shell's: `NAME:-x` and its relatives."""
    match = _SHELL_EXPANSION.match(text)
    if match is None or " " in text.partition(":")[0]:
        return ""
    own = f"the shell's own is written `$${{{text}}}`"
    if match.group(1) in (":-", "-") and text[:1] not in "#!":
        name = text.partition(match.group(1))[0]
        return f'{own}; here: `${{{name} | default("{match.group(2)}")}}`'
    return own
