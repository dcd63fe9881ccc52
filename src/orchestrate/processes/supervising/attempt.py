"""One attempt in its slot: from the launch to the report of its end."""

import os
import signal
import time

from orchestrate.processes.supervising import launching, vigil, wire
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.processes.supervising.handover import LARGEST_OUTPUT, Handover
from orchestrate.processes.supervising.masking import Masker
from orchestrate.processes.supervising.output import STDERR, STDOUT, Capture, Pipes
from orchestrate.processes.supervising.recording import Records
from orchestrate.processes.supervising.stopping import Stopping
from orchestrate.processes.supervising.system import system

TICK = 0.5
"""Seconds between looks at progress, clocks and orphans."""
_TELL_AFTER = 0.02
"""Seconds after which a process is told as started; shorter ones are only told as finished."""
_LINGER = 0.05
"""Seconds in which what a successful process leaves behind may still be ending."""
_MOST_LISTED = 50


class Order:
    """What the slot was told to do: `launch.Launch` and the record that goes with it."""

    __slots__ = (
        "argv", "attempt", "deadline", "env", "grace", "index", "limit", "log", "masks", "tails",
        "vigil", "workdir", "workflow",
    )  # fmt: skip

    def __init__(self, body: bytes) -> None:
        self.index: int
        self.attempt: str
        self.workflow: str
        self.argv: tuple[str, ...]
        self.env: dict[str, str]
        self.workdir: str
        self.log: str
        self.deadline: float | None
        self.grace: float
        self.masks: tuple[str, ...]
        self.limit: int
        self.tails: tuple[str, ...]
        self.vigil: tuple[str, float] | None
        self.index, self.attempt, self.workflow, call = wire.unpack(body)
        (
            self.argv, self.env, self.workdir, self.log, self.deadline, self.grace,
            self.masks, self.limit, self.tails, self.vigil,
        ) = wire.unpack(call)  # fmt: skip


