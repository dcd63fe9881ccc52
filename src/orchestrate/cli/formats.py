"""How durations, moments and values are written for people, and how JSON is written."""

import time
from collections.abc import Mapping

from orchestrate.playbook.plan import Json
from orchestrate.playbook.spelled import spelled_duration


def duration(seconds: float | None) -> str:
    """Such as `3 m 05 s`; empty for None."""
    return "" if seconds is None else spelled_duration(seconds)


def moment(at: float | None) -> str:
    """Local date and time to the second."""
    return "" if at is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def clock(at: float) -> str:
    """Local time of day to the second."""
    return time.strftime("%H:%M:%S", time.localtime(at))


def rfc3339(at: float | None) -> str | None:
    """RFC 3339 in UTC with milliseconds, as every JSON output has it."""
    if at is None:
        return None
    whole, millis = divmod(round(at * 1000), 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{millis:03}Z"


def cut(text: str, width: int) -> str:
    """At most `width` columns, the last one an ellipsis if something is missing; 0: all."""
    if width <= 0 or columns(text) <= width:
        return text
    if text.isascii():
        return text[: max(0, width - 1)] + "…"
    kept, used = 0, 1
    for char in text:
        used += columns(char)
        if used > width:
            break
        kept += 1
    return text[:kept] + "…"


def columns(text: str) -> int:
    """How wide a terminal shows a text: some characters take two columns, some none."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def counted(number: float, what: str) -> str:
    """`1 step`, `2 steps`."""
    return f"{number:g} {what}" if number == 1 else f"{number:.15g} {what}s"


def standing(state: str) -> str:
    """A workflow's state as the rest of a sentence that begins with it."""
    match state:
        case "succeeded" | "failed":
            return f"has {state}"
        case "cancelled":
            return "was cancelled"
        case "completed":
            return "was completed by force"
        case "needs_attention":
            return "needs attention"
        case _:
            return f"is {state}"


def first_line(text: str) -> str:
    """The first line that says something, with a mark if there are others."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    return f"{lines[0]} …" if len(lines) > 1 else lines[0]


def visible(text: str) -> str:
    """One line without control characters, so that output cannot draw over the screen."""
    import re

    without_colours = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    return "".join(char if char.isprintable() else " " for char in without_colours).strip()


def value(data: Json) -> str:
    """A parameter or output on one line."""
    if isinstance(data, str):
        return data if data and data.isprintable() and data == data.strip() else dump(data)
    return dump(data)


def assignments(data: Mapping[str, Json], limit: int = 60) -> str:
    """`key=value` pairs on one line."""
    return " ".join(f"{name}={cut(value(item), limit)}" for name, item in data.items())


def dump(data: object, *, indent: int | None = None) -> str:
    """JSON as all verbs print it."""
    import json

    text = json.dumps(data, ensure_ascii=False, indent=indent, allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # a value that came from bytes that are no UTF-8
        return json.dumps(data, indent=indent, allow_nan=False)
    return text
