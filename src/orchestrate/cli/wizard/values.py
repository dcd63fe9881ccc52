"""What is typed, as values of a playbook, and back."""

import re
from typing import Any, cast

from orchestrate.playbook.durations import parse_duration
from orchestrate.playbook.reading.scalars import typed
from orchestrate.playbook.writing.blocks import Block, Plain

_LISTS = frozenset(("needs", "items", "choices", "approvers"))
_PAIRS = frozenset(("env", "variables", "parameters", "outputs"))
_TYPED = frozenset(
    (
        "timeout", "retry", "duration", "interval", "max_parallel", "fail_fast", "min", "max",
        "idempotent", "continue_on_error", "checkpoint", "required", "secret",
    )
)  # fmt: skip
"""Keys whose numbers and truth values are no texts."""
_TIMES = frozenset(("timeout", "duration", "interval"))
_NEXT_PAIR = re.compile(r",\s*(?=[A-Za-z_][\w.-]*\s*=)")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def value_of(key: str, text: str) -> Any:
    """The value of a key that was typed as `text`."""
    if not text or (text.startswith("${") and text.endswith("}") and key not in _PAIRS):
        return text
    if key in _PAIRS or (key == "retry" and "=" in text):
        pairs = (pair.partition("=") for pair in _NEXT_PAIR.split(text))
        return Block({name.strip(): _scalar(value.strip()) for name, _, value in pairs})
    if key in _LISTS:
        return [_scalar(item.strip()) for item in text.strip("[]").split(",") if item.strip()]
    if "\n" in text:
        return f"{text}\n"
    return _scalar(text) if key in _TYPED else text


def typed_as(value: Any) -> str:
    """How a value would be typed."""
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value).items()
        return ", ".join(f"{name}={typed_as(inner)}" for name, inner in entries)
    if isinstance(value, list):
        return ", ".join(typed_as(item) for item in cast("list[Any]", value))
    return str(value)


def problem_with(key: str, text: str) -> str:
    """What is wrong with a value that was typed; "" if nothing is, or the checker will say it."""
    if not text or "${" in text:
        return ""
    if key in _TIMES:
        try:
            parse_duration(text)
        except ValueError as error:
            return f"{error}; write seconds, or 90s, 5m, 1h30m"
    if key == "as" and not _IDENTIFIER.fullmatch(text):
        return "letters, digits, `_` and `-`, not beginning with a digit"
    if key in _PAIRS and "=" not in text:
        return "write name=value, several with commas between"
    return ""


def default_of(kind: str, text: str) -> Any:
    """The default of a parameter of that type."""
    if kind == "list":
        return value_of("items", text)
    if kind == "map":
        return value_of("parameters", text)
    return text if kind == "string" else _scalar(text)


def _scalar(text: str) -> str:
    return text if not text or isinstance(typed(text), str) else Plain(text)
