"""Tests of values: what `value is NAME` means."""

from collections.abc import Callable, Mapping
from typing import cast

from orchestrate.playbook.expressions import ExpressionError, describe
from orchestrate.playbook.plan import Json


def check(name: str, value: Json, *arguments: Json) -> bool:
    """Whether `value` passes the test called `name`."""
    return PREDICATES[name](value, *arguments)


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_integer(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _integer(value: Json) -> int:
    if not _is_integer(value):
        raise ExpressionError(
            f"a whole number is needed, this is {describe(value)}",
            hint="text becomes one with `| int`",
        )
    return cast("int", value)


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise ExpressionError(f"text is needed, this is {describe(value)}")
    return value


def _is_empty(value: Json) -> bool:
    if value is None:
        return True
    if isinstance(value, (str, list, tuple, Mapping)):
        return not value
    raise ExpressionError(f"only text, lists and maps can be empty, this is {describe(value)}")


def _divisible(value: Json, divisor: Json) -> bool:
    by = _integer(divisor)
    if by == 0:
        raise ExpressionError("divides by zero")
    return _integer(value) % by == 0


_OF_VALUE: dict[str, Callable[[Json], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "empty": _is_empty,
    "even": lambda value: _integer(value) % 2 == 0,
    "false": lambda value: value is False,
    "integer": _is_integer,
    "list": lambda value: isinstance(value, (list, tuple)),
    "map": lambda value: isinstance(value, Mapping),
    "none": lambda value: value is None,
    "null": lambda value: value is None,
    "number": _is_number,
    "odd": lambda value: _integer(value) % 2 == 1,
    "text": lambda value: isinstance(value, str),
    "true": lambda value: value is True,
}
_OF_TWO: dict[str, Callable[[Json, Json], bool]] = {
    "divisibleby": _divisible,
    "endingwith": lambda value, end: _text(value).endswith(_text(end)),
    "startingwith": lambda value, start: _text(value).startswith(_text(start)),
}
PREDICATES: dict[str, Callable[..., bool]] = {**_OF_VALUE, **_OF_TWO}
