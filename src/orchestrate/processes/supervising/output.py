"""Takes the output of one attempt: masks it, writes the log, keeps what the report must carry."""

import fcntl
import os

from orchestrate.processes.supervising.logfile import STDERR, STDOUT, LogFile
from orchestrate.processes.supervising.masking import Masker

TAIL = 64 * 1024
"""Bytes of a stream that a report can carry."""
_READ = 64 * 1024
_PIPE_SIZE = 1024 * 1024
"""The most that a pipe can hold unless an administrator raised it."""


class _Stream:
    """One of the two streams of a process."""

    def __init__(self, number: int, masks: tuple[str, ...], *, tail: bool) -> None:
        self.number = number
        self.masker = Masker(masks) if masks else None
        self.tail = bytearray() if tail else None
        self.json: bytearray | None = bytearray() if number == STDOUT else None


class Capture:
    """Both pipes of an attempt, and where their bytes go. Memory stays bounded."""

    def __init__(
        self,
        readings: tuple[int, ...],
        log: str,
        limit: int,
        masks: tuple[str, ...],
        tails: tuple[str, ...],
    ) -> None:
        self._log = LogFile(log, limit)
        self._streams = {
            reading: _Stream(number, masks, tail=name in tails)
            for number, name, reading in (
                (STDOUT, "stdout", readings[0]),
                (STDERR, "stderr", readings[1]),
            )
        }

    @property
    def problem(self) -> str:
        """What went wrong with the log; known after `finish`."""
        return self._log.problem

    def read(self, reading: int) -> bool:
        """Take what a pipe has, once. False at its end: it is of no more use."""
        try:
            data = os.read(reading, _READ)
        except BlockingIOError:
            return True
        if not data:
            return False
        self._take(self._streams[reading], data)
        return True

    def drain(self) -> None:
        """Take what is in the pipes now; not what a process that lives on writes meanwhile."""
        for reading, stream in self._streams.items():
            left = _PIPE_SIZE
            while left > 0:
                try:
                    data = os.read(reading, min(_READ, left))
                except BlockingIOError:
                    break
                if not data:
                    break
                self._take(stream, data)
                left -= len(data)

    def finish(self) -> None:
        """Write what was held back, and close the log."""
        for stream in self._streams.values():
            if stream.masker is not None:
                self._keep(stream, stream.masker.flush())
        self._log.finish()

    def tail(self, number: int) -> str:
        """The last 64 KiB of a stream, if they were asked for."""
        for stream in self._streams.values():
            if stream.number == number and stream.tail is not None:
                return _text(bytes(stream.tail[-TAIL:]), cut=len(stream.tail) > TAIL)
        return ""

    def json_stdout(self) -> str | None:
        """The whole stdout if it is small and begins like a JSON object."""
        for stream in self._streams.values():
            if stream.json and stream.json.lstrip().startswith(b"{"):
                return stream.json.decode("utf-8", "replace")
        return None

    def _take(self, stream: _Stream, data: bytes) -> None:
        self._keep(stream, stream.masker.feed(data) if stream.masker is not None else data)

    def _keep(self, stream: _Stream, data: bytes) -> None:
        if not data:
            return
        self._log.write(stream.number, data)
        if stream.tail is not None:
            stream.tail += data
            if len(stream.tail) > 4 * TAIL:
                del stream.tail[: -TAIL - 1]
        if stream.json is not None:
            stream.json += data
            beginning = bytes(stream.json[:64]).lstrip()
            if len(stream.json) > TAIL or (beginning and beginning[:1] != b"{"):
                stream.json = None


class Pipes:
    """The two pipes of one attempt, stdout and stderr; a slot opens the next ones in advance.

    The slot keeps the ends that are written to open: an attempt is not over when its output ends,
    and a slot that is not told of that is woken once for the end of a process, not three times.
    """

    __slots__ = ("reading", "writing")

    def __init__(self) -> None:
        self.reading: tuple[int, ...] = ()
        self.writing: tuple[int, ...] = ()

    def open(self) -> None:
        """Open what is not open. Reading never blocks. Raises OSError."""
        while len(self.reading) < 2:
            reading, writing = os.pipe()
            fcntl.fcntl(reading, fcntl.F_SETFL, os.O_NONBLOCK)
            self.reading += (reading,)
            self.writing += (writing,)

    def close_writing(self) -> None:
        """Only processes that were left running have these ends from now on."""
        for fd in self.writing:
            os.close(fd)
        self.writing = ()

    def close(self) -> None:
        """Nobody writes any more."""
        self.close_writing()
        for fd in self.reading:
            os.close(fd)
        self.reading = ()


def _text(data: bytes, *, cut: bool) -> str:
    if cut:
        # Not in the middle of a character.
        start = next((i for i in range(min(4, len(data))) if data[i] & 0xC0 != 0x80), 0)
        data = data[start:]
    return data.decode("utf-8", "replace")


__all__ = ["STDERR", "STDOUT", "TAIL", "Capture", "Pipes"]
