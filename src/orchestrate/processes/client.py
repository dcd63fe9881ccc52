"""The engine's side of the supervisor: start it early, talk to it, find it again.

Everything here is mechanism; an engine puts `fileno()` into its selector and calls `receive()`
when it is readable.

What an engine does with an attempt that its journal says was started under supervisor `S`, and not
finished:

1. `Supervisor.attach(S)`; if it is not None, `fence(workflow, epoch)`: what the supervisor still
   knows about is in the answer and its reports arrive by `receive()`.
2. Otherwise, or if the answer does not name the attempt: `records.read_records(S)`. `finished` is
   its outcome, `spawning`, `started` and `lost` mean unknown (`leftovers.stop_leftovers(S)` proves
   that nothing of it runs any more), `refused` and no record mean that it was never started,
   provided that `records.boot_id(S)` is the boot id of this host; else it is unknown too.

`SupervisorGoneError` from any method leads to the same two steps.
"""

from pathlib import Path

from orchestrate.errors import OrchestrateError
from orchestrate.processes.launch import Launch, Report


class SupervisorGoneError(OrchestrateError):
    """The supervisor has died or was killed; its records say what is known."""

    code = "supervisor-gone"


class FencedError(OrchestrateError):
    """Another engine has taken this workflow over with a higher epoch."""

    code = "fenced"


class Supervisor:
    """A connection to one supervisor. Not thread-safe; nothing but `attach` and `fence` waits."""

    id: str
    """The name of its directory, as the journal knows it."""
    directory: Path

    @staticmethod
    def start(directory: Path) -> "Supervisor":
        """Spawn a new supervisor in `directory` (made here, 0700) without waiting for it.

        Launches may be sent at once. Raises StateDirectoryError if the directory exists or cannot
        be made.
        """
        raise NotImplementedError

    @staticmethod
    def attach(directory: Path) -> "Supervisor | None":
        """Connect to the supervisor that lives in `directory`; None if nobody does.

        Waits for one that is just starting up.
        """
        raise NotImplementedError

    def fileno(self) -> int:
        """What to wait on: readable when `receive` has something to say."""
        raise NotImplementedError

    @property
    def wants_write(self) -> bool:
        """Requests wait for room in the socket: call `flush` when it is writable."""
        raise NotImplementedError

    def flush(self) -> None:
        """Send what waits, without blocking."""
        raise NotImplementedError

    def send_launch(self, launch: Launch) -> None:
        """Ask for a process. The answer is reports."""
        raise NotImplementedError

    def stop(self, attempt: str, reason: str) -> None:
        """End a process tree: `reason` is `stop`, `timeout`, or `kill` (without grace)."""
        raise NotImplementedError

    def fence(self, workflow: str, epoch: int) -> tuple[str, ...]:
        """Take a workflow over: from now on lower epochs are refused here.

        Blocks for the answer: the attempts of that workflow that still run or whose ends nobody
        acknowledged. Their reports arrive at this connection afterwards. Raises FencedError if a
        higher epoch was seen.
        """
        raise NotImplementedError

    def acknowledge(self, attempt: str) -> None:
        """The end of this attempt is durable elsewhere: the supervisor may forget it."""
        raise NotImplementedError

    def receive(self) -> list[Report]:
        """Everything that has arrived. Raises SupervisorGoneError once there is no more to come."""
        raise NotImplementedError

    def close(self, *, detach: bool = True) -> None:
        """Leave. With `detach` what runs goes on, and its directory stays for whoever resumes.

        Without it, nothing of this engine is open there: the supervisor removes its directory
        once it is idle.
        """
        raise NotImplementedError
