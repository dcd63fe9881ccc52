"""Where a key stands in a TOML text, for messages. `tomllib` gives values without places.

Used only when there is something to complain about, so it favours simplicity: it walks the lines
and follows table headers and keys; for a key inside an inline table it gives the line of the key
that holds the table.
"""

import re

from orchestrate.errors import Place
from orchestrate.project.fields import KeyPath

_HEADER = re.compile(r"\s*\[\[?\s*(?P<keys>[^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""(?P<keys>(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*="""
)
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+)""")


def locate_key(file: str, text: str, path: KeyPath) -> Place:
    """The place of the key at `path`, of its nearest parent if it cannot be found, else 1:1."""
    best = Place(file, 1, 1)
    depth = 0
    for found, place in _keys(file, text):
        shared = len(found) if found == path[: len(found)] else 0
        if shared > depth:
            best, depth = place, shared
    return best


def _keys(file: str, text: str) -> list[tuple[KeyPath, Place]]:
    keys: list[tuple[KeyPath, Place]] = []
    table: KeyPath = ()
    closing: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if closing is not None:
            closing = None if closing in line else closing
            continue
        if header := _HEADER.match(line):
            table = _parts(header["keys"])
            keys.append((table, Place(file, number, header.start("keys") + 1)))
            continue
        for key in _KEY.finditer(line):
            parts = _parts(key["keys"])
            first = not line[: key.start()].strip()
            holder = table if first or not keys else keys[-1][0]
            keys.append(((*holder, *parts), Place(file, number, key.start() + 1)))
            if not first and len(keys) > 1:
                keys[-1], keys[-2] = keys[-2], keys[-1]
        closing = next((q for q in ('"""', "'''") if line.count(q) % 2), None)
    return keys


def _parts(keys: str) -> KeyPath:
    return tuple("".join(part) for part in _PART.findall(keys))
