"""The keys of triggers: which belong to which type, and which none can do without."""

from collections.abc import Callable, Sequence

from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.document.kinds import TRIGGER_COMMON_KEYS, TRIGGER_KEYS, TRIGGERS
from orchestrate.playbook.nodes import Entry, ListNode, MapNode, Node, Scalar

KnownKeys = Callable[[MapNode, str, Sequence[str], Sequence[str]], list[Entry]]
"""The entries of a mapping that may be there, misspelt ones put right; others are reported."""


def repaired_triggers(value: Node, known: KnownKeys, diagnostics: Diagnostics) -> Node:
    """The list of triggers, each with the keys that its type has."""
    if not isinstance(value, ListNode):
        return value
    items = tuple(_repaired(item, known, diagnostics) for item in value.items)
    return ListNode(items, value.place)


def _repaired(node: Node, known: KnownKeys, diagnostics: Diagnostics) -> Node:
    if not isinstance(node, MapNode):
        return node
    given = node.get("type")
    name = given.text if isinstance(given, Scalar) else ""
    kind = TRIGGERS.get(name)
    if kind is None:
        return MapNode(tuple(known(node, "a trigger", TRIGGER_KEYS, ("type",))), node.place)
    article = "an" if name[0] in "aeiou" else "a"
    keys = (*TRIGGER_COMMON_KEYS, *kind.keys)
    own: list[Entry] = []
    for entry in node.entries:
        if entry.key.text in TRIGGER_KEYS and entry.key.text not in keys:
            _misplaced(entry.key, name, diagnostics)
        else:
            own.append(entry)
    wanted = (*kind.required, *kind.keys)
    entries = known(MapNode(tuple(own), node.place), f"{article} {name} trigger", keys, wanted)
    written = {entry.key.text for entry in entries}
    for key in kind.required:
        if key not in written:
            diagnostics.error(
                "missing-key",
                f"{article} {name} trigger needs `{key}`",
                node.place,
                hint=f"add `{key}:`",
            )
    return MapNode(tuple(entries), node.place)


def _misplaced(key: Scalar, name: str, diagnostics: Diagnostics) -> None:
    owners = " or ".join(
        f"`type: {owner}`" for owner, kind in TRIGGERS.items() if key.text in kind.keys
    )
    diagnostics.error(
        "misplaced-key",
        f"`{key.text}` belongs to triggers of {owners}; this is `type: {name}`",
        key.place,
        hint="change `type`, or remove the key",
        length=len(key.text),
    )
