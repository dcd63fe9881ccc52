"""Unified differences, applied."""

from collections.abc import Sequence


def applied(text: str, difference: Sequence[str]) -> str:
    """The text after a unified difference, whose lines these are, its two heads first."""
    before = text.splitlines(keepends=True)
    after: list[str] = []
    at = 0
    for line in difference[2:]:
        if line.startswith("@@"):
            start, _, count = line.split()[1][1:].partition(",")
            start = int(start) - (count != "0")
            after += before[at:start]
            at = start
        elif line.startswith("+"):
            after.append(line[1:])
        else:
            assert before[at] == line[1:]
            if line.startswith(" "):
                after.append(line[1:])
            at += 1
    return "".join([*after, *before[at:]])
