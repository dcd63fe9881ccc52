"""Linux: subreaper, pidfds, the children files of /proc, CLOCK_BOOTTIME.

`portable.py` has the same functions for other systems.
"""

import os
import signal
import socket
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SLOTS_CAN_BE_ADOPTED = True
"""Whether an engine can wait for the end of a slot whose supervisor was killed."""
_PR_SET_CHILD_SUBREAPER = 36

_TICKS = os.sysconf("SC_CLK_TCK")


def become_subreaper() -> None:
    """Orphaned descendants become children of this process."""
    # The engine, which never becomes one, does without this module at its start.
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot become a subreaper")


def remember(pid: int) -> None:
    """Nothing: descendants are found by their parents."""


def forget(pid: int) -> None:
    """Nothing."""


def tree_is_empty() -> bool:
    """Whether a process without children has no other descendants: a subreaper has none."""
    return True


def elapsed() -> float:
    """Seconds that have passed since some fixed point, time asleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def open_exit_watch(pid: int) -> int:
    """A file descriptor that becomes readable when this child ends; -1 if there is none."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        return -1


def children(pid: int) -> list[int]:
    """The processes whose parent `pid` is, zombies included. None of an unknown process."""
    found: list[int] = []
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return found
    for thread in threads:
        try:
            with open(f"/proc/{pid}/task/{thread}/children", "rb", 0) as file:
                found += map(int, file.read().split())
        except OSError:
            continue
    return found


def descendants(
    root: int, without: "set[int] | frozenset[int]" = frozenset()
) -> list[tuple[int, int]]:
    """Everything below `root` as (pid, parent), parents first; not what is in `without`."""
    found: list[tuple[int, int]] = []
    known = {root, *without}
    waiting = [root]
    while waiting:
        parent = waiting.pop()
        for pid in children(parent):
            if pid not in known:
                known.add(pid)
                found.append((pid, parent))
                waiting.append(pid)
    return found


def signal_process(pid: int, number: int, is_meant: "Callable[[int], bool]") -> None:
    """Send a signal to `pid` if `is_meant` says so while the number cannot change its owner."""
    try:
        fd = os.pidfd_open(pid)
    except OSError:
        return
    try:
        if is_meant(pid):
            signal.pidfd_send_signal(fd, number)
    except OSError:
        return
    finally:
        os.close(fd)


def _stat(pid: int) -> list[bytes]:
    """The fields of /proc/PID/stat after the name; [] if there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb", 0) as file:
            return file.read().rpartition(b") ")[2].split()
    except OSError:
        return []


def parent(pid: int) -> int:
    """Its parent; 0 if there is no such process."""
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def is_running(pid: int) -> bool:
    """Whether it exists and is not a zombie."""
    fields = _stat(pid)
    return bool(fields) and fields[0] not in (b"Z", b"X")


def session(pid: int) -> int:
    """Its session; 0 if there is no such process."""
    fields = _stat(pid)
    return int(fields[3]) if fields else 0


def start_time(pid: int) -> float | None:
    """Seconds between the boot and the start of a process; None if there is none or a zombie.

    Raises OSError if that cannot be seen: who is not seen is taken for dead by those who ask.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb", 0) as file:
            fields = file.read().rpartition(b") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    if not fields or fields[0] in (b"Z", b"X"):
        return None
    return int(fields[19]) / _TICKS


def started_at(pid: int) -> float | None:
    """When it started, in seconds since the epoch."""
    since_boot = start_time(pid)
    return None if since_boot is None else time.time() - elapsed() + since_boot


def describe(pid: int) -> str:
    """`4711 nginx: master process`; the bare pid if it is gone."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb", 0) as file:
            words = file.read(4096).replace(b"\0", b" ").strip()
        if not words:
            with open(f"/proc/{pid}/comm", "rb", 0) as file:
                words = b"[" + file.read(64).strip() + b"]"
    except OSError:
        words = b""
    return f"{pid} {words.decode('utf-8', 'replace')}".strip()


def environment(pid: int) -> bytes:
    """The environment with which it was started, NUL-separated; empty if it cannot be read."""
    try:
        with open(f"/proc/{pid}/environ", "rb", 0) as file:
            return file.read(4 * 1024 * 1024)
    except OSError:
        return b""


def all_processes() -> list[int]:
    """Every process that can be seen."""
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()]


def boot_id() -> str:
    """Identifies this boot of this host."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def peer_uid(connection: socket.socket) -> int:
    """The user at the other end of a Unix socket."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int.from_bytes(credentials[4:8], "little")


def use_socket(directory: str, name: str, use: "Callable[[str], None]") -> None:
    """Bind or connect to a socket in a directory, however long its path is."""
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        use(f"/proc/self/fd/{folder}/{name}")
    finally:
        os.close(folder)
