"""An exclusive lock between processes on a file: freed by the kernel when its holder dies."""

import fcntl
import os
from pathlib import Path

from orchestrate.embedded import location


class FileLock:
    """`with lock:` holds it. One holder per instance at a time (the writer thread)."""

    def __init__(self, path: Path, group: str | None) -> None:
        self._path = path
        self._modes = location.Modes(group)
        self._descriptor = -1

    def __enter__(self) -> None:
        fcntl.flock(self._file(), fcntl.LOCK_EX)

    def take_if_free(self) -> bool:
        """Hold it, to be left by `__exit__`, unless somebody else does."""
        try:
            fcntl.flock(self._file(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _file(self) -> int:
        if self._descriptor < 0:
            try:
                self._descriptor = self._open()
            except OSError as error:
                raise location.explain(error, self._path.parent) from error
        return self._descriptor

    def __exit__(self, *_: object) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def _open(self) -> int:
        if not self._path.exists():
            location.make_file(self._path, self._modes)
        return os.open(self._path, os.O_RDWR | os.O_CLOEXEC)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
