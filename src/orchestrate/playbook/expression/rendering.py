"""Values as text."""

from collections.abc import Mapping

from orchestrate.playbook.expressions import ExpressionError
from orchestrate.playbook.plan import Json

LONGEST = 16_000_000
"""Characters of a text that an expression makes."""


def as_text(value: Json) -> str:
    """The value as text: numbers as JSON writes them, true, false and null in lower case, lists
    and maps as JSON.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return as_json(value)


def as_json(value: Json) -> str:
    """The value as JSON on one line; a map keeps its order."""
    import json

    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    """What the JSON encoder does not know: read-only mappings."""
    if isinstance(value, Mapping):
        return dict(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    raise TypeError(type(value).__name__)


def check_length(length: int) -> None:
    """Raise ExpressionError for a text that is about to become longer than anybody can have meant:
    each `replace` may make ten characters of one.
    """
    if length > LONGEST:
        raise ExpressionError(
            f"the text would have {length:,} characters; at most {LONGEST:,} are allowed",
            hint="keep data of that size in files, and pass their names",
        )
