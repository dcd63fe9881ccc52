"""Systems without /proc and subreapers (macOS): what `ps`, sessions and process groups offer.

Same functions as `linux.py`. A process that leaves its parent *and* its session escapes the walk:
there is no proof that a tree is gone, only that none of it can be found.
"""

import os
import socket
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SLOTS_CAN_BE_ADOPTED = False
"""Nothing waits for the end of a process that is not a child."""
_own_groups: set[int] = set()
"""Process groups of what this process started: they keep orphans findable."""
_LONGEST_ADDRESS = 100
"""Bytes of a path that fit into a socket address everywhere."""
_LOCAL_PEERCRED = 1
_SOL_LOCAL = 0


def become_subreaper() -> None:
    """Nothing: orphans go to process 1."""


def remember(pid: int) -> None:
    """A child leads a session and group of its own."""
    _own_groups.add(pid)


def forget(pid: int) -> None:
    """What this child started is gone, or left alone."""
    _own_groups.discard(pid)


def tree_is_empty() -> bool:
    """Whether a process without children has no other descendants: their groups are empty."""
    for group in _own_groups:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            continue
        except PermissionError:
            return False
        else:
            return False
    return True


def elapsed() -> float:
    """Seconds since some fixed point; on macOS this clock goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def open_exit_watch(pid: int) -> int:
    """No file descriptor tells: -1, the caller looks with `waitpid` now and then."""
    del pid
    return -1


def _ps(*columns: str) -> list[list[str]]:
    """The rows of `ps -A`; the last column may hold spaces."""
    reading, writing = os.pipe()
    arguments = ["ps", "-A"]
    for column in columns:
        arguments += ["-o", f"{column}="]
    try:
        pid = os.posix_spawn(
            "/bin/ps",
            arguments,
            {"PATH": "/bin:/usr/bin", "LC_ALL": "C"},
            file_actions=[(os.POSIX_SPAWN_DUP2, writing, 1)],
        )
    finally:
        os.close(writing)
    with open(reading, "rb") as file:
        text = file.read().decode("utf-8", "replace")
    os.waitpid(pid, 0)
    rows = [line.split(None, len(columns) - 1) for line in text.splitlines()]
    return [row for row in rows if len(row) == len(columns) and row[0] != str(pid)]


def children(pid: int) -> list[int]:
    """The processes whose parent `pid` is, zombies included."""
    return [int(row[0]) for row in _ps("pid", "ppid") if row[1] == str(pid)]


def descendants(root: int, without: frozenset[int] = frozenset()) -> list[tuple[int, int]]:
    """Everything below `root`, and what is in a process group that one of them leads."""
    rows = [(int(a), int(b), int(c)) for a, b, c in _ps("pid", "ppid", "pgid")]
    found: list[tuple[int, int]] = []
    known = {root, *without}
    groups = set(_own_groups)
    grown = True
    while grown:
        grown = False
        for pid, parent, group in rows:
            if pid in known or not (parent in known - without or group in groups):
                continue
            known.add(pid)
            groups.add(group)
            found.append((pid, parent))
            grown = True
    return found


def signal_process(pid: int, number: int, is_meant: "Callable[[int], bool]") -> None:
    """Send a signal if `is_meant` says so; there is no protection against a pid reused since."""
    try:
        if is_meant(pid):
            os.kill(pid, number)
    except OSError:
        return


def parent(pid: int) -> int:
    """Its parent; 0 if there is no such process."""
    text = _column(pid, "ppid")
    return int(text) if text else 0


def _column(pid: int, column: str) -> str:
    for row in _ps("pid", column):
        if row[0] == str(pid):
            return row[1]
    return ""


def is_running(pid: int) -> bool:
    """Whether it exists and is not a zombie."""
    state = _column(pid, "state")
    return bool(state) and not state.startswith("Z")


def session(pid: int) -> int:
    """Its session; 0 if there is no such process."""
    try:
        return os.getsid(pid)
    except OSError:
        return 0


def start_time(pid: int) -> float | None:
    """When it started, in seconds since the epoch; None if there is none or a zombie."""
    if not is_running(pid):
        return None
    text = _column(pid, "lstart").strip()
    try:
        return time.mktime(time.strptime(text, "%a %b %d %H:%M:%S %Y"))
    except ValueError:
        return None


def started_at(pid: int) -> float | None:
    """When it started, in seconds since the epoch."""
    return start_time(pid)


def describe(pid: int) -> str:
    """`4711 nginx: master process`."""
    return f"{pid} {_column(pid, 'command')}".strip()


def environment(pid: int) -> bytes:
    """Not to be had."""
    del pid
    return b""


def all_processes() -> list[int]:
    """Every process that can be seen."""
    return [int(row[0]) for row in _ps("pid", "ppid")]


def boot_id() -> str:
    """When this host was started, as the kernel says it."""
    if sys.platform == "darwin":
        reading, writing = os.pipe()
        try:
            pid = os.posix_spawn(
                "/usr/sbin/sysctl",
                ["sysctl", "-n", "kern.bootsessionuuid"],
                {},
                file_actions=[(os.POSIX_SPAWN_DUP2, writing, 1)],
            )
        finally:
            os.close(writing)
        with open(reading, "rb") as file:
            text = file.read().decode("ascii", "replace").strip()
        os.waitpid(pid, 0)
        return text
    return f"started {_column(1, 'lstart').strip()}"


def peer_uid(connection: socket.socket) -> int:
    """The user at the other end of a Unix socket (`struct xucred`: version, uid, …)."""
    credentials = connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, 76)
    return int.from_bytes(credentials[4:8], sys.byteorder)


def use_socket(directory: str, name: str, use: "Callable[[str], None]") -> None:
    """Bind or connect to a socket in a directory. For a long path the directory is entered."""
    path = f"{directory}/{name}"
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS:
        use(path)
        return
    before = os.open(".", os.O_RDONLY)
    try:
        os.chdir(directory)
        use(name)
    finally:
        os.fchdir(before)
        os.close(before)
