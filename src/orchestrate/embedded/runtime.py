"""The port `Runtime` over the store and the supervisors, for one workflow that this process owns.

The core is called, appends events and asks for attempts; at the end of the turn everything goes to
the writer as one batch. So the outcome of a step and the start of the next share a commit. Only
when that is durable are processes launched, ends acknowledged, answers sent and observers told.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestrate.embedded import calls, ownership, requests
from orchestrate.embedded.claiming import Claiming
from orchestrate.embedded.journal import Batch, Fold
from orchestrate.embedded.loop import Loop, Timer
from orchestrate.embedded.pacing import Pacing
from orchestrate.embedded.preparing import Preparation
from orchestrate.embedded.supervision import Supervision
from orchestrate.embedded.turn import Turn, Writing, pass_compensation
from orchestrate.embedded.writer import Change, Writer
from orchestrate.errors import OrchestrateError
from orchestrate.playbook.plan import Json
from orchestrate.processes.launch import Launch, Report
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.workflow.engine import Observer
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.execution import UNPAUSE, Execution
from orchestrate.workflow.history import UNDO
from orchestrate.workflow.outcomes import Outcome, State, Status
from orchestrate.workflow.program import Attempt, Claim

if TYPE_CHECKING:
    from orchestrate.embedded.granting import Settled


def _nobody(_: str) -> None:
    pass


_ROOM_PAUSE = 1.0
"""Seconds after which an attempt for which there was no room is launched again."""
_LARGE = 1000
"""Events after which a turn that goes on and on hands over what it has."""


class Owned(NamedTuple):
    """What this process owns: row, id and epoch of a workflow, and its last event's number."""

    number: int
    workflow: str
    epoch: int
    last_seq: int


