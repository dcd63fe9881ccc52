"""The types of a document's values: what may stand behind a key before names are resolved.

Each is plain data that a function checks, so that every mistake is one error with a sentence of
our own. `PydanticCustomError`'s type is the diagnostic's rule; `hint` stands in its context.
"""

import math
import re
from collections.abc import Callable
from typing import Annotated, Any, cast

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from orchestrate.playbook.document import meant
from orchestrate.playbook.durations import parse_duration

_WHOLE_EXPRESSION = re.compile(r"\$\{.*\}", re.DOTALL)
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def kind_of(value: object) -> str:
    """What a value is, in the words of a message."""
    match value:
        case None:
            return "nothing"
        case bool():
            return f"`{str(value).lower()}`"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "a mapping"


def wrong(
    message: str,
    hint: str = "",
    rule: str = "wrong-type",
    *,
    inside: str = "",
    meant: str | None = None,
) -> PydanticCustomError:
    """The error for a value of the wrong type; the message goes on after the key's name.

    `inside` is the key within a mapping of free names that is meant; `meant` is what the value can
    only have been meant to be, as YAML.
    """
    context = {"text": message, "hint": hint, "inside": inside, "meant": meant or ""}
    # The message is a template for pydantic: braces of the author's text must stay out of it.
    return PydanticCustomError(rule, "{text}", context)  # type: ignore[arg-type]


def _is_expression(value: object) -> bool:
    return isinstance(value, str) and _WHOLE_EXPRESSION.fullmatch(value) is not None


def _text(value: Any) -> Any:
    given = kind_of(value)
    if value is None:
        raise wrong("has no value", "write one behind the colon, or remove the key", "empty-value")
    if isinstance(value, bool):
        raise wrong(f"must be text, not {kind_of(value)}", "put it in quotes")
    if isinstance(value, (list, dict)):
        raise wrong(
            f"must be text, not {given}",
            "write it in one line, or as a `|` block",
        )
    if isinstance(value, str) and not value.strip():
        raise wrong("is empty", "write a value, or remove the key", "empty-value")
    return value


def _condition(value: Any) -> Any:
    return value if isinstance(value, bool) else _text(value)


def _truth(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    only = meant.truth(value)
    hint = f"write `{only or 'true` or `false'}`"
    raise wrong(f"must be true or false, not {kind_of(value)}", hint, meant=only)


def _duration(value: Any) -> Any:
    if _is_expression(value):
        return value
    try:
        parse_duration(value)
    except ValueError as error:
        only = meant.duration(value)
        hint = "write seconds, or units such as `90s`, `5m`, `1h30m`, or an expression"
        hint = f"write `{only}`" if only else hint
        raise wrong(f"is not a duration: {error}", hint, meant=only) from None
    return value


def _fixed_duration(value: Any) -> Any:
    if _is_expression(value):
        raise wrong("must be known before anything runs", "write a duration such as `5m`")
    return _duration(value)


def _size(value: Any) -> Any:
    if value is None or isinstance(value, bool) or not re.fullmatch(_SIZE, str(value)):
        raise wrong("is not understood", "bytes, or such as `64KiB`, `2MiB`")
    return value


def _rate(value: Any) -> Any:
    if not re.fullmatch(_RATE, str(value)):
        raise wrong("is not understood", "such as `10/minute` or `5/second`")
    return value


def _count(least: int) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if _is_expression(value):
            return value
        if isinstance(value, bool) or not isinstance(value, int):
            only = meant.whole_number(value)
            hint = f"write {only or least + 1}{'' if only else ', say'}"
            raise wrong(f"must be a whole number, not {kind_of(value)}", hint, meant=only)
        if not least <= value <= 1_000_000:
            raise wrong(
                f"must be {least} to 1000000, not {value}", "write such a number", "out-of-range"
            )
        return value

    return check


def _number(least: float, most: float) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value):
            only = meant.number(value)
            hint = "write it without quotes"
            raise wrong(f"must be a number, not {kind_of(value)}", hint, meant=only)
        if not least <= value <= most:
            raise wrong(
                f"must be {least:g} to {most:g}, not {value:g}",
                "write such a number",
                "out-of-range",
            )
        return value

    return check


