"""The supervisors that this process talks to: its own, and those of owners before it.

Reports are routed to the workflow that they belong to. When a supervisor dies, its slots may go on
with what they run: they are attached to like the supervisor itself. For what nobody has any more,
the records that it leaves say what is known.
"""

import os
import select
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

from orchestrate.errors import OrchestrateError
from orchestrate.launching.watching import Loop
from orchestrate.processes import host, records
from orchestrate.processes.client import Supervisor, SupervisorGoneError
from orchestrate.processes.launch import Launch, Report

_GATHERING = 0.0015
"""Seconds in which ends of attempts are gathered, if many run."""
_ENOUGH_WORK = 2 * (os.cpu_count() or 1)
"""Attempts under way that keep every core busy while ends are gathered."""
_MOST_DEATHS = 3
"""Supervisors of this process that may die one after another without a sign of life."""


class SupervisorUnfitError(OrchestrateError):
    """On this host supervisors end as soon as they are started."""

    code = "supervisor-unfit"


class Receiver(Protocol):
    """A workflow that is run here."""

    @property
    def epoch(self) -> int:
        """With which it is owned."""
        ...

    def reported(self, attempt: int, report: Report) -> None:
        """A report about one of its attempts."""
        ...

    def vanished(self, attempt: int, survivors: tuple[str, ...]) -> None:
        """The supervisor died with this attempt under way: nobody can say how it ended.
        `survivors` are processes of it that could not be ended.
        """
        ...

    def never_started(self, attempt: int) -> None:
        """The supervisor died, or was fenced, before it started this attempt."""
        ...

    def give_up(self, error: OrchestrateError) -> None:
        """Nothing can be done or concluded for it here; the workflow stays as it is."""
        ...

    def flush(self) -> None:
        """That was all for now: what followed from it may be made durable."""
        ...

    def supervisor_changed(self, supervisor: str) -> None:
        """From now on this process's attempts are started by another supervisor."""
        ...


def split(attempt: str) -> tuple[str, int]:
    """`WF-2026-001/17` as workflow and number."""
    workflow, _, number = attempt.rpartition("/")
    return workflow, int(number)


