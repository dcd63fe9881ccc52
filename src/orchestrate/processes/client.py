"""The engine's side of the supervisor: start it early, talk to it, find it again.

Everything here is mechanism; an engine puts `fileno()` into its selector and calls `receive()`
when it is readable.

What an engine does with an attempt that its journal says was started under supervisor `S`, and not
finished:

1. `Supervisor.attach(S)`; if it is not None, `fence(workflow, epoch)`: what the supervisor still
   knows about is in the answer and its reports arrive by `receive()`.
2. Otherwise, or if the answer does not name the attempt: `records.read_records(S)`. `finished` is
   its outcome. `spawning`, `started` and `lost` mean unknown: `leftovers.stop_leftovers` proves
   that nothing of it runs any more. No record means that it was never started, provided that
   `records.boot_id(S)` is the boot id of this host; else it is unknown too.

`SupervisorGoneError` from any method leads to the same two steps.
"""

import fcntl
import os
import select
import socket
import sys
import time
from pathlib import Path

from orchestrate.errors import OrchestrateError, StateDirectoryError
from orchestrate.processes import records
from orchestrate.processes.launch import Launch, Report
from orchestrate.processes.supervising import crash, wire
from orchestrate.processes.supervising.system import system

_PROGRAM = f"{os.path.dirname(__file__)}/supervising/main.py"
_SOCKET = "socket"
_LOCK = "lock"
_CONTROL_FD = 3
_LOCK_FD = 4
_PASSED_ON = ("XDG_RUNTIME_DIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
"""All that the supervisor's own environment needs; a step's environment comes with its launch."""
_ATTACH_PATIENCE = 10.0
"""Seconds that a supervisor may take to start up."""
_ORPHAN_PATIENCE = 20.0
"""Seconds that slots without a supervisor may take to end."""
_GOODBYE_PATIENCE = 5.0
"""Seconds that the last requests may take to be sent."""
_ANSWER_PATIENCE = 30.0
"""Seconds that a supervisor may take to answer, on a host that is very busy."""


class SupervisorGoneError(OrchestrateError):
    """The supervisor has died or was killed; its records say what is known."""

    code = "supervisor-gone"


class SupervisorStuckError(OrchestrateError):
    """The supervisor lives, or slots of it do, but it does not answer: it might go on later, so
    nothing may be concluded from its records.
    """

    code = "supervisor-stuck"


class FencedError(OrchestrateError):
    """Another engine has taken this workflow over with a higher epoch."""

    code = "fenced"


class Supervisor:
    """A connection to one supervisor. Not thread-safe; nothing but `attach` and `fence` waits."""

    def __init__(self, directory: Path, connection: socket.socket, pid: int = 0) -> None:
        """Use `start` or `attach`."""
        self.directory = directory
        self.id = directory.name
        """The name of its directory, as the journal knows it."""
        self._channel = wire.Channel(connection)
        self._pid = pid
        self._reports: list[Report] = []
        self._answers: dict[str, tuple[int, tuple[str, ...]]] = {}

    @staticmethod
    def start(directory: Path) -> "Supervisor":
        """Spawn a new supervisor in `directory` (made here, 0700) without waiting for it.

        Launches may be sent at once. Raises StateDirectoryError if the directory exists or cannot
        be made.
        """
        lock = _make_directory(directory)
        try:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                pid = _spawn(directory, theirs.fileno(), lock)
            except OSError:
                ours.close()
                raise
            finally:
                theirs.close()
        except OSError as error:
            raise StateDirectoryError(
                f"cannot start the supervisor: {error.strerror}",
                hint="This host has no room for another process; try again when it is less busy.",
            ) from error
        finally:
            os.close(lock)
        return Supervisor(directory, ours, pid)

    @staticmethod
    def attach(directory: Path) -> "Supervisor | None":
        """Connect to the supervisor that lives in `directory`; None if nobody does.

        Waits for one that is just starting up; raises SupervisorStuckError if it takes too long.
        If the supervisor was killed, but slots of it go on with their attempts, what is given
        stands for those.
        """
        connection = _wait_for_connection(directory)
        if connection is None:
            return _orphaned_slots(directory)
        if records.format_of(directory) not in wire.UNDERSTOOD:
            connection.close()
            raise SupervisorGoneError(
                f"the processes under {directory} were started by another version of orchestrate",
                hint="Finish this workflow with the version that started it.",
            )
        return Supervisor(directory, connection)

    def fileno(self) -> int:
        """What to wait on: readable when `receive` has something to say."""
        return self._channel.fileno()

    @property
    def wants_write(self) -> bool:
        """Requests wait for room in the socket: call `flush` when it is writable."""
        return self._channel.is_blocked

    def flush(self) -> None:
        """Send what waits, without blocking."""
        self._channel.flush()

    def send_launch(self, launch: Launch) -> None:
        """Ask for a process. The answer is reports."""
        self.queue_launch(launch)
        self._channel.flush()

    def queue_launch(self, launch: Launch) -> None:
        """The same, but sent with the next `flush`: one message may ask for many processes."""
        call = wire.pack(
            (
                tuple(launch.argv),
                dict(launch.env),
                launch.workdir,
                launch.log,
                launch.deadline,
                launch.grace,
                tuple(launch.masks),
                launch.output_limit,
                tuple(launch.tails),
                launch.vigil,
            )
        )
        body = wire.pack((launch.attempt, launch.workflow, launch.epoch, call))
        self._channel.queue(wire.LAUNCH, body)

    def stop(self, attempt: str, reason: str) -> None:
        """End a process tree: `reason` is `stop`, `timeout`, or `kill` (without grace)."""
        self._channel.send(wire.STOP, wire.pack((attempt, reason)))

    def fence(self, workflow: str, epoch: int) -> tuple[str, ...]:
        """Take a workflow over: from now on lower epochs are refused here.

        Blocks for the answer: the attempts of that workflow that still run or whose ends nobody
        acknowledged. Their reports arrive at this connection afterwards. Raises FencedError if a
        higher epoch was seen, SupervisorStuckError if there is no answer.
        """
        self._channel.send(wire.FENCE, wire.pack((workflow, epoch)))
        patience = time.monotonic() + _ANSWER_PATIENCE
        while workflow not in self._answers:
            waiting = select.poll()
            waiting.register(self.fileno(), select.POLLIN | (select.POLLOUT * self.wants_write))
            waiting.poll(1000)
            self._channel.flush()
            self._take_frames()
            if workflow in self._answers:
                break
            if self._channel.ended:
                raise self._gone()
            if time.monotonic() > patience:
                raise _stuck(self.directory)
        highest, attempts = self._answers.pop(workflow)
        if highest != epoch:
            raise FencedError(
                f"another engine has taken {workflow} over",
                hint=f"`orchestrate status --workflow {workflow}` shows who runs it now.",
            )
        return attempts

    def acknowledge(self, attempt: str) -> None:
        """The end of this attempt is durable elsewhere: the supervisor may forget it."""
        # Sent along with the next request, or before the next wait: it wakes nobody on its own.
        self._channel.queue(wire.ACKNOWLEDGE, wire.pack((attempt,)))

    def receive(self) -> list[Report]:
        """Everything that has arrived. Raises SupervisorGoneError once there is no more to come."""
        if not self._channel.ended:
            self._channel.flush()
            self._take_frames()
        reports, self._reports = self._reports, []
        if self._channel.ended and not reports:
            raise self._gone()
        return reports

    def close(self, *, detach: bool = True) -> None:
        """Leave. With `detach` what runs goes on, and its directory stays for whoever resumes.

        Without it, nothing of this engine is open there: the supervisor removes its directory
        once it is idle.
        """
        if not detach:
            self._channel.queue(wire.GOODBYE, b"")
        if not self._channel.ended:
            self._channel.fd.settimeout(_GOODBYE_PATIENCE)
            self._channel.flush()
        self._channel.close()

    def reap(self) -> None:
        """Collect a supervisor that has ended and was started by this process."""
        if self._pid:
            try:
                os.waitpid(self._pid, os.WNOHANG)
            except ChildProcessError:
                self._pid = 0

    def _take_frames(self) -> None:
        for kind, body in self._channel.receive():
            if kind == wire.REPORT:
                self._reports.append(Report(*wire.unpack(body)))
            elif kind == wire.FENCED:
                workflow, highest, attempts = wire.unpack(body)
                self._answers[workflow] = (highest, attempts)

    def _gone(self) -> SupervisorGoneError:
        self.reap()
        return SupervisorGoneError(
            f"the supervisor {self.id} has ended",
            hint="Resume the workflow: what its steps left is read from the records.",
        )


def _wait_for_connection(directory: Path) -> socket.socket | None:
    """Connect; None once it is certain that no supervisor is there."""
    patience = time.monotonic() + _ATTACH_PATIENCE
    while True:
        connection = _connect(directory)
        if connection is not None:
            return connection
        # Without a listener the lock is held by a supervisor that starts up or ends this moment, or
        # by slots whose supervisor was killed.
        if not records.is_in_use(directory) or records.has_lost_its_supervisor(directory):
            return None
        if time.monotonic() > patience:
            raise _stuck(directory)
        time.sleep(0.005)


def _orphaned_slots(directory: Path) -> "Supervisor | None":
    """Slots whose supervisor was killed; None once it is certain that none is left."""
    patience = time.monotonic() + _ORPHAN_PATIENCE
    while records.is_in_use(directory):
        # One of them may just be about to start what it was told to start last. Where nobody can
        # wait for them they stop what they run.
        if sys.platform == "linux":
            from orchestrate.processes.orphans import OrphanedSlots

            slots = OrphanedSlots(directory)
            if not slots.is_empty:
                return slots
            slots.close()
        if time.monotonic() > patience:
            raise _stuck(directory)
        time.sleep(0.02)
    return None


def _stuck(directory: Path) -> SupervisorStuckError:
    header = records.read_header(directory)
    pid = f" {header.pid}" if header is not None else ""
    return SupervisorStuckError(
        f"the supervisor {directory.name} (process{pid}) does not answer",
        hint="Nobody can say what it still does. If it was stopped, continue it with `kill -CONT`;"
        " else end it and its children with `kill -KILL`. Then resume the workflow again.",
    )


def _make_directory(directory: Path) -> int:
    """Make it, and take the lock that its supervisor will inherit."""
    # Under its name only once it is locked: nobody must take it for an abandoned one.
    being_made = f"{directory}.{os.getpid()}-new"
    try:
        os.makedirs(directory.parent, exist_ok=True)
        os.mkdir(being_made, 0o700)
        lock = os.open(f"{being_made}/{_LOCK}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.rename(being_made, directory)
    except OSError as error:
        raise StateDirectoryError(
            f"cannot make {directory}: {error.strerror}",
            hint="Check that the state directory is on a local disk with room and is yours,"
            " or choose another with ORCHESTRATE_STATE_DIR.",
        ) from error
    return lock


def _spawn(directory: Path, control: int, lock: int) -> int:
    # dup2 in two steps, so that one descriptor is not overwritten before it was copied.
    spare = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 64) for fd in (control, lock)]
    try:
        return os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", "-S", _PROGRAM, os.path.abspath(directory), directory.name],
            {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
            | crash.for_supervisor(),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_DUP2, spare[0], _CONTROL_FD),
                (os.POSIX_SPAWN_DUP2, spare[1], _LOCK_FD),
            ],
            setsid=True,
            setsigmask=[],
        )
    finally:
        for fd in spare:
            os.close(fd)


def _connect(directory: Path) -> socket.socket | None:
    """A connection to whoever listens in `directory`; None if nobody does, or for the moment."""
    try:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    except OSError:
        return None
    try:
        system.use_socket(str(directory), _SOCKET, connection.connect)
        owner = system.peer_uid(connection)
    except OSError:
        connection.close()
        return None
    if owner != os.getuid():
        connection.close()
        raise StateDirectoryError(
            f"the supervisor in {directory} belongs to another user",
            hint="Resume the workflow as the user that started it.",
        )
    return connection
