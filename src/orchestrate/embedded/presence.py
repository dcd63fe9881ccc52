"""Whether a daemon serves this state directory: whoever does holds a lock, which ends with it."""

import fcntl
import os
from pathlib import Path

DAEMON = "daemon.lock"


def take(directory: Path) -> int | None:
    """Become the one; None if there is one. The descriptor is to be kept open as long."""
    descriptor = os.open(directory / DAEMON, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def is_present(directory: Path) -> bool:
    """Whether there is one."""
    try:
        descriptor = os.open(directory / DAEMON, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
