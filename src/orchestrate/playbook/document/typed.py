"""The keys of triggers and integrations: which belong to which type, which each must have."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.document.kinds import (
    INTEGRATION_COMMON_KEYS,
    INTEGRATIONS,
    TRIGGER_COMMON_KEYS,
    TRIGGERS,
    Kind,
)
from orchestrate.playbook.nodes import Entry, ListNode, MapNode, Node, Scalar

KnownKeys = Callable[[MapNode, str, Sequence[str], Sequence[str]], list[Entry]]
"""The entries of a mapping that may be there, misspelt ones put right; others are reported."""


class Family(NamedTuple):
    """Mappings whose keys depend on their `type`."""

    of: str
    """What one of them is called."""
    types: Mapping[str, Kind]
    common: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys of all types."""
        own = dict.fromkeys(key for kind in self.types.values() for key in kind.keys)
        return (*self.common, *own)


TRIGGER = Family("trigger", TRIGGERS, TRIGGER_COMMON_KEYS)
INTEGRATION = Family("integration", INTEGRATIONS, INTEGRATION_COMMON_KEYS)


def repaired_by_type(
    value: Node, family: Family, known: KnownKeys, diagnostics: Diagnostics
) -> Node:
    """The list of such mappings, each with the keys that its type has."""
    if not isinstance(value, ListNode):
        return value
    items = tuple(_repaired(item, family, known, diagnostics) for item in value.items)
    return ListNode(items, value.place)


def _repaired(node: Node, family: Family, known: KnownKeys, diagnostics: Diagnostics) -> Node:
    if not isinstance(node, MapNode):
        return node
    given = node.get("type")
    name = given.text if isinstance(given, Scalar) else ""
    kind = family.types.get(name)
    if kind is None:
        article = "an" if family.of[0] in "aeiou" else "a"
        entries = known(node, f"{article} {family.of}", family.keys, ("type",))
        return MapNode(tuple(entries), node.place)
    article = "an" if name[0] in "aeiou" else "a"
    keys = (*family.common, *kind.keys)
    own: list[Entry] = []
    for entry in node.entries:
        if entry.key.text in family.keys and entry.key.text not in keys:
            _misplaced(entry.key, name, family, diagnostics)
        else:
            own.append(entry)
    wanted = (*kind.required, *kind.keys)
    entries = known(MapNode(tuple(own), node.place), f"{article} {name} {family.of}", keys, wanted)
    written = {entry.key.text for entry in entries}
    for key in kind.required:
        if key not in written:
            diagnostics.error(
                "missing-key",
                f"{article} {name} {family.of} needs `{key}`",
                node.place,
                hint=f"add `{key}:`",
            )
    return MapNode(tuple(entries), node.place)


def _misplaced(key: Scalar, name: str, family: Family, diagnostics: Diagnostics) -> None:
    owners = " or ".join(
        f"`type: {owner}`" for owner, kind in family.types.items() if key.text in kind.keys
    )
    diagnostics.error(
        "misplaced-key",
        f"`{key.text}` belongs to {family.of}s of {owners}; this is `type: {name}`",
        key.place,
        hint="change `type`, or remove the key",
        length=len(key.text),
    )
