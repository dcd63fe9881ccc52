"""Slots whose supervisor was killed: they go on, and can still be waited for and stopped."""

import os
import select
import signal
from contextlib import suppress
from pathlib import Path

from orchestrate.processes import records
from orchestrate.processes.client import Supervisor, SupervisorGoneError
from orchestrate.processes.launch import Launch, Report
from orchestrate.processes.leftovers import stop_unwatched
from orchestrate.processes.supervising.system import system

_SIGNALS = {"stop": signal.SIGTERM, "kill": signal.SIGTERM, "timeout": signal.SIGUSR1}
"""How a slot without a supervisor is asked; a second request leaves no grace."""


class OrphanedSlots(Supervisor):
    """The same conversation, held with signals and records instead of a socket.

    Nothing can be launched here. Fencing needs no epochs, because nobody else can launch either.
    """

    def __init__(self, directory: Path) -> None:
        """Watch every slot that still runs an attempt."""
        self.directory = directory
        self.id = directory.name
        self._watch = select.epoll()
        self._slots: dict[int, records.Record] = {}
        for record in records.read_all(directory):
            if record.report.phase in records.OPEN_PHASES and record.slot > 0:
                fd = system.open_exit_watch(record.slot)
                # Looked at again after the pidfd was opened: only then the pid is surely its own.
                if fd >= 0 and records.is_slot(record.slot):
                    self._slots[fd] = record
                    self._watch.register(fd, select.EPOLLIN)
                elif fd >= 0:
                    os.close(fd)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to wait for."""
        return not self._slots

    def fileno(self) -> int:
        """Readable when a slot has ended."""
        return self._watch.fileno()

    @property
    def wants_write(self) -> bool:
        """Never: requests are signals."""
        return False

    def flush(self) -> None:
        """Nothing waits."""

    def queue_launch(self, launch: Launch) -> None:
        """Impossible here."""
        del launch
        raise self._gone()

    def stop(self, attempt: str, reason: str) -> None:
        """Ask the slot to end its process tree."""
        for fd, record in self._slots.items():
            if record.report.attempt == attempt:
                with suppress(ProcessLookupError):  # it ended this moment: `receive` tells how
                    signal.pidfd_send_signal(fd, _SIGNALS[reason])

    def fence(self, workflow: str, epoch: int) -> tuple[str, ...]:
        """The attempts of that workflow that slots go on with."""
        del epoch
        return tuple(r.report.attempt for r in self._slots.values() if r.workflow == workflow)

    def acknowledge(self, attempt: str) -> None:
        """Nobody keeps anything but the records."""

    def receive(self) -> list[Report]:
        """The ends of attempts whose slots have ended."""
        reports: list[Report] = []
        for fd, _ in self._watch.poll(0):
            self._watch.unregister(fd)
            os.close(fd)
            reports.append(self._end_of(self._slots.pop(fd)))
        if not reports and not self._slots:
            raise self._gone()
        return reports

    def close(self, *, detach: bool = True) -> None:
        """Stop watching."""
        del detach
        for fd in self._slots:
            os.close(fd)
        self._slots.clear()
        self._watch.close()

    def reap(self) -> None:
        """They are not children of this process."""

    def _end_of(self, before: records.Record) -> Report:
        for record in records.read_all(self.directory):
            if record.report.attempt == before.report.attempt:
                if record.report.phase not in records.OPEN_PHASES:
                    return record.report
                before = record
        return before.report._replace(
            phase="lost",
            message="the processes that watched over it were killed",
            survivors=stop_unwatched(before),
        )

    def _gone(self) -> SupervisorGoneError:
        return SupervisorGoneError(
            f"the supervisor {self.id} was killed, and its last step has ended",
            hint="Resume the workflow: what its steps left is read from the records.",
        )
