"""One workflow that this process runs: from taking it over to giving it up."""

import signal
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from orchestrate.embedded import admission, journal, location, ownership, requests
from orchestrate.embedded.asking import Asking
from orchestrate.embedded.loop import Loop
from orchestrate.embedded.recovery import Recovery
from orchestrate.embedded.runtime import Asked, EmbeddedRuntime, Owned
from orchestrate.embedded.services import HostServices
from orchestrate.embedded.store import Store
from orchestrate.errors import ConflictError, OrchestrateError, StateDirectoryError
from orchestrate.playbook.plan import Json
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.workflow.engine import Ended
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.parking import CONFIRM, chosen
from orchestrate.workflow.program import Program
from orchestrate.workflow.state import fold


class Running(NamedTuple):
    """What an owned workflow is made of."""

    owned: Owned
    program: Program
    runtime: EmbeddedRuntime
    recovery: Recovery
    loop: Loop


class GoingOn(NamedTuple):
    """Somebody, or the pause itself, wants a paused workflow to go on."""

    actor: str
    automatic: bool = False
    origin: Mapping[str, Json] = {}


class Mode(NamedTuple):
    """What whoever took a workflow over wants of it."""

    unpause: bool = False
    """It is to go on, although it was paused."""
    unknown: str | None = None
    """What becomes of steps that need attention."""
    until_paused: bool = False
    """It is given up as soon as it is paused."""


_STUCK = frozenset({State.NEEDS_ATTENTION, State.WAITING})
"""States in which, if nothing runs, only somebody's decision helps."""


