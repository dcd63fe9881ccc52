"""A playbook as YAML, just as it was written, or as the JSON of its document."""

import json
import re

from orchestrate.playbook.diagnostics import Diagnostics, PlaybookInvalidError
from orchestrate.playbook.nodes import ListNode, MapNode, Node, Scalar
from orchestrate.playbook.reader import read

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_RAW = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def as_json(file: str, data: bytes) -> str:
    """The document as JSON, keys in written order. Numbers stay as they are written (`1.10`), so
    that the JSON read as a playbook means the same. Raises PlaybookInvalidError.
    """
    diagnostics = Diagnostics()
    node = read(file, data, diagnostics)
    if diagnostics.errors or node is None:
        raise PlaybookInvalidError(diagnostics)
    return _json(node, "") + "\n"


def _json(node: Node, indent: str) -> str:
    inner = indent + "  "
    match node:
        case MapNode(entries=entries):
            pairs = [
                f"{inner}{_text(entry.key.text)}: {_json(entry.value, inner)}" for entry in entries
            ]
            return "{\n" + ",\n".join(pairs) + f"\n{indent}}}" if pairs else "{}"
        case ListNode(items=items):
            lines = [inner + _json(item, inner) for item in items]
            return "[\n" + ",\n".join(lines) + f"\n{indent}]" if lines else "[]"
        case Scalar(value=value):
            if isinstance(value, str):
                return _text(value)
            if isinstance(value, bool) or value is None:
                return json.dumps(value)
            return node.text if _NUMBER.fullmatch(node.text) else json.dumps(value)


def _text(value: str) -> str:
    """Text that YAML reads back, too: what it does not allow raw is escaped."""
    return _RAW.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
