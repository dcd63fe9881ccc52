"""The core that a host drives: one workflow, from its history to its end.

The host calls the methods below, one at a time, never from inside a `Runtime` method. Each call
runs the interpreter until nothing moves any more and returns.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence

from orchestrate.errors import ConflictError, UsageError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.history import CLEANUP, TIMEOUT, History
from orchestrate.workflow.interpreter import Ended, run_workflow
from orchestrate.workflow.moves import Moves
from orchestrate.workflow.outcomes import Outcome, State
from orchestrate.workflow.parking import HISTORY
from orchestrate.workflow.pausing import UNPAUSE, Pausing
from orchestrate.workflow.program import Program
from orchestrate.workflow.replaying import replay, request_message
from orchestrate.workflow.run import LEAVING, REPLAY, Run
from orchestrate.workflow.runtime import Runtime
from orchestrate.workflow.scope import Cancelled
from orchestrate.workflow.verdict import Final, final_of, verdict

__all__ = ["Execution", "Final"]


class Execution:
    """Drives the interpreter of one workflow over a `Runtime`."""

    def __init__(
        self, program: Program, runtime: Runtime, history: History | Iterable[Event] = ()
    ) -> None:
        """`history`: what the journal has already, read or to be read."""
        self._history = history if isinstance(history, History) else History(history)
        self._runtime = runtime
        self._run = Run(program, runtime, self._history)
        self._journal = self._run.journal
        self._final: Final | None = None
        self._pausing = Pausing(self._run, runtime, self._history)
        self.moves = Moves(self._run.scheduler)
        """How far the last call has come; only hosts that give shares need to look."""

    def start(self) -> None:
        """Replay the history and run until nothing moves. Once, before anything else."""
        history, run = self._history, self._run
        if history.finished is not None:
            self._final = final_of(history.finished)
            return
        if history.started is None:
            data = {"actor": run.program.actor}
            run.started_at = self._journal.emit(EventType.WORKFLOW_STARTED, "", data).at
        else:
            run.started_at = history.started.at
        history.add_stops()
        self._pausing.restore()
        run.gate.shut(REPLAY)
        run.scheduler.spawn(self._main())
        self.moves.begin(self._replaying())

    def _replaying(self) -> Generator[None]:
        history, run = self._history, self._run
        yield from self.moves.until_still()
        for event in history.inputs:
            self._journal.position = event.seq
            replay(run, event)
            yield from self.moves.until_still()
        history.inputs = []
        if self._final is None:
            self._go_live()
            yield from self._settling()

    def _go_live(self) -> None:
        run = self._run
        unclaimed = run.attempts.unclaimed
        if unclaimed and not self._history.forgot:
            run.gate.shut(HISTORY)
            run.scheduler.spawn(self._ask_about_history(unclaimed))
        run.timers.go_live()
        self._pausing.set_timer()
        run.attempts.go_live()
        run.claims.go_live(paused=bool(self._pausing))
        run.event_waits.go_live()
        run.gate.open(REPLAY)

    async def _ask_about_history(self, unclaimed: list[str]) -> None:
        message = f"the journal has outcomes that the playbook does not lead to: {unclaimed[0]}"
        run = self._run
        with run.root.child() as scope:
            try:
                choice = await run.parking.ask(scope, "", HISTORY, message, ("continue", "cancel"))
            except Cancelled:
                choice = "continue"
        if choice == "cancel":
            run.ending.cancel(message)
        run.gate.open(HISTORY)

    async def _main(self) -> None:
        self._finish(await run_workflow(self._run))

    def _settle(self) -> None:
        self.moves.begin(self._settling())

    def _settling(self) -> Generator[None]:
        """Run until nothing moves, then say so if that is a pause, and let the clock follow.

        A pause ends with the workflow.
        """
        run = self._run
        yield from self.moves.until_still()
        if self._pausing and run.ending.why is not None and self._final is None:
            # `finally` has to run. The steps are cancelled by now, so none of them slips through.
            self._pausing.end("", automatic=False)
        while run.gate.admit():
            yield from self.moves.until_still()
        if self._final is not None:
            return
        self._pausing.come_to_rest()
        state = self.state
        run.timers.keep_time(running=state is State.RUNNING, paused=state is State.PAUSED)

    def attempt_finished(self, attempt_id: int, outcome: Outcome) -> None:
        """An attempt ended and its process tree is gone. Reports of an end already known are
        ignored.
        """
        self._run.attempts.finish(attempt_id, outcome)
        self._settle()

    def attempt_never_started(self, attempt_id: int) -> None:
        """The answer to `recover` when no process was ever started: it is performed now, under the
        same id, or as soon as a pause is over.
        """
        self._run.attempts.never_started(attempt_id)
        self._settle()

    def hold_back(self) -> None:
        """Start no more attempts: the host is about to go on with the journal elsewhere, as soon as
        those that run have ended.
        """
        self._run.gate.shut(LEAVING)

    def hold_back_no_more(self) -> None:
        """They took too long: start attempts again."""
        self._run.gate.open(LEAVING)
        self._settle()

    def attempt_progress(self, attempt_id: int, percent: float) -> None:
        """A running attempt told how far it is."""
        self._run.attempts.progress(attempt_id, percent)

    def claim_granted(self, path: str, tokens: Mapping[str, int]) -> None:
        """A claim has what it wanted. One that was withdrawn meanwhile is ignored."""
        self._run.claims.granted(path, tokens)
        self._settle()

    def claim_refused(self, path: str, reason: str, blockers: Sequence[Mapping[str, Json]]) -> None:
        """A claim will never have what it wants; `reason`: conflict, deadlock or capacity. Where
        the step has begun already (the claim is made again after a pause or a resume) the workflow
        is cancelled.
        """
        refusal = self._run.claims.refused(path, reason, blockers)
        if refusal is None:
            self._settle()
        elif self._final is None and self._run.ending.why is None:
            self.cancel(actor="", reason=refusal.message)

    def claim_waiting(self, path: str, blockers: Sequence[Mapping[str, Json]]) -> None:
        """A claim has to wait, and for whom."""
        self._run.claims.must_wait(path, blockers)
        self._settle()

    def timer_fired(self, path: str, subject: str) -> None:
        """A timer that was set is over. One that was cleared meanwhile is ignored."""
        run = self._run
        if not path and subject == UNPAUSE:
            self.unpause(actor="", automatic=True)
            return
        if self._final is not None or not run.timers.is_set(path, subject):
            return
        if not path and subject == TIMEOUT:
            self._journal.take_input(EventType.WORKFLOW_TIMED_OUT, "", {})
        else:
            self._journal.take_input(EventType.TIMER_FIRED, path, {"subject": subject})
        run.timers.fire(path, subject)
        self._settle()

    def pause(
        self,
        *,
        actor: str,
        reason: str = "",
        now: bool = False,
        checkpoint: bool = False,
        resume_at: float | None = None,
    ) -> str | None:
        """Start nothing more; returns the id of the checkpoint if one was asked for.

        What runs may finish, unless `now`: then it is stopped, and performed again after the
        pause. Raises ConflictError if it is paused, being ended, or over.
        """
        self._refuse_if_final("pause")
        if self._pausing:
            raise ConflictError("the workflow is paused already", hint="resume it first")
        if self._run.ending.why is not None:
            raise ConflictError(
                f"the workflow is being ended: {self._run.ending.message}",
                hint="wait until its clean-up is done",
            )
        taken = self._pausing.begin(
            actor, reason, now=now, checkpoint=checkpoint, resume_at=resume_at
        )
        self._settle()
        return taken

    def unpause(self, *, actor: str, automatic: bool = False) -> None:
        """Go on after a pause. An automatic one that comes too late is ignored."""
        if not self._pausing:
            if automatic:
                return
            raise ConflictError("the workflow is not paused", hint="see its state with `status`")
        self._pausing.end(actor, automatic=automatic)
        self._settle()

    def cancel(self, *, actor: str, reason: str = "") -> None:
        """Stop; `finally` still runs. The second call stops that too."""
        self._refuse_if_final("cancel")
        hard = self._run.ending.why is not None
        data = _request(actor, reason)
        self._journal.take_input(EventType.CANCEL_REQUESTED, "", {**data, "hard": hard})
        if hard:
            self._run.attempts.hurry()
        self._run.ending.cancel(request_message("cancelled", data))
        self._settle()

    def complete(self, *, actor: str, reason: str = "") -> None:
        """End by force: stop everything, run `finally`, state completed."""
        self._refuse_if_final("complete")
        data = _request(actor, reason)
        self._journal.take_input(EventType.COMPLETION_REQUESTED, "", data)
        self._run.complete(request_message("completed by force", data))
        self._settle()

    def resolve(self, path: str, choice: str, *, actor: str) -> None:
        """Decide about something parked. Raises ConflictError if it is not parked, UsageError if
        that is no choice.
        """
        question = self._run.parking.questions.get(path)
        if question is None:
            raise ConflictError(
                f"{path or 'the workflow'} does not wait for a decision",
                hint="`status` lists what does",
            )
        if choice not in question.choices:
            raise UsageError(
                f"{choice!r} is no choice for {path or 'the workflow'}",
                hint=f"choose one of: {', '.join(question.choices)}",
            )
        data: dict[str, Json] = {"subject": question.subject, "choice": choice, "actor": actor}
        self._journal.take_input(EventType.RESOLVED, path, data)
        self._run.parking.answer(path, question.subject, choice)
        self._settle()

    def approve(
        self, path: str, *, actor: str, inputs: Mapping[str, Json], comment: str = ""
    ) -> None:
        """Approve what `path` waits for. Raises ConflictError if it does not wait (any more), or
        if the actor has approved already, and UsageError for values that do not fit.
        """
        request = self._run.approvals.asked(path, actor)
        data: dict[str, Json] = {"actor": actor, "inputs": request.typed(inputs)}
        if comment:
            data["comment"] = comment
        self._take_answer(EventType.APPROVAL_GIVEN, path, data)

    def reject(self, path: str, *, actor: str, reason: str = "") -> None:
        """Reject what `path` waits for. Raises ConflictError if it does not wait (any more)."""
        self._run.approvals.asked(path, actor)
        self._take_answer(EventType.APPROVAL_REJECTED, path, _request(actor, reason))

    def _take_answer(self, kind: EventType, path: str, data: Mapping[str, Json]) -> None:
        self._run.approvals.take(self._journal.take_input(kind, path, data))
        self._settle()

    def event_arrived(self, path: str, event: Mapping[str, Json]) -> bool:
        """An event came that `path` may be waiting for. False if it does not wait (any more), or
        its filter keeps the event back.
        """
        taken = self._final is None and self._run.event_waits.arrived(path, event)
        if taken:
            self._settle()
        return taken

    def awaits(self, path: str) -> bool:
        """Whether people are asked to approve that."""
        return path in self._run.approvals.open

    @property
    def awaits_approval_only(self) -> bool:
        """Whether people are asked for nothing but approvals, and still have time."""
        run = self._run
        asks = run.approvals.open and not run.parking.questions
        return bool(asks) and not run.timers.overdue

    def asks(self, path: str) -> bool:
        """Whether that waits for somebody's decision."""
        return path in self._run.parking.questions

    def note(self, type: EventType, path: str = "", data: Mapping[str, Json] | None = None) -> None:  # noqa: A002
        """Append an event of the engine's own with the right number."""
        self._journal.emit(type, path, data or {})

    def now(self) -> float:
        """The host's clock, for those who only have the execution."""
        return self._runtime.now()

    @property
    def state(self) -> State:
        """running, paused, waiting, needs_attention (only parked things left), or final."""
        run = self._run
        if self._final is not None:
            return self._final.state
        if run.attempts.running:
            return State.RUNNING
        if self._pausing:
            return State.PAUSED
        if (run.parking.questions or run.approvals.open) and not (
            run.timers.waiting or run.claims.waiting or run.event_waits.waiting
        ):
            return State.WAITING if run.parking.only_confirmations else State.NEEDS_ATTENTION
        return State.RUNNING

    @property
    def final(self) -> Final | None:
        """How it ended, if it did."""
        return self._final

    @property
    def ending(self) -> bool:
        """Whether it is being ended: somebody cancelled or completed it, or its time is over."""
        return self._run.ending.why is not None

    @property
    def idle(self) -> bool:
        """No attempt runs and no timer is set: only somebody's request can move it."""
        if self._final is not None:
            return True
        run = self._run
        if run.attempts.running or run.timers.armed:
            return False
        if run.claims.waiting or run.event_waits.waiting:
            return False
        return not self._pausing.ends_by_itself

    def _refuse_if_final(self, verb: str) -> None:
        if self._final is not None:
            raise ConflictError(
                f"cannot {verb}: the workflow is {self._final.state}",
                hint="a workflow that has ended can only be resumed or run again",
            )

    def _finish(self, ended: Ended) -> None:
        run = self._run
        self._note_loose_ends()
        state, error = verdict(run, ended.result)
        outputs: Mapping[str, Json] = ended.outputs if state is State.SUCCEEDED else {}
        run.timers.clear_deadline("", TIMEOUT)
        run.timers.clear_deadline("", CLEANUP)
        data: dict[str, Json] = {"state": str(state)}
        if error is not None:
            data["error"] = error
        if outputs:
            data["outputs"] = outputs
        self._journal.emit(EventType.WORKFLOW_FINISHED, "", data)
        self._final = Final(state, error, outputs)

    def _note_loose_ends(self) -> None:
        loose = self._run.attempts.unclaimed + self._history.unconsumed()
        if loose:
            message = f"the journal has attempts that the playbook did not lead to: {loose[0]}"
            self._run.need_attention("", message)


def _request(actor: str, reason: str) -> dict[str, Json]:
    data: dict[str, Json] = {"actor": actor}
    if reason:
        data["reason"] = reason
    return data
