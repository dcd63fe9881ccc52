"""From a place in a playbook's text to the path of what stands there: `("steps", 2, "then", 0)`."""

from bisect import bisect_right
from collections.abc import Iterator

from orchestrate.errors import Place
from orchestrate.playbook.nodes import ListNode, MapNode, Node

Path = tuple[str | int, ...]


class Paths:
    """Those of one document. What an alias repeats has the path of where it is written."""

    def __init__(self, document: MapNode) -> None:
        self._file = document.place.file
        self._maps: dict[Place, Path] = {}
        written: dict[Place, Path] = {}
        for place, path, node in _walk(document, ()):
            if isinstance(node, MapNode):
                self._maps.setdefault(place, path)
            # A mapping begins where its first key does, a list where its first item does: what is
            # further in says more.
            if place not in written or len(path) > len(written[place]):
                written[place] = path
        self._places = sorted(written)
        self._written = written

    def of_map(self, place: Place) -> Path | None:
        """The path of the mapping that begins at a place."""
        return self._maps.get(place)

    def around(self, place: Place) -> Path | None:
        """The path of what is written at a place, or right before it."""
        if place.file != self._file or not self._places:
            return None
        at = bisect_right(self._places, place)
        return self._written[self._places[max(0, at - 1)]]


def _walk(node: Node, path: Path) -> Iterator[tuple[Place, Path, Node]]:
    """Every node and key, those of one mapping or list after it."""
    waiting: list[tuple[Path, Node]] = [(path, node)]
    while waiting:
        path, node = waiting.pop()
        yield node.place, path, node
        if isinstance(node, ListNode):
            waiting += [((*path, index), item) for index, item in enumerate(node.items)]
        elif isinstance(node, MapNode):
            for entry in node.entries:
                yield entry.key.place, (*path, entry.key.text), entry.key
                waiting.append(((*path, entry.key.text), entry.value))
