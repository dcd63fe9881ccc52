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
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.processes.supervising.handover import make_folder, remove_folder
from orchestrate.processes.supervising.ledger import Ledger
from orchestrate.processes.supervising.pool import Pool, SlotProcess
from orchestrate.processes.supervising.recording import Records
from orchestrate.processes.supervising.system import system

CONTROL_FD = 3
"""The connection to the engine that started this supervisor."""
LOCK_FD = 4
"""The file lock that says that somebody lives in the directory."""
SOCKET_NAME = "socket"
_MOST_WAITING = 256 * 1024 * 1024
"""Bytes that an engine may be behind before it is disconnected; it can attach again."""
_SWEEP_PAUSE = 0.02


class Supervisor:
    """The loop and everything that it holds."""

    def __init__(self, directory: str, name: str) -> None:
        self._directory = directory
        self._records = Records(directory)
        self._folder = make_folder(name, os.environ.get("XDG_RUNTIME_DIR", ""), directory)
        self._records.write(0, (wire.FORMAT, system.boot_id(), os.getpid(), self._folder))
        self._ledger = Ledger()
        self._poll = select.poll()
        self._pool = Pool(self._poll, self._become_slot)
        self._engines: dict[int, wire.Channel] = {}
        self._unflushed: set[wire.Channel] = set()
        self._blocked: set[wire.Channel] = set()
        self._tidy = False
        """The last engine said that nothing of it is open here."""
        self._listener = self._listen()

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        system.use_socket(self._directory, SOCKET_NAME, listener.bind)
        os.chmod(f"{self._directory}/{SOCKET_NAME}", 0o600)
        listener.listen(16)
        listener.setblocking(False)
        self._poll.register(listener, select.POLLIN)
        return listener

    # --- the loop

    def run(self, first: socket.socket) -> None:
        """Serve until nothing is left to do."""
        self._ledger.starter = self._add_engine(first)
        pool = self._pool
        self._prepare_slot()
        listener = self._listener.fileno()
        while self._engines or self._ledger.running or pool.lost:
            timeout = _SWEEP_PAUSE * 1000 if pool.lost else None
            for fd, event in self._poll.poll(timeout):
                if fd in pool.by_fd:
                    self._hear_slot(pool.by_fd[fd], event)
                elif fd in self._engines:
                    self._hear_engine(self._engines[fd], event)
                elif fd == listener:
                    self._accept()
                elif fd in pool.retired:
                    self._hear_retired(pool.retired[fd])
            if pool.lost:
                self._sweep_lost()
            self._flush()
            crash_point("supervisor.told")
        self._leave()

    def _prepare_slot(self) -> None:
        """Have one ready for the first launch, which makes its own if there is no room now."""
        try:
            self._pool.give_back(self._pool.add())
        except OSError:
            return

    def _flush(self) -> None:
        """Send what this round brought, and ask to be told when full sockets take more."""
        for channel in tuple(self._unflushed):
            channel.flush()
            if channel.ended:
                continue
            if channel.waiting > _MOST_WAITING and channel.fileno() in self._engines:
                self._drop_engine(channel)
            elif channel.is_blocked != (channel in self._blocked):
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

    def _tell_owner(self, attempt: str, body: bytes) -> None:
        owner = self._ledger.owner_of(attempt)
        if isinstance(owner, wire.Channel):
            self._queue(owner, wire.REPORT, body)

    def _leave(self) -> None:
        remove_folder(self._folder)
        try:
            os.unlink(f"{self._directory}/{SOCKET_NAME}")
            if self._tidy and not self._ledger.ends:
                for name in os.listdir(self._directory):
                    os.unlink(f"{self._directory}/{name}")
                os.rmdir(self._directory)
        except OSError:
            return  # what is left is removed with what nobody uses any more

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

    def _add_engine(self, connection: socket.socket) -> wire.Channel:
        channel = wire.Channel(connection)
        self._engines[channel.fileno()] = channel
        self._poll.register(channel.fileno(), select.POLLIN)
        return channel

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
            try:
                self._handle(channel, kind, body)
            except (ValueError, TypeError, EOFError):
                # Not an engine of this version. What runs here must not suffer from it.
                channel.ended = True
                break
        if channel.ended:
            self._drop_engine(channel)

    def _handle(self, channel: wire.Channel, kind: int, body: bytes) -> None:
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
                raise ValueError("an unknown request")

    def _launch(self, channel: wire.Channel, body: bytes) -> None:
        crash_point("supervisor.launch")
        attempt, workflow, epoch, call = wire.unpack(body)
        self._tidy = False
        refusal = self._ledger.admit(attempt, workflow, epoch, channel)
        if refusal:
            self._queue(channel, wire.REPORT, refused(attempt, refusal))
            return
        try:
            index = self._records.allocate()
        except OSError as error:
            self._ledger.forget(attempt)
            reason = f"there is no room for its record: {error.strerror}"
            self._queue(channel, wire.REPORT, refused(attempt, reason))
            return
        try:
            process = self._pool.take()
        except OSError as error:
            self._records.release(index)
            self._ledger.forget(attempt)
            reason = f"this host has no room for another process: {error.strerror}"
            self._queue(channel, wire.REPORT, refused(attempt, reason))
            return
        process.attempt = attempt
        process.started = b""
        self._ledger.begin(attempt, workflow, index)
        crash_point("supervisor.accepted")
        self._queue(process.channel, wire.LAUNCH, wire.pack((index, attempt, workflow, call)))

    def _stop(self, channel: wire.Channel, body: bytes) -> None:
        attempt, reason = wire.unpack(body)
        process = self._pool.running(attempt)
        if process is not None and self._ledger.owner_of(attempt) is channel:
            self._queue(process.channel, wire.STOP, wire.pack((reason,)))

    def _acknowledge(self, channel: wire.Channel, body: bytes) -> None:
        (attempt,) = wire.unpack(body)
        if self._ledger.owner_of(attempt) is not channel:
            return
        end = self._ledger.settle(attempt)
        if end is not None:
            if end.is_large:
                self._records.forget_outcome(end.index)
            self._records.release(end.index)
            crash_point("supervisor.acknowledged")

    def _fence(self, channel: wire.Channel, body: bytes) -> None:
        workflow, epoch = wire.unpack(body)
        highest = self._ledger.fence(workflow, epoch, channel)
        attempts = self._ledger.open_attempts(workflow) if highest == epoch else ()
        self._queue(channel, wire.FENCED, wire.pack((workflow, highest, attempts)))
        for attempt in attempts:
            process = self._pool.running(attempt)
            if process is not None and process.started:
                self._queue(channel, wire.REPORT, process.started)
            end = self._ledger.ends.get(attempt)
            if end is not None:
                self._queue(channel, wire.REPORT, end.report)

    # --- slots

    def _become_slot(self, connection: socket.socket, others_end: socket.socket) -> None:
        """In the child: keep nothing of the supervisor but the records and the lock."""
        code = 1
        try:
            others_end.close()
            self._listener.close()
            for channel in (*self._engines.values(), *self._pool.channels()):
                channel.fd.close()
            slot.serve(wire.Channel(connection), self._records, self._folder, LOCK_FD)
            code = 0
        except BaseException:
            _leave_traceback(self._directory)
        finally:
            os._exit(code)

    def _hear_slot(self, process: SlotProcess, event: int) -> None:
        if event & select.POLLOUT:
            self._unflushed.add(process.channel)
        for kind, body in process.channel.receive():
            if kind != wire.REPORT:
                crash_point("supervisor.ended")
            self._tell_owner(process.attempt, body)
            if kind == wire.REPORT:
                process.started = process.started or body
                continue
            self._ledger.end(process.attempt, body)
            if kind == wire.ENDED_AND_RETIRED:
                self._pool.retire(process)
            elif not self._pool.give_back(process):
                self._forget_channel(process.channel)
                return
        if process.channel.ended:
            if process.attempt:
                self._pool.lost.append(process)
            self._forget_channel(process.channel)
            self._pool.forget(process)

    def _hear_retired(self, process: SlotProcess) -> None:
        process.channel.receive()
        if process.channel.ended:
            self._forget_channel(process.channel)
            self._pool.forget_retired(process)

    def _forget_channel(self, channel: wire.Channel) -> None:
        self._unflushed.discard(channel)
        self._blocked.discard(channel)

    def _sweep_lost(self) -> None:
        """A slot was killed: nobody can say how its attempt would have ended."""
        survivors = self._pool.sweep()
        if survivors is None:
            return
        for process in self._pool.lost:
            attempt = process.attempt
            index = self._ledger.running[attempt].index
            body = wire.pack(self._records.mark_lost(index, attempt, survivors))
            self._tell_owner(attempt, body)
            self._ledger.end(attempt, body)
        self._pool.lost.clear()


