"""What travels between engine, supervisor and slot: frames on a stream socket.

A frame is its length (4 bytes, little-endian, of what follows), a kind (1 byte) and a body, which
is `marshal` data: both ends are the same user on the same host, and marshal needs no import.
`FORMAT` changes when an older supervisor could not understand a newer engine, or the reverse.
"""

import errno
import marshal
import socket

FORMAT = 2
UNDERSTOOD = (1, 2)
"""Formats of supervisors to which an engine of today can attach. What has changed since 1 are
launches, and these go to its own supervisor only."""
_MARSHAL_VERSION = 2
"""Readable by every Python 3, so an engine on a newer Python understands an older supervisor."""

# engine to supervisor
LAUNCH = 1
STOP = 2
FENCE = 3
ACKNOWLEDGE = 4
GOODBYE = 5
# slot to supervisor, and on to the engine
REPORT = 16
# slot to supervisor only: the same body, which ends the attempt
ENDED = 17
ENDED_AND_RETIRED = 18
# supervisor to engine
FENCED = 19

_LATER = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EINTR, errno.ENOBUFS, errno.ENOMEM)
"""The socket, or the memory of the system, is full for the moment."""
_LARGEST_FRAME = 256 * 1024 * 1024
_RECEIVE = 64 * 1024

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Fields = tuple[object, ...]

REPORT_DEFAULTS: dict[str, object] = {
    "attempt": "",
    "phase": "",
    "pid": 0,
    "exit_code": None,
    "timed_out": False,
    "stopped": False,
    "message": "",
    "output": None,
    "stdout": "",
    "stderr": "",
    "json_stdout": None,
    "percent": None,
    "left_running": (),
    "survivors": (),
    "started_at": 0.0,
    "finished_at": 0.0,
}
"""The fields of `launch.Report`, in its order. The supervisor does without the class itself."""


def report_of_start(attempt: str, phase: str, pid: int, started_at: float) -> Fields:
    """The values of a `launch.Report` of a process that runs or is about to. It is hot: no dict."""
    before = (attempt, phase, pid, None, False, False, "", None)
    return (*before, "", "", None, None, (), (), started_at, 0.0)


def report(attempt: str, phase: str, **fields: object) -> Fields:
    """The values of a `launch.Report`."""
    return tuple({**REPORT_DEFAULTS, "attempt": attempt, "phase": phase, **fields}.values())


def with_remark(report: Fields, remark: str) -> Fields:
    """The report with a sentence more in its message."""
    place = tuple(REPORT_DEFAULTS).index("message")
    message = f"{report[place]}; {remark}" if report[place] else remark
    return (*report[:place], message, *report[place + 1 :])


def pack(value: "Any") -> bytes:
    """The body of a frame."""
    return marshal.dumps(value, _MARSHAL_VERSION)


def unpack(body: bytes) -> "tuple[Any, ...]":
    """The value in a frame. Raises ValueError, EOFError or TypeError if it is damaged."""
    value: tuple[Any, ...] = marshal.loads(body)
    if type(value) is not tuple:
        raise ValueError("not a frame of the supervisor")
    return value


class Channel:
    """One end of a connection. Never blocks; what cannot be sent now waits in memory."""

    __slots__ = ("_incoming", "_outgoing", "ended", "fd", "is_blocked", "waiting")

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self.fd = connection
        self.ended = False
        """The other end is gone; what it had sent before can still be taken."""
        self.waiting = 0
        """Bytes that wait to be sent."""
        self.is_blocked = False
        """The socket took no more when it was last tried."""
        self._incoming = bytearray()
        self._outgoing: list[bytes] = []

    def fileno(self) -> int:
        """The file descriptor."""
        return self.fd.fileno()

    def queue(self, kind: int, body: bytes) -> None:
        """Add a frame to what `flush` sends."""
        frame = (len(body) + 1).to_bytes(4, "little") + kind.to_bytes(1, "little") + body
        self._outgoing.append(frame)
        self.waiting += len(frame)

    def flush(self) -> None:
        """Send as much as the socket takes."""
        self.is_blocked = False
        while self._outgoing and not self.ended:
            data = self._outgoing[0] if len(self._outgoing) == 1 else b"".join(self._outgoing)
            try:
                sent = self.fd.send(data)
            except OSError as error:
                self._outgoing = [data]
                self.is_blocked = error.errno in _LATER
                if not self.is_blocked:
                    self._break_off()
                return
            self.waiting -= sent
            self._outgoing = [data[sent:]] if sent < len(data) else []

    def send(self, kind: int, body: bytes) -> None:
        """Queue a frame and flush."""
        self.queue(kind, body)
        self.flush()

    def receive(self) -> list[tuple[int, bytes]]:
        """Every whole frame that has arrived; sets `ended` at the end of the stream."""
        while True:
            try:
                data = self.fd.recv(_RECEIVE)
            except OSError as error:
                if error.errno in _LATER:
                    break
                self._break_off()
                data = b""
            if not data:
                self.ended = True
                break
            self._incoming += data
            if len(data) < _RECEIVE:
                break
        return self._take_frames()

    def _take_frames(self) -> list[tuple[int, bytes]]:
        incoming = self._incoming
        frames: list[tuple[int, bytes]] = []
        start = 0
        while len(incoming) - start >= 5:
            length = int.from_bytes(incoming[start : start + 4], "little")
            if not 0 < length <= _LARGEST_FRAME:
                self.ended = True
                incoming.clear()
                return frames
            if len(incoming) - start - 4 < length:
                break
            frames.append(
                (incoming[start + 4], bytes(incoming[start + 5 : start + 4 + length])),
            )
            start += 4 + length
        del incoming[:start]
        return frames

    def _break_off(self) -> None:
        """Nothing comes through any more. Whoever polls the socket, at either end, is to see it."""
        self.ended = True
        try:
            self.fd.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it is broken already

    def close(self) -> None:
        """Close the socket; what still waits is lost."""
        self.ended = True
        self.fd.close()
