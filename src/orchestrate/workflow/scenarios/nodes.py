"""Checked nodes of a scenario file as data."""

from orchestrate.playbook.nodes import ListNode, Node, Scalar, plain
from orchestrate.playbook.plan import Json


def data_of(node: Node) -> Json:
    """The node as plain data."""
    return plain(node)  # type: ignore[return-value]


def items_of(node: Node | None) -> tuple[Scalar, ...]:
    """The texts of a list, or the one text."""
    if isinstance(node, Scalar):
        return (node,)
    if isinstance(node, ListNode):
        return tuple(item for item in node.items if isinstance(item, Scalar))
    return ()
