"""The supervisor: takes requests from engines, hands them to slots, and reports back.

It goes on when an engine dies. It ends when no attempt runs and no engine is connected; everything
that it knows is in its records by then.
"""

import os
import select
import signal
import socket
import sys

from orchestrate.processes.supervising import slot, wire
from orchestrate.processes.supervising.handover import make_folder, remove_folder
from orchestrate.processes.supervising.ledger import Ledger
from orchestrate.processes.supervising.recording import Records
from orchestrate.processes.supervising.stopping import Stopping
from orchestrate.processes.supervising.system import system

CONTROL_FD = 3
"""The connection to the engine that started this supervisor."""
LOCK_FD = 4
"""The file lock that says that somebody lives in the directory."""
SOCKET_NAME = "socket"
_MOST_IDLE_SLOTS = 16
_MOST_WAITING = 256 * 1024 * 1024
"""Bytes that an engine may be behind before it is disconnected; it can attach again."""
_SWEEP_PAUSE = 0.02


class _SlotProcess:
    """The supervisor's view of a slot."""

    __slots__ = ("attempt", "channel", "pid", "started")

    def __init__(self, pid: int, channel: wire.Channel) -> None:
        self.pid = pid
        self.channel = channel
        self.attempt = ""
        """What runs there; "" if it is idle."""
        self.started = b""
        """The last report of a start, for an engine that attaches later."""


