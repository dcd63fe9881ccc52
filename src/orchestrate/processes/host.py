"""Who is alive on this host: boots, processes, and when they started."""

from orchestrate.processes.supervising.system import system

_TOLERANCE = 0.005
"""Seconds by which two looks at the same process may differ (the kernel counts in hundredths)."""


def boot_id() -> str:
    """Identifies this boot of this host."""
    return system.boot_id()


def process_start_time(pid: int) -> float | None:
    """When a process started: seconds since a fixed point (Linux: the boot, macOS: the epoch).

    With the pid and `boot_id` it names a process for ever. None if there is no such process, or
    only a zombie is left of it.
    """
    return system.start_time(pid)


def is_alive(pid: int, start_time: float) -> bool:
    """Whether that very process still exists (a zombie does not count)."""
    now = system.start_time(pid)
    return now is not None and abs(now - start_time) < _TOLERANCE
