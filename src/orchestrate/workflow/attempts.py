"""Attempts in flight: started once, stopped when cancelled, taken up again after a crash."""

from collections.abc import Callable, Mapping

from orchestrate.playbook.plan import Json, Step
from orchestrate.workflow.calls import digest_call, display_call, secrets_in
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.gate import Gate
from orchestrate.workflow.history import History, Start
from orchestrate.workflow.journal import Journal
from orchestrate.workflow.outcomes import Outcome, Status
from orchestrate.workflow.program import Attempt, Call
from orchestrate.workflow.runtime import Runtime
from orchestrate.workflow.scope import Cancelled, Pending, Scope

PAUSE = "pause"
_NEVER_STARTED = Outcome(Status.CANCELLED, message="cancelled before it started")


class Request:
    """One call of a step that is to be performed. `of`: how many attempts there may be; `ends`
    says whether the step is over with an outcome.
    """

    __slots__ = (
        "call", "ends", "label", "of", "parameters", "path", "pool", "secrets", "step", "timeout",
        "tokens",
    )  # fmt: skip

    def __init__(
        self,
        step: Step,
        path: str,
        call: Call,
        timeout: float | None,
        of: int,
        ends: Callable[[Outcome], bool],
        parameters: Mapping[str, Json],
        secrets: tuple[str, ...],
        tokens: tuple[tuple[str, int], ...],
        pool: str | None,
    ) -> None:
        self.step = step
        self.path = path
        self.call = call
        self.timeout = timeout
        self.of = of
        self.ends = ends
        self.parameters = parameters
        self.secrets = secrets
        self.tokens = tokens
        self.pool = pool


class Flight:
    """An attempt that was started and has not ended."""

    __slots__ = ("attempt", "ended", "ends", "recorded", "stop_reason")

    def __init__(
        self, attempt: Attempt, ends: Callable[[Outcome], bool], recorded: Event | None
    ) -> None:
        self.attempt = attempt
        self.ends = ends
        self.recorded = recorded
        self.ended: Pending[Ended] = Pending()
        self.stop_reason = ""


class Ended:
    """How an attempt ended: `seq` is where that is recorded; `final`: the step ended with it;
    `again`: it was stopped for a pause and is to be performed again.
    """

    __slots__ = ("again", "final", "number", "outcome", "seq")

    def __init__(
        self, outcome: Outcome, number: int, seq: int, *, final: bool, again: bool
    ) -> None:
        self.outcome = outcome
        self.number = number
        self.seq = seq
        self.final = final
        self.again = again


class MismatchError(Exception):
    """A recorded start does not fit what the plan says now."""