def _texts(value: Any) -> Any:
    given = kind_of(value)
    if not isinstance(value, list):
        hint = "write `[one, two]`"
        raise wrong(f"must be a list of texts, not {given}", hint, meant=meant.LIST)
    for item in cast("list[object]", value):
        if isinstance(item, (bool, list, dict)) or item is None:
            inside = kind_of(cast("object", item))
            raise wrong(f"must be a list of texts; {inside} stands in it", "put texts in quotes")
    return cast("list[object]", value)


def _needs(value: Any) -> Any:
    return value if isinstance(value, str) else _texts(value)


def _values(value: Any) -> Any:
    if not isinstance(value, dict):
        raise wrong(
            f"must be a mapping, not {kind_of(value)}", "write `name: value` lines under it"
        )
    return value  # pyright: ignore[reportUnknownVariableType]


def _environment(value: Any) -> Any:
    for name, content in _values(value).items():
        if "${" in name:
            continue  # reported as a key that cannot be an expression
        if not _ENV_NAME.fullmatch(name):
            hint = "letters, digits and `_`, not beginning with a digit"
            raise wrong(
                f"holds `{name}`, which is no name of an environment variable", hint, inside=name
            )
        if name.startswith("ORCHESTRATE_"):
            raise wrong(
                f"sets `{name}`, which orchestrate sets itself", "choose another name", inside=name
            )
        if content is None or isinstance(content, (list, dict)):
            shown = kind_of(cast("object", content))
            raise wrong(
                f"gives `{name}` {shown}; an environment variable is text",
                'write "" for an empty one; join a list: `${list | join(",")}`',
                inside=name,
            )
    return value


def _items(value: Any) -> Any:
    given = kind_of(value)
    if isinstance(value, list) or _is_expression(value):
        return value  # pyright: ignore[reportUnknownVariableType]
    hint = "write `[one, two]`, or an expression that yields a list: `${regions}`"
    raise wrong(f"must be a list, not {given}", hint)


def _checkpoint(value: Any) -> Any:
    return value if isinstance(value, bool) else _text(value)


def _amounts(value: Any) -> Any:
    for name, amount in _values(value).items():
        if _is_expression(amount):
            continue
        if isinstance(amount, bool) or not isinstance(amount, int):
            given = kind_of(amount)
            raise wrong(f"asks for {given} of `{name}`", "write a whole number", inside=str(name))
        if not 1 <= amount <= 1_000_000:
            message = f"asks for {amount} of `{name}`"
            raise wrong(message, "write 1 to 1000000", "out-of-range", inside=str(name))
    return value


_EXPRESSION = r"\$\{[\s\S]*\}"
_FIXED_DURATION = r"^\s*(\d+(\.\d+)?|(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+)\s*$"
_DURATION = rf"^\s*(\d+(\.\d+)?|(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+|{_EXPRESSION})\s*$"
_SIZE = r"^[1-9]\d{0,9}\s*([KM]i?B)?$"
_RATE = r"^[1-9]\d{0,5}\s*/\s*(second|minute|hour|day)$"
_IDENTIFIER = r"^[A-Za-z_][A-Za-z0-9_-]*$"
_STEP_NAME = r"^(?!.*\$\{)(?![-+.\d]+$)[^/\[\]\s]([^/\[\]\r\n]*[^/\[\]\s])?$"
_NO_NAMES = ["on_failure", "on_success", "finally", ".", "..", "true", "false", "null"]


def _schema(**keywords: Any) -> WithJsonSchema:
    """What an editor checks a value by (JSON Schema)."""
    return WithJsonSchema(keywords)


def _free(names: str) -> dict[str, Any]:
    """The schema of a mapping whose names are free, as far as `names` (a pattern) allows."""
    return {
        "type": "object",
        "patternProperties": {names: {}},
        "additionalProperties": False,
    }


def _words(pattern: str, meaning: str) -> dict[str, str]:
    """A pattern, and what an editor says of a text that does not match."""
    return {"pattern": pattern, "patternErrorMessage": meaning}


_WHOLE_OR_NUMBER = _words(f"^{_EXPRESSION}$", "a number, or an expression: ${…}")
_TEXT = {"type": ["string", "number"], **_words(r"\S", "must not be empty")}
_TEXT_LIST = {"type": "array", "items": {"type": ["string", "number"]}}

