"""One workflow as its Temporal workflow hosts it: the core, its journal, and what others ask.

Free of coroutines: `playbook.py` lets time pass.
"""

import json
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, cast

from orchestrate.cluster.coordinating.asking import Sharing
from orchestrate.cluster.hosting.flights import Patience
from orchestrate.cluster.hosting.runtime import TemporalRuntime
from orchestrate.cluster.payloads import Data, StepRequest, pack_page
from orchestrate.cluster.serving.telling import Telling
from orchestrate.cluster.storing.pages import Pages, open_page, split
from orchestrate.errors import ConflictError
from orchestrate.launching.calls import declared
from orchestrate.playbook.plan import Json, Plan
from orchestrate.workflow.creating import program_of
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.history import History
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.parking import chosen
from orchestrate.workflow.program import Attempt
from orchestrate.workflow.projection import Fold
from orchestrate.workflow.state import fold

_STUCK = frozenset({State.NEEDS_ATTENTION, State.WAITING})
"""States in which, if nothing runs, only somebody's decision helps."""
SHARE = 1000
"""What the core may do in one activation: about a twentieth of what Temporal takes for a deadlock,
which is two seconds.
"""
_PAGES_AT_ONCE = 10
"""Pages of a journal that are read in one activation."""
_MOST_SENT = 1_000_000
"""Bytes of steps that are handed to workers in one activation: a message may have 4 MB."""
_MOST_AT_ONCE = 1000
"""Steps at once: Temporal takes 2,000 activities under way."""


class About(NamedTuple):
    """What a Temporal run is told beside the plan and the journal."""

    workflow: str
    parameters: Mapping[str, Json]
    pool: str
    """Where steps run that name none."""
    heartbeat: float
    lease: float
    longest_run: int = 4096
    """Events of a history after which a new run takes over, as soon as no step runs."""
    actor: str = ""
    """Who resumed it."""
    begun: bool = False
    """Whether it goes on at once; otherwise it waits for `begin`."""
    unknown: str | None = None
    """What becomes of steps that need attention."""
    files: tuple[str, int] | None = None
    """The project's files that steps run from (a `blobs.Ref`); None: workers have their own."""
    searchable: bool = False
    """Whether the namespace has the attributes of `searching.py`."""
    sharing: Sharing = Sharing()
    """What it is told of that which all workflows share."""
    project: str = ""
    """The name of the project's folder."""
    told: int = 0
    """Events of the journal of which others were told, if they are told of such."""
    safe: str | None = None
    """Where the values of its secret parameters are; None: it has none."""