class Attempts:
    """Starts attempts, and brings their ends to those who wait."""

    def __init__(self, journal: Journal, runtime: Runtime, history: History, gate: Gate) -> None:
        self._journal = journal
        self._runtime = runtime
        self._history = history
        self._gate = gate
        self._flights: dict[int, Flight] = {}
        self._early: dict[int, Event] = {}
        self._held: list[int] = []
        self._live = False
        self._pausing = False

    @property
    def running(self) -> int:
        """How many are in flight, those held by a pause left out."""
        return len(self._flights) - len(self._held)

    async def perform(self, scope: Scope, request: Request, number: int) -> Ended:
        """Start attempt `number`, or take up its recorded start, and wait for its end.

        If the scope is cancelled meanwhile it is stopped, and its end is still waited for. Raises
        `Cancelled` if it never started, `MismatchError` if the record does not fit.
        """
        start = self._history.starts.get((request.path, number))
        if start is not None:
            self._check(start, request)
            flight = self._take_up(start, request, number)
        else:
            await self._gate.enter(scope)
            flight = self._start(request, number)
        try:
            return await scope.wait(flight.ended)
        except Cancelled:
            if not flight.ended.done:
                self._stop(flight, "cancelled")
            return await flight.ended

    async def settle_mismatch(
        self, scope: Scope, request: Request, number: int, *, keep: bool
    ) -> Ended:
        """The end of an attempt whose record does not fit: taken as it is if `keep`, else it is
        stopped, if it still runs.
        """
        flight = self._take_up(self._history.starts[request.path, number], request, number)
        if not keep and not flight.ended.done:
            self._stop(flight, "cancelled")
            return await flight.ended
        try:
            return await scope.wait(flight.ended)
        except Cancelled:
            self._stop(flight, "cancelled")
            return await flight.ended

    def _start(self, request: Request, number: int) -> Flight:
        step, call = request.step, request.call
        attempt_id = self._journal.next_seq
        data: dict[str, Json] = {
            "id": attempt_id,
            "number": number,
            "of": request.of,
            "kind": call.kind,
            "call": display_call(call),
            "call_digest": digest_call(call),
            "definition": step.digest,
        }
        if step.label is not None:
            data["label"] = step.label
        if request.timeout is not None:
            data["timeout"] = request.timeout
        if secrets := secrets_in(call):
            data["secrets"] = list(secrets)
        self._journal.emit(EventType.ATTEMPT_STARTED, request.path, data)
        attempt = _attempt(request, attempt_id, number)
        flight = self._flights[attempt_id] = Flight(attempt, request.ends, None)
        self._runtime.perform(attempt)
        return flight

    def _take_up(self, start: Start, request: Request, number: int) -> Flight:
        del self._history.starts[request.path, number]
        attempt = _attempt(request, start.id, number)
        flight = Flight(attempt, request.ends, start.event)
        self._gate.resume()
        early = self._early.pop(start.id, None)
        if early is not None:
            self._gate.leave()
            flight.ended.resolve(_ended_of(early, number))
            return flight
        self._flights[start.id] = flight
        if self._live:
            self._recover(start.id, flight)
        return flight

    def _check(self, start: Start, request: Request) -> None:
        if start.definition != request.step.digest:
            raise MismatchError(
                "the journal has an attempt of this step that was started from another definition"
            )
        if start.id < self._history.parameters_changed_at:
            return
        if start.call_digest != digest_call(request.call):
            raise MismatchError(
                "the journal has an attempt of this step that was started with other values"
            )

    def _recover(self, attempt_id: int, flight: Flight) -> None:
        assert flight.recorded is not None
        self._runtime.recover(attempt_id, flight.recorded)
        if flight.stop_reason:
            self._runtime.stop(attempt_id, flight.stop_reason)
        elif self._pausing:
            flight.stop_reason = PAUSE
            self._runtime.stop(attempt_id, PAUSE)

    def _stop(self, flight: Flight, reason: str) -> None:
        if flight.stop_reason and flight.stop_reason != PAUSE:
            return
        asked_before = bool(flight.stop_reason)
        flight.stop_reason = reason
        attempt_id = flight.attempt.id
        if attempt_id in self._held:
            self._held.remove(attempt_id)
            self.finish(attempt_id, self._never_started())
        elif self._live and not asked_before:
            self._runtime.stop(attempt_id, reason)

    def hurry(self) -> None:
        """Leave no more grace to what is being stopped already."""
        if not self._live:
            return
        for attempt_id, flight in tuple(self._flights.items()):
            if flight.stop_reason and attempt_id not in self._held:
                self._runtime.stop(attempt_id, flight.stop_reason)

    def _never_started(self) -> Outcome:
        now = self._runtime.now()
        return _NEVER_STARTED._replace(started_at=now, finished_at=now)

    def go_live(self) -> None:
        """The replay is over: find out about those that were started and have no recorded end."""
        self._live = True
        for attempt_id, flight in tuple(self._flights.items()):
            self._recover(attempt_id, flight)

    def stop_for_pause(self) -> None:
        """Stop everything; what is stopped is performed again after the pause."""
        self._pausing = True
        if not self._live:
            return
        for attempt_id, flight in tuple(self._flights.items()):
            if not flight.stop_reason and attempt_id not in self._held:
                flight.stop_reason = PAUSE
                self._runtime.stop(attempt_id, PAUSE)

    def end_pause(self) -> None:
        """Perform what a recovery found not started while the workflow was paused."""
        self._pausing = False
        held, self._held = self._held, []
        for attempt_id in held:
            self._runtime.perform(self._flights[attempt_id].attempt)

    def finish(self, attempt_id: int, outcome: Outcome) -> None:
        """Record an end and deliver it. Ends of attempts that are not in flight are ignored."""
        flight = self._flights.pop(attempt_id, None)
        if flight is None:
            return
        attempt = flight.attempt
        again = flight.stop_reason == PAUSE and outcome.status is Status.CANCELLED
        final = not again and flight.ends(outcome)
        data = _data_of(outcome, attempt_id, attempt.number, final=final, again=again)
        event = self._journal.take_input(EventType.ATTEMPT_FINISHED, attempt.path, data)
        self._gate.leave()
        flight.ended.resolve(Ended(outcome, attempt.number, event.seq, final=final, again=again))

    def never_started(self, attempt_id: int) -> None:
        """A recovered attempt has no process: perform it now, unless it is to be stopped."""
        flight = self._flights.get(attempt_id)
        if flight is None:
            return
        if flight.stop_reason and flight.stop_reason != PAUSE:
            self.finish(attempt_id, self._never_started())
        elif self._pausing or self._gate.is_shut(PAUSE):
            flight.stop_reason = ""
            self._held.append(attempt_id)
        else:
            self._runtime.perform(flight.attempt)

    def progress(self, attempt_id: int, percent: float) -> None:
        """Tell readers how far an attempt is."""
        flight = self._flights.get(attempt_id)
        if flight is not None:
            self._journal.emit(EventType.PROGRESS, flight.attempt.path, {"percent": percent})

    def replay(self, event: Event) -> None:
        """Deliver a recorded end; kept if the interpreter has not come to that attempt yet."""
        attempt_id = event.data["id"]
        assert isinstance(attempt_id, int)
        flight = self._flights.pop(attempt_id, None)
        if flight is None:
            self._early[attempt_id] = event
            return
        self._gate.leave()
        flight.ended.resolve(_ended_of(event, flight.attempt.number))

    @property
    def unclaimed(self) -> list[str]:
        """Paths of recorded ends that nobody came for."""
        return sorted(event.path for event in self._early.values())


