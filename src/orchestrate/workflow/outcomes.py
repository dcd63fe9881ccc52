"""How an attempt or a step ended, and what a run as a whole can be.

Values, not exceptions: an outcome is resolved in one `match`.
"""

from enum import StrEnum
from typing import NamedTuple

from orchestrate.playbook.plan import Json


class Status(StrEnum):
    """The six outcomes of a step or an attempt."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    """The supervisor or the host died: nobody can say whether the call took effect."""


class State(StrEnum):
    """Where a workflow stands. The legal transitions are `TRANSITIONS` in `transitions.py`."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    """Ended by force (`complete --force`)."""
    NEEDS_ATTENTION = "needs_attention"


class Outcome(NamedTuple):
    """How one attempt ended.

    `output`: what the command handed over through ORCHESTRATE_OUTPUT, or its stdout if that was
    one JSON object; None if neither. `stdout`, `stderr`: the last 64 KiB, only if the step `reads`
    them, else "". `message` is for a person ("exit code 3", "timed out after 300 s", "command not
    found: …"). Times are seconds since the epoch; an attempt that never started has both equal.
    """

    status: Status
    exit_code: int | None = None
    output: Json = None
    stdout: str = ""
    stderr: str = ""
    message: str = ""
    started_at: float = 0.0
    finished_at: float = 0.0
    left_running: tuple[str, ...] = ()
    """Processes ("4711 nginx: master") that a succeeded step left behind on purpose."""
    survivors: tuple[str, ...] = ()
    """Processes that could not be stopped; the workflow then needs attention."""
    read_only: bool = False
    """With `UNKNOWN`: the command that was called only reads, so it may be called again."""
    timed_out: bool = False
    """With `TIMED_OUT`, or when the process ended by itself while it was being stopped for time."""
    excerpt: str = ""
    """The end of what it wrote, if it did not succeed and its output lies on another machine."""
    written: int | None = None
    """How many bytes it wrote, if they lie on another machine."""
