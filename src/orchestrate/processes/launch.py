"""What is said between an engine and the supervisor: requests and reports."""

from collections.abc import Mapping
from typing import NamedTuple


class Launch(NamedTuple):
    """Start one process. `attempt` is unique for ever (`WF-2026-001/17`); a repeated one is
    refused, as is an `epoch` lower than the highest that was seen for `workflow`.
    """

    attempt: str
    workflow: str
    epoch: int
    argv: tuple[str, ...]
    env: Mapping[str, str]
    """The whole environment of the process. The slot adds ORCHESTRATE_OUTPUT and
    ORCHESTRATE_PROGRESS."""
    workdir: str
    log: str
    """Where output goes: path without suffix, see `output_log.py`. Made when bytes arrive."""
    deadline: float | None
    """Seconds from the start of the process until it is stopped as timed out."""
    grace: float
    """Seconds between TERM and KILL."""
    masks: tuple[str, ...]
    """Secret values that must not reach any file, in whatever encoding."""
    output_limit: int
    """Bytes of output kept per attempt (head and tail); the rest is drained and counted."""
    tails: tuple[str, ...]
    """`stdout`, `stderr`: whose last 64 KiB (masked) the report must carry."""
    vigil: tuple[str, float] | None = None
    """A file in which the engine says that it can reach those for whom it runs this (`vigil.py`),
    and after how many seconds of silence the process is ended, engine or not."""


class Report(NamedTuple):
    """What became of one attempt, as far as it got.

    `phase`: `spawning` (recorded before the spawn), `started` (told only of processes that live
    longer than some milliseconds), `progress`, `finished`, `lost` (what watched over it was
    killed: its tree is gone, its outcome unknown), `refused` (not started here: a higher epoch or
    the same attempt id was seen before; `message` says which). A command that cannot be started
    has `finished` with exit code 127 or 126 and a `message`. Times are seconds since the epoch.
    """

    attempt: str
    phase: str
    pid: int = 0
    exit_code: int | None = None
    """0 to 255; 128 + n if signal n ended it."""
    timed_out: bool = False
    stopped: bool = False
    """It was ended by `stop` (or by the deadline, see `timed_out`)."""
    message: str = ""
    """Why it could not be started, or what is odd about its end."""
    output: str | None = None
    """What stood in ORCHESTRATE_OUTPUT, masked, not yet parsed."""
    stdout: str = ""
    stderr: str = ""
    json_stdout: str | None = None
    """Its whole stdout if that is at most 64 KiB and begins with `{`; for the call contract."""
    percent: float | None = None
    left_running: tuple[str, ...] = ()
    survivors: tuple[str, ...] = ()
    started_at: float = 0.0
    finished_at: float = 0.0

    @property
    def wants_room(self) -> bool:
        """Whether it was refused because the disk had no room for its record: it may be launched
        again, under the same id.
        """
        return self.phase == "refused" and self.message.startswith(
            "there is no room for its record"
        )