class OwnedWorkflow:
    """Drives the core: history, requests of others, signals, and the end."""

    def __init__(self, running: Running, store: Store, services: HostServices) -> None:
        self.owned, self._program, self.runtime, self._recovery, loop = running
        self._store = store
        self._actor = services.actor
        self._origin = services.origin
        self.asking = Asking(loop, services.asker, self._answered)
        self._mode = Mode()
        self._interrupts = 0
        self._handed_over = False
        self._decided: set[tuple[str, str]] = set()
        self._taken = 0
        """The number of the last request that was taken."""
        self._rules = services.rules
        self._stays = services.stays
        self.going_on: GoingOn | None = None
        """Its pause is over, but others run in its place: it goes on when there is one again."""
        self._execution: Execution

    def start(self, mode: "Mode") -> None:
        """Fence earlier owners, replay the journal, go on from its end, find out about attempts
        that are open. Raises OrchestrateError, and leaves it as it was, if an earlier owner cannot
        be fenced, or something cannot be read.
        """
        try:
            self._start(mode)
        except OrchestrateError as error:
            self.runtime.give_up(error)
            raise
        except OSError as error:
            said = location.explain(error, self._store.directory)
            self.runtime.give_up(said)
            raise said from error

    def _start(self, mode: "Mode") -> None:
        self._mode = mode
        events = journal.read(self._store.reader, self.owned.number)
        self._execution = Execution(self._program, self.runtime, self._recovery.watch(events))
        self.runtime.execution = self._execution
        self.runtime.on_turn = self._end_turn
        self.runtime.on_pause_over = self._pause_over
        self.runtime.on_stirring = self._take_place
        self.runtime.on_listening = self._listen
        self._execution.start()
        crash_point("recover.replayed")
        self._ask_from(self._origin)
        if mode.unpause:
            with suppress(ConflictError):  # it was not paused
                self._execution.unpause(actor=self._actor)
        self.runtime.flush()
        self._recovery.answer(self.runtime)
        crash_point("recover.answered")
        self.runtime.flush()

    # The end

    @property
    def done(self) -> bool:
        """Whether this process has nothing more to do with it."""
        return self.runtime.lost is not None or (self.runtime.released and self.runtime.settled)

    def _end_turn(self) -> None:
        """Give it up when nothing is left to do here, or decide what was left to be decided."""
        state = self._execution.state
        if self.going_on is not None and state is not State.PAUSED:
            self.going_on = None  # the pause ended otherwise: by a cancel, or with the workflow
        if self.asking.path is not None and not self._execution.asks(self.asking.path):
            self.asking.withdraw()
        if self._execution.final is not None:
            self.runtime.release("ended")
        elif state is State.PAUSED and self._mode.until_paused:
            self.runtime.release("paused")
        elif (
            state in _STUCK
            and (self._execution.idle or self._execution.awaits_approval_only)
            and not (self._stays and self._execution.awaits_approval_only)
            and not self.runtime.busy
            and self.runtime.written
            and not self._decide()
        ):
            self.runtime.release(str(state))

    def _decide(self) -> bool:
        """Answer what is parked as the resume said, or ask; False if nobody will decide here."""
        if self.asking.path is not None:
            return True
        view = fold(journal.read(self._store.reader, self.owned.number), self.owned.workflow)
        for key, parked in view.parked.items():
            if key in self._decided:
                continue
            self._decided.add(key)
            if parked.subject == CONFIRM:
                if self.asking.ask(parked):
                    return True
                continue
            # A compensation that fails again is asked about again: it was decided before.
            choice = chosen(parked.subject, self._mode.unknown, None)
            if choice is not None and self._execution.asks(parked.path):
                self._ask_from(self._origin)
                self._execution.resolve(parked.path, choice, actor=self._actor)
                return True
        return False

    def _answered(self, path: str, choice: str | None) -> None:
        """Somebody at the terminal chose, or is gone: then it is left open."""
        if self.runtime.open and choice is not None and self._execution.asks(path):
            self._ask_from(self._origin)
            self._take_place()
            self._execution.resolve(path, choice, actor=self._actor)
        self.runtime.flush()

    # What others ask

    def look(self) -> None:
        """Somebody hinted that there are requests; or it is time to look anyway."""
        if not self.runtime.open:
            return
        if ownership.read(self._store.reader, self.owned.number).epoch != self.owned.epoch:
            # Nothing might ever have to be written that would be refused.
            self.runtime.lost = journal.StaleOwnerError.of(self.owned.workflow)
            return
        # One that was taken reads "pending" until its answer is durable.
        for request in requests.pending(self._store.reader, self.owned.number, self._taken):
            self._taken = request.number
            self._take(request)
            if not self.runtime.open:
                return
        self.runtime.look_for_claims(self._store.reader)
        self.runtime.look_for_events(self._store.reader)
        if self.going_on is not None:
            self._unpause(self.going_on)
            self.runtime.flush()

    def _listen(self) -> None:
        self.runtime.look_for_events(self._store.reader)

    # Going on after a pause, which gave the place among those that run to others

    def _pause_over(self) -> None:
        """The moment has come at which the pause was to end by itself."""
        self._unpause(GoingOn("", automatic=True))

    def _unpause(self, wanted: "GoingOn") -> None:
        if self._execution.state is State.PAUSED and not self._has_place():
            self.going_on = wanted
            return
        self.going_on = None
        self._ask_from(wanted.origin)
        self._execution.unpause(actor=wanted.actor, automatic=wanted.automatic)

    def _take_place(self) -> None:
        """What only waits for people gave its place to others: before it goes on it takes one, or
        is paused until there is one.
        """
        if self._execution.state not in _STUCK or self._rules.places is None:
            return
        if self._has_place():
            self.runtime.row_changed()  # it may have to wait for somebody else
            return
        reason = f"as many workflows run as may run at once ({self._rules.places})"
        self._execution.pause(actor="", reason=reason, resume_at=self._execution.now())

    def _has_place(self) -> bool:
        """Take a place, or queue for one."""
        rules, number = self._rules, self.owned.number
        if rules.places is None:
            return True
        reader = self._store.reader
        if self.going_on is not None and admission.look(reader, number, rules) is not None:
            return False
        place = admission.Place(number, self.owned.epoch, self.runtime.identity, rules)
        try:
            return self._store.writer.call(place) is None
        except StateDirectoryError:
            return False  # the disk is full: looked at again in a few seconds

    def _take(self, request: requests.Request) -> None:
        try:
            value = self._perform(request)
        except OrchestrateError as error:
            refusal: Json = {"message": error.message, "hint": error.hint}
            self.runtime.answer(request, requests.REFUSED, refusal)
        else:
            self.runtime.answer(request, requests.DONE, value)
        if self._handed_over:
            self.runtime.release("paused")
        self.runtime.flush()

    def _perform(self, request: requests.Request) -> Json:
        arguments = dict(request.arguments)
        asker = arguments.pop("from", None)
        origin: Mapping[str, Json] = asker if isinstance(asker, Mapping) else {}
        self._ask_from(origin)
        actor, reason = str(arguments.get("actor", "")), str(arguments.get("reason", ""))
        match request.verb:
            case "pause":
                moment = arguments.get("resume_at")
                return self._execution.pause(
                    actor=actor,
                    reason=reason,
                    now=bool(arguments.get("now")),
                    checkpoint=bool(arguments.get("checkpoint")),
                    resume_at=float(moment) if isinstance(moment, int | float) else None,
                )
            case "unpause":
                self._unpause(GoingOn(actor, origin=origin))
            case "cancel" if arguments.get("once") and self._execution.ending:
                pass  # what is being ended already is not to be hurried
            case "cancel":
                self._execution.cancel(actor=actor, reason=reason)
            case "complete":
                self._execution.complete(actor=actor, reason=reason)
            case "resolve" | "approve" | "reject":
                self._take_place()
                self._answer(request.verb, arguments, actor, reason)
            case "break_lock":
                path = str(arguments.pop("path"))
                self._execution.note(EventType.LOCK_BROKEN, path, arguments)
                self.runtime.claiming.break_lock(path, str(arguments["lock"]))
            case "hand_over" if self.runtime.busy or self._execution.state is not State.PAUSED:
                raise ConflictError(
                    f"{self.owned.workflow} is being run by another process",
                    hint="Pause it first, or wait until it ends.",
                )
            case "hand_over":
                self._handed_over = True
            case verb:
                raise ConflictError(
                    f"the process that runs {self.owned.workflow} does not know the request {verb}",
                    hint="It is an older program: end it and resume the workflow with this one.",
                )
        return None

    def _answer(self, verb: str, arguments: Mapping[str, Json], actor: str, reason: str) -> None:
        """What somebody decided about a step that waits for people."""
        path = str(arguments["path"])
        match verb:
            case "resolve":
                self._execution.resolve(path, str(arguments["choice"]), actor=actor)
            case "reject":
                self._execution.reject(path, actor=actor, reason=reason)
            case _:
                inputs = arguments.get("inputs")
                self._execution.approve(
                    path,
                    actor=actor,
                    inputs=inputs if isinstance(inputs, Mapping) else {},
                    comment=str(arguments.get("comment", "")),
                )

    def _ask_from(self, origin: Mapping[str, Json]) -> None:
        """What comes next is asked for from there."""
        self.runtime.asked = Asked(origin, self._execution.state)

    def interrupted(self, number: int) -> None:
        """A signal: ^C cancels, a second one hard; a third, or the end of the terminal, lets go."""
        if not self.runtime.open:
            return
        self._interrupts += 1
        if number == signal.SIGINT and self._interrupts <= 2:
            self._ask_from(self._origin)
            self._execution.cancel(actor=self._actor, reason="interrupted")
        else:
            self.runtime.release("interrupted")
        self.runtime.flush()
        self._interrupted_in_trouble()

    def let_go(self, reason: str) -> None:
        """Give it up as it is: what runs goes on, and whoever takes it up goes on with the rest."""
        if self.runtime.open:
            self.runtime.release(reason)
            self.runtime.flush()

    def _interrupted_in_trouble(self) -> None:
        """While nothing can be written a cancel has to wait; letting go must not."""
        trouble = self._store.writer.trouble
        if not trouble:
            return
        if self.runtime.released:
            self.runtime.lost = StateDirectoryError(
                f"{trouble}: let go without a word in the journal; steps that run go on",
                hint="Make room, then resume the workflow.",
            )
            return
        left = 3 - self._interrupts
        again = "once more" if left == 1 else f"{left} times more"
        message = f"the cancel waits, too ({trouble}); ^C {again} lets go, and steps go on"
        now = self.runtime.now()
        self.runtime.tell(Event(0, now, EventType.WARNED, "", {"message": message}))

    @property
    def ended(self) -> Ended:
        """How it came back."""
        workflow = self.owned.workflow
        interrupted = self._interrupts > 0
        if self.runtime.lost is not None:
            return Ended(workflow, State.RUNNING, self.runtime.lost.message)
        final = self._execution.final
        if final is None:
            message = "continued by another process" if self._handed_over else ""
            return Ended(workflow, self._execution.state, message, interrupted=interrupted)
        error = final.error or {}
        message = error.get("message")
        return Ended(
            workflow,
            final.state,
            message if isinstance(message, str) else "",
            timed_out=bool(error.get("timed_out")),
            interrupted=interrupted,
        )
