"""The filters of expressions. Each takes plain data and gives plain data, or says what it needs."""

import base64
import hashlib
import json
import math
import posixpath
from collections.abc import Callable, Mapping, Sequence
from typing import cast
from urllib.parse import quote

from orchestrate.playbook.expression.predicates import check
from orchestrate.playbook.expression.rendering import as_json, as_text, check_length
from orchestrate.playbook.expressions import ExpressionError, describe, follow, shorten
from orchestrate.playbook.json_text import read_json
from orchestrate.playbook.plan import Json

_MOST_DIGITS = 15
_WITHOUT_FRACTION = 2.0**52
"""A number from here on has nothing after its point."""
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0", "")


def _text(value: Json, name: str) -> str:
    if isinstance(value, str):
        return value
    hint = "a list becomes text with `| join(' ')`" if isinstance(value, (list, tuple)) else ""
    raise ExpressionError(f"`{name}` needs text, this is {describe(value)}", hint=hint)


def _list(value: Json, name: str) -> list[Json]:
    if isinstance(value, (list, tuple)):
        return list(cast("Sequence[Json]", value))
    hint = "use `| keys`, `| values` or `| items`" if isinstance(value, Mapping) else ""
    raise ExpressionError(f"`{name}` needs a list, this is {describe(value)}", hint=hint)


def _map(value: Json, name: str) -> Mapping[str, Json]:
    if isinstance(value, Mapping):
        return value
    raise ExpressionError(f"`{name}` needs a map, this is {describe(value)}")


def _number(value: Json, name: str) -> int | float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    hint = "text becomes a number with `| int` or `| float`"
    raise ExpressionError(f"`{name}` needs a number, this is {describe(value)}", hint=hint)


def default(value: Json, other: Json, empty_too: Json = False) -> Json:  # noqa: FBT002 - as in Jinja
    """`other` where `value` is missing or null; with `true` also where it is empty or false."""
    if value is None or (empty_too is True and not value):
        return other
    return value


def to_int(value: Json) -> int:
    """A whole number; digits after the point of a number are cut off."""
    if isinstance(value, str):
        try:
            return int(value.strip())
        except ValueError:
            hint = "with a point in it: `| float`"
            message = f'"{shorten(value)}" is no whole number'
            raise ExpressionError(message, hint=hint) from None
    number = _number(value, "int")
    if not math.isfinite(number):
        raise ExpressionError(f"{number} is no whole number")
    return int(number)


def to_float(value: Json) -> float:
    """A number with a point."""
    try:
        number = float(value.strip() if isinstance(value, str) else _number(value, "float"))
    except (ValueError, OverflowError):
        raise ExpressionError(f"{describe(value)} is no number") from None
    if not math.isfinite(number):
        raise ExpressionError(f"{describe(value)} is no number")
    return number


