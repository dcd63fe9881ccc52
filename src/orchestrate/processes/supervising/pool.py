"""The slots of a supervisor: forked when there is none to spare, used again, watched over."""

import os
import select
import socket

from orchestrate.processes.supervising import wire
from orchestrate.processes.supervising.stopping import Stopping
from orchestrate.processes.supervising.system import system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_IDLE = 16


class SlotProcess:
    """The supervisor's view of a slot."""

    __slots__ = ("attempt", "channel", "pid", "started")

    def __init__(self, pid: int, channel: wire.Channel) -> None:
        self.pid = pid
        self.channel = channel
        self.attempt = ""
        """What runs there; "" if it is idle."""
        self.started = b""
        """The last report of a start, for an engine that attaches later."""


class Pool:
    """Every slot that this supervisor has forked and that still lives."""

    def __init__(
        self, poll: select.poll, become_slot: "Callable[[socket.socket, socket.socket], None]"
    ) -> None:
        """`become_slot(connection, other_end)` is the life of the child; it never returns."""
        self._poll = poll
        self._become_slot = become_slot
        self.by_fd: dict[int, SlotProcess] = {}
        """Slots that run an attempt or are ready for one, by the descriptor of their channel."""
        self.retired: dict[int, SlotProcess] = {}
        """Slots that only stay the parents of what was left running."""
        self._idle: list[SlotProcess] = []
        self.lost: list[SlotProcess] = []
        """Slots that were killed while an attempt ran."""
        self._spared: set[int] = set()
        """What was left running on purpose, and lost the slot that was its parent."""
        self._sweep: Stopping | None = None

    def add(self) -> SlotProcess:
        """Fork a slot. Raises OSError if there is no room for one."""
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
        process = SlotProcess(pid, wire.Channel(ours))
        self.by_fd[process.channel.fileno()] = process
        self._poll.register(process.channel.fileno(), select.POLLIN)
        return process

    def take(self) -> SlotProcess:
        """A slot that is idle, or a new one. Raises OSError if there is no room for one."""
        return self._idle.pop() if self._idle else self.add()

    def give_back(self, process: SlotProcess) -> bool:
        """It is idle again. False if there are enough of those: then it is gone."""
        process.attempt = ""
        if len(self._idle) < _MOST_IDLE:
            self._idle.append(process)
            return True
        self.forget(process)
        return False

    def retire(self, process: SlotProcess) -> None:
        """It has told the end of its last attempt."""
        process.attempt = ""
        fd = process.channel.fileno()
        self.retired[fd] = self.by_fd.pop(fd)

    def forget(self, process: SlotProcess) -> None:
        """It has ended, or does so when its channel is closed."""
        fd = process.channel.fileno()
        self._poll.unregister(fd)
        self.by_fd.pop(fd, None)
        self.retired.pop(fd, None)
        if process in self._idle:
            self._idle.remove(process)
        process.channel.close()
        self.reap()

    def forget_retired(self, process: SlotProcess) -> None:
        """It has ended before what it was left with, which came to this process."""
        _collect(process.pid)
        self.forget(process)
        if not self.lost:
            self._spared.update(system.children(os.getpid()))
            self._spared -= self._slots()

    def running(self, attempt: str) -> SlotProcess | None:
        """The slot of an attempt."""
        for process in self.by_fd.values():
            if process.attempt == attempt:
                return process
        return None

    def channels(self) -> list[wire.Channel]:
        """Every connection to a slot."""
        return [process.channel for process in (*self.by_fd.values(), *self.retired.values())]

    def reap(self) -> bool:
        """Collect ended children. True if there are none but slots."""
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == 0:
                return not system.descendants(os.getpid(), self._not_swept())
            self._spared.discard(pid)

    def _slots(self) -> set[int]:
        return {process.pid for process in (*self.by_fd.values(), *self.retired.values())}

    def _not_swept(self) -> frozenset[int]:
        return frozenset(self._slots() | self._spared)

    def sweep(self) -> tuple[str, ...] | None:
        """End the trees of lost slots, which came to this process, their nearest subreaper.

        Gives what survived, described, or None as long as it is not done.
        """
        if self._sweep is None:
            self._sweep = Stopping(0.0, self._not_swept)
        if not self.reap():
            self._sweep.step(self.reap)
            if not self.reap() and not self._sweep.given_up:
                return None
        survivors = tuple(system.describe(pid) for pid in self._sweep.survivors)
        self._sweep = None
        return survivors


def _collect(pid: int) -> None:
    """Wait for a child that is about to end: only then what it was the parent of has moved up."""
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        return
