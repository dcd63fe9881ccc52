"""Wake-ups between processes: one datagram socket each in `sockets/`.

A datagram is a hint to look into the store, never a message that matters: it may be lost, doubled
or late. Where a socket cannot be made (a path that is too long outside Linux), waiting falls back
on looking at the store every few seconds.
"""

import os
import socket
from contextlib import suppress
from pathlib import Path

_LONGEST = 100
"""Bytes of a socket's path that every system accepts."""


class Mailbox:
    """The socket of this process. `name` is what others send to; "" if there is none."""

    def __init__(self, state: Path, group: str | None) -> None:
        self._directory = os.open(state / "sockets", os.O_RDONLY | os.O_CLOEXEC)
        self._path = state / "sockets"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(0)
        self.name = ""
        name = f"{os.getpid()}-{os.urandom(4).hex()}"
        try:
            self._socket.bind(self._address(name))
            os.chmod(name, 0o660 if group else 0o600, dir_fd=self._directory)
        except OSError:
            return
        self.name = name

    def _address(self, name: str) -> str:
        direct = f"{self._path}/{name}"
        if len(os.fsencode(direct)) <= _LONGEST:
            return direct
        return f"/proc/self/fd/{self._directory}/{name}"

    def fileno(self) -> int:
        """What to wait on."""
        return self._socket.fileno()

    def clear(self) -> None:
        """Take everything that arrived."""
        try:
            while self._socket.recv(16):
                pass
        except OSError:
            return

    def wake(self, name: str) -> None:
        """Send a hint. Nobody there, or a full queue, is no error: the hint is there already, or
        its receiver looks by itself.
        """
        if not name:
            return
        try:
            self._socket.sendto(b"!", self._address(name))
        except OSError:
            return

    def close(self) -> None:
        """Remove the socket."""
        if self.name:
            with suppress(FileNotFoundError):  # somebody tidied the directory up
                os.unlink(self.name, dir_fd=self._directory)
        self._socket.close()
        os.close(self._directory)
        self.name = ""


def sweep(state: Path) -> None:
    """Remove sockets that nobody listens on any more."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
        for path in (state / "sockets").iterdir():
            try:
                probe.connect(str(path))
            except ConnectionRefusedError:
                path.unlink(missing_ok=True)
            except OSError:
                continue  # too long a path, or not ours: it stays


def hint(state: Path, name: str) -> None:
    """Send a hint from a process that has no mailbox. Nobody there is no error."""
    if not name:
        return
    directory = os.open(state / "sockets", os.O_RDONLY | os.O_CLOEXEC)
    try:
        direct = f"{state / 'sockets'}/{name}"
        short = len(os.fsencode(direct)) <= _LONGEST
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.settimeout(0)
            with suppress(OSError):
                sender.sendto(b"!", direct if short else f"/proc/self/fd/{directory}/{name}")
    finally:
        os.close(directory)
