"""From nodes to blocks: data and the comments around it."""

from typing import Any

from orchestrate.playbook.nodes import ListNode, MapNode, Node, Scalar
from orchestrate.playbook.reading.lines import split_lines
from orchestrate.playbook.writing.blocks import Block, Plain, Remark


def load(node: MapNode, text: str) -> Block:
    """The document as blocks; `text` is that which `node` was read from."""
    return _Loader(split_lines(text)).block(node, ())


class _Loader:
    """Walks in written order, so that it knows where the last content before a comment ended."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._row = 0
        """The last line (from 1) that holds content."""

    def block(self, node: MapNode, above: Remark) -> Block:
        block = Block(above=above)
        for entry in node.entries:
            remark = self._remark(entry.key.place.line)
            self._pass(entry.key)
            if remark:
                block.remarks[entry.key.text] = remark
            block[entry.key.text] = self._value(entry.value)
        return block

    def _value(self, node: Node) -> Any:
        match node:
            case Scalar():
                self._pass(node)
                return node.text if isinstance(node.value, str) else Plain(node.text)
            case ListNode():
                return [self._item(item) for item in node.items]
            case MapNode():
                return self.block(node, ())

    def _item(self, node: Node) -> Any:
        remark = self._remark(node.place.line)
        if isinstance(node, MapNode):
            self._row = max(self._row, node.place.line)
            return self.block(node, remark)
        return self._value(node)

    def _remark(self, line: int) -> Remark:
        """The comments and empty lines between the last content and `line`."""
        between = self._lines[self._row : line - 1]
        found = tuple(text.strip() for text in between)
        return tuple(text for text in found if not text or text.startswith("#"))

    def _pass(self, node: Scalar) -> None:
        last = node.jumps[-1][1] if node.jumps else node.lines[-1]
        self._row = max(self._row, node.place.line, last.line)