def to_bool(value: Json) -> bool:
    """True or false, from what people write for it."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
    if isinstance(value, (int, float)) and value in (0, 1):
        return value == 1
    raise ExpressionError(
        f"{describe(value)} is neither true nor false",
        hint="true, yes, on, 1 and false, no, off, 0 are understood; or compare it",
    )


def round_number(value: Json, digits: Json = 0) -> int | float:
    """The nearest number with so many digits after the point; halves away from zero."""
    number = _number(value, "round")
    if isinstance(number, int):
        return number
    places = _number(digits, "round")
    if not -_MOST_DIGITS <= places <= _MOST_DIGITS:
        raise ExpressionError(
            f"`round` cannot keep {places} digits",
            hint=f"a number has {_MOST_DIGITS} of them at the most",
        )
    if abs(number) >= _WITHOUT_FRACTION and places >= 0:
        return int(number) if digits == 0 else number
    factor = 10 ** int(places)
    rounded = math.copysign(math.floor(abs(number) * factor + 0.5) / factor, number)
    return int(rounded) if digits == 0 else rounded


def join(value: Json, separator: Json = "") -> str:
    """The items as text, with `separator` between them."""
    between = _text(separator, "join")
    parts = [as_text(item) for item in _list(value, "join")]
    check_length(sum(map(len, parts)) + len(between) * len(parts))
    return between.join(parts)


def length(value: Json) -> int:
    """How many characters, items or keys."""
    if isinstance(value, (str, list, tuple, Mapping)):
        return len(value)
    raise ExpressionError(f"`length` needs text, a list or a map, this is {describe(value)}")


def split(value: Json, separator: Json = None) -> list[Json]:
    """The parts between separators; without one, the words."""
    text = _text(value, "split")
    if separator is None:
        return list(text.split())
    if separator == "":
        raise ExpressionError("`split` needs a separator that is not empty")
    return list(text.split(_text(separator, "split")))


def _end(name: str, position: int) -> Callable[..., Json]:
    def end(value: Json, lenient: Json = False) -> Json:  # noqa: FBT002 - from compiled code
        items: Sequence[Json] = value if isinstance(value, str) else _list(value, name)
        if items:
            return items[position]
        return _nothing(name, lenient=lenient is True)

    return end


def _nothing(name: str, *, lenient: bool) -> None:
    if not lenient:
        raise ExpressionError(
            f"`{name}` of nothing: it is empty", hint=f"write `| {name} | default(…)`"
        )


def _extreme(name: str, pick: Callable[..., Json]) -> Callable[..., Json]:
    def extreme(value: Json, lenient: Json = False) -> Json:  # noqa: FBT002 - from compiled code
        items = _list(value, name)
        _sortable(items, name)
        return pick(items) if items else _nothing(name, lenient=lenient is True)

    return extreme


def _sortable(keys: Sequence[Json], name: str) -> None:
    """Only numbers, or only texts, have an order."""
    texts = sum(isinstance(key, str) for key in keys)
    numbers = sum(isinstance(key, (int, float)) and not isinstance(key, bool) for key in keys)
    if len(keys) not in (texts, numbers):
        raise ExpressionError(
            f"`{name}` needs numbers only or texts only", hint="make them equal: `| map('string')`"
        )


def sort(value: Json, attribute: Json = None, reverse: Json = False) -> list[Json]:  # noqa: FBT002
    """The items in order; `attribute` names what maps are ordered by."""
    items = _list(value, "sort")
    keys = items if attribute is None else [_attribute(item, attribute) for item in items]
    _sortable(keys, "sort")
    order = sorted(range(len(items)), key=lambda index: cast("str", keys[index]))
    return [items[index] for index in (reversed(order) if reverse is True else order)]


def unique(value: Json) -> list[Json]:
    """Each item once, the first one kept."""
    seen: set[str] = set()
    kept: list[Json] = []
    for item in _list(value, "unique"):
        key = json.dumps(item, sort_keys=True, default=str)
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return kept


def reverse(value: Json) -> Json:
    """Backwards."""
    return value[::-1] if isinstance(value, str) else _list(value, "reverse")[::-1]


def total(value: Json) -> int | float:
    """The sum of numbers."""
    return sum(_number(item, "sum") for item in _list(value, "sum"))


def from_json(value: Json) -> Json:
    """The data that JSON text describes."""
    text = _text(value, "fromjson")
    try:
        return read_json(text)
    except ValueError as error:
        raise ExpressionError(f'"{shorten(text)}" is no JSON: {error}') from None


def b64_decode(value: Json) -> str:
    """The text that was encoded."""
    text = _text(value, "b64decode")
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        raise ExpressionError(f'"{shorten(text)}" is no Base64 of text') from None


def _attribute(item: Json, attribute: Json) -> Json:
    return follow(item, _text(attribute, "attribute").split("."))


def map_items(value: Json, name: Json = None, *arguments: Json, attribute: Json = None) -> Json:
    """Each item through a filter, or one attribute of each."""
    items = _list(value, "map")
    if attribute is not None:
        return [_attribute(item, attribute) for item in items]
    function = FILTER_FUNCTIONS[_text(name, "map")]
    return [function(item, *arguments) for item in items]


def _selecting(name: str, *, keep: bool) -> Callable[..., Json]:
    def selected(value: Json, test: str, *arguments: Json) -> Json:
        items = _list(value, name)
        return [item for item in items if check(test, item, *arguments) is keep]

    return selected


def _selecting_by(name: str, *, keep: bool) -> Callable[..., Json]:
    def selected(value: Json, attribute: str, test: str = "true", *arguments: Json) -> Json:
        items = _list(value, name)
        return [
            item for item in items if check(test, _attribute(item, attribute), *arguments) is keep
        ]

    return selected


def replace(value: Json, old: Json, new: Json) -> str:
    """The text with every `old` replaced by `new`."""
    text, out, put = (_text(each, "replace") for each in (value, old, new))
    check_length(len(text) + text.count(out) * max(0, len(put) - len(out)))
    return text.replace(out, put)


def trim(value: Json, characters: Json = None) -> str:
    """The text without blanks (or those `characters`) at its ends."""
    return _text(value, "trim").strip(None if characters is None else _text(characters, "trim"))


def _on_text(name: str, function: Callable[[str], str]) -> Callable[[Json], str]:
    return lambda value: function(_text(value, name))


_OF_VALUE: dict[str, Callable[[Json], Json]] = {
    "abs": lambda value: abs(_number(value, "abs")),
    "b64encode": _on_text("b64encode", lambda text: base64.b64encode(text.encode()).decode()),
    "basename": _on_text("basename", posixpath.basename),
    "capitalize": _on_text("capitalize", lambda text: text[:1].upper() + text[1:]),
    "dirname": _on_text("dirname", posixpath.dirname),
    "items": lambda value: [[key, item] for key, item in _map(value, "items").items()],
    "keys": lambda value: list(_map(value, "keys")),
    "lines": lambda value: list(_text(value, "lines").splitlines()),
    "lower": _on_text("lower", str.lower),
    "sha256": _on_text("sha256", lambda text: hashlib.sha256(text.encode()).hexdigest()),
    "upper": _on_text("upper", str.upper),
    "urlencode": _on_text("urlencode", lambda text: quote(text, safe="")),
    "values": lambda value: list(_map(value, "values").values()),
}
FILTER_FUNCTIONS: dict[str, Callable[..., Json]] = {
    **_OF_VALUE,
    "b64decode": b64_decode,
    "bool": to_bool,
    "default": default,
    "first": _end("first", 0),
    "float": to_float,
    "fromjson": from_json,
    "int": to_int,
    "join": join,
    "last": _end("last", -1),
    "length": length,
    "map": map_items,
    "max": _extreme("max", max),
    "min": _extreme("min", min),
    "reject": _selecting("reject", keep=False),
    "rejectattr": _selecting_by("rejectattr", keep=False),
    "reverse": reverse,
    "round": round_number,
    "select": _selecting("select", keep=True),
    "selectattr": _selecting_by("selectattr", keep=True),
    "sort": sort,
    "split": split,
    "string": as_text,
    "sum": total,
    "tojson": as_json,
    "unique": unique,
    "replace": replace,
    "trim": trim,
}
