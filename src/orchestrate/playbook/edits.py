"""Edits: small changes of a playbook's text that put one mistake right.

They are made where the mistake is found and carried by its diagnostic; `fixing/` applies them. An
edit says what stands at its place, so that it cannot change anything else: where the text differs
(an escape, a folded line, an anchor before the value) it is simply not applied.
"""

from collections.abc import Sequence
from typing import NamedTuple

from orchestrate.errors import Place
from orchestrate.playbook.nodes import MapNode, Scalar


class Edit(NamedTuple):
    """At `place`, `old` becomes `new`; with an empty `old`, `new` is put in. Lines in `new` end
    with a line feed, whatever ends them in the file.
    """

    place: Place
    old: str
    new: str


Fix = tuple[Edit, ...]
"""Edits that belong together: all of them are made, or none."""
NONE: Fix = ()


def replacement(scalar: Scalar, new: str) -> Fix:
    """All of a scalar's text becomes `new`; its quotes, if it has any, stay."""
    return (Edit(scalar.place_of(0), scalar.text, new),)


def partial(scalar: Scalar, start: int, length: int, new: str) -> Fix:
    """Some characters of a scalar's text become `new`."""
    return (Edit(scalar.place_of(start), scalar.text[start : start + length], new),)


def spelled(scalar: Scalar, lines: Sequence[str]) -> str | None:
    """The scalar as it stands in the file's `lines`, quotes included; None if it is not simple."""
    place, text = scalar.place, scalar.text
    if not text or not 1 <= place.line <= len(lines):
        return None
    line, start = lines[place.line - 1], place.column - 1
    forms = (f'"{text}"', f"'{text}'") if scalar.quoted else (text,)
    return next((form for form in forms if line.startswith(form, start)), None)


def respelled(scalar: Scalar, lines: Sequence[str], new: str) -> Fix:
    """The scalar with its quotes becomes `new`."""
    old = spelled(scalar, lines)
    return NONE if old is None else (Edit(scalar.place, old, new),)


def added_entry(mapping: MapNode, before: Scalar, text: str, lines: Sequence[str]) -> Fix:
    """The entry `text` is put into a mapping, before the entry with the key `before`."""
    line = lines[mapping.place.line - 1]
    if line.startswith("{", mapping.place.column - 1):
        return (Edit(before.place, "", f"{text}, "),)
    head = lines[before.place.line - 1][: before.place.column - 1]
    if head.strip(" -"):
        return NONE
    return (Edit(before.place, "", f"{text}\n{' ' * len(head)}"),)