class Supervision:
    """All connections to supervisors, watched by the loop."""

    def __init__(
        self, state: Path, loop: Loop, own: Supervisor | None, spawn: Callable[[], Supervisor]
    ) -> None:
        """`spawn` starts a supervisor of this process's own, if it has none or that has died."""
        self._state = state
        self._loop = loop
        self._own = own
        self._spawn = spawn
        self._connected: dict[str, Supervisor] = {}
        self._holder: dict[str, str] = {}
        """Attempt → id of the supervisor that has it."""
        self._stops: dict[str, str] = {}
        """Attempts that were asked to end, and why, until their end is acknowledged."""
        self._receivers: dict[str, Receiver] = {}
        self._deaths = 0
        if own is not None:
            self._connect(own)

    @property
    def own(self) -> Supervisor:
        """The supervisor that starts this process's attempts; spawned now if there is none."""
        if self._own is None:
            self._own = self._spawn()
            self._connect(self._own)
        return self._own

    def add(self, workflow: str, receiver: Receiver) -> None:
        """Route the reports of a workflow."""
        self._receivers[workflow] = receiver

    def remove(self, workflow: str) -> None:
        """Route nothing to it any more."""
        self._receivers.pop(workflow, None)

    def launch(self, launch: Launch) -> None:
        """Start an attempt, once `send_launches` is called. A supervisor that is gone already is
        reported like a later death.
        """
        supervisor = self.own
        self._holder[launch.attempt] = supervisor.id
        supervisor.queue_launch(launch)

    def send_launches(self) -> None:
        """Have the supervisor told of the launches."""
        supervisor = self.own
        self._tell(supervisor, supervisor.flush)

    def stop(self, attempt: str, reason: str) -> None:
        """End an attempt, wherever it runs; nothing happens if it has ended."""
        self._stops[attempt] = reason
        supervisor = self._connected.get(self._holder.get(attempt, ""))
        if supervisor is not None:
            self._tell(supervisor, lambda: supervisor.stop(attempt, reason))

    def acknowledge(self, attempt: str) -> None:
        """The end of an attempt is durable."""
        self._stops.pop(attempt, None)
        supervisor = self._connected.get(self._holder.pop(attempt, ""))
        if supervisor is not None:
            self._tell(supervisor, lambda: supervisor.acknowledge(attempt))

    def fence(self, name: str, workflow: str, epoch: int) -> "Fenced":
        """Take over what an earlier owner had under the supervisor `name`.

        Raises SupervisorStuckError if something of it lives and does not answer.
        """
        directory = self._state / "supervisors" / name
        while (supervisor := self._connected.get(name) or Supervisor.attach(directory)) is not None:
            try:
                held = supervisor.fence(workflow, epoch)
            except SupervisorGoneError:
                if supervisor is self._own:
                    raise  # the loop finds out, and has another one started
                # It died while it was asked: its slots may go on. What others have there is found
                # out about in a turn of its own.
                left = self._part(supervisor)
                self._loop.post(partial(self._find_out, name, left))
                continue
            except OrchestrateError:
                if name not in self._connected:
                    supervisor.close()
                raise
            if name not in self._connected:
                self._connect(supervisor)
            self._holder.update(dict.fromkeys(held, name))
            # A report that came along with the answer wakes nobody any more.
            self._loop.post(partial(self._ready, supervisor))
            return Fenced(directory, frozenset(held))
        return Fenced(directory, frozenset())

    def _connect(self, supervisor: Supervisor) -> None:
        self._connected[supervisor.id] = supervisor
        self._watch(supervisor)

    def _watch(self, supervisor: Supervisor) -> None:
        self._loop.watch(
            supervisor.fileno(), lambda: self._ready(supervisor), writable=supervisor.wants_write
        )

    def _tell(self, supervisor: Supervisor, say: Callable[[], None]) -> None:
        try:
            say()
        except SupervisorGoneError:
            self._loop.post(lambda: self._gone(supervisor))
            return
        if supervisor.wants_write:
            self._watch(supervisor)

    def _ready(self, supervisor: Supervisor) -> None:
        if self._connected.get(supervisor.id) is not supervisor:
            return
        try:
            if supervisor.wants_write:
                supervisor.flush()
                self._watch(supervisor)
            reports = supervisor.receive()
            self._gather(supervisor, reports)
        except SupervisorGoneError:
            self._gone(supervisor)
            return
        except OrchestrateError as error:
            self._give_up(supervisor, error)
            return
        if supervisor is self._own and reports:
            self._deaths = 0
        told: dict[str, Receiver] = {}
        for report in reports:
            workflow, number = split(report.attempt)
            receiver = self._receivers.get(workflow)
            if receiver is not None:
                receiver.reported(number, report)
                told[workflow] = receiver
        for receiver in told.values():
            receiver.flush()

    def _gather(self, supervisor: Supervisor, reports: list[Report]) -> None:
        """Take what else arrives within a moment, as long as every core has work without it.

        Ends that are told together share one commit and one message that starts what follows.
        """
        until = 0.0
        while len(self._holder) - len(reports) > _ENOUGH_WORK:
            now = time.monotonic()
            until = until or now + _GATHERING
            if now >= until:
                return
            poll = select.poll()
            poll.register(supervisor.fileno(), select.POLLIN)
            poll.poll((until - now) * 1000)
            try:
                reports += supervisor.receive()
            except SupervisorGoneError:
                return  # found out again once these reports are delivered

    def _gone(self, supervisor: Supervisor) -> None:
        """A supervisor died: its slots go on, or its records say what is known."""
        if self._connected.get(supervisor.id) is not supervisor:
            return
        left = self._part(supervisor)
        if supervisor is self._own:
            self._replace_own()
        self._find_out(supervisor.id, left)

    def _part(self, supervisor: Supervisor) -> list[str]:
        """Let go of a supervisor that died; gives the attempts that it had."""
        if self._connected.get(supervisor.id) is not supervisor:
            supervisor.close()
            return []
        self._disconnect(supervisor, detach=True)
        left = [attempt for attempt, held in self._holder.items() if held == supervisor.id]
        for attempt in left:
            del self._holder[attempt]
        return left

    def _find_out(self, name: str, left: list[str]) -> None:
        """Tell what became of attempts whose supervisor died."""
        for workflow in dict.fromkeys(split(attempt)[0] for attempt in left):
            receiver = self._receivers.get(workflow)
            if receiver is None:
                continue
            try:
                judge = self.fence(name, workflow, receiver.epoch)
                for attempt in left:
                    if split(attempt)[0] == workflow:
                        tell(receiver, attempt, (judge,))
                        self._stop_again(attempt)
            except OrchestrateError as error:
                receiver.give_up(error)
        for receiver in tuple(self._receivers.values()):
            receiver.flush()

    def _give_up(self, supervisor: Supervisor, error: OrchestrateError) -> None:
        """It has something to say that cannot be read."""
        for workflow in dict.fromkeys(split(attempt)[0] for attempt in self._part(supervisor)):
            if (receiver := self._receivers.get(workflow)) is not None:
                receiver.give_up(error)

    def _stop_again(self, attempt: str) -> None:
        """What was asked of a connection that broke may never have arrived."""
        if attempt in self._holder and attempt in self._stops:
            self.stop(attempt, self._stops[attempt])

    def _replace_own(self) -> None:
        """Start another supervisor, unless they die as fast as they are started."""
        self._own = None
        self._deaths += 1
        for receiver in tuple(self._receivers.values()):
            if self._deaths > _MOST_DEATHS:
                receiver.give_up(_unfit())
                continue
            try:
                receiver.supervisor_changed(self.own.id)
            except OrchestrateError as error:
                receiver.give_up(error)

    def settle(self, is_needed: Callable[[str], bool]) -> None:
        """A workflow is no longer run here: leave earlier owners' supervisors that nobody needs.

        One whose records are needed all the same (by its id) keeps them.
        """
        for name, supervisor in tuple(self._connected.items()):
            if supervisor is not self._own and name not in self._holder.values():
                self._disconnect(supervisor, detach=is_needed(name))

    def _disconnect(self, supervisor: Supervisor, *, detach: bool) -> None:
        del self._connected[supervisor.id]
        self._loop.forget(supervisor.fileno())
        supervisor.close(detach=detach)

    def close(self, *, detach: bool) -> None:
        """Leave all supervisors; with `detach`, what runs goes on under them."""
        for supervisor in tuple(self._connected.values()):
            self._disconnect(supervisor, detach=detach or bool(self._holder))
        self._own = None


