"""Running any number of workflows in one process that stays: what a daemon asks of the engine.

What waits for a place, what lost its owner and what overslept the end of its pause is taken up
here, too. All of it happens in one thread; `turn` is its heart.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from orchestrate.embedded import admission, approving, listing, resume
from orchestrate.embedded.admission import Turned
from orchestrate.embedded.claims import Claim, NewEvent, OvertakenError
from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.embedded.listing import Row
from orchestrate.embedded.owning import Mode, OwnedWorkflow
from orchestrate.errors import ConflictError, OrchestrateError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.engine import Ended, ResumeOptions
from orchestrate.workflow.events import EventType
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.resume_request import check_resumable

_OPEN = (
    "SELECT number, id FROM workflows WHERE state IN ('queued', 'running', 'paused', 'waiting') "
    "AND number > ? ORDER BY number LIMIT 500"
)
_LEFT = "SELECT id, last_seq FROM workflows WHERE state = 'waiting' AND owner_pid IS NULL LIMIT 500"
_MOMENT = 0.05
_LOOK = 3.0
"""Seconds after which everything that is open is looked at again, whoever forgot to hint."""
_YOUNG = 5.0
"""Seconds for which a new workflow is left to the process that made it."""
_AGAIN = 30.0
"""Seconds after which what could not be taken up is tried again; twice as many each time."""
_RARELY = 600.0
"""Seconds between such tries at most."""
DRAINED = "drained"
"""Why a daemon that ends gives its workflows up."""


class Refused(NamedTuple):
    """A workflow that could not be taken up, and why."""

    workflow: str
    reason: str


class Refusal(NamedTuple):
    """A workflow could not be taken up. What was in the way may go: a vault that did not answer, a
    disk that was full.
    """

    epoch: int
    delay: float
    """Seconds; the next time it is twice as long."""
    at: float
    """When it is tried again, by the monotonic clock."""

    def keeps_off(self, row: Row) -> bool:
        """Whether it is too early, and nobody else had it meanwhile."""
        return row.epoch == self.epoch and time.monotonic() < self.at


class Serving:
    """The workflows of one daemon. `on_ended` and `on_refused` are told what becomes of them."""

    def __init__(
        self,
        engine: EmbeddedEngine,
        on_ended: Callable[[Ended], None],
        on_refused: Callable[[Refused], None],
    ) -> None:
        self._engine = engine
        self._hosting = engine.hosting
        self._on_ended = on_ended
        self._on_refused = on_refused
        self._running: dict[str, OwnedWorkflow] = {}
        self._queued: dict[str, int] = {}
        """Workflows that wait for a place, in order, with their numbers."""
        self._waiting: set[str] = set()
        """Those of them that have a place in the store's queue."""
        self._superseded: set[tuple[str, str]] = set()
        self._version = 0
        self._refusals: dict[str, Refusal] = {}
        """Of workflows that could not be taken up."""
        self._next_look = 0.0
        self._dues: dict[str, tuple[int, float]] = {}
        """Of workflows that were left waiting: their last event, and when they go on."""
        self._draining = False
        self._is_hinted = False
        self._hosting.on_hint = self._hinted

    @property
    def loop_post(self) -> Callable[[Callable[[], None]], None]:
        """Has something done in the thread of `turn`, soon; any thread may call it."""
        return self._hosting.loop.post

    @property
    def running(self) -> int:
        """How many workflows run here."""
        return len(self._running)

    @property
    def queued(self) -> int:
        """How many wait here for a place."""
        return len(self._queued)

    def begin(self, workflow: str) -> None:
        """Run a workflow that was just made, as soon as there is a place for it."""
        self._queued[workflow] = self._engine.row(workflow).number
        self._admit()

    def finish(
        self, row: Row, events: Sequence[NewEvent], origin: Mapping[str, Json], *,
        until_paused: bool,
    ) -> None:  # fmt: skip
        """Own a workflow that nobody runs, with these events, until nothing of it is left to do; it
        goes on in later turns. Raises ConflictError if it is another one than `row` tells.
        """
        hosting = self._hosting
        program = self._engine.program(row)
        try:
            secrets = self._engine.secrets_of(program, {})
        except OrchestrateError:
            secrets = dict[str, str]()  # what cleans up and needs one says so when it gets there
        claim = Claim(
            row.number, row.summary.id, hosting.identity, hosting.supervision.own.id, events,
            expected=row.last_seq, origin=origin,
        )  # fmt: skip
        claimed = self._engine.store.writer.call(claim)
        assert not isinstance(claimed, Turned)
        self._start(hosting.own(claimed, program, secrets, None), Mode(until_paused=until_paused))

    def resume(self, workflow: str, options: ResumeOptions, origin: Mapping[str, Json]) -> None:
        """Continue a workflow that nobody runs; it goes on in later turns. Raises ConflictError if
        it may not, or if there is no place for it now.
        """
        hosting = self._hosting
        self.settle()
        row = self._engine.row(workflow)
        check_resumable(workflow, row.summary.state, options)
        program = self._engine.program(row)
        plan, changes = resume.planned(self._engine.store, row, program, options)
        if plan.needs_yes and not options.jump:
            raise ConflictError(
                f"steps of {workflow} that never ran would be jumped over",
                hint="Confirm it, or choose an earlier step.",
            )
        secrets = self._engine.secrets_of(program, dict(options.secret_values))
        claim, program = resume.claim(hosting, row, program, options, changes)
        claim = claim._replace(rules=hosting.services.rules, origin=origin)
        claimed = self._engine.store.writer.call(claim)
        if isinstance(claimed, Turned):
            raise ConflictError(
                f"{workflow} cannot go on now: {claimed.reason}", hint="Try again later."
            )
        self._start(
            hosting.own(claimed, program, secrets, None),
            Mode(unpause=True, unknown=options.unknown),
        )

    def turn(self) -> None:
        """Wait for the next thing that happens and do everything that is due."""
        self._hosting.loop.turn()
        self.settle()
        if self._draining:
            return
        if time.monotonic() >= self._next_look:
            self.look()
            return
        if self._is_hinted:
            self._look_for_answers()
        if self._queued:
            self._admit()

    def _hinted(self) -> None:
        self._is_hinted = True

    def _look_for_answers(self) -> None:
        """Take up what was left waiting and has been answered since it was last looked at."""
        self._is_hinted = False
        for name, last_seq in self._engine.store.read(_LEFT):
            seen, _ = self._dues.get(str(name), (0, 0.0))
            if seen != last_seq and name not in self._running:
                self._take_up(self._engine.row(str(name)))

    def settle(self) -> None:
        """Make durable what happened, and leave what has ended."""
        for name, workflow in tuple(self._running.items()):
            workflow.runtime.flush()
            if workflow.done:
                del self._running[name]
                self._hosting.leave(workflow)
                self._engine.forget(name)
                self._on_ended(workflow.ended)

    def look(self) -> None:
        """Take up what nobody looks after."""
        self._next_look = time.monotonic() + _LOOK
        self._version = 0  # a freeze may be over, or a waiter dead, though nothing was written
        # The loop sleeps at most as long as its own backstop, which is about as patient.
        last = 0
        while True:
            page = self._engine.store.read(_OPEN, (last,))
            for _, name in page:
                if name not in self._running and name not in self._queued:
                    self._take_up(self._engine.row(str(name)))
            if len(page) < 500:
                break
            last = int(page[-1][0])
        self._admit()
        with suppress(OrchestrateError):  # a full disk ends no daemon: the next look tries again
            self._engine.tidy_up()

    def _take_up(self, row: Row) -> None:
        name = row.summary.id
        refusal = self._refusals.get(name)
        if row.owned or (refusal is not None and refusal.keeps_off(row)):
            return
        try:
            match row.summary.state:
                case State.QUEUED:
                    if self._is_left(row):
                        self._queued[name] = row.number
                case State.RUNNING if row.owner is not None or self._was_left_to_us(row):
                    self._continue(row, unpause=False)
                case State.RUNNING | State.WAITING if self._may_go_on(row):
                    self._continue(row, unpause=False)
                case State.PAUSED if _is_over(row):
                    self._continue(row, unpause=True)
                case _:
                    pass
        except OrchestrateError as error:
            self._give_up(row, error)

    def _may_go_on(self, row: Row) -> bool:
        """Whether what it was left waiting for has come: an answer, or the end of the time."""
        seen, due = self._dues.get(row.summary.id, (0, 0.0))
        if seen != row.last_seq:
            due = approving.due(approving.view_of(self._engine.store, row))
            self._dues[row.summary.id] = row.last_seq, due
        return due <= time.time()

    def _is_left(self, row: Row) -> bool:
        """Whether the process that made it is gone, or never meant to run it itself."""
        if time.time() - row.summary.created_at < _YOUNG:
            return False
        waiter = self._engine.store.reading(lambda c: admission.waiter(c, row.number))
        return waiter is None

    def _was_left_to_us(self, row: Row) -> bool:
        """Whether the daemon before us gave it up, or a pause was asked for while nobody ran it:
        the ends of steps, and the pause's own, are to be recorded by somebody.
        """
        before, last = self._engine.events(row.summary.id, row.last_seq - 2, 2)
        drained = last.type is EventType.RELEASED and last.data.get("reason") == DRAINED
        return drained or before.type is EventType.PAUSE_REQUESTED

    def _continue(self, row: Row, *, unpause: bool) -> None:
        options = ResumeOptions(actor=self._hosting.services.actor)
        program = self._engine.program(row)
        secrets = self._engine.secrets_of(program, {})
        claim, program = resume.claim(self._hosting, row, program, options, ())
        claim = claim._replace(rules=self._hosting.services.rules)
        claimed = self._engine.store.writer.call(claim)
        if isinstance(claimed, Turned):
            return  # looked at again when a place may be free
        self._start(self._hosting.own(claimed, program, secrets, None), Mode(unpause=unpause))

    def _admit(self) -> None:
        """Begin with what waits, in order, as far as it may."""
        if self._draining:
            return
        for name in tuple(self._queued):
            if name not in self._waiting:
                self._begin(name)
        store, rules = self._engine.store, self._hosting.services.rules
        version = store.data_version()
        if not self._waiting or version == self._version:
            return
        self._version = version
        ready = set(store.reading(lambda c: admission.next_numbers(c, rules)))
        for name in tuple(self._waiting):
            if self._queued.get(name) in ready:
                self._begin(name)

    def _begin(self, name: str) -> None:
        """Run it, or have it wait in the store's queue."""
        row = self._engine.row(name)
        if row.summary.state is not State.QUEUED or row.owned:
            self._leave(name)  # cancelled, or somebody else runs it
            return
        hosting = self._hosting
        try:
            claim = Claim(
                row.number, name, hosting.identity, hosting.supervision.own.id,
                rules=hosting.services.rules,
            )  # fmt: skip
            program = self._engine.program(row)
            secrets = self._engine.secrets_of(program, {})
            claimed = self._engine.store.writer.call(claim)
            if not isinstance(claimed, Turned):
                self._leave(name)
                self._start(hosting.own(claimed, program, secrets, None), Mode())
                return
        except OrchestrateError as error:
            self._leave(name)
            self._give_up(row, error)
            return
        self._waiting.add(name)
        for earlier in claimed.cancels:
            if (earlier, name) not in self._superseded:
                self._superseded.add((earlier, name))
                self._engine.supersede(earlier, name)

    def _leave(self, name: str) -> None:
        self._queued.pop(name, None)
        self._waiting.discard(name)

    def _start(self, workflow: OwnedWorkflow, mode: Mode) -> None:
        name = workflow.owned.workflow
        self._running[name] = workflow
        workflow.start(mode)
        self._refusals.pop(name, None)

    def _give_up(self, row: Row, error: OrchestrateError) -> None:
        if isinstance(error, OvertakenError):
            return  # the next look tells how it stands now
        name, epoch = row.summary.id, row.epoch
        with suppress(OrchestrateError):
            epoch = self._engine.row(name).epoch  # it may have been ours for a moment
        before = self._refusals.get(name)
        delay = _AGAIN if before is None else min(2 * before.delay, _RARELY)
        self._refusals[name] = Refusal(epoch, delay, time.monotonic() + delay)
        self._on_refused(Refused(name, error.message))

    def attend(self, is_over: Callable[[], bool]) -> None:
        """Begin nothing more; what runs goes on and hears what is asked of it, until it is over."""
        self._draining = True
        while not is_over():
            moment = self._hosting.loop.after(_MOMENT, _nothing)
            self._hosting.loop.turn()
            moment.cancel()
            self.settle()

    def drain(self, patience: float) -> bool:
        """Give every workflow up as it is: what runs goes on, and the next daemon takes it up.
        False if that could not be made durable in time (seconds).
        """
        self._draining = True
        self._queued.clear()
        self._waiting.clear()
        for workflow in tuple(self._running.values()):
            workflow.let_go(DRAINED)
        until = time.monotonic() + patience
        while self._running and time.monotonic() < until:
            self._hosting.loop.turn()
            self.settle()
        return not self._running


def _nothing() -> None:
    pass


def _is_over(row: Row) -> bool:
    at = row.summary.resume_at
    return at is not None and at <= time.time()


def open_workflow(engine: EmbeddedEngine, workflow: str | None) -> bool:
    """Whether a workflow is there and not over."""
    if workflow is None:
        return False
    try:
        return engine.get(workflow).state not in listing.FINAL
    except OrchestrateError:
        return False  # removed
