"""Values of keys, from nodes: literals, durations, numbers, templates.

What is of the wrong type was reported when the document was validated; here it becomes None or the
default, so that compiling goes on and finds what else is wrong.
"""

from collections.abc import Mapping

from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.durations import parse_duration
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import ListNode, MapNode, Node, Scalar
from orchestrate.playbook.plan import Expression, Json, Template
from orchestrate.playbook.templates import compile_expression, compile_template


def text_of(node: Node | None) -> str | None:
    """The text of a scalar as it was written, so that `1.10` stays `1.10`."""
    return node.text if isinstance(node, Scalar) and node.value is not None else None


def truth_of(node: Node | None, default: bool) -> bool:  # noqa: FBT001 - the default is the value
    """True or false."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, bool) else default


def texts_of(node: Node | None) -> tuple[str, ...]:
    """A list of texts; a single text counts as a list of one."""
    items = node.items if isinstance(node, ListNode) else () if node is None else (node,)
    return tuple(text for item in items if (text := text_of(item)) is not None)


def scalars_of(node: Node | None) -> tuple[Scalar, ...]:
    """The scalars of a list; a single one counts as a list of one."""
    items = node.items if isinstance(node, ListNode) else () if node is None else (node,)
    return tuple(item for item in items if isinstance(item, Scalar))


def data_of(node: Node) -> Json:
    """The node as plain data."""
    match node:
        case Scalar():
            return node.value
        case ListNode():
            return [data_of(item) for item in node.items]
        case MapNode():
            return {entry.key.text: data_of(entry.value) for entry in node.entries}


def as_written(node: Node) -> Node:
    """An unquoted number or truth value taken as the text that was written."""
    if isinstance(node, Scalar) and not node.quoted and node.value is not None:
        return node._replace(value=node.text)
    return node


def is_expression(node: Node | None) -> bool:
    """Whether a scalar is (or should be) one whole `${…}`."""
    return isinstance(node, Scalar) and isinstance(node.value, str) and "${" in node.value


def duration_of(
    node: Node | None, names: Names, diagnostics: Diagnostics
) -> float | Expression | None:
    """A duration in seconds, or the expression that yields one."""
    if not isinstance(node, Scalar):
        return None
    if is_expression(node):
        compiled = compile_expression(node, names, diagnostics)
        return compiled if isinstance(compiled, Expression) else None
    try:
        return parse_duration(node.value)
    except ValueError:
        return None


def count_of(node: Node | None, names: Names, diagnostics: Diagnostics) -> int | Expression | None:
    """A whole number, or the expression that yields one."""
    if is_expression(node):
        assert isinstance(node, Scalar)
        compiled = compile_expression(node, names, diagnostics)
        return compiled if isinstance(compiled, Expression) else None
    value = node.value if isinstance(node, Scalar) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number_of(node: Node | None) -> float | None:
    """A number."""
    value = node.value if isinstance(node, Scalar) else None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def templates_of(
    node: Node | None, names: Names, diagnostics: Diagnostics, *, texts: bool = False
) -> Mapping[str, Template]:
    """A mapping of templates; with `texts`, unquoted numbers are the text that was written."""
    if not isinstance(node, MapNode):
        return {}
    return {
        entry.key.text: compile_template(
            as_written(entry.value) if texts else entry.value, names, diagnostics
        )
        for entry in node.entries
    }
