"""The log of one attempt: its masked output in order of arrival, and an index of who said it when.

`<log>.log` holds the bytes of stdout and stderr as they came, so it can be read with any tool;
`<log>.index` has one entry of 24 bytes per piece: offset, time, length and stream (little-endian,
`supervising/logfile.py`). Neither exists before the first byte arrives. A cursor is an offset in
`<log>.log`. Reading needs little memory and, for the last lines, no more than the end of the file.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from orchestrate.processes.supervising.logfile import ENTRY, NOTE, STDERR, STDOUT

_PIECE = 64 * 1024
_INDEX_BLOCK = 1024
_NAMES = {STDOUT: "stdout", STDERR: "stderr", NOTE: "note"}
_LOOK_EVERY = 0.1
"""Seconds between looks at a log that grows."""


class Piece(NamedTuple):
    """Some output that arrived at once."""

    stream: str
    """`stdout`, `stderr`, or `note` for a line that the supervisor wrote (output dropped)."""
    time: float
    """Seconds since the epoch."""
    data: bytes
    end: int
    """The cursor after this piece."""


class Tail(NamedTuple):
    """The end of an attempt's output. `whole`: it is all of it."""

    data: bytes
    whole: bool


class _Entry(NamedTuple):
    offset: int
    time: float
    length: int
    stream: int


def size(log: Path) -> int:
    """Bytes that can be read; 0 if there was no output."""
    try:
        return os.stat(_log_file(log)).st_size
    except FileNotFoundError:
        return 0


def read(log: Path, *, tail_lines: int | None = None, after: int = 0) -> Iterator[Piece]:
    """The output after a cursor, or its last lines, in pieces of at most 64 KiB."""
    try:
        data = os.open(_log_file(log), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        end = os.fstat(data).st_size
        start = after if tail_lines is None else max(after, _tail_start(data, end, tail_lines))
        yield from _pieces(log, data, start, end)
    finally:
        os.close(data)


def read_bytes(log: Path, start: int, end: int) -> bytes:
    """Bytes `start` to `end` (exclusive), fewer at the end of the log."""
    try:
        with open(_log_file(log), "rb") as file:
            file.seek(start)
            return file.read(max(0, end - start))
    except FileNotFoundError:
        return b""


def end_of(log: Path) -> Tail:
    """The last 64 KiB."""
    end = size(log)
    start = max(0, end - _PIECE)
    return Tail(read_bytes(log, start, end), whole=start == 0)


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
    pause = wait or time.sleep
    while True:
        # Asked before reading: what is written between the two is read in the next round.
        last_round = finished()
        for piece in read(log, tail_lines=tail_lines, after=after):
            after = piece.end
            yield piece
        if after:
            tail_lines = None
        if last_round:
            return
        pause(_LOOK_EVERY)


def _log_file(log: Path) -> str:
    return f"{log}.log"


def _tail_start(data: int, end: int, lines: int) -> int:
    """Where the last `lines` lines begin; a last line without a newline counts."""
    if lines <= 0:
        return end
    wanted = lines
    place = end
    while place > 0:
        start = max(0, place - _PIECE)
        block = os.pread(data, place - start, start)
        if place == end and block.endswith(b"\n"):
            block = block[:-1]
        found = len(block)
        while (found := block.rfind(b"\n", 0, found)) >= 0:
            wanted -= 1
            if wanted == 0:
                return start + found + 1
        place = start
    return 0


def _pieces(log: Path, data: int, start: int, end: int) -> Iterator[Piece]:
    place = start
    last = _Entry(0, 0.0, 0, STDOUT)
    for entry in _entries_from(log, start):
        if place >= end:
            return
        if entry.offset > place:
            # The disk was too full for the index entry of these bytes.
            yield from _slices(data, place, min(entry.offset, end), last)
            place = entry.offset
        stop = min(entry.offset + entry.length, end)
        if stop > place:
            yield from _slices(data, place, stop, entry)
            place = stop
        last = entry
    if place < end:
        yield from _slices(data, place, end, last)


def _slices(data: int, start: int, end: int, entry: _Entry) -> Iterator[Piece]:
    while start < end:
        block = os.pread(data, min(_PIECE, end - start), start)
        if not block:
            return
        start += len(block)
        yield Piece(_NAMES.get(entry.stream, "stdout"), entry.time, block, start)


def _entries_from(log: Path, start: int) -> Iterator[_Entry]:
    """The entries from the one that holds byte `start`."""
    try:
        index = os.open(f"{log}.index", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        count = os.fstat(index).st_size // ENTRY.size
        number = _first_entry(index, count, start)
        while number < count:
            block = os.pread(index, _INDEX_BLOCK * ENTRY.size, number * ENTRY.size)
            whole = len(block) // ENTRY.size
            if not whole:
                return
            for values in ENTRY.iter_unpack(block[: whole * ENTRY.size]):
                yield _Entry(*values)
            number += whole
    finally:
        os.close(index)


def _first_entry(index: int, count: int, start: int) -> int:
    """The number of the last entry that begins at or before `start`."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        block = os.pread(index, ENTRY.size, middle * ENTRY.size)
        if len(block) < ENTRY.size or ENTRY.unpack(block)[0] > start:
            high = middle
        else:
            low = middle + 1
    return max(0, low - 1)
