"""A `Runtime` in memory, on a virtual clock, with scripted outcomes.

Nothing is executed: each attempt ends as the script says, after as many virtual seconds as it says.
Used by scenarios, by rehearsals, and by everything that wants to know what a playbook would do.
"""

import bisect
import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.memory_claims import MemoryClaims
from orchestrate.workflow.outcomes import Outcome, Status
from orchestrate.workflow.program import Attempt, Awaited, Claim, Program

EPOCH = 1_790_000_000.0
"""When virtual time begins, in seconds since the real epoch."""
FOR_EVER = float("inf")


class Scripted(NamedTuple):
    """How an attempt ends, and after how many seconds; `FOR_EVER`: only when it is stopped.

    `stops_in`: seconds from a stop until its tree is gone. `survivors`: what a stop leaves.
    """

    outcome: Outcome = Outcome(Status.SUCCEEDED, 0)
    takes: float = 1.0
    stops_in: float = 0.0
    survivors: tuple[str, ...] = ()


Script = Callable[[str, int], Scripted]
"""Path and attempt number -> how it ends."""


class Signal(NamedTuple):
    """Something that a person does, `at` seconds after the beginning; or an event that arrives."""

    at: float
    apply: Callable[[Execution], object]
    event: Mapping[str, Json] | None = None


def scripted(outcomes: Mapping[str, Sequence[Scripted]], default: Scripted | None = None) -> Script:
    """A script from lists of outcomes by path, one for each attempt, the last one repeated.

    A path without iteration (`regions/1`) stands for that step in all of them.
    """
    from orchestrate.workflow.paths import static

    otherwise = default or Scripted()

    def script(path: str, number: int) -> Scripted:
        listed = outcomes.get(path) or outcomes.get(static(path))
        if not listed:
            return otherwise
        return listed[min(number, len(listed)) - 1]

    return script


class _Process(NamedTuple):
    path: str
    number: int
    started_at: float
    ends_at: float
    outcome: Outcome


