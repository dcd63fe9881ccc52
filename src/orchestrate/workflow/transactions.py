"""Transactions: all or nothing.

The steps of a transaction run like any sequence; each that can be undone leaves an effect in its
undo log. If the body fails or is stopped, that is decided once (`undo`), and then the effects are
undone one after another, the last to finish first, in a scope that only a second, hard cancel
reaches. A compensation that fails is no end: somebody decides, and until then nothing more is
undone and nothing is called rolled back.
"""

from collections.abc import Mapping, Sequence
from enum import Enum

from orchestrate.playbook.plan import Json, Step, Transaction
from orchestrate.workflow import paths
from orchestrate.workflow.ending import Why
from orchestrate.workflow.events import EventType
from orchestrate.workflow.frames import Frame
from orchestrate.workflow.history import CLEANUP, UNDO
from orchestrate.workflow.journal import Journal
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.parking import COMPENSATION
from orchestrate.workflow.results import NO_ERROR, Failure, Result
from orchestrate.workflow.scope import Cancelled, Scope
from orchestrate.workflow.sequence import run_sequence
from orchestrate.workflow.steps import run_step
from orchestrate.workflow.undo_log import Effect, UndoLog

RETRY = "retry"
SKIP = "skip"
ACCEPT = "accept"
_CHOICES = (RETRY, SKIP, ACCEPT)
_NAMED = 100
"""Steps that are listed as not undone, at most."""
_LISTED = 1000
"""Steps that the decision to undo lists."""
_COMMITTED: Mapping[str, Json] = {"rolled_back": False}


class _BodyScope(Scope):
    """The scope of a transaction's steps; remembers which input stopped it."""

    __slots__ = ("_journal", "stopped")

    def __init__(self, parent: Scope, journal: Journal) -> None:
        super().__init__(parent.scheduler, parent)
        self._journal = journal
        self.stopped = journal.position if self.cancelled else None

    def cancel(self, reason: str, *, hard: bool = False) -> None:
        """See `Scope.cancel`."""
        if not self.cancelled:
            self.stopped = self._journal.position
        super().cancel(reason, hard=hard)


async def run_transaction(frame: Frame, action: Transaction, path: str) -> Result:
    """One try of a transaction."""
    run = frame.run
    log = UndoLog()
    with _BodyScope(frame.scope, run.journal) as scope:
        run.bodies[path] = scope
        inside = frame.nested(scope=scope)
        inside.undo = log
        result = await run_sequence(inside, action.steps, path)
        del run.bodies[path]
    if result.status is Status.SUCCEEDED:
        if frame.undo is not None:
            frame.undo.take(log)
        return result._replace(output=_COMMITTED)
    if run.ending.why is Why.COMPLETION and not result.failed:
        return _left_by_force(frame, path, result, log)
    reason = result.message if result.failed else scope.reason or "it was stopped"
    return await _Undoing(frame, path, log).run(result, reason, scope.stopped)


def _left_by_force(frame: Frame, path: str, result: Result, log: UndoLog) -> Result:
    """Who declares a workflow done declares what stands there done."""
    effects = [effect.path for effect in log.latest_first()]
    if effects:
        frame.run.warn(path, f"completed by force: {_steps(len(effects))} finished and not undone")
    return _leave(frame, result, 0, [*effects, *log.left])


def _leave(frame: Frame, result: Result, undone: int, left: Sequence[str]) -> Result:
    """What was left is left by the transaction around it, too."""
    if frame.undo is not None:
        frame.undo.left += left
    return result._replace(output=_output(undone, left))


class _End(Enum):
    """How it ended with one effect."""

    UNDONE = "undone"
    LEFT = "left"
    STOPPED = "stopped"


