"""The expressions of random programs, evaluated by Python itself: `${a.output.x + v}`.

They are written so that they mean the same in both languages; nothing else is understood.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

_WHOLE = re.compile(r"\$\{([^}]*)\}")


class NoValueError(Exception):
    """An expression without a value: a name or an attribute that is not there."""


class _Shown:
    """Data with attributes, as expressions see it."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    def __getattr__(self, name: str) -> Any:
        if name not in self._data:
            raise NoValueError(name)
        return shown(self._data[name])


def shown(value: Any) -> Any:
    """A value as expressions see it."""
    return _Shown(value) if isinstance(value, Mapping) else value


def evaluate(source: str, find: Callable[[str], Any]) -> Any:
    """The value of what stands between `${` and `}`."""

    class Names(dict[str, Any]):
        def __missing__(self, name: str) -> Any:
            return shown(find(name))

    try:
        value = eval(source, {"__builtins__": {}}, Names(true=True, false=False))
    except (TypeError, AttributeError, KeyError) as error:
        raise NoValueError(source) from error
    if isinstance(value, _Shown):
        raise NoValueError(source)
    return value


def render(text: Any, find: Callable[[str], Any]) -> Any:
    """A value of a playbook: a whole `${…}` keeps its type, otherwise it becomes text."""
    if not isinstance(text, str):
        return text
    whole = _WHOLE.fullmatch(text)
    if whole:
        return evaluate(whole[1], find)
    return _WHOLE.sub(lambda part: as_text(evaluate(part[1], find)), text)


def as_text(value: Any) -> str:
    """A scalar as an argument; null is none."""
    if value is None:
        raise NoValueError("null as an argument")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def holds(condition: str, find: Callable[[str], Any]) -> bool:
    """Whether a condition is true: each `${x}` in it stands for its value."""
    source = _WHOLE.sub(lambda part: f"({part[1]})", condition)
    value = evaluate(source, find)
    if not isinstance(value, bool):
        raise NoValueError(condition)
    return value
