"""The file in which a supervisor leaves what it knows: fixed-size records, one per open attempt.

Record 0 is about the supervisor itself. The others are handed out when an attempt is launched, so
that its end can be written when the disk is full, and used again once the end was acknowledged.
Each is written by one `pwrite`, which a `kill -9` cannot tear; nothing is synced, because a host
that goes down makes the outcome unknown anyway. What does not fit goes to a file `outcome-N`, which
is written first.
"""

import os
from binascii import crc32

from orchestrate.processes.supervising import wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAME = "records"
RECORD = 1024
_GROWTH = 64
_HEADER = 8


class Records:
    """The open file, shared by a supervisor and its slots."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.fd = os.open(
            f"{directory}/{NAME}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
        )
        self._size = 0
        self._free: list[int] = []
        self._grow()
        self._free.remove(0)

    def allocate(self) -> int:
        """Take a record. Raises OSError if there is no room on the disk."""
        if not self._free:
            self._grow()
        return self._free.pop()

    def release(self, index: int) -> None:
        """Give a record back; its outcome is known elsewhere."""
        self._free.append(index)

    def forget_outcome(self, index: int) -> None:
        """Remove what did not fit into the record."""
        try:
            os.unlink(outcome_file(self.directory, index))
        except OSError:
            return  # it is not there; or it stays, and the next outcome is written over it

    def _grow(self) -> None:
        # Real zeros: blocks that are merely reserved can still fail when they are first written.
        zeros = bytes(RECORD * _GROWTH)
        offset = self._size * RECORD
        while zeros:
            written = os.pwrite(self.fd, zeros, offset)
            offset += written
            zeros = zeros[written:]
        self._free.extend(range(self._size + _GROWTH - 1, self._size - 1, -1))
        self._size += _GROWTH

    def write(self, index: int, value: object) -> bool:
        """Write a record. False if it does not fit: nothing was written."""
        body = wire.pack(value)
        if len(body) > RECORD - _HEADER:
            return False
        os.pwrite(self.fd, _framed(body), index * RECORD)
        return True

    def write_report(self, index: int, report: wire.Fields, extra: wire.Fields) -> bool:
        """Write what is known of an attempt. True if part of it went to an `outcome-N`.

        Raises OSError if that file cannot be written; then the record has the rest.
        """
        if self.write(index, (report, extra, False)):
            return False
        try:
            _write_file(outcome_file(self.directory, index), _framed(wire.pack(report)))
        except OSError:
            self.write(index, (shortened(report), extra, False))
            raise
        self.write(index, (shortened(report), extra, True))
        return True

    def mark_lost(self, index: int, attempt: str, survivors: tuple[str, ...]) -> wire.Fields:
        """An attempt lost its slot: write so, keeping what the slot had written, and give it."""
        try:
            value = parse(os.pread(self.fd, RECORD, index * RECORD))
        except OSError:
            value = None
        # A slot that was killed before it wrote anything left the record of an earlier attempt.
        known = value is not None and value[0][0] == attempt
        report, extra, _ = value if value is not None and known else ((), (0, "", ""), False)
        fields = dict(zip(wire.REPORT_DEFAULTS, report, strict=False))
        lost = wire.report(
            attempt,
            "lost",
            pid=fields.get("pid", 0),
            started_at=fields.get("started_at", 0.0),
            message="the process that watched over it was killed; what it had started was stopped",
            survivors=survivors,
        )
        try:
            self.write_report(index, lost, extra)
        except OSError:
            return lost  # an engine that is connected is told
        return lost


def shortened(report: wire.Fields) -> wire.Fields:
    """A report that fits into a record for sure: without texts, the message cut."""
    fields = dict(zip(wire.REPORT_DEFAULTS, report, strict=True))
    for name in ("output", "stdout", "stderr", "json_stdout", "left_running", "survivors"):
        fields[name] = wire.REPORT_DEFAULTS[name]
    fields["message"] = str(fields["message"])[:60]
    return tuple(fields.values())


def outcome_file(directory: str, index: int) -> str:
    """Where the part of an outcome lies that does not fit into its record."""
    return f"{directory}/outcome-{index}"


def _framed(body: bytes) -> bytes:
    return crc32(body).to_bytes(4, "little") + len(body).to_bytes(4, "little") + body


def parse(data: bytes) -> "tuple[Any, ...] | None":
    """The value in a record or outcome file; None if there is none or it is damaged."""
    length = int.from_bytes(data[4:8], "little")
    body = data[_HEADER : _HEADER + length]
    if not length or len(body) != length or crc32(body) != int.from_bytes(data[:4], "little"):
        return None
    try:
        return wire.unpack(body)
    except (ValueError, EOFError, TypeError):
        return None


def _write_file(path: str, data: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        while data:
            data = data[os.write(fd, data) :]
    finally:
        os.close(fd)