class _Undoing:
    """Undoes the effects of one transaction."""

    def __init__(self, frame: Frame, path: str, log: UndoLog) -> None:
        self._frame = frame
        self._run = frame.run
        self._path = path
        self._effects = log.latest_first()
        self._left_inside = log.left
        self._error: Mapping[str, Json] = NO_ERROR
        self._limited = False
        self._allowances = 0
        self._current: Scope | None = None
        self._late = False

    async def run(self, result: Result, reason: str, stopped: int | None) -> Result:
        """The transaction's result, once everything is undone that can be."""
        decision: dict[str, Json] = {
            "because": reason,
            "steps": len(self._effects),
            "paths": [effect.path for effect in self._effects[:_LISTED]],
        }
        if stopped is not None:
            decision["stopped"] = stopped
        decided = self._run.journal.decide(self._path, UNDO, lambda: decision)
        assert isinstance(decided, Mapping)
        reason = str(decided["because"])
        if result.failure is not None:
            self._error = result.failure.to_error()
        # What ends the workflow has an allowance for all of its clean-up already.
        self._limited = not result.failed and self._run.ending.why is None
        self._allow()
        ends = [await self._undo(effect) for effect in self._effects]
        self._disallow()
        left = [
            effect.path
            for effect, end in zip(self._effects, ends, strict=True)
            if end is not _End.UNDONE
        ]
        if _End.STOPPED in ends:
            self._run.need_attention(self._path, f"undoing was stopped: {_not_undone(left)}")
        return self._ended(result, reason, ends.count(_End.UNDONE), [*left, *self._left_inside])

    def _ended(self, result: Result, reason: str, undone: int, left: Sequence[str]) -> Result:
        what = f"not rolled back, {_not_undone(left)}"
        if not left:
            what = f"rolled back, {_steps(undone)} undone" if undone else "rolled back"
        message = f"{result.message}; {what}" if result.failed else what
        result = _leave(self._frame, result, undone, left)
        result = result._replace(message=message, hopeless=bool(left))
        if result.failed or self._frame.scope.cancelled:
            return result
        # What stopped it no longer counts, but it must not look as if nothing had happened.
        failure = Failure(self._path, reason, None, self._run.journal.position)
        return result._replace(status=Status.FAILED, message=f"{reason}; {what}", failure=failure)

    # One effect

    async def _undo(self, effect: Effect) -> _End:
        prefix = paths.join(effect.path, paths.COMPENSATE)
        if self._frame.scope.hard:
            return _End.STOPPED
        journal = self._run.journal
        journal.note(EventType.STEP_STARTED, prefix, {"kind": COMPENSATION})
        end, status, message = await self._settle(effect, prefix)
        data: dict[str, Json] = {"status": str(status), "kind": COMPENSATION}
        if message:
            data["message"] = message
        journal.note(EventType.STEP_FINISHED, prefix, data)
        return end

    async def _settle(self, effect: Effect, prefix: str) -> tuple[_End, Status, str]:
        if effect.doubt:
            choice = await self._ask(prefix, f"is it to be undone? {effect.doubt}")
            if choice != RETRY:
                return _decided(choice)
        inside = effect.frame.nested(names={"error": self._error})
        left = False
        for step in effect.step.compensate:
            result, choice = await self._compensate(inside, step, paths.join(prefix, step.key))
            if result is None:
                return _decided(choice)
            inside.show(step.name, result)
            left = left or (result.status is Status.SKIPPED and result.attempts > 0)
        if left:
            return _End.LEFT, Status.SKIPPED, "a step of it was skipped by decision"
        return _End.UNDONE, Status.SUCCEEDED, ""

    async def _compensate(
        self, frame: Frame, step: Step, path: str
    ) -> tuple[Result | None, str | None]:
        """The result of a step that undoes, or what was decided about it: None if it was
        stopped.
        """
        tries = 0
        while True:
            tries += 1
            with self._frame.scope.child(shielded=True) as scope:
                self._current = scope
                result = await run_step(frame.nested(scope=scope), step, paths.retried(path, tries))
                self._current = None
            if not result.stops:
                if self._late:
                    self._allow()
                return result, None
            if self._frame.scope.hard:
                return None, None
            message = "the clean-up took too long" if self._late else result.message
            choice = await self._ask(
                paths.parent(path), f"could not be undone: {message or result.status}"
            )
            if choice != RETRY:
                return None, choice

    async def _ask(self, prefix: str, message: str) -> str | None:
        """What somebody decides; None if everything is stopped before."""
        if self._run.ending.why is Why.COMPLETION:
            self._run.warn(prefix, f"completed by force, so it is left: {message}")
            return SKIP
        with self._frame.scope.child(shielded=True) as scope:
            try:
                choice = await self._run.parking.ask(scope, prefix, COMPENSATION, message, _CHOICES)
            except Cancelled:
                return None
        if self._late:
            self._allow()
        return choice

    # The time that is allowed after the transaction's own timeout, or the failure of a sibling

    def _allow(self) -> None:
        if not self._limited:
            return
        self._late = False
        self._allowances += 1
        self._run.timers.start_deadline(
            self._path, self._subject, self._run.ending.cleanup_timeout, self._expire
        )

    def _disallow(self) -> None:
        if self._limited:
            self._run.timers.clear_deadline(self._path, self._subject)

    @property
    def _subject(self) -> str:
        return CLEANUP if self._allowances == 1 else f"{CLEANUP}-{self._allowances}"

    def _expire(self) -> None:
        self._late = True
        if self._current is not None:
            self._current.cancel("the clean-up took too long", hard=True)


def _decided(choice: str | None) -> tuple[_End, Status, str]:
    match choice:
        case "accept":
            return _End.UNDONE, Status.SUCCEEDED, "accepted as undone"
        case "skip":
            return _End.LEFT, Status.SKIPPED, "left as it is"
        case _:
            return _End.STOPPED, Status.CANCELLED, ""


def _output(undone: int, left: Sequence[str]) -> dict[str, Json]:
    output: dict[str, Json] = {"rolled_back": not left, "undone": undone}
    if left:
        output["not_undone"] = list(left[:_NAMED])
    return output


def _not_undone(left: Sequence[str]) -> str:
    more = f" and {len(left) - 3} more" if len(left) > 3 else ""
    return f"not undone: {', '.join(left[:3])}{more}"


def _steps(count: int) -> str:
    return f"{count} {'step' if count == 1 else 'steps'}"
