"""What a worker tells of the output of a step, with each sign of life and at its end.

It is masked, as it lies on the worker's disk, and no more than a person reads.
"""

from pathlib import Path

from orchestrate.processes import output_log

_SAID = 240
"""Bytes of output that a sign of life carries."""
_EXCERPT = 2048
"""Bytes of output that go with the outcome of what did not succeed."""


def glance(log: Path) -> tuple[int, str]:
    """How many bytes there are by now, and the last of them."""
    end = output_log.size(log)
    return end, _last(log, end, _SAID)


def excerpt(log: Path) -> str:
    """What goes with an outcome."""
    return _last(log, output_log.size(log), _EXCERPT)


def _last(log: Path, end: int, size: int) -> str:
    start = max(0, end - size)
    data = output_log.read_bytes(log, start, end)
    if start:
        data = data.lstrip(bytes(range(0x80, 0xC0)))  # the rest of a character that is cut
    text = data.decode("utf-8", "replace")
    return f"…{text}" if start else text
