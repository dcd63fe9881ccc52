"""Who holds a lock on a file: for messages that say what is being waited for.

Linux tells in /proc/locks; elsewhere, and for processes of other containers, nobody is named.
"""

import os
from pathlib import Path
from typing import NamedTuple

FLOCK, POSIX = "FLOCK", "POSIX"


class _Lock(NamedTuple):
    pid: int
    device: str
    inode: str
    first: int
    last: float


def holder(path: Path, kind: str, byte: int = 0) -> str:
    """The process that holds an exclusive lock of this kind on that byte of a file, in words.

    "" if that cannot be found out, or nobody but this process does.
    """
    try:
        found = path.stat()
        table = Path("/proc/locks").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    device = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}"
    locks = [
        lock
        for lock in _exclusive(table, kind)
        if lock.inode == str(found.st_ino) and lock.first <= byte <= lock.last
    ]
    # Some file systems name another device here than `stat` does.
    near = [lock for lock in locks if lock.device == device] or locks
    pids = [lock.pid for lock in near if lock.pid not in (os.getpid(), 0, -1)]
    return describe(pids[0]) if pids else ""


def _exclusive(table: str, kind: str) -> list[_Lock]:
    found: list[_Lock] = []
    for line in table.splitlines():
        fields = line.split()
        # `->` marks those that wait for a lock.
        if len(fields) != 8 or fields[1] != kind or fields[3] != "WRITE":
            continue
        device, _, inode = fields[5].rpartition(":")
        last = float("inf") if fields[7] == "EOF" else float(fields[7])
        found.append(_Lock(int(fields[4]), device, inode, int(fields[6]), last))
    return found


def describe(pid: int) -> str:
    """A process for a person: its id, its command, and how to continue it if it is stopped."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return f"process {pid}"
    command = b" ".join(words).decode("utf-8", "replace").strip()
    shown = command if len(command) <= 80 else f"{command[:79]}…"
    text = f"process {pid} ({shown})" if shown else f"process {pid}"
    if status.rpartition(") ")[2][:1] in ("T", "t"):
        text += f", which is stopped (`kill -CONT {pid}` continues it)"
    return text
