"""The port `Runtime` over the store and the supervisors, for one workflow that this process owns.

The core is called, appends events and asks for attempts; at the end of the turn everything goes to
the writer as one batch. So the outcome of a step and the start of the next share a commit. Only
when that is durable are processes launched, ends acknowledged, answers sent and observers told.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestrate.embedded import ownership, requests
from orchestrate.embedded.attempts import Attempts
from orchestrate.embedded.claiming import Claiming
from orchestrate.embedded.journal import Batch, Fold
from orchestrate.embedded.listening import Listening
from orchestrate.embedded.loop import Loop, Timer
from orchestrate.embedded.turn import Turn, Writing, pass_compensation
from orchestrate.embedded.writer import Change, Writer
from orchestrate.errors import OrchestrateError
from orchestrate.launching import calls
from orchestrate.launching.supervision import Supervision
from orchestrate.playbook.plan import Json
from orchestrate.processes.launch import Report
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.workflow.audit import attributed
from orchestrate.workflow.engine import Observer
from orchestrate.workflow.events import ACTIONS, Event, EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.history import UNDO
from orchestrate.workflow.notifying import TOLD
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.pausing import UNPAUSE
from orchestrate.workflow.program import Attempt, Awaited, Claim

if TYPE_CHECKING:
    from orchestrate.embedded.granting import Settled


def _nobody(_: str) -> None:
    pass


_LARGE = 1000
"""Events after which a turn that goes on and on hands over what it has."""


class Owned(NamedTuple):
    """What this process owns: row, id and epoch of a workflow, and its last event's number."""

    number: int
    workflow: str
    epoch: int
    last_seq: int


