"""Durations: seconds, or numbers with units."""

import re
from functools import lru_cache

from orchestrate.playbook.plan import Json

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
_SECONDS = re.compile(r"\d+(?:\.\d+)?")
LONGEST = 3650 * 86400.0
"""Ten years, in seconds; more is taken for a mistake."""


def parse_duration(value: Json) -> float:
    """Seconds of a duration: a number of seconds, or text such as `300`, `90s`, `5m`, `1h30m`,
    `250ms`, `2d`. Raises ValueError with a sentence.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError("it must be seconds, or text such as `5m`")  # noqa: TRY004 - one error for all
    seconds = _of_text(value) if isinstance(value, str) else float(min(value, 2 * LONGEST))
    if not seconds >= 0:
        raise ValueError(f"`{value}` is below zero" if seconds < 0 else "it is not a number")
    if seconds > LONGEST:
        raise ValueError(f"`{value}` is longer than ten years")
    return seconds


@lru_cache(maxsize=256)
def _of_text(text: str) -> float:
    compact = text.strip()
    if len(compact) > 100:
        raise ValueError("it is too long")
    if _SECONDS.fullmatch(compact):
        return float(compact)
    compact = compact.replace(" ", "")
    if not _WHOLE.fullmatch(compact):
        raise ValueError(f"`{text}` is not understood; units are ms, s, m, h, d")
    total = 0.0
    seen: list[str] = []
    for number, unit in _PART.findall(compact):
        if unit in seen:
            raise ValueError(f"`{text}` has the unit `{unit}` twice")
        seen.append(unit)
        total += float(number) * _UNITS[unit]
    return total
