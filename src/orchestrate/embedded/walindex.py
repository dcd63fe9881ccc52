"""The header of SQLite's WAL-index, read beside SQLite.

POSIX locks of a process on a file all go when it closes *any* descriptor of that file. SQLite's
locks on the WAL-index are such locks, and a process may have several stores open, in several
threads: whoever closed a descriptor of it would unlock what others read, and the next process to
come would take itself for the first and begin the index anew, under the feet of all that have it
mapped (they die of SIGBUS). So there is one descriptor for each file, open until the file is gone.
"""

import os
import sys
import threading
from pathlib import Path

COMMITS, FRAMES = 8, 16
"""Where the number of commits stands, and that of the pages in the log (SQLite's file format)."""

_lock = threading.Lock()
_open: dict[tuple[int, int], int] = {}
"""Descriptors by device and inode."""


def number_at(path: Path, offset: int) -> int:
    """A number in the header of the WAL-index at `path`; -1 if it cannot be read."""
    try:
        return int.from_bytes(os.pread(_descriptor(path), 4, offset), sys.byteorder)
    except OSError:
        return -1


def _descriptor(path: Path) -> int:
    found = path.stat()
    with _lock:
        known = _open.get((found.st_dev, found.st_ino))
        if known is not None:
            return known
        _close_those_of_removed_files()
        made = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        found = os.fstat(made)  # it may be another one by now
        return _open.setdefault((found.st_dev, found.st_ino), made)


def _close_those_of_removed_files() -> None:
    """Nobody can come to open them any more, so that nobody is misled."""
    for key, descriptor in tuple(_open.items()):
        if os.fstat(descriptor).st_nlink == 0:
            del _open[key]
            os.close(descriptor)