def _unfit() -> SupervisorUnfitError:
    return SupervisorUnfitError(
        f"the supervisor ended {_MOST_DEATHS + 1} times right after its start",
        hint="Run `orchestrate doctor`; if the machine is short of memory or processes, free some."
        " Then resume the workflow.",
    )


class Found(NamedTuple):
    """What a supervisor knows of an attempt. `phase` is one of the constants below."""

    phase: str
    report: Report | None = None
    survivors: tuple[str, ...] = ()
    """Processes of a vanished attempt that could not be ended."""


HELD = "held"
"""It lives and has it: reports will come."""
FINISHED = "finished"
VANISHED = "vanished"
"""It began, and nobody can say how it ended."""
NEVER = "never"
"""It was never started there, and never will be."""
ABSENT = "absent"
"""Nothing is recorded, and that proves nothing: the host was started anew, or the records are
gone."""


class Fenced:
    """What a fenced (or dead) supervisor knows."""

    def __init__(self, directory: Path, held: frozenset[str]) -> None:
        self.directory = directory
        self._held = held
        self._known: dict[str, Report] | None = None

    def find(self, attempt: str) -> Found:
        """What became of an attempt here."""
        if attempt in self._held:
            return Found(HELD)
        report = self._records().get(attempt)
        if report is None:
            same_boot = records.boot_id(self.directory) == host.boot_id()
            return Found(NEVER if same_boot else ABSENT)
        match report.phase:
            case "finished":
                return Found(FINISHED, report)
            case "refused":
                return Found(NEVER)
            case _:
                from orchestrate.processes import leftovers

                # Before an unknown attempt may run again, nothing of it may run any more.
                left = leftovers.stop_leftovers(self.directory, (attempt,))
                return Found(VANISHED, None, left.get(attempt, ()))

    def _records(self) -> dict[str, Report]:
        if self._known is None:
            self._known = records.read_records(self.directory)
        return self._known


def tell(receiver: Receiver, attempt: str, judges: Sequence[Fenced]) -> None:
    """Tell a workflow what became of its attempt, which only `judges` can have had.

    What one of them knows counts. That none of them ever started it must be said by all.
    """
    number = split(attempt)[1]
    found = [judge.find(attempt) for judge in judges]
    phases = {entry.phase for entry in found}
    if HELD in phases:
        return
    for entry in found:
        if entry.report is not None:
            receiver.reported(number, entry.report)
            return
    if phases == {NEVER}:
        receiver.never_started(number)
    else:
        receiver.vanished(number, tuple(name for entry in found for name in entry.survivors))
