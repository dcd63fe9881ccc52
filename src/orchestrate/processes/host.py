"""Who is alive on this host: boots, processes, and when they started."""


def boot_id() -> str:
    """Identifies this boot of this host (or container start where the host hides it)."""
    raise NotImplementedError


def process_start_time(pid: int) -> float | None:
    """When a process started, in ticks or seconds since some fixed point of this boot.

    With the pid and `boot_id` it names a process for ever. None if there is no such process.
    """
    raise NotImplementedError


def is_alive(pid: int, start_time: float) -> bool:
    """Whether that very process still exists (a zombie does not count)."""
    raise NotImplementedError
