"""YAML values with their places: what the reader makes and everything later reads."""

from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from orchestrate.errors import Place


class Scalar(NamedTuple):
    """A scalar: YAML 1.2 core types. `text` is the scalar's text before it was typed (so that a
    value such as 1.10 can be shown as written); `quoted` is true for quoted and block scalars.

    `lines` maps the text to the file: for each line of `text`, the place of its first character.
    Where the text does not follow the file line by line (folded lines, escapes), `jumps` says it
    exactly: pairs of an offset in `text` and its place, sorted; between two of them columns count.
    """

    value: bool | int | float | str | None
    text: str
    quoted: bool
    place: Place
    lines: tuple[Place, ...]
    jumps: tuple[tuple[int, Place], ...] = ()

    def place_of(self, offset: int) -> Place:
        """The place in the file of the character at `offset` of `text`."""
        if self.jumps:
            at, place = self.jumps[bisect_right(self.jumps, offset, key=itemgetter(0)) - 1]
            return Place(place.file, place.line, place.column + offset - at)
        before = self.text[:offset]
        row = min(before.count("\n"), len(self.lines) - 1)
        start = self.lines[row]
        column = start.column + offset - (before.rfind("\n") + 1)
        return Place(start.file, start.line, column)


class ListNode(NamedTuple):
    """A YAML sequence."""

    items: tuple["Node", ...]
    place: Place


class Entry(NamedTuple):
    """One `key: value` of a mapping."""

    key: Scalar
    value: "Node"


class MapNode(NamedTuple):
    """A YAML mapping in written order; keys are unique text."""

    entries: tuple[Entry, ...]
    place: Place

    def get(self, key: str) -> "Node | None":
        """The value of `key`, or None."""
        for entry in self.entries:
            if entry.key.text == key:
                return entry.value
        return None


Node: TypeAlias = Scalar | ListNode | MapNode


def plain(node: Node) -> "bool | int | float | str | Sequence[object] | dict[str, object] | None":
    """The node as plain data, places dropped."""
    match node:
        case Scalar():
            return node.value
        case ListNode():
            return [plain(item) for item in node.items]
        case MapNode():
            return {entry.key.text: plain(entry.value) for entry in node.entries}