class Hosted:
    """The core and everything that is kept beside it."""

    def __init__(self, about: About, plan: Plan, journal: bytes) -> None:
        self._unread = deque(split(journal))
        self._pages = Pages()
        self._history = History()
        self.runtime = TemporalRuntime(
            (),
            self._request,
            about.pool,
            Patience(about.heartbeat, about.lease),
            (about.workflow, Sharing(*about.sharing)),
        )
        self.load()
        self._created = self.runtime.journal[0]
        self._telling = Telling(about.workflow, about.project, self._created, about.told)
        program = program_of(about.workflow, plan, self._created)
        at_once = min(program.options.max_parallel, _MOST_AT_ONCE)
        options = program.options._replace(max_parallel=at_once)
        self.program = program._replace(parameters=about.parameters, options=options)
        self.about = about
        self._declared = declared(plan)
        self.execution: Execution
        """Once the journal is loaded."""
        self.started = False
        self._never_began: State | None = None
        self._fold = Fold()
        self._folded = 0
        self._summary: Data = {}
        self._decided: set[tuple[str, str]] = set()
        self._going_on: str | None = None
        """Who wants it to go on after its pause, as soon as there is a place for it."""
        self.runtime.on_pause_over = self._pause_over
        self._unpausing = about.begun
        """Whoever resumed it ended its pause."""

    def load(self) -> None:
        """Read some of the journal."""
        runtime = self.runtime
        for _ in range(min(_PAGES_AT_ONCE, len(self._unread))):
            body = self._unread.popleft()
            page = open_page(body)
            runtime.journal += page.events
            runtime.flights.workers.update(page.workers)
            self._history.read(page.events)
            self._pages.take_over(body, page)

    def tell(self) -> int:
        """Have others told of what has happened; how many events they are told of by now."""
        self._telling.look(self.runtime.journal)
        return self._telling.told

    async def told(self) -> None:
        """Until all that others are told of has arrived where it is kept."""
        self.tell()
        await self._telling.delivered()

    @property
    def loading(self) -> bool:
        """Whether some of its journal is still to be read."""
        return bool(self._unread)

    @property
    def busy(self) -> bool:
        """Whether it has to go on before anything else may reach it."""
        return self.loading or (self.started and not self.execution.moves.settled)

    def _request(self, attempt: Attempt) -> StepRequest:
        caller = self._created.data.get("traceparent")
        request = StepRequest(
            workflow=self.program.workflow,
            created_at=self._created.at,
            traceparent=caller if isinstance(caller, str) else "",
            environment=self.program.environment,
            secrets=self._declared.secrets,
            withheld=tuple(sorted(self._declared.withheld)),
            lease=self.about.lease,
            attempt=attempt,
            files=self.about.files,
            safe=self.about.safe,
        )
        # What is sent in one activation has to fit into a message.
        self.execution.moves.spend(len(json.dumps(request.to_data())) * SHARE // _MOST_SENT)
        return request

    @property
    def state(self) -> State:
        """Where it stands."""
        if self._never_began is not None:
            return self._never_began
        return self.execution.state if self.started else State.QUEUED

    @property
    def over(self) -> bool:
        """Whether nothing is left to do."""
        return self._never_began is not None or (self.started and self.execution.final is not None)

    @property
    def stuck(self) -> bool:
        """Whether only somebody's decision can move it."""
        return (
            self.started
            and self.execution.final is None
            and self.execution.state in _STUCK
            and (self.execution.idle or self.execution.awaits_approval_only)
            and not self.runtime.flights
        )

    def start(self) -> None:
        """Replay the journal and go on from its end."""
        self.execution = Execution(self.program, self.runtime, self._history)
        self.started = True
        self.execution.moves.share(SHARE)
        self.execution.start()

    def take_news(self) -> bool:
        """Bring to the core what happened outside. False if there is more than fits into one
        activation: Temporal must hear of a workflow every now and then.
        """
        moves = self.execution.moves
        moves.share(SHARE)
        moves.go_on()
        while moves.settled and not moves.spent and self._take_one():
            pass
        self._pages.seal(self.runtime.journal, self.runtime.flights.workers)
        if moves.settled and not moves.spent:
            self._keep_place()
        return moves.settled and not self.runtime.inbox

    def _take_one(self) -> bool:
        inbox = self.runtime.inbox
        if self._unpausing:
            self._unpausing = False
            with suppress(ConflictError):  # it was not paused
                self.execution.unpause(actor=self.about.actor)
        elif inbox:
            inbox.popleft()(self.execution)
        elif self.about.unknown is not None and self.stuck:
            return self._decide(self.about.unknown)
        else:
            return False
        return True

    # Its place among those that run, where there are only so many

    def _keep_place(self) -> None:
        """Whoever is paused, or waits for people, leaves it to others."""
        asking, state = self.runtime.asking, self.state
        if not asking.has_seat or self.over:
            return
        if self._going_on is not None and (asking.admitted or state is not State.PAUSED):
            actor, self._going_on = self._going_on, None
            if state is State.PAUSED:
                self.execution.unpause(actor=actor, automatic=not actor)
        elif state is not State.RUNNING and asking.admitted:
            asking.rest()
        elif state is State.RUNNING and not asking.admitted:
            asking.come_back()

    def _unpause(self, actor: str) -> None:
        asking = self.runtime.asking
        if asking.has_seat and not asking.admitted and self.state is State.PAUSED:
            self._going_on = actor
            asking.come_back()
        else:
            self.execution.unpause(actor=actor, automatic=not actor)

    def _pause_over(self) -> None:
        """The moment has come at which the pause was to end by itself."""
        self._unpause("")

    def _stir(self) -> None:
        """What only waits for people gave its place to others: before it goes on it is paused until
        there is one.
        """
        asking = self.runtime.asking
        if asking.has_seat and not asking.admitted and self.state in _STUCK:
            self.execution.pause(actor="", reason="it waits until there is a place for it again")
            self._unpause("")

    def _decide(self, unknown: str) -> bool:
        view = fold(self.runtime.journal, self.program.workflow)
        for key, parked in view.parked.items():
            choice = chosen(parked.subject, unknown, None)
            if key not in self._decided and choice is not None:
                self._decided.add(key)
                self.execution.resolve(parked.path, choice, actor=self.about.actor)
                return True
        return False

    def summary(self) -> Data | None:
        """What lists show; None if it has not changed."""
        journal = self.runtime.journal
        found = self._fold.project(journal[self._folded :], self.state)
        self._folded = len(journal)
        if found is None:
            return None
        reason = self._summary.get("reason", "") if found.reason is None else found.reason
        before, self._summary = self._summary, {**found._asdict(), "reason": reason}
        return None if before == self._summary else self._summary

    def page(self, after: int, limit: int) -> bytes:
        """A page of the journal, and where it stands."""
        journal = self.runtime.journal
        return pack_page(journal[after : after + limit], self.state, stuck=self.stuck)

    def packed(self) -> bytes:
        """The whole journal, and who performed which attempt."""
        return self._pages.pack(self.runtime.journal, self.runtime.flights.workers)

    # What others ask

    def ask(self, verb: str, arguments: Data) -> Json:
        """Do what somebody asks. Raises an OrchestrateError."""
        if self.over:
            raise ConflictError(
                f"{self.program.workflow} has ended: {self.state}",
                hint=f"`orchestrate status --workflow {self.program.workflow}` shows how.",
            )
        self.runtime.asked = arguments.pop("from", {}), self.state
        try:
            if not self.started:
                return self._ask_queued(verb, arguments)
            return self._perform(verb, arguments)
        finally:
            self.runtime.asked = None

    def _ask_queued(self, verb: str, arguments: Data) -> Json:
        workflow = self.program.workflow
        match verb:
            case "cancel":
                self._end_queued(EventType.CANCEL_REQUESTED, arguments, State.CANCELLED)
            case "complete":
                self._end_queued(EventType.COMPLETION_REQUESTED, arguments, State.COMPLETED)
            case _:
                raise ConflictError(
                    f"{workflow} is queued: it has not begun",
                    hint=f"Begin it with `orchestrate run`, or cancel it: `orchestrate cancel "
                    f"{workflow}`.",
                )
        return None

    def _end_queued(self, kind: EventType, arguments: Data, state: State) -> None:
        """Nothing of it ever ran: there is nothing to stop or to clean up."""
        data = {key: value for key, value in arguments.items() if key in ("actor", "reason")}
        if kind is EventType.CANCEL_REQUESTED:
            data["hard"] = False
        self._note(kind, data)
        self._note(EventType.WORKFLOW_FINISHED, {"state": str(state)})
        self._never_began = state

    def _note(self, kind: EventType, data: Mapping[str, Json]) -> None:
        journal = self.runtime.journal
        self.runtime.append(Event(len(journal) + 1, self.runtime.now(), kind, "", data))

    def _perform(self, verb: str, arguments: Data) -> Json:
        execution = self.execution
        execution.moves.share(SHARE)
        path, actor = str(arguments.get("path", "")), str(arguments["actor"])
        reason = str(arguments.get("reason", ""))
        match verb:
            case "pause":
                return execution.pause(
                    actor=actor,
                    reason=reason,
                    now=bool(arguments["now"]),
                    checkpoint=bool(arguments["checkpoint"]),
                    resume_at=cast("float | None", arguments["resume_at"]),
                )
            case "unpause":
                self._unpause(actor)
            case "cancel" if arguments.get("once") and execution.ending:
                pass  # what is being ended already is not to be hurried
            case "cancel":
                execution.cancel(actor=actor, reason=reason)
            case "complete":
                execution.complete(actor=actor, reason=reason)
            case "resolve":
                self._stir()
                execution.resolve(path, str(arguments["choice"]), actor=actor)
            case "approve":
                self._stir()
                execution.approve(
                    path,
                    actor=actor,
                    inputs=cast("Mapping[str, Any]", arguments["inputs"]),
                    comment=str(arguments.get("comment", "")),
                )
            case "reject":
                self._stir()
                execution.reject(path, actor=actor, reason=reason)
            case "break_lock":
                lock = str(arguments["lock"])
                told = {key: value for key, value in arguments.items() if key != "path"}
                execution.note(EventType.LOCK_BROKEN, path, told)
                self.runtime.asking.break_lock(path, lock)
            case _:
                raise ConflictError(
                    f"the worker that runs {self.program.workflow} does not know `{verb}`",
                    hint="It is an older program: start workers of this version.",
                )
        return None

    def check_rewritable(self, expected: int) -> None:
        """Raise ConflictError unless its journal may be rewritten: nothing runs, nothing came."""
        workflow = self.program.workflow
        if self.runtime.flights or self.state not in (State.PAUSED, *_STUCK):
            raise ConflictError(
                f"{workflow} is running", hint="Pause it first, or wait until it ends."
            )
        if len(self.runtime.journal) != expected:
            raise ConflictError(f"{workflow} moved meanwhile", hint="Ask once more.")

    def rewritten(self, changes: Sequence[tuple[str, str, Mapping[str, Json]]]) -> bytes:
        """The journal with these events behind it."""
        for kind, path, data in changes:
            journal = self.runtime.journal
            event = Event(len(journal) + 1, self.runtime.now(), EventType(kind), path, data)
            journal.append(event)
        return self.packed()
