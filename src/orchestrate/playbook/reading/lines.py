"""What ends a line of YAML. `str.splitlines` would also break at control characters."""

import re

BREAK: re.Pattern[str] = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")


def split_lines(text: str) -> list[str]:
    """The lines of a text, without what ends them."""
    lines: list[str] = BREAK.split(text)
    return lines