class Attempt:
    """A process, what it started, and its output."""

    def __init__(self, order: Order, records: Records, folder: str, pipes: Pipes) -> None:
        self._order = order
        self._records = records
        self._handover = Handover(folder, order.index)
        self._capture: Capture | None = None
        self._stopping: Stopping | None = None
        self.pid = 0
        self.status: int | None = None
        """The wait status of the main process once it has ended."""
        self.childless = False
        self.pipes = pipes
        self.exit_watch = -1
        self._stop_reason = ""
        self._stop_remark = ""
        self._deadline: float | None = None
        self._told = False
        self._linger_until = 0.0
        self._next_tick = 0.0
        self._left: tuple[int, ...] = ()
        self._extra: wire.Fields = (os.getpid(), self._handover.output, order.workflow)
        self._started_at = time.time()
        self._started = system.elapsed()

    # --- its start

    def start(self) -> wire.Fields | None:
        """Start the process. Gives the report of its end if it could not be started."""
        order = self._order
        try:
            self._record("spawning")
        except OSError as error:
            return self._could_not_start(
                launching.NOT_EXECUTABLE, f"its record cannot be written: {error.strerror}"
            )
        crash_point("slot.spawning")
        try:
            launching.enter(order.workdir)
            self.pipes.open()
            env = {
                **order.env,
                "ORCHESTRATE_OUTPUT": self._handover.output,
                "ORCHESTRATE_PROGRESS": self._handover.progress,
            }
            self.pid = launching.start(order.argv, env, *self.pipes.writing)
        except launching.CannotStartError as error:
            return self._could_not_start(error.exit_code, error.message)
        except OSError as error:
            return self._could_not_start(
                launching.NOT_EXECUTABLE, f"this host has no room for another process: {error}"
            )
        system.remember(self.pid)
        crash_point("slot.spawned")
        self._record_start()
        crash_point("slot.started")
        self.exit_watch = system.open_exit_watch(self.pid)
        if self.exit_watch < 0:
            # Nothing tells of its end but, in most cases, the end of its output.
            self.pipes.close_writing()
        self._capture = Capture(
            self.pipes.reading, order.log, order.limit, order.masks, order.tails
        )
        self._next_tick = self._started + TICK
        if order.deadline is not None:
            self._deadline = self._started + order.deadline
        return None

    def _could_not_start(self, exit_code: int, message: str) -> wire.Fields:
        return wire.report(
            self._order.attempt,
            "finished",
            exit_code=exit_code,
            message=self._mask(message),
            started_at=self._started_at,
            finished_at=time.time(),
        )

    def _record(self, phase: str) -> None:
        self._records.write_report(
            self._order.index,
            wire.report_of_start(self._order.attempt, phase, self.pid, self._started_at),
            self.extra(),
        )

    def _record_start(self) -> None:
        try:
            self._record("started")
        except OSError:
            return  # the record goes on to say that it was about to be started

    def started_report(self) -> wire.Fields:
        """What is told of a process that lives on."""
        self._told = True
        return wire.report_of_start(self._order.attempt, "started", self.pid, self._started_at)

    # --- while it runs

    def pause(self) -> float:
        """Seconds until `step` must be called even if nothing happens."""
        if self._stopping is not None:
            return self._stopping.pause()
        now = system.elapsed()
        if self._linger_until:
            return 0.002
        if not self._told:
            return max(0.0, self._started + _TELL_AFTER - now)
        if self.exit_watch < 0:
            return 0.01
        until = self._next_tick if self._deadline is None else min(self._next_tick, self._deadline)
        return max(0.0, until - now)

    def take_output(self, pipe: int) -> bool:
        """Read one of `pipes`. False if it has ended."""
        return self._capture is not None and self._capture.read(pipe)

    @property
    def is_stopping(self) -> bool:
        """Whether its tree is being ended."""
        return self._stopping is not None

    def stop(self, reason: str, remark: str = "") -> None:
        """Begin to end the whole tree: `stop`, `timeout`, or `kill` for no grace.

        `remark` is for the report, if it is not the engine that wants it.
        """
        self._stop_remark = self._stop_remark or remark
        if not self._stop_reason:
            self._stop_reason = "stop" if reason == "kill" else reason
        if self._stopping is None:
            self._stopping = Stopping(0.0 if reason == "kill" else self._order.grace)
        elif reason == "kill":
            self._stopping.hurry()

    def step(self) -> list[wire.Fields]:
        """Do what is due by the clock; gives reports on the way."""
        now = system.elapsed()
        reports: list[wire.Fields] = []
        if not self._told and self.status is None and now >= self._started + _TELL_AFTER:
            reports.append(self.started_report())
        if (
            self._deadline is not None
            and now >= self._deadline
            and self.status is None
            and not self._stop_reason
        ):
            self.stop("timeout")
        if self._stopping is not None:
            self._stopping.step(self.reap)
        if not self.childless and (
            now >= self._next_tick or self.exit_watch < 0 or self._stopping or self._linger_until
        ):
            self.reap()
        if now >= self._next_tick:
            self._next_tick = now + TICK
            self._keep_vigil()
            percent = self._handover.new_progress()
            if percent is not None:
                reports.append(
                    wire.report(self._order.attempt, "progress", pid=self.pid, percent=percent)
                )
        return reports

    def _keep_vigil(self) -> None:
        """End what nobody can ask for any more."""
        kept = self._order.vigil
        if kept is None or self.status is not None or self._stop_reason:
            return
        silence = vigil.silence(kept[0], self._started)
        if silence > kept[1]:
            self.stop("stop", f"nobody could be reached for {silence:.0f} s")

    def reap(self) -> bool:
        """Collect every child that has ended. True if there is none left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self.childless = system.tree_is_empty()
                return self.childless
            if pid == self.pid:
                self.status = status
            elif pid == 0:
                self.childless = False
                return False

    def is_over(self) -> bool:
        """Whether the outcome can be told: the process has ended, and its tree if it must."""
        if self._stopping is not None:
            return self._stopping.given_up or (self.status is not None and self.childless)
        if self.status is None:
            return False
        if self.childless:
            return True
        if self.status != 0:
            self._stopping = Stopping(self._order.grace)
            return False
        now = system.elapsed()
        if not self._linger_until:
            self._linger_until = now + _LINGER
        if now < self._linger_until:
            return False
        self._left = tuple(
            pid for pid, _ in system.descendants(os.getpid()) if system.is_running(pid)
        )
        return True

    # --- its end

    def finish(self) -> wire.Fields:
        """Take the rest of the output and give the report."""
        capture = self._capture
        assert capture is not None
        capture.drain()
        capture.finish()
        output = self._handover.read_output()
        survivors = self._stopping.survivors if self._stopping is not None else ()
        json_stdout = capture.json_stdout()
        return wire.report(
            self._order.attempt,
            "finished",
            pid=self.pid,
            exit_code=_exit_code(self.status),
            timed_out=self._stop_reason == "timeout",
            stopped=bool(self._stop_reason),
            message=self._mask("; ".join(self._remarks(capture))),
            output=None if output is None else self._mask(output),
            stdout=capture.tail(STDOUT),
            stderr=capture.tail(STDERR),
            json_stdout=json_stdout,
            left_running=self._described(self._left),
            survivors=self._described(survivors),
            started_at=self._started_at,
            finished_at=time.time(),
        )

    def _remarks(self, capture: Capture) -> list[str]:
        remarks = [self._stop_remark] if self._stop_remark else []
        if self.status is not None and os.WIFSIGNALED(self.status) and not self._stop_reason:
            remarks.append(f"killed by signal {_signal_name(os.WTERMSIG(self.status))}")
        if self._handover.problem:
            remarks.append(f"ORCHESTRATE_OUTPUT could not be read: {self._handover.problem}")
        if self._handover.too_large:
            remarks.append(
                f"ORCHESTRATE_OUTPUT holds more than {LARGEST_OUTPUT} bytes and was not read"
            )
        if capture.problem:
            remarks.append(capture.problem)
        return remarks

    def _described(self, pids: tuple[int, ...]) -> tuple[str, ...]:
        lines = [self._mask(system.describe(pid)) for pid in pids[:_MOST_LISTED]]
        if len(pids) > _MOST_LISTED:
            lines.append(f"and {len(pids) - _MOST_LISTED} more")
        return tuple(lines)

    def _mask(self, text: str) -> str:
        return Masker(self._order.masks).mask(text) if text and self._order.masks else text

    def extra(self) -> wire.Fields:
        """What the record says besides the report."""
        return self._extra

    def forget_handover(self) -> None:
        """Remove the files that the command may have left."""
        if self.pid:
            self._handover.remove()

    def close_exit_watch(self) -> None:
        """The process has ended."""
        if self.exit_watch >= 0:
            os.close(self.exit_watch)
            self.exit_watch = -1
        system.forget(self.pid)


def _exit_code(status: int | None) -> int | None:
    if status is None:
        return None
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _signal_name(number: int) -> str:
    try:
        return f"{number} ({signal.Signals(number).name[3:]})"
    except ValueError:
        return str(number)