class MemoryRuntime:
    """Implements `Runtime`. `journal` holds every event, `performed` every attempt that began."""

    def __init__(
        self, script: Script, *, now: float = EPOCH, random: Sequence[float] = (0.5,)
    ) -> None:
        self._script = script
        self._now = now
        self._random = tuple(random)
        self._drawn = 0
        self._queue: list[tuple[float, int, str, str, int]] = []
        self._timers: dict[tuple[str, str], float] = {}
        self._processes: dict[int, _Process] = {}
        self.claims = MemoryClaims(self._tell_claim)
        """Locks and capacity; whoever plays may let something else hold some."""
        self._awaited: dict[str, Awaited] = {}
        self.arrived: list[Mapping[str, Json]] = []
        """Events that arrived so far, also under an earlier engine."""
        self.ahead: list[Signal] = []
        """Signals still to come, by their times."""
        self.journal: list[Event] = []
        self.performed: list[Attempt] = []
        self.recovered: list[int] = []
        self.never_started: frozenset[int] = frozenset()
        """Attempts of the history that `recover` is to find never started."""
        self.lost: frozenset[int] = frozenset()
        """Attempts of the history that `recover` is to know nothing about."""

    def now(self) -> float:
        """Virtual time."""
        return self._now

    def random(self) -> float:
        """The given numbers in turn."""
        self._drawn += 1
        return self._random[(self._drawn - 1) % len(self._random)]

    def append(self, event: Event) -> None:
        """Durable at once."""
        self.journal.append(event)

    def perform(self, attempt: Attempt) -> None:
        """It ends as scripted, or when its timeout is over."""
        self.performed.append(attempt)
        self._begin(attempt.id, attempt.path, attempt.number, self._now, attempt.timeout)

    def _begin(
        self, attempt_id: int, path: str, number: int, started_at: float, timeout: float | None
    ) -> None:
        plan = self._script(path, number)
        outcome, ends_at = plan.outcome, started_at + plan.takes
        if timeout is not None and plan.takes > timeout:
            ends_at = started_at + timeout
            outcome = Outcome(
                Status.TIMED_OUT, message=f"timed out after {timeout:g} s", timed_out=True
            )
        self._processes[attempt_id] = _Process(path, number, started_at, ends_at, outcome)
        if ends_at != FOR_EVER:
            self._push(ends_at, 2, "", "", attempt_id)

    def recover(self, attempt_id: int, started: Event) -> None:
        """It went on all the while, unless this runtime was told otherwise."""
        self.recovered.append(attempt_id)
        number = started.data["number"]
        timeout = started.data.get("timeout")
        assert isinstance(number, int)
        if attempt_id in self.never_started:
            self._push(self._now, 1, "", "never", attempt_id)
            return
        seconds = float(timeout) if isinstance(timeout, int | float) else None
        self._begin(attempt_id, started.path, number, started.at, seconds)
        if attempt_id in self.lost:
            gone = Outcome(Status.UNKNOWN, message="the supervisor is gone")
            process = self._processes[attempt_id]
            self._processes[attempt_id] = process._replace(outcome=gone, ends_at=self._now)
            self._push(self._now, 2, "", "", attempt_id)

    def stop(self, attempt_id: int, reason: str) -> None:
        """It is gone after the scripted time, cancelled."""
        process = self._processes.get(attempt_id)
        if process is None:
            return
        plan = self._script(process.path, process.number)
        stopped = Outcome(Status.CANCELLED, message=f"stopped: {reason}", survivors=plan.survivors)
        ends_at = self._now + plan.stops_in
        if ends_at <= process.ends_at:
            self._processes[attempt_id] = process._replace(outcome=stopped, ends_at=ends_at)
            self._push(ends_at, 2, "", "", attempt_id)

    def set_timer(self, path: str, subject: str, at: float) -> None:
        """Fires when virtual time is there."""
        self._timers[path, subject] = at
        self._push(max(at, self._now), 3, path, subject, 0)

    def clear_timer(self, path: str, subject: str) -> None:
        """Forgotten."""
        self._timers.pop((path, subject), None)

    def claim(self, claim: Claim) -> None:
        """Granted when nothing else holds it."""
        self.claims.claim(claim)

    def unclaim(self, path: str) -> None:
        """Others may have it."""
        self.claims.release(path)

    def suspend(self) -> None:
        """Others may have the capacity."""
        self.claims.suspend()

    def await_event(self, awaited: Awaited) -> None:
        """Told of those that arrive from now on, or of all."""
        self._awaited[awaited.path] = awaited
        if awaited.since == "workflow" and self.arrived:
            self._push(self._now, 0, awaited.path, "events", 0)

    def forget_event(self, path: str) -> None:
        """Told of no more."""
        self._awaited.pop(path, None)

    def _arrive(self, execution: Execution, event: Mapping[str, Json]) -> None:
        self.arrived.append(event)
        for path, awaited in tuple(self._awaited.items()):
            if awaited.fits(event):
                execution.event_arrived(path, event)

    def hold(self, lock: str, seconds: float) -> None:
        """Let something else hold a lock from now on, for so long."""
        self.claims.hold(lock, self._now)
        if seconds != FOR_EVER:
            self._push(self._now + seconds, 0, lock, "let go", 0)

    def _tell_claim(self, path: str) -> None:
        self._push(self._now, 0, path, "claim", 0)

    def _push(self, at: float, rank: int, path: str, subject: str, attempt_id: int) -> None:
        heapq.heappush(self._queue, (at, rank, path, subject, attempt_id))

    def schedule(self, signal: Signal) -> None:
        """A signal more, before or while time passes; those of one moment in the order given."""
        bisect.insort(self.ahead, signal, key=lambda other: other.at)

    def drive(
        self, execution: Execution, signals: Iterable[Signal] = (), *, moments: int | None = None
    ) -> bool:
        """Let time pass until the workflow has ended or nothing is ahead any more; False if that
        took more than so many `moments`.

        At one moment signals come first, then answers to claims, then ends of attempts in the
        order of their starts, then timers by path: independent of when each was asked for.
        """
        for signal in signals:
            self.schedule(signal)
        ahead = self.ahead
        passed = 0
        while execution.final is None and (ahead or self._queue):
            passed += 1
            if moments is not None and passed > moments:
                return False
            if ahead and (not self._queue or EPOCH + ahead[0].at <= self._queue[0][0]):
                signal = ahead.pop(0)
                self._now = max(self._now, EPOCH + signal.at)
                signal.apply(execution)
                if signal.event is not None:
                    self._arrive(execution, signal.event)
                continue
            at, rank, path, subject, attempt_id = heapq.heappop(self._queue)
            if self._is_stale(at, rank, path, subject, attempt_id):
                continue
            self._now = max(self._now, at)
            self._report(execution, rank, path, subject, attempt_id)
        return True

    def _is_stale(self, at: float, rank: int, path: str, subject: str, attempt_id: int) -> bool:
        if rank == 3:
            due = self._timers.get((path, subject))
            return due is None or max(due, self._now) > at
        if rank == 2:
            process = self._processes.get(attempt_id)
            return process is None or process.ends_at > at
        return False

    def _report(
        self, execution: Execution, rank: int, path: str, subject: str, attempt_id: int
    ) -> None:
        if rank == 0:
            if subject == "let go":
                self.claims.let_go(path)
            elif subject == "events":
                any(execution.event_arrived(path, event) for event in tuple(self.arrived))
            else:
                self.claims.report(execution, path)
        elif rank == 3:
            del self._timers[path, subject]
            execution.timer_fired(path, subject)
        elif rank == 1:
            execution.attempt_never_started(attempt_id)
        else:
            process = self._processes.pop(attempt_id)
            outcome = process.outcome._replace(started_at=process.started_at, finished_at=self._now)
            execution.attempt_finished(attempt_id, outcome)


def created(program: Program, *, at: float = EPOCH) -> Event:
    """The first event of a workflow's journal."""
    plan = program.plan
    return Event(
        1,
        at,
        EventType.WORKFLOW_CREATED,
        "",
        {
            "playbook": plan.name,
            "plan": plan.digest,
            "environment": program.environment,
            "parameters": program.parameters,
            "secret_parameters": [p.name for p in plan.parameters if p.secret],
            "env": program.env,
            "options": program.options._asdict(),
            "actor": program.actor,
        },
    )
