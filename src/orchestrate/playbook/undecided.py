"""Values that nobody knows before a playbook runs: what a step will give, say.

In a rehearsal such a value is a text that stands for it, between two characters that no text of a
playbook holds. A text, because it goes wherever a value goes: into arguments, variables, outputs,
JSON. What is made of it holds it still, so nothing that depends on it passes for known.
"""

import re
from collections.abc import Iterator, Mapping

from orchestrate.playbook.parameters import UNDECIDED
from orchestrate.playbook.plan import Json

_OPEN, _CLOSE = UNDECIDED, "\uffff"
_REST = _OPEN
_UNDECIDED = re.compile(f"{_OPEN}[^{_CLOSE}]*{_CLOSE}")


class UndecidedError(Exception):
    """Something must be known that is not. Nobody sees it: the whole expression is undecided."""


def undecided(about: str) -> str:
    """The value that stands for what `about` will be: `build.output.version`."""
    return f"{_OPEN}{plain(about, '')}{_CLOSE}"


def open_map(known: Mapping[str, Json], rest: str) -> dict[str, Json]:
    """A map of which only some keys are known; for what is under others stands `rest`."""
    return {_REST: rest, **known}


def is_undecided(value: Json) -> bool:
    """Whether any part of the value is undecided."""
    return next(_found(value), None) is not None


def beyond(value: Json, key: Json) -> str | None:
    """What stands for whatever `value` will hold under a key that it does not hold; None if it is
    known that there is nothing.
    """
    if isinstance(value, Mapping):
        value = value.get(_REST)
    if not isinstance(value, str) or _OPEN not in value:
        return None
    inside = plain(value, "")
    return undecided(f"{inside}.{key}" if isinstance(key, str) else f"{inside}[{key}]")


def plain(text: str, brackets: str = "<>") -> str:
    """The text for people: `<build.output.version>` for what is undecided in it."""
    if _OPEN not in text:
        return text
    left, right = brackets[:1], brackets[1:]
    return text.replace(_OPEN, left).replace(_CLOSE, right)


def outside(text: str) -> str:
    """The text without what is undecided in it."""
    return _UNDECIDED.sub("", text)


def plain_value(value: Json) -> Json:
    """The value with each text in it for people."""
    match value:
        case str():
            return plain(value)
        case Mapping():
            return {key: plain_value(part) for key, part in value.items() if key != _REST}
        case list() | tuple():
            return [plain_value(part) for part in value]
        case _:
            return value


def _found(value: Json) -> Iterator[str]:
    match value:
        case str():
            start = value.find(_OPEN)
            if start >= 0:
                end = value.find(_CLOSE, start)
                yield value[start + 1 : end if end >= 0 else None]
        case Mapping():
            for part in value.values():
                yield from _found(part)
        case list() | tuple():
            for part in value:
                yield from _found(part)
        case _:
            pass
