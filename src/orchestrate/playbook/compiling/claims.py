"""`locks` and `resources`: what must be had before a step, or a playbook, may begin."""

from collections.abc import Mapping

from orchestrate.playbook.compiling.values import (
    as_written,
    count_of,
    duration_of,
    text_of,
    truth_of,
)
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import ListNode, MapNode, Node
from orchestrate.playbook.plan import Expression, Lock
from orchestrate.playbook.templates import compile_template


def compile_locks(node: Node | None, names: Names, diagnostics: Diagnostics) -> tuple[Lock, ...]:
    """The locks of a step or a playbook; the same name written twice is an error."""
    locks: list[Lock] = []
    written: set[str] = set()
    for item in node.items if isinstance(node, ListNode) else ():
        options: Mapping[str, Node] = {}
        if isinstance(item, MapNode):
            options = {entry.key.text: entry.value for entry in item.entries}
        named = options.get("name") if isinstance(item, MapNode) else item
        text = text_of(named)
        if named is None or text is None:
            continue
        if text in written:
            message = f"the lock `{text}` is asked for twice"
            diagnostics.error("duplicate-lock", message, named.place, hint="remove one of them")
        written.add(text)
        locks.append(
            Lock(
                compile_template(as_written(named), names, diagnostics),
                truth_of(options.get("shared"), default=False),
                duration_of(options.get("wait"), names, diagnostics),
                text_of(options.get("on_conflict")) or "wait",
                named.place,
            )
        )
    return tuple(locks)


def compile_resources(
    node: Node | None, names: Names, diagnostics: Diagnostics
) -> tuple[tuple[str, int | Expression], ...]:
    """How much of which capacity is asked for."""
    entries = node.entries if isinstance(node, MapNode) else ()
    amounts = {entry.key.text: count_of(entry.value, names, diagnostics) for entry in entries}
    return tuple((name, amount) for name, amount in amounts.items() if amount is not None)