def _attempt(request: Request, attempt_id: int, number: int) -> Attempt:
    step = request.step
    return Attempt(
        attempt_id,
        request.path,
        number,
        request.call,
        request.timeout,
        step.label,
        request.parameters,
        request.secrets,
        step.reads,
        request.tokens,
        request.pool,
    )


def _data_of(
    outcome: Outcome, attempt_id: int, number: int, *, final: bool, again: bool
) -> dict[str, Json]:
    data: dict[str, Json] = {"id": attempt_id, "number": number, "status": str(outcome.status)}
    if outcome.exit_code is not None:
        data["exit_code"] = outcome.exit_code
    if outcome.output is not None:
        data["output"] = outcome.output
    for key in ("stdout", "stderr", "message", "excerpt"):
        if value := getattr(outcome, key):
            data[key] = value
    data["started_at"] = outcome.started_at
    data["finished_at"] = outcome.finished_at
    if outcome.left_running:
        data["left_running"] = outcome.left_running
    if outcome.survivors:
        data["survivors"] = outcome.survivors
    if outcome.read_only:
        data["read_only"] = True
    if outcome.timed_out:
        data["timed_out"] = True
    if outcome.written is not None:
        data["written"] = outcome.written
    if again:
        data["again"] = True
    data["final"] = final
    return data


def _ended_of(event: Event, number: int) -> Ended:
    return Ended(
        outcome_of(event),
        number,
        event.seq,
        final=bool(event.data.get("final")),
        again=bool(event.data.get("again")),
    )


def outcome_of(event: Event) -> Outcome:
    """The outcome that an `attempt_finished` event holds."""
    data = event.data
    exit_code, written = data.get("exit_code"), data.get("written")
    started_at, finished_at = data.get("started_at"), data.get("finished_at")
    return Outcome(
        Status(str(data["status"])),
        exit_code if isinstance(exit_code, int) else None,
        data.get("output"),
        str(data.get("stdout", "")),
        str(data.get("stderr", "")),
        str(data.get("message", "")),
        float(started_at) if isinstance(started_at, int | float) else event.at,
        float(finished_at) if isinstance(finished_at, int | float) else event.at,
        _names(data.get("left_running")),
        _names(data.get("survivors")),
        bool(data.get("read_only")),
        bool(data.get("timed_out")),
        str(data.get("excerpt", "")),
        written if isinstance(written, int) else None,
    )


def _names(value: Json) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple(str(entry) for entry in value)
    return ()
