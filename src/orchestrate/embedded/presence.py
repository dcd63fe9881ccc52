"""Whether a daemon serves this state directory: whoever does holds a lock, which ends with it.

The courier, which delivers, holds another one in the same way.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrate.embedded import location, mailbox
from orchestrate.processes.supervising.sharing import file_mode

if TYPE_CHECKING:
    import sqlite3

    from orchestrate.embedded.store import Store

_SOCKET = "daemon_socket"
"""The fact that names the socket of whoever serves."""
_ADDRESS = "daemon_address"
"""The fact that says where it takes HTTP requests."""
DAEMON = "daemon.lock"
_MOMENT = 0.002
"""Seconds for which one that only looks keeps the lock, more or less."""


def take(directory: Path, lock: str = DAEMON) -> int | None:
    """Become the one; None if there is one. The descriptor is to be kept open as long.

    Whoever just looks (`is_present`) shares the lock for a moment: that is not the one.
    """
    descriptor = _opened(directory / lock)
    while not _locked(descriptor, fcntl.LOCK_EX):
        if not _locked(descriptor, fcntl.LOCK_SH):
            os.close(descriptor)
            return None
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        time.sleep(_MOMENT)
    return descriptor


def _opened(lock: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(lock, flags, file_mode(lock.parent))
    except OSError as error:
        raise location.explain(error, lock.parent) from error


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def await_turn(directory: Path, is_over: Callable[[], bool]) -> int | None:
    """Wait until there is none, and become the one; None if `is_over` says so first.

    The system wakes the one that waits as soon as the other has ended.
    """
    taken: list[int] = []
    done = threading.Event()

    def wait() -> None:
        descriptor = _opened(directory / DAEMON)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        taken.append(descriptor)
        done.set()

    threading.Thread(target=wait, daemon=True).start()
    while not done.wait(0.2):
        if is_over():
            return None
    return taken[0]


def is_present(directory: Path, lock: str = DAEMON) -> bool:
    """Whether there is one."""
    try:
        descriptor = os.open(directory / lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _locked(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def announce(store: "Store", socket: str) -> None:
    """From now on this socket is woken when there is something for the daemon to look at."""
    _keep(store, _SOCKET, socket)


def announce_address(store: "Store", address: str) -> None:
    """From now on the daemon takes HTTP requests at `host:port`; nowhere, if that is empty."""
    _keep(store, _ADDRESS, address)


def address_in(store: "Store") -> str:
    """Where the daemon takes HTTP requests, as it said last; empty if nowhere."""
    rows = store.read("SELECT value FROM facts WHERE name = ?", (_ADDRESS,))
    return str(rows[0][0]) if rows else ""


def _keep(store: "Store", name: str, value: str) -> None:
    def change(connection: "sqlite3.Connection") -> None:
        connection.execute(
            "INSERT INTO facts (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    store.writer.call(change)


def wake(store: "Store") -> None:
    """Have the daemon look, if there is one."""
    rows = store.read("SELECT value FROM facts WHERE name = ?", (_SOCKET,))
    if rows:
        mailbox.hint(store.directory, str(rows[0][0]))
