"""The log of one attempt: its masked output in order of arrival, and an index of who said it when.

`<log>.log` holds the bytes of stdout and stderr as they came, so it can be read with any tool;
`<log>.index` has one fixed-size entry per piece: offset, length, time and stream. Neither exists
before the first byte arrives. A cursor is an offset in `<log>.log`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple


class Piece(NamedTuple):
    """Some output that arrived at once."""

    stream: str
    """`stdout`, `stderr`, or `note` for a line that the supervisor wrote (output dropped)."""
    time: float
    """Seconds since the epoch."""
    data: bytes
    end: int
    """The cursor after this piece."""


def size(log: Path) -> int:
    """Bytes that can be read; 0 if there was no output."""
    raise NotImplementedError


def read(log: Path, *, tail_lines: int | None = None, after: int = 0) -> Iterator[Piece]:
    """The output after a cursor, or its last lines, in pieces of at most 64 KiB."""
    raise NotImplementedError


def read_bytes(log: Path, start: int, end: int) -> bytes:
    """Bytes `start` to `end` (exclusive), fewer at the end of the log."""
    raise NotImplementedError


def follow(
    log: Path,
    *,
    finished: Callable[[], bool],
    tail_lines: int | None = None,
    after: int = 0,
    wait: Callable[[float], object] | None = None,
) -> Iterator[Piece]:
    """The output after a cursor, and what is added, until `finished()` and nothing is left.

    `wait(seconds)` sleeps between looks (default: time.sleep).
    """
    raise NotImplementedError
