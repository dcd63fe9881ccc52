"""Whether those for whom an attempt runs may still want it: a file in which its engine writes this
host's clock for as long as they can be reached. It outlives the engine and the supervisor, so what
nobody can ask for any more ends all the same.
"""

import os

from orchestrate.processes.supervising.system import system


def write(fd: int) -> None:
    """They can be reached now. The file keeps its length: a full disk changes nothing."""
    os.pwrite(fd, f"{system.boot_id()} {system.elapsed():020.3f}".encode(), 0)


def silence(file: str, since: float) -> float:
    """Seconds since they could be reached, at most since `since`."""
    try:
        with open(file, "rb") as told:
            boot, _, at = told.read(100).decode().partition(" ")
    except OSError:
        return system.elapsed() - since
    try:
        last = float(at) if boot == system.boot_id() else since
    except ValueError:
        return 0.0  # it is just being written
    return max(0.0, system.elapsed() - max(last, since))  # what is written is rounded
