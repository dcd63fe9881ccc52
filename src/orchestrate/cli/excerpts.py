"""The last lines that a step wrote, cut to what a person reads: output may have lines of megabytes,
so no more than a bounded piece of its end is ever looked at.
"""

from collections.abc import Callable, Iterator, Sequence

from orchestrate.cli.formats import cut, visible
from orchestrate.cli.style import Style
from orchestrate.processes.output_log import Tail

LONGEST = 300
"""Characters of a line that are shown where no terminal is narrower."""

EndOfOutput = Callable[[str, int], Tail]
"""Gives the end of what an attempt of a workflow wrote."""


def last_lines(tail: Tail, count: int, width: int = 0) -> Sequence[str]:
    """At most `count` lines of at most `width` columns; a mark stands where something is cut."""
    data = tail.data
    if not tail.whole:
        # It may begin in the middle of a character.
        data = data.lstrip(bytes(range(0x80, 0xC0)))
    lines = data.decode("utf-8", "replace").splitlines()
    if lines and not tail.whole:
        lines[0] = f"…{lines[0]}"
    limit = min(width, LONGEST) if width > 0 else LONGEST
    # A terminal's control characters are taken out after the first cut: that is the costly part.
    return [cut(visible(line[: 8 * LONGEST]), limit) for line in lines[-count:]]


def excerpt(style: Style, tail: Tail, count: int, indent: int) -> Iterator[str]:
    """The same with a bar before each line, `indent` columns from the left."""
    room = max(10, style.width - indent - 3) if style.width else 0
    for line in last_lines(tail, count, room):
        yield f"{' ' * indent}{style.dim('|')} {line}"
