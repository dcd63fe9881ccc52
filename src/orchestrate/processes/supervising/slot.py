"""The process that runs one attempt after another: parent and subreaper of what it starts.

It goes on without an engine, and without its supervisor too: what it then cannot tell is in the
record. It is used again after a success or failure that left nothing behind; otherwise it retires:
it stays the parent of what lives on and drains its output, which nobody keeps any more, so that
those processes do not die of SIGPIPE.
"""

import os
import select
import signal

from orchestrate.processes.supervising import wire
from orchestrate.processes.supervising.attempt import Attempt, Order
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.processes.supervising.output import Pipes
from orchestrate.processes.supervising.recording import Records
from orchestrate.processes.supervising.system import system

_RETIRED_TICK = 5.0


class Slot:
    """Its connection to the supervisor and the attempt that it runs, if any."""

    def __init__(self, channel: wire.Channel, records: Records, folder: str, lock: int) -> None:
        self._channel = channel
        self._records = records
        self._lock = lock
        self._folder = folder
        self._poll = select.poll()
        self._control = channel.fileno()
        self._poll.register(self._control, select.POLLIN)
        self._pipes = Pipes()
        self._asked = ""
        """What a signal asked for: `stop` or `timeout`."""

    def serve(self) -> None:
        """Run attempts until the supervisor is gone and nothing is left to do."""
        system.become_subreaper()
        self._open_next_pipes()
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGUSR1, self._on_signal)
        while True:
            frames = self._receive_blocking()
            for at, (kind, body) in enumerate(frames):
                if kind == wire.LAUNCH and not self._run(Order(body), frames[at + 1 :]):
                    return
            if self._channel.ended:
                return

    def _on_signal(self, number: int, _: object) -> None:
        # How engines ask a slot whose supervisor was killed; also a host that shuts down.
        self._asked = "stop" if number == signal.SIGTERM else "timeout"

    def _receive_blocking(self) -> list[tuple[int, bytes]]:
        while True:
            self._poll.poll()
            frames = self._channel.receive()
            if frames or self._channel.ended:
                return frames

    def _run(self, order: Order, requests: list[tuple[int, bytes]]) -> bool:
        """Run one attempt to its end. True if the slot can run another.

        `requests` came together with the order: somebody wants it stopped already.
        """
        self._asked = ""
        crash_point("slot.accepted")
        attempt = Attempt(order, self._records, self._folder, self._pipes)
        report = attempt.start()
        if report is None:
            self._obey(attempt, requests)
            self._watch(attempt)
            report = attempt.finish()
        retires = attempt.pid != 0 and not attempt.childless
        self._tell_end(order.index, report, attempt.extra(), retires=retires)
        crash_point("slot.told")
        # From here on nobody waits.
        os.chdir("/")
        attempt.forget_handover()
        if retires:
            self._retire(attempt)
            return False
        for pipe in self._pipes.reading:
            self._forget(pipe)
        self._pipes.close()
        self._open_next_pipes()
        return True

    def _open_next_pipes(self) -> None:
        try:
            self._pipes.open()
        except OSError:
            # The next attempt tries again, and says so if it fails.
            self._pipes.close()

    def _watch(self, attempt: Attempt) -> None:
        """Until the attempt is over: its output, requests, the clock."""
        poll = self._poll
        for fd in (*self._pipes.reading, attempt.exit_watch):
            if fd >= 0:
                poll.register(fd, select.POLLIN)
        while not attempt.is_over():
            self._handle(attempt, poll.poll(attempt.pause() * 1000))
        if attempt.exit_watch >= 0:
            poll.unregister(attempt.exit_watch)
        attempt.close_exit_watch()

    def _handle(self, attempt: Attempt, events: list[tuple[int, int]]) -> None:
        for fd, _ in events:
            if fd == attempt.exit_watch:
                attempt.reap()
                if attempt.status is not None:
                    self._poll.unregister(fd)
                    attempt.close_exit_watch()
            elif fd == self._control:
                self._take_requests(attempt)
            elif not attempt.take_output(fd):
                self._poll.unregister(fd)
        if self._asked:
            attempt.stop(
                "kill" if attempt.is_stopping else self._asked,
                remark="" if self._channel.ended else "stopped by a signal to its slot",
            )
            self._asked = ""
        for report in attempt.step():
            self._send(wire.REPORT, wire.pack(report))

    def _take_requests(self, attempt: Attempt) -> None:
        self._channel.flush()
        self._obey(attempt, self._channel.receive())
        if self._channel.ended:
            self._forget(self._control)
            if not system.SLOTS_CAN_BE_ADOPTED:
                attempt.stop("stop")

    def _obey(self, attempt: Attempt, requests: list[tuple[int, bytes]]) -> None:
        for kind, body in requests:
            if kind == wire.STOP:
                attempt.stop(str(wire.unpack(body)[0]))

    def _send(self, kind: int, body: bytes) -> None:
        if not self._channel.ended:
            self._channel.send(kind, body)

    def _tell_end(
        self, index: int, report: wire.Fields, extra: wire.Fields, *, retires: bool
    ) -> None:
        crash_point("slot.ended")
        try:
            self._records.write_report(index, report, extra)
        except OSError as error:
            # What fits into the record is in it. An engine that is connected gets everything.
            report = wire.with_remark(report, f"its output could not be recorded: {error.strerror}")
        crash_point("slot.recorded")
        body = wire.pack(report)
        self._send(wire.ENDED_AND_RETIRED if retires else wire.ENDED, body)
        while self._channel.waiting and not self._channel.ended:
            waiting = select.poll()
            waiting.register(self._control, select.POLLOUT)
            waiting.poll(1000)
            self._channel.flush()

    def _forget(self, fd: int) -> None:
        try:
            self._poll.unregister(fd)
        except KeyError:
            return

    def _retire(self, attempt: Attempt) -> None:
        """Stay as long as there are children, or somebody writes into the pipes."""
        # The outcome is told: the directory is no longer in use on our behalf.
        os.close(self._records.fd)
        os.close(self._lock)
        self._pipes.close_writing()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if self._asked:
            return  # that signal came while the end was told
        open_pipes = {pipe for pipe in self._pipes.reading if self._still_registered(pipe)}
        self._hear_whether_alone()
        if self._channel.ended:
            # Engines wait for the end of a slot that lost its supervisor: a child of it goes on.
            if open_pipes and _is_child():
                while open_pipes:
                    self._drop_output(open_pipes)
            return
        while not attempt.reap() and (open_pipes or not self._channel.ended):
            self._drop_output(open_pipes)

    def _drop_output(self, open_pipes: set[int]) -> None:
        """Wait, and read what nobody keeps."""
        for fd, _ in self._poll.poll(_RETIRED_TICK * 1000):
            if fd == self._control:
                self._hear_whether_alone()
            elif not _discard(fd):
                self._forget(fd)
                open_pipes.discard(fd)

    def _hear_whether_alone(self) -> None:
        if not self._channel.ended:
            self._channel.receive()
        if self._channel.ended:
            self._forget(self._control)

    def _still_registered(self, pipe: int) -> bool:
        try:
            self._poll.modify(pipe, select.POLLIN)
        except (KeyError, OSError):
            return False
        return True


def _is_child() -> bool:
    """Fork. In a parent, or if there is no room for another process, False."""
    try:
        return os.fork() == 0
    except OSError:
        return False


def _discard(pipe: int) -> bool:
    try:
        return bool(os.read(pipe, 65536))
    except BlockingIOError:
        return True


def serve(channel: wire.Channel, records: Records, folder: str, lock: int) -> None:
    """The whole life of a slot process."""
    Slot(channel, records, folder, lock).serve()
