"""What a resume reuses and runs, and the events that make it so. Pure.

A resume never edits the journal; it appends `forgotten` (what was recorded for these paths no
longer counts) and `forced` (this step counts as skipped), and the interpreter runs again over what
is left.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from orchestrate.errors import ConflictError, NotFoundError, UsageError
from orchestrate.playbook.plan import ForEach, Json, Plan
from orchestrate.workflow import paths, resume_undo
from orchestrate.workflow.engine import ResumeOptions, ResumePlan
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State, Status
from orchestrate.workflow.parking import chosen
from orchestrate.workflow.program import Program
from orchestrate.workflow.resume_changes import REMOVED, changed_plan
from orchestrate.workflow.resume_lines import resume_lines
from orchestrate.workflow.resume_place import find_step
from orchestrate.workflow.resume_undo import UndoneTransaction, undone_transactions
from orchestrate.workflow.resume_warnings import reader_warnings, rollback_warnings
from orchestrate.workflow.sequence import needed
from orchestrate.workflow.state import fold
from orchestrate.workflow.structure import (
    BODY,
    Located,
    Place,
    handler_paths_after,
    iterations_of,
    locate,
)
from orchestrate.workflow.tries import Tries

NewEvent = tuple[EventType, str, Mapping[str, Json]]

_GOOD = frozenset((str(Status.SUCCEEDED), str(Status.SKIPPED)))


class Change(NamedTuple):
    """What a resume changes in the record. Insertion order is kept: these are used as ordered
    sets.
    """

    forgotten: dict[str, str]
    """Path -> why."""
    kept: dict[str, None]
    """Inside what is forgotten, but not forgotten."""
    reopened: dict[str, None]
    forced: dict[str, str]
    """Path -> why; these count as skipped."""
    resolved: dict[str, str]
    """Parked path -> choice."""
    warnings: list[str]


def plan_resume(
    program: Program, events: Iterable[Event], options: ResumeOptions
) -> tuple[ResumePlan, list[NewEvent]]:
    """What would be reused and run, and the events to append before it: FORGOTTEN, FORCED, and
    RESOLVED for what `options.unknown` decides.

    `program` is that of the recorded plan with the recorded parameters; changed parameters and the
    changed plan come in `options`. Raises UsageError, NotFoundError or ConflictError.
    """
    resume = _Resume(program, list(events), options)
    return resume.plan(), resume.new_events()


class _Resume:
    def __init__(self, program: Program, events: list[Event], options: ResumeOptions) -> None:
        self._program = program
        self._events = events
        self._options = options
        self._view = fold(events, program.workflow)
        self._ended = self._view.finished_at is not None
        self._attempt_status = _last_attempts(events)
        self._undone = undone_transactions(self._view, events)
        self._change = Change({}, {}, {}, {}, {}, [])
        self._since: int | None = None
        self._moved: dict[str, str] = {}
        self._needs_yes = False
        self._decide()

    def _decide(self) -> None:
        options, view = self._options, self._view
        if options.from_step is not None and options.checkpoint is not None:
            raise UsageError(
                "--from-step and --checkpoint are two different places to resume from",
                hint="give one of them",
            )
        chosen = options.from_step or options.checkpoint or options.changed_plan
        if view.state is State.SUCCEEDED and not chosen:
            raise ConflictError(
                "the workflow succeeded: nothing is left to do",
                hint="name a step with --from-step, or run the playbook again with `rerun`",
            )
        if options.from_step is not None:
            self._from_step(options.from_step)
        elif options.checkpoint is not None:
            self._from_checkpoint(options.checkpoint)
        elif self._ended:
            self._from_failures()
        self._decide_parked()
        if options.changed_plan is not None:
            self._use_changed_plan(options.changed_plan)
        for transaction in self._undone:
            changed = options.changed_plan is not None
            if not transaction.over and (changed or self._is_forgotten(transaction.path)):
                raise resume_undo.half_undone(transaction)
        if options.parameters:
            warnings = reader_warnings(self._program, self._view, options.parameters)
            self._change.warnings.extend(
                text for path, text in warnings if not self._is_forgotten(path)
            )

    # What led to the end

    def _from_failures(self) -> None:
        for path in dict.fromkeys(self._whole(path) for path in self._innermost()):
            transaction = resume_undo.around(self._undone, path)
            if transaction is not None and not transaction.over:
                continue  # it is undone to its end first
            step = self._view.steps[path]
            why = f"{step.state}: {step.message}" if step.message else step.state
            failed = step.state in (Status.FAILED, Status.TIMED_OUT)
            if self._attempt_status.get(path) is Status.UNKNOWN and not self._unknown_choice():
                self._reopen(path)
            elif failed and self._options.skip_failed:
                self._forget(path, why)
                self._change.forced[path] = f"skipped by {self._options.actor or 'resume'}"
            else:
                self._forget(path, why)
            self._follow(path, siblings=False)
        for transaction in self._undone:
            if not transaction.over:
                self._go_on_undoing(transaction)
        for handler in paths.HANDLERS:
            self._forget(handler, "follows")
        self._change.warnings.extend(rollback_warnings(self._view, self._change.forgotten))

    def _whole(self, path: str) -> str:
        """The path, or that of the transaction around it whose undoing has begun."""
        transaction = resume_undo.around(self._undone, path)
        return path if transaction is None else transaction.path

    def _go_on_undoing(self, transaction: UndoneTransaction) -> None:
        """Compensations that were stopped run again, but not what succeeded in them."""
        if self._options.skip_failed:
            raise resume_undo.half_undone(transaction)
        for effect in transaction.effects:
            prefix = paths.join(effect, paths.COMPENSATE)
            if effect in transaction.settled or prefix not in self._view.steps:
                continue
            self._forget(prefix, "was stopped")
            for path, step in self._view.steps.items():
                if path == prefix or not paths.within(path, prefix):
                    continue
                unknown = self._attempt_status.get(path) is Status.UNKNOWN
                if step.state in _GOOD or (unknown and not self._unknown_choice()):
                    self._change.kept[path] = None
                    if unknown:
                        self._reopen(path)
        for path in dict.fromkeys((transaction.path, transaction.body)):
            self._reopen(path)
        for handler in handler_paths_after(transaction.path, BODY):
            self._forget(handler, "follows")
        self._follow(transaction.path, siblings=False)

    def _unknown_choice(self) -> bool:
        return self._options.unknown == "rerun"

    def _innermost(self) -> list[str]:
        """The steps that stopped the workflow, none of which contains another."""
        tries = Tries(self._view.steps)
        bad = {
            path
            for path, step in self._view.steps.items()
            if step.state not in _GOOD
            if not tries.is_history(path) and not self._is_tolerated(path)
        }
        return [path for path in self._view.steps if path in bad and not self._inner(path, bad)]

    def _inner(self, path: str, bad: set[str]) -> bool:
        """Whether the reason lies further in: in its body, or in a handler after a good body."""
        if self._attempt_status.get(path, Status.SUCCEEDED) is not Status.SUCCEEDED:
            return False
        on_failure = paths.join(path, paths.ON_FAILURE)
        return any(
            other != path and paths.within(other, path) and not paths.within(other, on_failure)
            for other in bad
        )

    def _is_tolerated(self, path: str) -> bool:
        located = locate(self._program.plan, path)
        if located is None:
            return False
        return any(
            place.step.continue_on_error and self._state(place.path) in _FAILED
            for place in located.places
        )

    def _state(self, path: str) -> str | None:
        step = self._view.steps.get(path)
        return step.state if step is not None else None

    # A place that somebody chose

    def _from_step(self, wanted: str) -> None:
        path = find_step(self._program.plan, self._view, wanted)
        resume_undo.refuse_inside(self._undone, path)
        located = locate(self._program.plan, path)
        assert located is not None
        if located.places[-1].zone != BODY and path not in self._view.steps:
            raise ConflictError(
                f"{path} is a handler that did not run",
                hint="resume from the step that it belongs to",
            )
        self._jump(located)
        self._forget(path, "chosen")
        self._follow(path, siblings=True)

    def _jump(self, located: Located) -> None:
        """Earlier steps on the way that have no good outcome are jumped over."""
        for place in located.places:
            for sibling in place.siblings[: place.position]:
                path = paths.join(place.prefix, sibling.key)
                state = self._state(path)
                if state in _GOOD or (state in _FAILED and sibling.continue_on_error):
                    continue
                self._needs_yes = True
                self._forget(path, "jumped over")
                self._change.forced[path] = "jumped over"
                what = "never ran" if state is None else f"is {state}"
                self._change.warnings.append(f"{path} {what} and would be jumped over")

    def _from_checkpoint(self, wanted: str) -> None:
        found = next((c for c in self._view.checkpoints if wanted in (c.id, c.name)), None)
        if found is None:
            listed = ", ".join(c.id for c in self._view.checkpoints)
            raise NotFoundError(
                f"there is no checkpoint {wanted}",
                hint=f"there are: {listed}" if listed else "this workflow has no checkpoints",
            )
        self._since = found.seq
        then = fold(event for event in self._events if event.seq <= found.seq)
        resume_undo.refuse_checkpoint(self._undone, found.id, then)
        flying = set(then.running.values())
        for path, step in self._view.steps.items():
            before = then.steps.get(path)
            if before is None or path in flying:
                self._forget(path, f"came after {found.id}")
            elif not before.finished or step.finished_at != before.finished_at:
                self._reopen(path)
        undone = [
            path
            for path, step in self._view.steps.items()
            if step.attempts and step.state == Status.SUCCEEDED and self._is_forgotten(path)
        ]
        if undone:
            self._change.warnings.append(
                f"the effects of {len(undone)} steps that came after {found.id} are not undone"
            )

    # Decisions, a changed playbook, changed parameters

    def _decide_parked(self) -> None:
        for (path, subject), parked in self._view.parked.items():
            choice = chosen(subject, self._options.unknown, self._options.compensation)
            if choice in parked.choices and not self._is_forgotten(path):
                self._change.resolved[path] = choice

    def _use_changed_plan(self, plan: Plan) -> None:
        changes = changed_plan(self._program.plan, plan, list(self._view.steps))
        self._moved = changes.moved
        for path, why in changes.rerun.items():
            self._forget(self._whole(path), why)
            self._follow(self._whole(path), siblings=why != REMOVED)
        self._change.warnings.extend(changes.warnings)

    # The record

    def _is_forgotten(self, path: str) -> bool:
        return any(above in self._change.forgotten for above in paths.ancestors(path))

    def _forget(self, path: str, why: str) -> None:
        if not self._is_forgotten(path):
            self._change.forgotten[path] = why

    def _reopen(self, path: str) -> None:
        if path:
            self._change.reopened[path] = None

    def _follow(self, path: str, *, siblings: bool) -> None:
        """Forget what comes after `path` in structure, and reopen what contains it."""
        located = locate(self._program.plan, path)
        if located is None:
            return
        for depth, place in enumerate(reversed(located.places)):
            inside = depth > 0 or bool(located.rest)
            if inside:
                self._reopen(place.path)
                for handler in self._handlers_after(located, depth, path):
                    self._forget(handler, "follows")
            if siblings:
                self._forget_later(place, path)
                self._forget_later_iterations(place, path)
        for handler in handler_paths_after("", located.places[0].zone):
            self._forget(handler, "follows")

    def _handlers_after(self, located: Located, depth: int, path: str) -> list[str]:
        """Handlers of the step at `depth` (counted from the inside) that follow what is inside."""
        places = list(reversed(located.places))
        owner = places[depth].path
        zone = places[depth - 1].zone if depth else BODY
        return [handler for handler in handler_paths_after(owner, zone) if handler != path]

    def _forget_later(self, place: Place, path: str) -> None:
        later = range(place.position + 1, len(place.siblings))
        if self._program.options.parallel:
            closures = needed(place.siblings)
            later = [other for other in later if place.position in closures[other]]
        for other in later:
            self._forget(paths.join(place.prefix, place.siblings[other].key), f"follows {path}")

    def _forget_later_iterations(self, place: Place, path: str) -> None:
        action = place.step.action
        if not isinstance(action, ForEach) or action.max_parallel not in (None, 1):
            return
        keys = list(dict.fromkeys(iterations_of(self._view.steps, place.path)))
        current = next((key for key in keys if paths.within(path, key)), None)
        if current is not None:
            for key in keys[keys.index(current) + 1 :]:
                self._forget(key, f"follows {path}")

    # What comes of it

    def plan(self) -> ResumePlan:
        change, plan = self._change, self._options.changed_plan or self._program.plan
        recorded = change.forgotten, change.forced, change.resolved, self._moved
        half = self._half_undone()
        lines = resume_lines(plan, self._view, *recorded, half)
        change.warnings.extend(
            f"{transaction.path} is only undone to its end; resume once more to run it again"
            for transaction in half
            if resume_undo.ends_undone(plan, transaction)
        )
        return ResumePlan(
            self._program.workflow, tuple(lines), tuple(change.warnings), self._needs_yes
        )

    def _half_undone(self) -> list[UndoneTransaction]:
        """Those that are undone to their end, the outermost only."""
        half = [t for t in self._undone if not t.over and not self._is_forgotten(t.path)]
        return [t for t in half if resume_undo.around(half, t.path) is t]

    def new_events(self) -> list[NewEvent]:
        change = self._change
        data: dict[str, Json] = {}
        if change.forgotten:
            data["paths"] = list(change.forgotten)
        if change.kept:
            data["keep"] = list(change.kept)
        if change.reopened:
            data["reopen"] = list(change.reopened)
        if self._moved:
            data["moved"] = self._moved
        if self._since is not None:
            data["since"] = self._since
        if self._ended or self._since is not None:
            data["requests"] = True
        found: list[NewEvent] = []
        if data:
            data["reason"] = self._reason()
            found.append((EventType.FORGOTTEN, "", data))
        for path, why in change.forced.items():
            forced: dict[str, Json] = {"status": str(Status.SKIPPED), "reason": why}
            found.append((EventType.FORCED, path, {**forced, "actor": self._options.actor}))
        for path, choice in change.resolved.items():
            subject = next(s for p, s in self._view.parked if p == path)
            decided: dict[str, Json] = {"subject": subject, "choice": choice}
            found.append((EventType.RESOLVED, path, {**decided, "actor": self._options.actor}))
        return found

    def _reason(self) -> str:
        chosen_place = self._options.from_step or self._options.checkpoint
        return f"resumed from {chosen_place}" if chosen_place else "resumed"


_FAILED = frozenset((str(Status.FAILED), str(Status.TIMED_OUT)))


def _last_attempts(events: Iterable[Event]) -> dict[str, Status]:
    return {
        event.path: Status(str(event.data["status"]))
        for event in events
        if event.type is EventType.ATTEMPT_FINISHED
    }
