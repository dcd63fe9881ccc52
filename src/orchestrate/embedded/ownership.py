"""Who runs a workflow: one process, known by pid, start time and boot, numbered by an epoch.

Taking over raises the epoch; every write of an owner is conditional on its own. So a process that
was stopped for an hour and goes on finds its next write refused.
"""

import os
import sqlite3
from pathlib import Path
from typing import NamedTuple

from orchestrate.errors import ConflictError, StateDirectoryError
from orchestrate.playbook.plan import Json
from orchestrate.processes import host


class Identity(NamedTuple):
    """A process of this or another machine. `where` names the machine and the pid namespace, for
    a pid means nothing outside of it.
    """

    pid: int
    started: float
    """In the unit of `processes.host.process_start_time`."""
    boot: str
    where: str
    socket: str
    """Name of its datagram socket in `sockets/`."""


def owned_data(identity: Identity, epoch: int, supervisor: str) -> dict[str, Json]:
    """The data of `owned`: who runs the workflow from here on, and under which supervisor."""
    return {
        "epoch": epoch,
        "pid": identity.pid,
        "host": identity.where.partition(" ")[0],
        "boot_id": identity.boot,
        "started": identity.started,
        "supervisor": supervisor,
    }


class Owner(NamedTuple):
    """The owner's columns of a workflow; `identity` is None if nobody owns it."""

    epoch: int
    identity: Identity | None


def myself(socket: str) -> Identity:
    """The identity of this process."""
    pid = os.getpid()
    return Identity(pid, host.process_start_time(pid) or 0.0, host.boot_id(), where(), socket)


def where() -> str:
    """The name of this machine and the pid namespace."""
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        namespace = ""
    return f"{os.uname().nodename} {namespace}"


def is_lost(identity: Identity) -> bool:
    """Whether that process is provably gone. Raises StateDirectoryError if that cannot be seen."""
    try:
        if identity.boot != host.boot_id():
            # The state directory is on a local disk, so another boot of this machine wrote this.
            return True
        if identity.where.partition(" ")[2] != where().partition(" ")[2]:
            return False  # another container on this machine: its pids cannot be seen from here
        return not host.is_alive(identity.pid, identity.started)
    except OSError as error:
        raise StateDirectoryError(
            f"whether process {identity.pid} runs cannot be seen: {error.strerror or error}",
            hint="This host may be short of open files (`ulimit -n`) or memory: try again when it "
            "is less busy.",
        ) from error


def read(connection: sqlite3.Connection, workflow: int) -> Owner:
    """The owner of a workflow."""
    row = connection.execute(
        "SELECT epoch, owner_pid, owner_started, owner_boot, owner_host, owner_socket "
        "FROM workflows WHERE number = ?",
        (workflow,),
    ).fetchone()
    return Owner(row[0], None if row[1] is None else Identity(*row[1:]))


def claim(
    connection: sqlite3.Connection, workflow: int, me: Identity, *, forced: bool = False
) -> int:
    """Take a workflow that nobody owns, or whose owner is provably gone; returns the new epoch.

    `forced` takes it from a living owner too, whose next write is then refused.
    """
    epoch, owner = read(connection, workflow)
    if owner is not None and not forced and not is_lost(owner):
        raise ConflictError(
            f"process {owner.pid} on {owner.where.partition(' ')[0]} runs this workflow",
            hint="Follow it with `orchestrate logs --follow`, or end that process first.",
        )
    connection.execute(
        "UPDATE workflows SET epoch = ?, owner_pid = ?, owner_started = ?, owner_boot = ?, "
        "owner_host = ?, owner_socket = ? WHERE number = ?",
        (epoch + 1, *me, workflow),
    )
    return epoch + 1


def release(connection: sqlite3.Connection, workflow: int, epoch: int) -> None:
    """Give a workflow up; nothing happens if somebody else has it by now."""
    connection.execute(
        "DELETE FROM waiters WHERE workflow = ? AND EXISTS "
        "(SELECT 1 FROM workflows WHERE number = ? AND epoch = ?)",
        (workflow, workflow, epoch),
    )
    connection.execute(
        "UPDATE workflows SET owner_pid = NULL, owner_started = NULL, owner_boot = NULL, "
        "owner_host = NULL, owner_socket = NULL WHERE number = ? AND epoch = ?",
        (workflow, epoch),
    )


def is_named(connection: sqlite3.Connection, supervisor: str) -> bool:
    """Whether a workflow that is not over had that supervisor: that nothing is in its records may
    be what proves that a step never began.
    """
    found = connection.execute(
        "SELECT 1 FROM workflows w JOIN events e ON e.workflow = w.number "
        "WHERE w.finished_at IS NULL AND e.type = 'owned' "
        "AND json_extract(e.data, '$.supervisor') = ? LIMIT 1",
        (supervisor,),
    )
    return found.fetchone() is not None
