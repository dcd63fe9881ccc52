"""What a supervisor wrote about its attempts, readable when it is dead."""

from pathlib import Path

from orchestrate.processes.launch import Report


def boot_id(directory: Path) -> str | None:
    """The boot of the host on which these records were written; None if there are none."""
    raise NotImplementedError


def read_records(directory: Path) -> dict[str, Report]:
    """What is known of each attempt that was not acknowledged, by attempt id."""
    raise NotImplementedError


def discard(directory: Path) -> bool:
    """Remove a dead supervisor's directory. False if it is still in use."""
    raise NotImplementedError
