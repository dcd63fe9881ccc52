"""Calls of the operating system of which any may fail, as far as it can fail so in reality.

Only those that code of ours makes: files and folders, processes, signals, sockets and file locks.
"""

import builtins
import errno
import fcntl
import io
import os
import signal
import socket
import stat
import time
from contextlib import suppress

from faulty.chance import APPLIED, ERROR, SLOW, Chance, place_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_PAUSE = 0.02
_fork, _fstat, _sleep = os.fork, os.fstat, time.sleep
_FILES = {
    "open": errno.EMFILE, "mkdir": errno.ENOSPC, "rename": errno.EIO, "unlink": errno.EIO,
    "rmdir": errno.EIO, "chmod": errno.EIO,
}  # fmt: skip
"""What changes names; it may have happened although it failed."""
_BYTES = {"read": errno.EIO, "pread": errno.EIO, "write": errno.ENOSPC, "pwrite": errno.ENOSPC}
_PROCESSES = {"posix_spawn": errno.EAGAIN, "fork": errno.EAGAIN, "pidfd_open": errno.EMFILE}
MESSAGES = frozenset(
    os.strerror(number).lower()
    for number in (
        *_FILES.values(),
        *_BYTES.values(),
        *_PROCESSES.values(),
        errno.EPERM,
        errno.EACCES,
    )
)
"""What a step says that failed because of one of these."""
_chance: Chance


def _failed(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def _patched(
    owner: "Any", name: str, kinds: tuple[str, ...], number: int,
    concerns: "Callable[..., bool]" = lambda *_: True,
) -> None:  # fmt: skip
    """Have `owner.name` fail now and then with this error, where `concerns` says so."""
    real = getattr(owner, name)
    label = f"{owner.__name__}.{name}"

    def call(*args: "Any", **more: "Any") -> "Any":
        place = place_of(2)
        if place is None or not concerns(*args):
            return real(*args, **more)
        kind = _chance.strikes(f"{place} {label}", kinds)
        if kind == ERROR:
            raise _failed(number)
        if kind == SLOW:
            _sleep(_PAUSE)
        result = real(*args, **more)
        if kind == APPLIED:
            if name == "open":
                os.close(result)
            raise _failed(errno.EIO)
        return result

    setattr(owner, name, call)


def _is_file(descriptor: int, *_: object) -> bool:
    """Pipes do not fail."""
    return stat.S_ISREG(_fstat(descriptor).st_mode)


def _patch_socket(name: str, number: int) -> None:
    """A stream: no room for the moment, or the connection breaks before or after."""
    real = getattr(socket.socket, name)

    def call(self: socket.socket, *args: "Any") -> "Any":
        place = place_of(2)
        if place is None:
            return real(self, *args)
        kind = _chance.strikes(f"{place} socket.{name}", (ERROR, SLOW, APPLIED))
        if kind == SLOW:
            raise _failed(number)
        if kind == APPLIED:
            real(self, *args)
        if kind is not None:
            with suppress(OSError):
                self.shutdown(socket.SHUT_RDWR)
            raise _failed(errno.ECONNRESET)
        return real(self, *args)

    setattr(socket.socket, name, call)


def _patch_flock() -> None:
    real = fcntl.flock

    def flock(descriptor: int, how: int) -> None:
        place = place_of(2)
        if place is None:
            real(descriptor, how)
            return
        wait = not how & fcntl.LOCK_NB
        kind = _chance.strikes(f"{place} fcntl.flock({how})", (ERROR, SLOW, APPLIED))
        if kind == ERROR:
            raise _failed(errno.ENOLCK)
        if kind == SLOW and not wait:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        if kind == SLOW:
            _sleep(_PAUSE)
        real(descriptor, how)
        if kind == APPLIED:
            raise _failed(errno.EINTR if wait else errno.ENOLCK)

    fcntl.flock = flock


def _patch_fork() -> None:
    """Each slot draws for itself."""
    failing = os.fork
    forked = 0

    def fork() -> int:
        nonlocal forked
        forked += 1
        pid = failing()
        if pid == 0:
            _chance.begin(f"{_chance.role} slot {forked}")
        return pid

    os.fork = fork


def install(chance: Chance) -> None:
    """From now on calls of this process may fail."""
    global _chance
    _chance = chance
    for name, number in _FILES.items():
        _patched(os, name, (ERROR, SLOW, APPLIED), number)
    for name, number in _BYTES.items():
        writing = name.endswith("write")
        _patched(os, name, (ERROR, SLOW, APPLIED) if writing else (ERROR, SLOW), number, _is_file)
    for name, number in _PROCESSES.items():
        _patched(os, name, (ERROR, SLOW), number)
    _patch_fork()
    _patched(signal, "pidfd_send_signal", (ERROR, SLOW), errno.EPERM)
    for owner in (builtins, io):
        _patched(owner, "open", (ERROR, SLOW), errno.EMFILE)
    _patch_flock()
    _patch_socket("send", errno.ENOBUFS)
    _patch_socket("recv", errno.EAGAIN)
    _patched(socket.socket, "sendto", (ERROR, SLOW, APPLIED), errno.ENOBUFS)
    _patched(socket.socket, "connect", (ERROR, SLOW, APPLIED), errno.EAGAIN)
    _patched(socket.socket, "accept", (ERROR, SLOW), errno.EMFILE)
    _patched(socket.socket, "bind", (ERROR, SLOW, APPLIED), errno.EACCES)
    _patched(socket, "socketpair", (ERROR, SLOW), errno.EMFILE)
