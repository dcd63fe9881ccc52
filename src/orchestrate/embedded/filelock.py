"""An exclusive lock between processes on a file: freed by the kernel when its holder dies.

Whoever waits does so in the kernel's queue, for as long as it takes; after a few seconds it says
for whom.
"""

import fcntl
import os
import threading
from collections.abc import Callable
from pathlib import Path

from orchestrate.embedded import location

PATIENCE = 3.0
"""Seconds of waiting after which somebody is told."""


class FileLock:
    """`with lock:` holds it. One holder per instance at a time (the writer thread)."""

    def __init__(
        self, path: Path, group: str | None, on_wait: Callable[[str], None] | None = None
    ) -> None:
        self._path = path
        self._modes = location.Modes(group)
        self._descriptor = -1
        self.on_wait = on_wait
        """Told, in another thread, what is waited for. Not told when that is over: whoever has the
        lock then may still be kept from writing, by a program that holds the database."""

    def __enter__(self) -> None:
        if self.take_if_free():
            return
        teller = threading.Timer(PATIENCE, self._tell)
        teller.daemon = True
        teller.start()
        try:
            self._take(fcntl.LOCK_EX)
        finally:
            teller.cancel()
            teller.join()

    def _tell(self) -> None:
        if self.on_wait is None:
            return
        from orchestrate.embedded import lockholders

        who = lockholders.holder(self._path, lockholders.FLOCK) or "another process"
        self.on_wait(f"the store is being written by {who}")

    def take_if_free(self) -> bool:
        """Hold it, to be left by `__exit__`, unless somebody else does."""
        try:
            self._take(fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _take(self, how: int) -> None:
        """Raises BlockingIOError, or StateDirectoryError; then it is not held."""
        descriptor = self._file()
        try:
            fcntl.flock(descriptor, how)
        except BlockingIOError:
            raise
        except OSError as error:
            self.close()
            raise location.explain(error, self._path.parent) from error

    def _file(self) -> int:
        if self._descriptor < 0:
            try:
                self._descriptor = self._open()
            except OSError as error:
                raise location.explain(error, self._path.parent) from error
        return self._descriptor

    def __exit__(self, *_: object) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        except OSError:
            self.close()  # which lets go of it for certain

    def _open(self) -> int:
        if not self._path.exists():
            location.make_file(self._path, self._modes)
        return os.open(self._path, os.O_RDWR | os.O_CLOEXEC)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