def refused(attempt: str, reason: str) -> bytes:
    """The report of an attempt that is not started here."""
    return wire.pack(wire.report(attempt, "refused", message=reason))


def refuse_everything(engine: socket.socket, reason: str) -> None:
    """What a supervisor does that could not be set up: say why, as long as somebody asks."""
    channel = wire.Channel(engine)
    poll = select.poll()
    poll.register(channel.fileno(), select.POLLIN)
    while not channel.ended:
        poll.modify(channel.fileno(), select.POLLIN | (select.POLLOUT * channel.is_blocked))
        poll.poll()
        channel.flush()
        for kind, body in channel.receive():
            if kind == wire.LAUNCH:
                channel.send(wire.REPORT, refused(str(wire.unpack(body)[0]), reason))
            elif kind == wire.FENCE:
                channel.send(wire.FENCED, wire.pack((*wire.unpack(body), ())))


def _leave_traceback(directory: str) -> None:
    """Nobody reads the standard error of a supervisor: leave it in its directory."""
    try:
        with open(f"{directory}/crash", "a", encoding="utf-8") as sys.stderr:
            kind, error, trace = sys.exc_info()
            if kind is not None and error is not None:
                sys.excepthook(kind, error, trace)
    except OSError:
        return


def _close_what_was_inherited() -> None:
    """What whoever started the engine left open could be a pipe that somebody waits for."""
    for name in os.listdir("/dev/fd"):
        if int(name) > LOCK_FD:
            try:
                os.close(int(name))
            except OSError:
                continue
    os.set_inheritable(CONTROL_FD, False)
    os.set_inheritable(LOCK_FD, False)


def main(directory: str, name: str) -> None:
    """Run a supervisor in this process."""
    os.chdir("/")
    _close_what_was_inherited()
    for ignored in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(ignored, signal.SIG_IGN)
    engine = socket.socket(fileno=CONTROL_FD)
    try:
        system.become_subreaper()
        supervisor = Supervisor(directory, name)
    except OSError as error:
        refuse_everything(engine, f"the supervisor cannot work in {directory}: {error.strerror}")
        return
    try:
        supervisor.run(engine)
    except BaseException:
        _leave_traceback(directory)
        raise
