"""JSON that came from elsewhere, as data that can be kept, sent on and worked with.

Python reads more than that: numbers without end, half characters, and lists inside each other until
whoever writes them again gives up.
"""

import json

from orchestrate.playbook.plan import Json

DEEPEST = 100
"""Lists and maps inside each other."""


def read_json(text: str) -> Json:
    """The data that JSON text describes. Raises ValueError with the reason."""
    try:
        value: Json = json.loads(text, parse_constant=_refuse, parse_float=_number)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if "\\ud" in text.lower():
        json.dumps(value, ensure_ascii=False).encode()  # half a character is a ValueError
    if _depth(value) > DEEPEST:
        raise ValueError("nested too deep")
    return value


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _number(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:40]} is too large a number")
    return number


def _depth(value: Json) -> int:
    deepest = 0
    waiting: list[tuple[Json, int]] = [(value, 1)]
    while waiting and deepest <= DEEPEST:
        inner, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(inner, dict):
            waiting += [(one, depth + 1) for one in inner.values()]
        elif isinstance(inner, list):
            waiting += [(one, depth + 1) for one in inner]
    return deepest
