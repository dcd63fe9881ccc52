"""What a supervisor leaves on disk, damaged in any way; and frames that come in pieces."""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fuzzing.target import Target, workplace

from orchestrate.processes import records
from orchestrate.processes.launch import Report
from orchestrate.processes.supervising import recording, wire

_DIRECTORY = workplace()


def check(data: bytes) -> None:
    """A damaged record is as good as none; what is whole is read, whatever stands around it.
    Frames are the same however they were cut, and what is no frame ends the connection.
    """
    (_DIRECTORY / recording.NAME).write_bytes(data)
    header = records.read_header(_DIRECTORY)
    assert header is None or isinstance(header.pid, int)
    for record in records.read_all(_DIRECTORY):
        assert isinstance(record.report, Report)
    assert isinstance(records.format_of(_DIRECTORY), int)
    whole = _frames(data, len(data) + 1)
    assert _frames(data, 1 + sum(data[:8]) % 13) == whole


def _frames(data: bytes, piece: int) -> tuple[list[tuple[int, bytes]], bool]:
    """The frames of a stream, and whether it was given up."""
    ours, theirs = socket.socketpair()
    channel = wire.Channel(ours)
    frames: list[tuple[int, bytes]] = []
    with theirs:
        for at in range(0, len(data), piece):
            if channel.ended:
                break
            theirs.sendall(data[at : at + piece])
            frames += channel.receive()
    ended = channel.ended
    channel.close()
    return frames, ended


def _seeds() -> Iterator[bytes]:
    with tempfile.TemporaryDirectory() as place:
        kept = recording.Records(place)
        kept.write(0, (2, "boot", 123, "/run/x"))
        started = wire.report_of_start("WF-2026-001.3", "started", 77, 1.5)
        kept.write_report(kept.allocate(), started, (76, "/run/x/o", "WF-2026-001"))
        ended = wire.report("WF-2026-001.4", "finished", exit_code=1, stdout="x" * 100)
        kept.write_report(kept.allocate(), ended, (76, "/run/x/p", "WF-2026-001"))
        yield Path(place, recording.NAME).read_bytes()[: 4 * recording.RECORD]
    yield b"".join(
        (len(body) + 1).to_bytes(4, "little") + b"\x10" + body for body in (b"", b"abc", b"x" * 300)
    )


TARGET = Target(
    "what supervisors leave and send: damage is as good as nothing", check, _seeds, longest=4096
)
