"""Where a worker keeps what it has: one process at a time, and for one namespace of one server.

Elsewhere the same ids (`WF-2026-001`) mean other workflows. The first namespace for which a worker
of that name works here has `workers/NAME`; each other one has `workers/NAME@ID`.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from orchestrate.cluster.working.durable import replace
from orchestrate.errors import ConflictError, UsageError

_MARK = "namespace"
"""In a worker's directory: the id of the namespace whose workflows it knows."""


def check_name(name: str) -> str:
    """The name, if it can be one. Raises UsageError."""
    if not name or len(name) > 100 or not all(c.isalnum() or c in "-_." for c in name):
        raise UsageError(
            f"{name!r} cannot be the name of a worker or a pool",
            hint="Letters, digits, `-`, `_` and `.`, up to 100 of them.",
        )
    return name


@contextmanager
def claimed(state: Path, name: str, namespace: str) -> Generator[Path]:
    """The directory of that worker for the namespace of that id, which no other process uses
    meanwhile. Raises ConflictError.
    """
    directory = state / "workers" / check_name(name)
    if _marked(directory) not in ("", namespace):
        directory = directory.with_name(f"{name}@{namespace}")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = os.read(lock, 32).decode(errors="replace").strip()
            raise _taken(name, pid) from None
        if not _marked(directory):
            replace(directory / _MARK, f"{namespace}\n")
        elif _marked(directory) != namespace:  # another one was faster, and has left
            raise _taken(name, "another one")
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        yield directory
    finally:
        os.close(lock)


def _taken(name: str, pid: str) -> ConflictError:
    return ConflictError(
        f"a worker named {name} runs here already (process {pid})",
        hint="Give this one another --name.",
    )


def _marked(directory: Path) -> str:
    try:
        return (directory / _MARK).read_text().strip()
    except FileNotFoundError:
        return ""
