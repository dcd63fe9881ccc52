"""What a supervisor wrote about its attempts, readable when it is dead.

A directory is in use as long as its lock is held: by its supervisor from the moment it is spawned,
and by its slots until their attempts have ended, also when the supervisor was killed.
"""

import fcntl
import os
from pathlib import Path
from typing import Any, NamedTuple

from orchestrate.errors import StateDirectoryError
from orchestrate.processes.launch import Report
from orchestrate.processes.supervising import recording
from orchestrate.processes.supervising.handover import remove_folder
from orchestrate.processes.supervising.system import system

_LOCK = "lock"
OPEN_PHASES = ("spawning", "started")
"""Its slot, if that lives, will write the end."""
UNKNOWN_PHASES = (*OPEN_PHASES, "lost")
"""Nobody can say how it ended, unless its slot lives."""


class Header(NamedTuple):
    """What the records say about the supervisor itself."""

    format: int
    boot_id: str
    pid: int
    folder: str
    """Where ORCHESTRATE_OUTPUT files lie."""


class Record(NamedTuple):
    """A report and what else is known about its attempt."""

    report: Report
    slot: int
    """The pid of the slot that ran it."""
    marker: str
    """Its ORCHESTRATE_OUTPUT: in the environment of what it started, and nowhere else."""
    workflow: str


def read_header(directory: Path) -> Header | None:
    """What is known of the supervisor; None if it never got so far."""
    value = next(iter(_raw_records(directory)), None)
    return Header(*value) if value is not None else None


def boot_id(directory: Path) -> str | None:
    """The boot of the host on which these records were written.

    None if the directory is gone. A supervisor that died before it wrote anything has started
    nothing: then it is the boot of this host.
    """
    if not directory.is_dir():
        return None
    header = read_header(directory)
    return header.boot_id if header is not None else system.boot_id()


def format_of(directory: Path) -> int:
    """The version of the records and of the protocol; 0 if there are none."""
    header = read_header(directory)
    return header.format if header is not None else 0


def read_records(directory: Path) -> dict[str, Report]:
    """What is known of each attempt that was not acknowledged (and of some that were), by id.
    Raises StateDirectoryError if they are there and cannot be read.
    """
    return {record.report.attempt: record.report for record in read_all(directory)}


def read_all(directory: Path) -> list[Record]:
    """The records with what only the processes room needs."""
    found: list[Record] = []
    for index, value in enumerate(_raw_records(directory)):
        if index == 0 or value is None:
            continue
        fields, extra, elsewhere = value
        if elsewhere:
            fields = _read_outcome(directory, index) or fields
        found.append(Record(Report(*fields), *extra))
    return found


def is_in_use(directory: Path) -> bool:
    """Whether a supervisor or a slot lives there. Raises StateDirectoryError if that cannot be
    seen: who cannot look knows nothing.
    """
    try:
        fd = os.open(f"{directory}/{_LOCK}", os.O_RDWR | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _unreadable(directory, error) from error
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(fd)
    return False


def has_lost_its_supervisor(directory: Path) -> bool:
    """Whether the supervisor was killed, so that only slots can live there."""
    header = read_header(directory)
    return header is not None and (
        header.boot_id != system.boot_id() or not system.is_running(header.pid)
    )


def is_slot(pid: int) -> bool:
    """Whether a recorded pid still is that of a slot."""
    return pid > 0 and system.is_running(pid) and "supervising/main.py" in system.describe(pid)


def discard(directory: Path) -> bool:
    """Remove a dead supervisor's directory. False if it is still in use."""
    if is_in_use(directory):
        return False
    import shutil

    header = read_header(directory)
    if header is not None:
        remove_folder(header.folder)
    shutil.rmtree(directory, ignore_errors=True)
    return not directory.exists()


def _raw_records(directory: Path) -> list[tuple[Any, ...] | None]:
    try:
        data = (directory / recording.NAME).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise _unreadable(directory, error) from error
    size = recording.RECORD
    return [recording.parse(data[at : at + size]) for at in range(0, len(data), size)]


def _read_outcome(directory: Path, index: int) -> tuple[Any, ...] | None:
    try:
        with open(recording.outcome_file(str(directory), index), "rb") as file:
            return recording.parse(file.read())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(directory, error) from error


def _unreadable(directory: Path, error: OSError) -> StateDirectoryError:
    """Taken for records that are not there, these would say that nothing was ever started."""
    return StateDirectoryError(
        f"the records in {directory} cannot be read: {error.strerror or error}",
        hint="Nothing was concluded from them. See that they can be read (`orchestrate doctor`),"
        " then resume the workflow.",
    )