Text = Annotated[Any, AfterValidator(_text), WithJsonSchema(_TEXT)]
Identifier = Annotated[
    Any,
    AfterValidator(_text),
    _schema(
        type="string",
        **_words(_IDENTIFIER, "letters, digits, `_` and `-`, not beginning with a digit"),
    ),
]
StepName = Annotated[
    Any,
    AfterValidator(_text),
    _schema(
        type="string",
        maxLength=100,
        **{"not": {"enum": _NO_NAMES}},
        **_words(_STEP_NAME, "no number, none of /[], no expression"),
    ),
]
FixedText = Annotated[
    Any,
    AfterValidator(_text),
    WithJsonSchema({**_TEXT, **_words(r"^(?![\s\S]*\$\{)[\s\S]*\S", "fixed text")}),
]
Condition = Annotated[
    Any,
    AfterValidator(_condition),
    WithJsonSchema({**_TEXT, "type": ["string", "boolean"]}),
]
Truth = Annotated[Any, AfterValidator(_truth), _schema(type="boolean")]
Duration = Annotated[
    Any,
    AfterValidator(_duration),
    _schema(
        type=["number", "string"],
        minimum=0,
        maximum=315_360_000,
        **_words(_DURATION, "seconds, or units such as 90s, 5m, 1h30m, or an expression: ${…}"),
    ),
]
FixedDuration = Annotated[
    Any,
    AfterValidator(_fixed_duration),
    _schema(
        type=["number", "string"],
        minimum=0,
        maximum=315_360_000,
        **_words(_FIXED_DURATION, "seconds, or units such as 90s, 5m, 1h30m"),
    ),
]
Size = Annotated[
    Any,
    AfterValidator(_size),
    _schema(type=["integer", "string"], minimum=1, **_words(_SIZE, "bytes, or such as 64KiB")),
]
Rate = Annotated[
    Any, AfterValidator(_rate), _schema(type="string", **_words(_RATE, "such as 10/minute"))
]
Count = Annotated[
    Any,
    AfterValidator(_count(1)),
    _schema(type=["integer", "string"], minimum=1, maximum=1_000_000, **_WHOLE_OR_NUMBER),
]
Retries = Annotated[
    Any,
    AfterValidator(_count(0)),
    _schema(type=["integer", "string"], minimum=0, maximum=1_000_000, **_WHOLE_OR_NUMBER),
]
Factor = Annotated[
    Any,
    AfterValidator(_number(1, 1000)),
    _schema(type="number", minimum=1, maximum=1000),
]
Share = Annotated[Any, AfterValidator(_number(0, 1)), _schema(type="number", minimum=0, maximum=1)]
Bound = Annotated[Any, AfterValidator(_number(-math.inf, math.inf)), _schema(type="number")]
Texts = Annotated[Any, AfterValidator(_texts), WithJsonSchema(_TEXT_LIST)]
Needs = Annotated[Any, AfterValidator(_needs), _schema(anyOf=[{"type": "string"}, _TEXT_LIST])]
Values = Annotated[Any, AfterValidator(_values), _schema(type="object")]
Variables = Annotated[Any, AfterValidator(_values), WithJsonSchema(_free(_IDENTIFIER))]
Amounts = Annotated[
    Any,
    AfterValidator(_amounts),
    _schema(
        type="object",
        additionalProperties={
            "type": ["integer", "string"],
            "minimum": 1,
            "maximum": 1_000_000,
            **_WHOLE_OR_NUMBER,
        },
    ),
]
EnvironmentValues = Annotated[
    Any,
    AfterValidator(_environment),
    _schema(
        type="object",
        patternProperties={
            r"^(?!ORCHESTRATE_)[A-Za-z_][A-Za-z0-9_]*$": {"type": ["string", "number", "boolean"]}
        },
        additionalProperties=False,
    ),
]
Items = Annotated[
    Any,
    AfterValidator(_items),
    _schema(type=["array", "string"], **_words(f"^{_EXPRESSION}$", "a list, or an expression")),
]
Checkpoint = Annotated[
    Any, AfterValidator(_checkpoint), _schema(type=["boolean", "string", "number"])
]