class Supervisor:
    """The loop and everything that it holds."""

    def __init__(self, directory: str, name: str) -> None:
        self._directory = directory
        self._records = Records(directory)
        self._folder = make_folder(name, os.environ.get("XDG_RUNTIME_DIR", ""), directory)
        self._records.write(0, (wire.FORMAT, system.boot_id(), os.getpid(), self._folder))
        self._ledger = Ledger()
        self._poll = select.poll()
        self._engines: dict[int, wire.Channel] = {}
        self._slots: dict[int, _SlotProcess] = {}
        self._retired: dict[int, _SlotProcess] = {}
        self._idle: list[_SlotProcess] = []
        self._lost: list[_SlotProcess] = []
        self._sweep: Stopping | None = None
        self._unflushed: set[wire.Channel] = set()
        self._blocked: set[wire.Channel] = set()
        self._tidy = False
        """The last engine said that nothing of it is open here."""
        self._listener = self._listen()

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        directory = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            listener.bind(system.short_path(directory, SOCKET_NAME))
        finally:
            os.close(directory)
        os.chmod(f"{self._directory}/{SOCKET_NAME}", 0o600)
        listener.listen(16)
        listener.setblocking(False)
        self._poll.register(listener, select.POLLIN)
        return listener

    # --- the loop

    def run(self, first: socket.socket) -> None:
        """Serve until nothing is left to do."""
        self._add_engine(first)
        self._idle.append(self._new_slot())
        listener = self._listener.fileno()
        while self._engines or self._ledger.running or self._lost:
            timeout = _SWEEP_PAUSE * 1000 if self._lost else None
            for fd, event in self._poll.poll(timeout):
                if fd in self._slots:
                    self._hear_slot(self._slots[fd], event)
                elif fd in self._engines:
                    self._hear_engine(self._engines[fd], event)
                elif fd == listener:
                    self._accept()
                else:
                    self._hear_retired(fd)
            if self._lost:
                self._sweep_lost()
            self._flush()
        self._leave()

    def _flush(self) -> None:
        """Send what this round brought, and ask to be told when full sockets take more."""
        for channel in self._unflushed:
            channel.flush()
            if channel.ended:
                continue
            if channel.waiting > _MOST_WAITING and channel.fileno() in self._engines:
                self._drop_engine(channel)
                continue
            if channel.is_blocked != (channel in self._blocked):
                self._await_room(channel)
        self._unflushed.clear()

    def _await_room(self, channel: wire.Channel) -> None:
        if channel.is_blocked:
            self._blocked.add(channel)
            self._poll.modify(channel.fileno(), select.POLLIN | select.POLLOUT)
        else:
            self._blocked.discard(channel)
            self._poll.modify(channel.fileno(), select.POLLIN)

    def _queue(self, channel: wire.Channel, kind: int, body: bytes) -> None:
        channel.queue(kind, body)
        self._unflushed.add(channel)

    def _leave(self) -> None:
        remove_folder(self._folder)
        os.unlink(f"{self._directory}/{SOCKET_NAME}")
        if self._tidy and not self._ledger.ends:
            for name in os.listdir(self._directory):
                os.unlink(f"{self._directory}/{name}")
            os.rmdir(self._directory)

    # --- engines

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        if system.peer_uid(connection) != os.getuid():
            connection.close()
            return
        self._add_engine(connection)

    def _add_engine(self, connection: socket.socket) -> None:
        channel = wire.Channel(connection)
        self._engines[channel.fileno()] = channel
        self._poll.register(channel.fileno(), select.POLLIN)

    def _drop_engine(self, channel: wire.Channel) -> None:
        self._poll.unregister(channel.fileno())
        del self._engines[channel.fileno()]
        self._unflushed.discard(channel)
        self._blocked.discard(channel)
        self._ledger.forget_engine(channel)
        channel.close()

    def _hear_engine(self, channel: wire.Channel, event: int) -> None:
        if event & select.POLLOUT:
            self._unflushed.add(channel)
        for kind, body in channel.receive():
            match kind:
                case wire.LAUNCH:
                    self._launch(channel, body)
                case wire.STOP:
                    self._stop(channel, body)
                case wire.ACKNOWLEDGE:
                    self._acknowledge(channel, body)
                case wire.FENCE:
                    self._fence(channel, body)
                case wire.GOODBYE:
                    self._tidy = True
                case _:
                    channel.ended = True
        if channel.ended:
            self._drop_engine(channel)

    def _launch(self, channel: wire.Channel, body: bytes) -> None:
        attempt, workflow, epoch, call = wire.unpack(body)
        attempt, workflow = str(attempt), str(workflow)
        self._tidy = False
        refusal = self._ledger.admit(attempt, workflow, _number(epoch), channel)
        if refusal:
            self._refuse(channel, attempt, refusal)
            return
        try:
            index = self._records.allocate()
        except OSError as error:
            self._ledger.forget(attempt)
            self._refuse(channel, attempt, f"no room for its record: {error.strerror}")
            return
        try:
            process = self._idle.pop() if self._idle else self._new_slot()
        except OSError as error:
            self._records.release(index)
            self._ledger.forget(attempt)
            self._refuse(channel, attempt, f"no room for another process: {error.strerror}")
            return
        process.attempt = attempt
        process.started = b""
        self._ledger.begin(attempt, workflow, index)
        self._queue(process.channel, wire.LAUNCH, wire.pack((index, attempt, workflow, call)))

    def _refuse(self, channel: wire.Channel, attempt: str, message: str) -> None:
        report = wire.report(attempt, "refused", message=message)
        self._queue(channel, wire.REPORT, wire.pack(report))

    def _stop(self, channel: wire.Channel, body: bytes) -> None:
        attempt, reason = wire.unpack(body)
        if self._ledger.owner_of(str(attempt)) is not channel:
            return
        for process in self._slots.values():
            if process.attempt == attempt:
                self._queue(process.channel, wire.STOP, wire.pack((reason,)))

    def _acknowledge(self, channel: wire.Channel, body: bytes) -> None:
        attempt = str(wire.unpack(body)[0])
        if self._ledger.owner_of(attempt) is not channel:
            return
        end = self._ledger.settle(attempt)
        if end is not None:
            if end.is_large:
                self._records.forget_outcome(end.index)
            self._records.release(end.index)

    def _fence(self, channel: wire.Channel, body: bytes) -> None:
        workflow, epoch = wire.unpack(body)
        workflow = str(workflow)
        highest = self._ledger.fence(workflow, _number(epoch), channel)
        attempts = self._ledger.open_attempts(workflow) if highest == epoch else ()
        self._queue(channel, wire.FENCED, wire.pack((workflow, highest, attempts)))
        if highest != epoch:
            return
        for process in self._slots.values():
            if process.attempt in attempts and process.started:
                self._queue(channel, wire.REPORT, process.started)
        for attempt in attempts:
            end = self._ledger.ends.get(attempt)
            if end is not None:
                self._queue(channel, wire.REPORT, end.report)

    # --- slots

    def _new_slot(self) -> _SlotProcess:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            pid = os.fork()
        except OSError:
            ours.close()
            theirs.close()
            raise
        if pid == 0:
            self._become_slot(theirs, ours)
        theirs.close()
        process = _SlotProcess(pid, wire.Channel(ours))
        fd = process.channel.fileno()
        self._slots[fd] = process
        self._poll.register(fd, select.POLLIN)
        return process

    def _become_slot(self, connection: socket.socket, others_end: socket.socket) -> None:
        """In the child: keep nothing of the supervisor but the records and the lock."""
        code = 1
        try:
            others_end.close()
            self._listener.close()
            for channel in (*self._engines.values(), *(s.channel for s in self._slots.values())):
                channel.fd.close()
            for process in self._retired.values():
                process.channel.fd.close()
            slot.serve(wire.Channel(connection), self._records, self._folder, LOCK_FD)
            code = 0
        except BaseException:
            _leave_traceback(self._directory)
        finally:
            os._exit(code)

    def _hear_slot(self, process: _SlotProcess, event: int) -> None:
        if event & select.POLLOUT:
            self._unflushed.add(process.channel)
        for kind, body in process.channel.receive():
            owner = self._ledger.owner_of(process.attempt)
            if isinstance(owner, wire.Channel):
                self._queue(owner, wire.REPORT, body)
            if kind == wire.REPORT:
                if not process.started:
                    process.started = body
                continue
            self._ledger.end(process.attempt, body)
            process.attempt = ""
            if kind == wire.ENDED_AND_RETIRED:
                fd = process.channel.fileno()
                self._retired[fd] = self._slots.pop(fd)
            elif len(self._idle) < _MOST_IDLE_SLOTS:
                self._idle.append(process)
            else:
                self._forget_slot(process)
                return
        if process.channel.ended:
            if process.channel.fileno() in self._retired:
                self._hear_retired(process.channel.fileno())
                return
            if process in self._idle:
                self._idle.remove(process)
            self._forget_slot(process)
            if process.attempt:
                self._lost.append(process)

    def _forget_slot(self, process: _SlotProcess) -> None:
        fd = process.channel.fileno()
        self._poll.unregister(fd)
        del self._slots[fd]
        self._unflushed.discard(process.channel)
        self._blocked.discard(process.channel)
        process.channel.close()
        self._reap()

    def _hear_retired(self, fd: int) -> None:
        process = self._retired.get(fd)
        if process is None:
            return
        process.channel.receive()
        if process.channel.ended:
            self._poll.unregister(fd)
            del self._retired[fd]
            process.channel.close()
            self._reap()

    def _own_slots(self) -> frozenset[int]:
        processes = (*self._slots.values(), *self._retired.values())
        return frozenset(process.pid for process in processes)

    def _reap(self) -> bool:
        """Collect ended children. True if there are none but slots."""
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == 0:
                return not system.descendants(os.getpid(), self._own_slots())

    def _sweep_lost(self) -> None:
        """A slot was killed, so its tree came to us: nobody can say how it would have ended."""
        if self._sweep is None:
            self._sweep = Stopping(0.0, self._own_slots())
        if not self._reap():
            self._sweep.step(self._reap)
            if not self._reap() and not self._sweep.given_up:
                return
        survivors = tuple(system.describe(pid) for pid in self._sweep.survivors)
        self._sweep = None
        for process in self._lost:
            self._report_lost(process.attempt, survivors)
        self._lost.clear()

    def _report_lost(self, attempt: str, survivors: tuple[str, ...]) -> None:
        report = wire.report(
            attempt,
            "lost",
            message="the process that watched over it was killed; what it had started was stopped",
            survivors=survivors,
        )
        running = self._ledger.running[attempt]
        self._records.write_report(running.index, report, (0, "", running.workflow))
        body = wire.pack(report)
        owner = self._ledger.owner_of(attempt)
        if isinstance(owner, wire.Channel):
            self._queue(owner, wire.REPORT, body)
        self._ledger.end(attempt, body)


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("an epoch is a number")
    return value


def _leave_traceback(directory: str) -> None:
    """Nobody reads the standard error of a supervisor: leave it in its directory."""
    try:
        with open(f"{directory}/crash", "a", encoding="utf-8") as sys.stderr:
            kind, error, trace = sys.exc_info()
            if kind is not None and error is not None:
                sys.excepthook(kind, error, trace)
    except OSError:
        return


def main(directory: str, name: str) -> None:
    """Run a supervisor in this process."""
    os.chdir("/")
    # What whoever started the engine left open is none of ours: it could be a pipe that somebody
    # waits for.
    os.closerange(LOCK_FD + 1, os.sysconf("SC_OPEN_MAX"))
    os.set_inheritable(CONTROL_FD, False)
    os.set_inheritable(LOCK_FD, False)
    for ignored in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(ignored, signal.SIG_IGN)
    try:
        system.become_subreaper()
        Supervisor(directory, name).run(socket.socket(fileno=CONTROL_FD))
    except BaseException:
        _leave_traceback(directory)
        raise
