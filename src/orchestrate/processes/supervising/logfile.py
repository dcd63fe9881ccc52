"""Writes the log of one attempt: `<log>.log`, the bytes, and `<log>.index`, who said them when.

Both are made when the first byte arrives. An index entry is written before its bytes, so a reader
never meets bytes whose stream is not known; it bounds entries by the size of the log.
"""

import os
import struct
import time

from orchestrate.processes.supervising.sharing import file_mode

ENTRY = struct.Struct("<QdIB3x")
"""Offset, time (seconds since the epoch), length, stream."""
STDOUT, STDERR, NOTE = 0, 1, 2

_LARGEST_TAIL = 1024 * 1024
_MERGE_WITHIN = 0.01
"""Seconds in which pieces of one stream share an entry, so that the index stays small."""
_MOST_PIECES = 8192
"""Pieces that wait in memory, however small they are."""
_LARGEST_MERGE = 1 << 20


class LogFile:
    """The log of one attempt, at most `limit` bytes: the first ones and the last ones.

    The last ones (at most 1 MiB) wait in memory until `finish`, since the log only grows.
    """

    def __init__(self, path: str, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._tail_limit = min(limit // 2, _LARGEST_TAIL)
        self._head_left = limit - self._tail_limit
        self._log = self._index = -1
        self._offset = 0
        self._entries = 0
        self._last: tuple[int, float, int, int] | None = None
        self._ends_line = True
        self._tail: list[tuple[int, float, bytes]] = []
        self._tail_size = 0
        self._dropped = 0
        self.problem = ""
        """Why some output could not be written, for a person; "" if all went well."""
        self._unwritten = 0

    def write(self, stream: int, data: bytes) -> None:
        """Take some output. Never raises: what the disk refuses is counted."""
        now = time.time()
        if self._head_left:
            head = data[: self._head_left]
            self._head_left -= len(head)
            self._append(stream, now, head)
            data = data[len(head) :]
        if data:
            self._keep_last(stream, now, data)

    def finish(self) -> None:
        """Write what waits and close."""
        if self._dropped:
            self._note(f"[{self._dropped} bytes of output dropped]")
        for stream, when, data in self._tail:
            self._append(stream, when, data)
        self._tail.clear()
        if self._unwritten:
            self.problem = f"{self._unwritten} bytes of output were not written: {self.problem}"
        if self._log >= 0:
            os.close(self._log)
            os.close(self._index)
            self._log = self._index = -1

    def _keep_last(self, stream: int, now: float, data: bytes) -> None:
        if self._tail and self._tail[-1][0] == stream and len(self._tail[-1][2]) < 4096:
            _, when, before = self._tail.pop()
            self._tail_size -= len(before)
            now, data = when, before + data
        self._tail.append((stream, now, data))
        self._tail_size += len(data)
        if self._tail_size <= self._tail_limit and len(self._tail) <= _MOST_PIECES:
            return
        if not self._dropped:
            self._note(
                f"[more than {self._limit} bytes of output: only the last"
                f" {self._tail_limit} of what follows are kept, shown when the process has ended]"
            )
        self._shorten_tail()

    def _shorten_tail(self) -> None:
        excess = self._tail_size - self._tail_limit
        count = max(0, len(self._tail) - _MOST_PIECES)
        dropped = sum(len(data) for _, _, data in self._tail[:count])
        while dropped < excess:
            stream, when, data = self._tail[count]
            if len(data) > excess - dropped:
                self._tail[count] = (stream, when, data[excess - dropped :])
                dropped = excess
            else:
                dropped += len(data)
                count += 1
        del self._tail[:count]
        self._tail_size -= dropped
        self._dropped += dropped

    def _note(self, text: str) -> None:
        start = "" if self._ends_line else "\n"
        self._append(NOTE, time.time(), f"{start}{text}\n".encode())

    def _append(self, stream: int, when: float, data: bytes) -> None:
        try:
            if self._log < 0:
                self._open()
            self._write_entry(stream, when, len(data))
            written = 0
            while written < len(data):
                written += os.write(self._log, data[written:] if written else data)
        except OSError as error:
            self._repair(error, len(data))
        else:
            self._offset += len(data)
            self._ends_line = data.endswith(b"\n")

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        folder = os.path.dirname(self._path)
        try:
            mode = file_mode(folder)
        except FileNotFoundError:
            os.makedirs(folder, exist_ok=True)
            mode = file_mode(folder)
        log = os.open(f"{self._path}.log", flags | os.O_APPEND, mode)
        try:
            self._index = os.open(f"{self._path}.index", flags, mode)
        except OSError:
            os.close(log)
            raise
        self._log = log
        self._offset = os.fstat(log).st_size
        self._entries = os.fstat(self._index).st_size // ENTRY.size

    def _write_entry(self, stream: int, when: float, length: int) -> None:
        last = self._last
        if (
            last is not None
            and last[3] == stream
            and when - last[1] < _MERGE_WITHIN
            and last[2] < _LARGEST_MERGE
        ):
            entry = (last[0], last[1], last[2] + length, stream)
        else:
            entry = (self._offset, when, length, stream)
            self._entries += 1
        os.pwrite(self._index, ENTRY.pack(*entry), (self._entries - 1) * ENTRY.size)
        self._last = entry

    def _repair(self, error: OSError, length: int) -> None:
        """After a failed write: let the index say what is really there."""
        self.problem = (error.strerror or str(error)).lower()
        kept = 0
        if self._log >= 0:
            size = os.fstat(self._log).st_size
            kept = size - self._offset
            self._offset = size
            # The next piece gets an entry of its own; readers skip what an entry promises too much.
            self._last = None
        self._unwritten += length - kept