class EmbeddedRuntime:
    """Implements `workflow.runtime.Runtime`, and receives reports of supervisors."""

    def __init__(
        self,
        owned: Owned,
        loop: Loop,
        writer: Writer,
        supervision: Supervision,
        caller: calls.Caller,
        fold: Fold,
        identity: ownership.Identity,
    ) -> None:
        self._owned = owned
        self._last_seq = owned.last_seq
        self._loop = loop
        self._writer = writer
        self._supervision = supervision
        self._caller = caller
        self._fold = fold
        self.identity = identity
        self._named = supervision.own.id
        """The supervisor that the journal durably names as ours. No other may start anything."""
        self._held_back: list[int] = []
        self.pacing = Pacing(owned.number, caller.rate_limits, loop, writer, self, self._start)
        self._turn = Turn([], [], [], [], release=False)
        self.claiming = Claiming()
        self._under_way: dict[int, str | None] = {}
        """Attempts that may have a process, and why they were asked to stop."""
        self._prepared = Preparation(caller, loop, lambda attempt: self._start((attempt,)))
        """Attempts whose start is not durable yet, or whose secrets are being fetched."""
        self._timers: dict[tuple[str, str], Timer] = {}
        self.recovering: list[tuple[int, Event]] = []
        self.execution: Execution
        self.observer: Observer | None = None
        self.on_answer: Callable[[str], None] = _nobody
        self.on_release: Callable[[], None] = lambda: None
        self.on_pause_over: Callable[[], None] = lambda: None
        self.on_turn: Callable[[], None] = lambda: None
        """Called before a turn is handed over; may release the workflow with it."""
        self.lost: OrchestrateError | None = None
        """Why this process may not write any more: somebody took over, or the store is broken."""
        self.released = False
        self._uncommitted = 0

    # What the core asks (workflow.runtime.Runtime)

    def now(self) -> float:
        """The wall clock."""
        return time.time()

    def random(self) -> float:
        """From the operating system; the module `random` costs 3 ms at start."""
        return int.from_bytes(os.urandom(6)) / (1 << 48)

    def append(self, event: Event) -> None:
        """Collect an event of this turn."""
        if event.type is EventType.DECIDED and event.data["subject"] == UNDO:
            crash_point("undo.decided")
        self._turn.events.append(event)
        self.claiming.see(event)
        if len(self._turn.events) >= _LARGE:
            self._hand_over(State.RUNNING)

    def perform(self, attempt: Attempt) -> None:
        """Collect an attempt of this turn."""
        self._under_way[attempt.id] = None
        self._turn.attempts.append(attempt)

    def recover(self, attempt_id: int, started: Event) -> None:
        """Collect an attempt to be found out about when the replay is over."""
        self._under_way[attempt_id] = None
        self._caller.recall(attempt_id, started)
        self.recovering.append((attempt_id, started))

    def stop(self, attempt_id: int, reason: str) -> None:
        """Stop a process; an attempt that has not been launched never will be."""
        if attempt_id not in self._under_way:
            return
        first = self._under_way[attempt_id] is None
        self._under_way[attempt_id] = reason
        collected = [a for a in self._turn.attempts if a.id == attempt_id]
        if collected or attempt_id in self._prepared:
            now = self.now()
            status = Status.TIMED_OUT if reason == "timeout" else Status.CANCELLED
            never = Outcome(status, message="not started", started_at=now, finished_at=now)
            for attempt in collected:
                self._turn.attempts.remove(attempt)
            self.pacing.give_up(attempt_id)
            if collected:
                self._loop.post(lambda: self._end_later(attempt_id, never))
            else:
                self._prepared.cancel(attempt_id, never)
            return
        why = "timeout" if reason == "timeout" else "stop"
        self._supervision.stop(self._key(attempt_id), why if first else "kill")

    def claim(self, claim: Claim) -> None:
        """Collect a claim of this turn."""
        self.claiming.claim(claim)

    def unclaim(self, path: str) -> None:
        """Given back with this turn."""
        self.claiming.release(path)

    def suspend(self) -> None:
        """The capacity is given back with this turn."""
        self.claiming.suspend()

    def look_for_claims(self, connection: sqlite3.Connection) -> None:
        """Somebody may have granted what is waited for."""
        if self.claiming.waits and self.open:
            self.claiming.look(connection, self._owned.number, self.execution)
            self.flush()

    def look_after_claims(self, connection: sqlite3.Connection) -> None:
        """The death of a process writes nothing: whoever waits longest decides once more."""
        if self.open and self.claiming.look_after(connection, self._owned.number):
            self.flush()

    def _answered(self, outcome: "Settled") -> None:
        if self.open:
            self.claiming.answered(outcome, self.execution)
            self.flush()

    def set_timer(self, path: str, subject: str, at: float) -> None:
        """Have the core told at a moment."""
        self.clear_timer(path, subject)
        self._timers[path, subject] = self._loop.at(at, lambda: self._fired(path, subject))

    def clear_timer(self, path: str, subject: str) -> None:
        """Forget a timer."""
        timer = self._timers.pop((path, subject), None)
        if timer is not None:
            timer.cancel()

    def _fired(self, path: str, subject: str) -> None:
        del self._timers[path, subject]
        if self.open:
            if (path, subject) == ("", UNPAUSE):
                self.on_pause_over()
            else:
                self.execution.timer_fired(path, subject)
            self.flush()

    # What the supervisors say (supervision.Receiver)

    def reported(self, attempt: int, report: Report) -> None:
        """A report about an attempt of this workflow."""
        if attempt not in self._under_way:
            if report.phase == "finished":
                # Its end is durable from an earlier ownership that could not say so any more.
                self._supervision.acknowledge(report.attempt)
            return
        match report.phase:
            case "finished":
                crash_point("outcome.before")
                warnings: list[str] = []
                outcome = calls.outcome_of(report, self._under_way[attempt], warnings)
                for warning in warnings:
                    self._warn(warning)
                self._end(attempt, outcome)
            case "refused" if report.wants_room:
                self._wait_for_room(attempt, report.message)
            case "refused":
                now = self.now()
                outcome = Outcome(
                    Status.FAILED, message=report.message, started_at=now, finished_at=now
                )
                self._end(attempt, outcome)
            case "lost":
                self.vanished(attempt, report.survivors)
            case "progress" if report.percent is not None and self.open:
                self.execution.attempt_progress(attempt, report.percent)
            case _:
                pass

    def vanished(self, attempt: int, survivors: tuple[str, ...]) -> None:
        """Nobody can say how that attempt ended."""
        now = self.now()
        outcome = Outcome(
            Status.UNKNOWN,
            message="what watched over it was killed, so nobody can say whether it took effect",
            started_at=now,
            finished_at=now,
            survivors=survivors,
            read_only=self._caller.reads_only(attempt),
        )
        self._end(attempt, outcome)

    def _wait_for_room(self, attempt: int, message: str) -> None:
        """A disk that is full may be free again soon."""
        warning: dict[str, Json] = {"message": f"waiting: {message}"}
        self.tell(Event(0, self.now(), EventType.WARNED, "", warning))

        def again() -> None:
            self.never_started(attempt)
            self.flush()

        self._loop.at(self.now() + _ROOM_PAUSE, again)

    def never_started(self, attempt: int) -> None:
        """That attempt has no process and never will have."""
        if self.open and self._under_way.pop(attempt, "") != "":
            self.execution.attempt_never_started(attempt)

    @property
    def epoch(self) -> int:
        """With which this process owns the workflow."""
        return self._owned.epoch

    def give_up(self, error: OrchestrateError) -> None:
        """Stop here, with the journal as it is."""
        self.lost = self.lost or error
        self._loop.wake()

    def supervisor_changed(self, supervisor: str) -> None:
        """Name the new supervisor in the journal; until that is durable, nothing is launched."""
        if self.open:
            self.execution.note(
                EventType.OWNED,
                "",
                ownership.owned_data(self.identity, self._owned.epoch, supervisor),
            )
            self.flush()

    def _end(self, attempt: int, outcome: Outcome) -> None:
        if not self.open or attempt not in self._under_way:
            return
        del self._under_way[attempt]
        self._turn.finished.append(attempt)
        self.execution.attempt_finished(attempt, outcome)

    def _end_later(self, attempt: int, outcome: Outcome) -> None:
        self._end(attempt, outcome)
        self.flush()

    def _warn(self, message: str) -> None:
        self.execution.note(EventType.WARNED, "", {"message": message})

    def _key(self, attempt: int) -> str:
        return f"{self._owned.workflow}/{attempt}"

    # The end of a turn

    @property
    def open(self) -> bool:
        """Whether the core may still be called."""
        return self.lost is None and not self.released

    @property
    def settled(self) -> bool:
        """Whether everything that was handed over is durable."""
        return self._uncommitted == 0

    @property
    def written(self) -> bool:
        """Whether the journal on disk holds everything that happened. If not, but nothing is under
        way either, the loop comes back as soon as the turn was handed over.
        """
        if self._turn.events:
            self._loop.wake()
        return self.settled and not self._turn.events

    @property
    def busy(self) -> bool:
        """Whether some attempt may have a process."""
        return bool(self._under_way)

    def answer(self, request: requests.Request, state: str, value: Json) -> None:
        """Answer a request together with the events of this turn."""
        self._turn.answers.append((request, requests.Answer(request.number, state, value)))

    def release(self, reason: str) -> None:
        """Give the workflow up with this turn's commit; nothing more is written after it."""
        self.execution.note(EventType.RELEASED, "", {"epoch": self._owned.epoch, "reason": reason})
        self._turn = self._turn._replace(release=True)
        self.released = True
        self.pacing.close()
        for timer in self._timers.values():
            timer.cancel()

    def flush(self) -> None:
        """The end of a turn: hand everything over."""
        if self.open:
            self.on_turn()
        turn = self._turn
        if turn.events or turn.attempts or turn.answers or turn.finished or self.claiming.wanted:
            crash_point("turn.before")
            # Nothing can follow from this turn, or from what arrives now, before it is durable.
            self._hand_over(self.execution.state, at_once=self.settled)

    def _hand_over(self, state: State, *, at_once: bool = False) -> None:
        turn, self._turn = self._turn, Turn([], [], [], [], release=False)
        wanted = self.claiming.take()
        batch = Batch(
            self._owned.number,
            self._owned.epoch,
            self._last_seq,
            turn.events,
            self._fold.project(turn.events, state),
        )
        self._last_seq += len(turn.events)
        self._uncommitted += 1

        main = threading.get_ident()

        def durable(result: Any, error: Exception | None) -> None:
            if threading.get_ident() == main:
                self._durable(turn, result, error)
            else:
                self._loop.post(lambda: self._durable(turn, result, error))

        claiming = self.claiming
        ended = claiming.ended
        writing = Writing(batch, turn, self.pacing, wanted, claiming.capacity, ended)
        guarded = bool(turn.answers) or wanted is not None or ended
        change = Change(writing, durable, patient=True, guarded=guarded)
        if not at_once:
            self._writer.submit(change)
        # Otherwise prepared while the disk works.
        for attempt in turn.attempts:
            self._prepared.begin(attempt)
        if at_once:
            self._writer.write_at_once(change)

    def _durable(self, turn: Turn, outcome: "Settled | None", error: Exception | None) -> None:
        """The batch of a turn is on disk, or never will be."""
        self._uncommitted -= 1
        if error is not None:
            if not isinstance(error, OrchestrateError):
                raise error
            self.lost = self.lost or error
            return
        for event in turn.events:
            if event.type is EventType.OWNED:
                self._named = str(event.data["supervisor"])
            pass_compensation(event)
        if outcome is not None:
            crash_point("grant.after")
            self.claiming.hint(outcome)
            self._loop.post(lambda: self._answered(outcome))
        if turn.finished:
            crash_point("acknowledge.before")
            for number in turn.finished:
                self._supervision.acknowledge(self._key(number))
            crash_point("acknowledge.after")
        held_back, self._held_back = self._held_back, []
        self._start((*held_back, *(attempt.id for attempt in turn.attempts)))
        for request, _ in turn.answers:
            self.on_answer(request.socket)
        if turn.release or any(event.type is EventType.PAUSED for event in turn.events):
            self.on_release()
        for event in turn.events if self.observer is not None else ():
            self.tell(event)

    def tell(self, event: Event) -> None:
        """Show an event to the observer, unless what it writes to is gone."""
        if self.observer is None:
            return
        try:
            self.observer(event)
        except OSError:
            self.observer = None  # a terminal or pipe that was closed must not end the workflow

    def _start(self, attempts: Sequence[int]) -> None:
        """Launch what is durable, with one message."""
        launched = sum(self._launch(a) for a in attempts if not self.pacing.holds(a))
        if launched:
            self._supervision.send_launches()
        for _ in range(launched):
            crash_point("launch.after")

    def _launch(self, attempt: int) -> bool:
        if self._supervision.own.id != self._named:
            self._held_back.append(attempt)
            return False
        prepared = self._prepared.take(attempt)
        if isinstance(prepared, Outcome):
            self._loop.post(lambda: self._end_later(attempt, prepared))
        if not isinstance(prepared, Launch):
            return False
        if self.open:
            crash_point("launch.before")
            self._supervision.launch(prepared)
        return self.open
