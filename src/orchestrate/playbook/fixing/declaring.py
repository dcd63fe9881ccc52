"""The edit that declares the parameters that a playbook uses without saying so."""

from collections.abc import Sequence

from orchestrate.errors import Place
from orchestrate.playbook.edits import NONE, Edit, Fix
from orchestrate.playbook.nodes import ListNode, MapNode, Scalar

_FOR_PEOPLE = frozenset(("name", "description", "version", "category", "tags"))
"""Keys that stand above the parameters."""


def declare(names: Sequence[str], document: MapNode, lines: Sequence[str]) -> Fix:
    """A `parameters:` block for a document without one: required texts, as they are already."""
    first = next((e.key for e in document.entries if e.key.text not in _FOR_PEOPLE), None)
    if first is None or not names:
        return NONE
    if lines[document.place.line - 1].startswith("{", document.place.column - 1):
        items = ", ".join(f"{{name: {name}, type: string, required: true}}" for name in names)
        return (Edit(first.place, "", f"parameters: [{items}], "),)
    if first.place.column != document.place.column or _before(first, lines).strip():
        return NONE
    base = _before(first, lines)
    indent = base + _indentation(document, lines)
    block = f"{base}parameters:\n" + "".join(
        f"{indent}- name: {name}\n{indent}  type: string\n{indent}  required: true\n"
        for name in names
    )
    line = _above_comments(first.place.line, lines)
    spaced = line > 1 and not lines[line - 2].strip()
    return (Edit(Place(first.place.file, line, 1), "", block + "\n" * spaced),)


def _before(key: Scalar, lines: Sequence[str]) -> str:
    return lines[key.place.line - 1][: key.place.column - 1]


def _indentation(document: MapNode, lines: Sequence[str]) -> str:
    """How far the playbook indents its list of steps."""
    steps = document.get("steps")
    if not isinstance(steps, ListNode) or not steps.items:
        return "  "
    line = lines[steps.place.line - 1]
    indented = steps.place.column - document.place.column
    is_block = line.startswith("-", steps.place.column - 1)
    return " " * indented if is_block and indented >= 0 else "  "


def _above_comments(line: int, lines: Sequence[str]) -> int:
    """The line to put the block in: comments that stand right above a key belong to it."""
    top = line
    while top > 1 and lines[top - 2].lstrip().startswith("#"):
        top -= 1
    # A comment on top of the file is about all of it.
    return line if top == 1 or lines[top - 2].startswith(("---", "%")) else top
