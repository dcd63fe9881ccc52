"""The core that a host drives: one workflow, from its history to its end.

The host calls the methods below, one at a time, never from inside a `Runtime` method. Each call
runs the interpreter until nothing moves any more and returns.
"""

from collections.abc import Iterable, Mapping, Sequence

from orchestrate.errors import ConflictError, UsageError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.history import CLEANUP, TIMEOUT, History
from orchestrate.workflow.interpreter import Ended, run_workflow
from orchestrate.workflow.outcomes import Outcome, State
from orchestrate.workflow.parking import HISTORY
from orchestrate.workflow.program import Program
from orchestrate.workflow.run import PAUSED, REPLAY, Run
from orchestrate.workflow.runtime import Runtime
from orchestrate.workflow.scope import Cancelled
from orchestrate.workflow.verdict import Final, final_of, verdict

__all__ = ["Execution", "Final"]

UNPAUSE = "unpause"


class Execution:
    """Drives the interpreter of one workflow over a `Runtime`."""

    def __init__(self, program: Program, runtime: Runtime, history: Iterable[Event] = ()) -> None:
        self._history = History(history)
        self._runtime = runtime
        self._run = Run(program, runtime, self._history)
        self._journal = self._run.journal
        self._final: Final | None = None
        self._pause: Mapping[str, Json] | None = None
        self._pause_noted = False

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
        self._restore_pause()
        run.gate.shut(REPLAY)
        run.scheduler.spawn(self._main())
        run.scheduler.run()
        for event in history.inputs:
            self._journal.position = event.seq
            self._replay(event)
            run.scheduler.run()
        history.inputs = []
        self._go_live()

    def _restore_pause(self) -> None:
        pause = self._history.pause
        if pause is None:
            return
        self._pause = pause.data
        self._pause_noted = self._history.paused_noted
        self._run.gate.shut(PAUSED)
        if pause.data.get("now"):
            self._run.attempts.stop_for_pause()

    def _replay(self, event: Event) -> None:
        """Deliver a recorded input as it was delivered when it came."""
        run = self._run
        match event.type:
            case EventType.ATTEMPT_FINISHED:
                run.attempts.replay(event)
            case EventType.CLAIMED | EventType.CLAIM_REFUSED:
                run.claims.replay(event)
            case EventType.TIMER_FIRED:
                self._replay_timer(event.path, str(event.data["subject"]))
            case EventType.WORKFLOW_TIMED_OUT:
                self._replay_timer("", TIMEOUT)
            case EventType.RESOLVED:
                subject, choice = str(event.data["subject"]), str(event.data["choice"])
                if not run.parking.answer(event.path, subject, choice):
                    run.parking.early.setdefault((event.path, subject), []).append(choice)
            case EventType.APPROVAL_GIVEN | EventType.APPROVAL_REJECTED:
                run.approvals.take(event)
            case EventType.DECIDED:
                run.stop_body(event.path)
            case EventType.CANCEL_REQUESTED:
                run.ending.cancel(_request_message("cancelled", event.data))
            case EventType.COMPLETION_REQUESTED:
                run.complete(_request_message("completed by force", event.data))
            case _:
                raise AssertionError(f"{event.type} is no input")

    def _replay_timer(self, path: str, subject: str) -> None:
        if not self._run.timers.fire(path, subject):
            self._run.timers.early.add((path, subject))

    def _go_live(self) -> None:
        run = self._run
        if self._final is not None:
            return
        unclaimed = run.attempts.unclaimed
        if unclaimed and not self._history.forgot:
            run.gate.shut(HISTORY)
            run.scheduler.spawn(self._ask_about_history(unclaimed))
        run.timers.go_live()
        self._set_unpause_timer()
        run.attempts.go_live()
        run.claims.go_live(paused=self._pause is not None)
        run.gate.open(REPLAY)
        self._settle()

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
        """Run until nothing moves, then say so if that is a pause, and let the clock follow.

        A pause ends with the workflow.
        """
        run = self._run
        run.scheduler.run()
        if self._pause is not None and run.ending.why is not None and self._final is None:
            # `finally` has to run. The steps are cancelled by now, so none of them slips through.
            self._end_pause("", automatic=False)
        while run.gate.admit():
            run.scheduler.run()
        if self._final is not None:
            return
        if self._pause is not None and not self._pause_noted and not run.attempts.running:
            self._pause_noted = True
            self._take_pause_checkpoint()
            self._journal.emit(EventType.PAUSED, "", {})
            run.claims.suspend()
        state = self.state
        run.timers.keep_time(running=state is State.RUNNING, paused=state is State.PAUSED)

    def _take_pause_checkpoint(self) -> None:
        checkpoint = self._pause.get("checkpoint") if self._pause else None
        taken = self._history.checkpoint_ids
        if isinstance(checkpoint, str) and checkpoint not in taken:
            taken.add(checkpoint)
            self._journal.checkpoint("pause", None, id=checkpoint)

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
        if self._pause is not None:
            raise ConflictError("the workflow is paused already", hint="resume it first")
        if self._run.ending.why is not None:
            raise ConflictError(
                f"the workflow is being ended: {self._run.ending.message}",
                hint="wait until its clean-up is done",
            )
        data: dict[str, Json] = {"actor": actor, "now": now, "checkpoint": False}
        if reason:
            data["reason"] = reason
        if checkpoint:
            data["checkpoint"] = self._journal.next_checkpoint()
        if resume_at is not None:
            data["resume_at"] = resume_at
        self._journal.emit(EventType.PAUSE_REQUESTED, "", data)
        self._pause, self._pause_noted = data, False
        self._run.gate.shut(PAUSED)
        if now:
            self._run.attempts.stop_for_pause()
        self._set_unpause_timer()
        self._settle()
        return str(data["checkpoint"]) if checkpoint else None

    def _set_unpause_timer(self) -> None:
        resume_at = self._pause.get("resume_at") if self._pause else None
        if isinstance(resume_at, int | float):
            self._runtime.set_timer("", UNPAUSE, float(resume_at))

    def unpause(self, *, actor: str, automatic: bool = False) -> None:
        """Go on after a pause. An automatic one that comes too late is ignored."""
        if self._pause is None:
            if automatic:
                return
            raise ConflictError("the workflow is not paused", hint="see its state with `status`")
        self._end_pause(actor, automatic=automatic)
        self._settle()

    def _end_pause(self, actor: str, *, automatic: bool) -> None:
        if not self._pause_noted:
            self._take_pause_checkpoint()
        data: dict[str, Json] = {"actor": actor, "automatic": automatic}
        self._journal.emit(EventType.UNPAUSED, "", data)
        self._pause = None
        self._runtime.clear_timer("", UNPAUSE)
        self._run.attempts.end_pause()
        self._run.claims.go_on()
        self._run.gate.open(PAUSED)

    def cancel(self, *, actor: str, reason: str = "") -> None:
        """Stop; `finally` still runs. The second call stops that too."""
        self._refuse_if_final("cancel")
        hard = self._run.ending.why is not None
        data = _request(actor, reason)
        self._journal.take_input(EventType.CANCEL_REQUESTED, "", {**data, "hard": hard})
        if hard:
            self._run.attempts.hurry()
        self._run.ending.cancel(_request_message("cancelled", data))
        self._settle()

    def complete(self, *, actor: str, reason: str = "") -> None:
        """End by force: stop everything, run `finally`, state completed."""
        self._refuse_if_final("complete")
        data = _request(actor, reason)
        self._journal.take_input(EventType.COMPLETION_REQUESTED, "", data)
        self._run.complete(_request_message("completed by force", data))
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
        if self._pause is not None:
            return State.PAUSED
        if (run.parking.questions or run.approvals.open) and not (
            run.timers.waiting or run.claims.waiting
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
        if run.attempts.running or run.timers.armed or run.claims.waiting:
            return False
        return self._pause is None or self._pause.get("resume_at") is None

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


def _request_message(what: str, data: Mapping[str, Json]) -> str:
    message = f"{what} by {data['actor']}" if data.get("actor") else what
    return f"{message}: {data['reason']}" if data.get("reason") else message