class Asked(NamedTuple):
    """From where what is done now was asked for, and in which state."""

    origin: Mapping[str, Json]
    state: State


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
        self._fold = fold
        self.identity = identity
        self._attempts = Attempts(owned.number, loop, writer, supervision, caller, self)
        self._turn = Turn([], [], [], [], release=False)
        self.claiming = Claiming()
        self.listening = Listening()
        self._timers: dict[tuple[str, str], Timer] = {}
        self.recovering: list[tuple[int, Event]] = []
        self.execution: Execution
        self.observer: Observer | None = None
        self.on_answer: Callable[[str], None] = _nobody
        self.on_release: Callable[[], None] = lambda: None
        self.on_pause_over: Callable[[], None] = lambda: None
        self.on_listening: Callable[[], None] = lambda: None
        """Called when an event is waited for that may have arrived already."""
        self.on_told: Callable[[], None] | None = None
        """Called when something is durable that others may be told of."""
        self.on_stirring: Callable[[], None] = lambda: None
        """Called before a timer moves what may have given its place to others."""
        self.on_turn: Callable[[], None] = lambda: None
        """Called before a turn is handed over; may release the workflow with it."""
        self.lost: OrchestrateError | None = None
        """Why this process may not write any more: somebody took over, or the store is broken."""
        self.released = False
        self._uncommitted = 0
        self.asked = Asked({}, State.RUNNING)

    # What the core asks (workflow.runtime.Runtime)

    def now(self) -> float:
        """The wall clock."""
        return time.time()

    def random(self) -> float:
        """From the operating system; the module `random` costs 3 ms at start."""
        return int.from_bytes(os.urandom(6)) / (1 << 48)

    def append(self, event: Event) -> None:
        """Collect an event of this turn."""
        if event.type in ACTIONS:
            told = attributed(event.type, event.data, *self.asked)
            event = event._replace(data=told)
        if event.type is EventType.DECIDED and event.data["subject"] == UNDO:
            crash_point("undo.decided")
        self._turn.events.append(event)
        self.claiming.see(event)
        if len(self._turn.events) >= _LARGE:
            self._hand_over(State.RUNNING)

    def perform(self, attempt: Attempt) -> None:
        """Collect an attempt of this turn."""
        self._attempts.add(attempt.id)
        self._turn.attempts.append(attempt)

    def recover(self, attempt_id: int, started: Event) -> None:
        """Collect an attempt to be found out about when the replay is over."""
        self._attempts.recall(attempt_id, started)
        self.recovering.append((attempt_id, started))

    def stop(self, attempt_id: int, reason: str) -> None:
        """Stop a process; an attempt that has not been launched never will be."""
        self._attempts.stop(attempt_id, reason, self._turn.attempts)

    def claim(self, claim: Claim) -> None:
        """Collect a claim of this turn."""
        self.claiming.claim(claim)

    def unclaim(self, path: str) -> None:
        """Given back with this turn."""
        self.claiming.release(path)

    def await_event(self, awaited: Awaited) -> None:
        """Durable with this turn; then what is offered is looked at."""
        self.listening.begin(awaited)

    def forget_event(self, path: str) -> None:
        """Durable with this turn."""
        self.listening.end(path)

    def look_for_events(self, connection: sqlite3.Connection) -> None:
        """Something may have arrived that is waited for."""
        if self.listening.waits and self.open:
            self.listening.look(connection, self._owned.number, self.execution)
            self.flush()

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
        self._timers[path, subject] = self._loop.after(
            at - self.now(), lambda: self._fired(path, subject)
        )

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
                self.on_stirring()
                self.execution.timer_fired(path, subject)
            self.flush()

    # What the supervisors say (supervision.Receiver), and what follows (attempts.Performing)

    def reported(self, attempt: int, report: Report) -> None:
        """A report about an attempt of this workflow."""
        self._attempts.reported(attempt, report)

    def vanished(self, attempt: int, survivors: tuple[str, ...]) -> None:
        """Nobody can say how that attempt ended."""
        self._attempts.vanished(attempt, survivors)

    def never_started(self, attempt: int) -> None:
        """That attempt has no process and never will have."""
        self._attempts.never_started(attempt)

    def ended(self, attempt: int) -> None:
        """Its supervisor may forget it when this turn is durable."""
        self._turn.finished.append(attempt)

    @property
    def workflow(self) -> str:
        """The workflow's id."""
        return self._owned.workflow

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

    # The end of a turn

    @property
    def open(self) -> bool:
        """Whether the core may still be called."""
        return self.lost is None and not self.released

    def row_changed(self) -> None:
        """The row of the workflow was changed by another way: the next turn writes it anew."""
        self._fold.forget()

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
        return bool(self._attempts)

    def answer(self, request: requests.Request, state: str, value: Json) -> None:
        """Answer a request together with the events of this turn."""
        self._turn.answers.append((request, requests.Answer(request.number, state, value)))

    def release(self, reason: str) -> None:
        """Give the workflow up with this turn's commit; nothing more is written after it."""
        self.execution.note(EventType.RELEASED, "", {"epoch": self._owned.epoch, "reason": reason})
        self._turn = self._turn._replace(release=True)
        self.released = True
        self._attempts.pacing.close()
        for timer in self._timers.values():
            timer.cancel()

    def flush(self) -> None:
        """The end of a turn: hand everything over."""
        if self.open:
            self.on_turn()
        turn = self._turn
        asks = self.claiming.wanted or self.listening.wanted
        if turn.events or turn.attempts or turn.answers or turn.finished or asks:
            crash_point("turn.before")
            # Nothing can follow from this turn, or from what arrives now, before it is durable.
            self._hand_over(self.execution.state, at_once=self.settled)

    def _hand_over(self, state: State, *, at_once: bool = False) -> None:
        turn, self._turn = self._turn, Turn([], [], [], [], release=False)
        turn = turn._replace(heard=self.listening.take())
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
        writing = Writing(batch, turn, self._attempts.pacing, wanted, claiming.capacity, ended)
        told = bool(turn.answers) or turn.heard is not None
        guarded = told or wanted is not None or ended
        change = Change(writing, durable, patient=True, guarded=guarded)
        if not at_once:
            self._writer.submit(change)
        # Otherwise prepared while the disk works.
        for attempt in turn.attempts:
            self._attempts.prepare(attempt)
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
                self._attempts.name(str(event.data["supervisor"]))
            pass_compensation(event)
        if outcome is not None:
            crash_point("grant.after")
            self.claiming.hint(outcome)
            self._loop.post(lambda: self._answered(outcome))
        if turn.heard is not None and self.listening.begun(turn.heard):
            self._loop.post(self.on_listening)
        if turn.finished:
            crash_point("acknowledge.before")
            self._attempts.acknowledge(turn.finished)
            crash_point("acknowledge.after")
        self._attempts.start([attempt.id for attempt in turn.attempts])
        for request, _ in turn.answers:
            self.on_answer(request.socket)
        if turn.release or any(event.type is EventType.PAUSED for event in turn.events):
            self.on_release()
        for event in turn.events if self.observer is not None else ():
            self.tell(event)
        if self.on_told is not None and any(event.type in TOLD for event in turn.events):
            self.on_told()

    def tell(self, event: Event) -> None:
        """Show an event to the observer, unless what it writes to is gone."""
        if self.observer is None:
            return
        try:
            self.observer(event)
        except OSError:
            self.observer = None  # a terminal or pipe that was closed must not end the workflow
