"""Compiles conditions: one expression that yields true or false."""

import re

from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.expression.advice import TYPE_WORDS
from orchestrate.playbook.expression.holes import Hole, hole_end, pieces
from orchestrate.playbook.expression.interpolation import Source, expression
from orchestrate.playbook.expression.known import ANY, BOOLEAN, LIST, MAP, TEXT
from orchestrate.playbook.expression.syntax import Name, Tree
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import Scalar
from orchestrate.playbook.plan import Expression, SecretRef

_QUOTED_HOLE = re.compile(r"""(["'])\s*(\$\{[^}"']*\})\s*\1""")


def condition(node: Scalar, names: Names, diagnostics: Diagnostics) -> Expression | None:
    """One expression in which each `${x}` stands for the value; without any `${` all of it is the
    expression.
    """
    source = Source(node, names, diagnostics)
    if isinstance(node.value, bool):
        return Expression(node.text, "true" if node.value else "false", (), node.place)
    if not isinstance(node.value, str) or not node.text.strip():
        source.error(
            "not-boolean",
            "a condition is needed, which yields true or false",
            0,
            max(1, len(node.text)),
            'for example `${environment} == "production"`',
        )
        return None
    if not _check_holes(source):
        return None
    before = len(node.text) - len(node.text.lstrip())
    compiled = expression(source, node.text.strip(), before, holes=True)
    if isinstance(compiled, SecretRef):
        _report_secret(source, compiled)
        return None
    if compiled is None:
        return None
    result, checked, tree = compiled
    if checked.type not in (ANY, BOOLEAN):
        source.error(
            "not-boolean",
            f"the condition is {TYPE_WORDS[checked.type]}, not true or false",
            before,
            len(node.text.strip()),
            _hint(result.source, checked.type, tree),
        )
        return None
    return result


def _report_secret(source: Source, secret: SecretRef) -> None:
    source.error(
        "secret-in-expression",
        f"the secret `{secret.name}` cannot be part of a condition",
        0,
        len(source.scalar.text),
        "secrets go to commands only: in `env`, or in shell text",
    )


def _check_holes(source: Source) -> bool:
    """Holes must be closed, not empty, and not in quotes."""
    text = source.scalar.text
    quoted = _QUOTED_HOLE.search(text)
    if quoted:
        corrected = _QUOTED_HOLE.sub(lambda match: match.group(2), text)
        source.error(
            "quoted-expression",
            "quotes around `${…}` make it text, not the value",
            quoted.start(),
            quoted.end() - quoted.start(),
            f"write `{corrected.strip()}`",
            quoted.group(2),
        )
        return False
    for piece in pieces(text):
        if isinstance(piece, Hole) and not piece.source.strip():
            source.error("empty-expression", "`${}` holds no expression", piece.start, 3)
            return False
    start = text.find("${")
    while start >= 0:
        end = hole_end(text, start)
        if end is None:
            source.error("unclosed-expression", "`${` is never closed", start, 2, "close it: `}`")
            return False
        start = text.find("${", end)
    return True


def _hint(text: str, kind: str, tree: Tree) -> str:
    if kind == TEXT:
        return f'compare it, for example `{text} == "production"`; or use `| bool`'
    if kind == MAP and isinstance(tree, Name):
        shown = f"${{{tree.word}.success}}"
        return f"a step's result says how it went in several ways: `{shown}`"
    if kind == LIST:
        return "compare its size: `| length > 0`"
    return f"compare it, for example `{text} > 0`"
