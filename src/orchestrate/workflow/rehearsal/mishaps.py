"""One step, and everything that can happen to it: each played from where it is about to start."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrate.playbook.plan import Assert, EventWait, Json, Step, Wait
from orchestrate.workflow import paths
from orchestrate.workflow.events import INPUTS, Event, EventType
from orchestrate.workflow.history import TIMEOUT
from orchestrate.workflow.memory import FOR_EVER, Scripted
from orchestrate.workflow.outcomes import Outcome, State, Status
from orchestrate.workflow.rehearsal.consequences import deployed, left_behind, reactions, told
from orchestrate.workflow.rehearsal.courses import Course, Play, Stage, without_tries
from orchestrate.workflow.rehearsal.matrix import Mishap, Resume, Row
from orchestrate.workflow.rehearsal.parts import Part, is_reaction
from orchestrate.workflow.resume_lines import REUSE, RUN
from orchestrate.workflow.state import WorkflowView, fold

OPERATOR = "operator"
_NOTHING_TO_RESUME = frozenset((State.SUCCEEDED, State.COMPLETED))
_WORDS = {
    Mishap.FAILS: "fails",
    Mishap.TIMES_OUT: "times out",
    Mishap.WORKFLOW_TIMES_OUT: "is overtaken by the workflow's timeout",
    Mishap.ENCLOSING_TIMES_OUT: "times out",
    Mishap.CANCELLED: "is cancelled",
    Mishap.HOST_DIES: "is lost",
}


class Target(NamedTuple):
    """The first start of a step on a course: `course.events[at]`."""

    course: Course
    at: int

    @property
    def path(self) -> str:
        """The step."""
        return self.course.events[self.at].path

    @property
    def before(self) -> Sequence[Event]:
        """The journal before the step starts, and before everything else that starts at the same
        moment: what one input leads to is recorded together.
        """
        events, first = self.course.events, self.at
        while first > 1 and events[first - 1].type not in INPUTS:
            first -= 1
        return events[:first]

    @property
    def during(self) -> Sequence[Event]:
        """The journal when it runs, and everything else that starts at the same moment does."""
        events, last = self.course.events, self.at + 1
        while last < len(events) and events[last].type not in INPUTS:
            last += 1
        return events[:last]


class Rehearsal:
    """Plays mishaps of one program's steps."""

    def __init__(self, stage: Stage, parts: Mapping[str, Part], usual: Course) -> None:
        self._stage = stage
        self._parts = parts
        self._usual = frozenset(map(paths.static, reactions(usual.events)))
        """Handlers that run when nothing happens, too."""

    def rows(self, target: Target) -> list[tuple[Row, Course | None]]:
        """Each mishap and what comes of it, with the course that it opens, if any."""
        with self._stage.supposing(target.course.given):
            return list(self._rows(target))

    def _rows(self, target: Target) -> Iterator[tuple[Row, Course | None]]:
        step = self._parts[paths.static(target.path)].step
        if isinstance(step.action, Assert):
            yield self._does_not_hold(target)
            return
        yield from self._before(target, step)
        yield from self._during(target)
        yield self._cancelled(target)
        if target.course.events[target.at].data.get("timeout") is not None:
            yield self._times_out(target)
        yield from self._deadlines(target)

    def _before(self, target: Target, step: Step) -> Iterator[tuple[Row, Course | None]]:
        """The engine dies before the step starts; and, gone on from there, the step fails."""
        course, path = target.course, target.path
        is_wait = isinstance(step.action, Wait | EventWait)
        overrides = course.overrides
        if not is_wait:
            overrides = {**overrides, without_tries(path): _failure(step)}
        prefix = target.before
        play = self._stage.take_up(prefix, overrides)
        runs = play.performed or (path,)
        view = fold(prefix)
        resume = Resume(runs, play.attached, (), _finished(view))
        yield self._going_on(target, Mishap.ENGINE_DIES_BEFORE, resume, view), None
        if not is_wait:
            play.drive()
            yield self._ended(target, Mishap.FAILS, play, overrides)

    def _during(self, target: Target) -> Iterator[tuple[Row, Course | None]]:
        """The engine dies while the step runs; and, gone on from there, nobody knows its end."""
        course = target.course
        prefix = target.during
        play = self._stage.take_up(prefix, course.overrides)
        attached = play.attached or (target.path,)
        view = fold(prefix)
        resume = Resume((), attached, (), _finished(view))
        yield self._going_on(target, Mishap.ENGINE_DIES_DURING, resume, view), None
        if play.attached:
            play.lose(lambda path: self._parts[paths.static(path)].reads_only)
            play.drive()
            row, opened = self._ended(target, Mishap.HOST_DIES, play, course.overrides)
            again = tuple(path for path in play.performed if path in play.attached)
            yield row._replace(resume=row.resume._replace(runs=again)), opened

    def _does_not_hold(self, target: Target) -> tuple[Row, Course | None]:
        """An assertion fails: as if the record said so."""
        course = target.course
        event = course.events[target.at]
        failed: dict[str, Json] = {"status": str(Status.FAILED), "message": "it does not hold"}
        data = {**event.data, **failed}
        if event.type is EventType.DECIDED:
            data = {**event.data, "value": {"kind": "assert", **failed}}
        prefix = [*course.events[: target.at], event._replace(data=data)]
        play = self._stage.take_up(prefix, course.overrides)
        play.drive()
        return self._ended(target, Mishap.FAILS, play, course.overrides)

    def _cancelled(self, target: Target) -> tuple[Row, Course | None]:
        play = self._take_up_running(target)
        play.execution.cancel(actor=OPERATOR)
        play.drive()
        return self._ended(target, Mishap.CANCELLED, play, target.course.overrides)

    def _times_out(self, target: Target) -> tuple[Row, Course | None]:
        course, path = target.course, target.path
        overrides = {**course.overrides, without_tries(path): Scripted(takes=FOR_EVER)}
        play = self._stage.take_up(course.events[: target.at], overrides)
        play.drive()
        return self._ended(target, Mishap.TIMES_OUT, play, overrides)

    def _deadlines(self, target: Target) -> Iterator[tuple[Row, Course | None]]:
        """The time of the workflow, and of every step and playbook around this one."""
        for owner in _deadlines_over(target):
            play = self._take_up_running(target)
            play.execution.timer_fired(owner, TIMEOUT)
            if not any(_is_end_of_time(event) for event in play.runtime.journal):
                continue
            play.drive()
            mishap = Mishap.ENCLOSING_TIMES_OUT if owner else Mishap.WORKFLOW_TIMES_OUT
            if owner == target.path:
                mishap, owner = Mishap.TIMES_OUT, ""
            yield self._ended(target, mishap, play, target.course.overrides, owner)

    def _take_up_running(self, target: Target) -> Play:
        return self._stage.take_up(target.during, target.course.overrides)

    def _ended(
        self,
        target: Target,
        mishap: Mishap,
        play: Play,
        overrides: Mapping[str, Scripted],
        of: str = "",
    ) -> tuple[Row, Course]:
        """The row of a play that has come to rest."""
        events = play.events
        view = fold(events)
        state = play.state
        left = left_behind(events, view, self._parts)
        done = () if state is State.SUCCEEDED else left.done
        handlers = reactions(events[target.at + 1 :])
        resume = self._resume(play, events, view)
        what = f"{of or target.path} {_WORDS[mishap]}"
        facts = deployed(view), self._reacted(events), told(view, self._parts)
        row = Row(target.path, mishap, of, handlers, done, left.partial, str(state), resume, *facts)
        before = target.course
        when = f"{before.when}, {what}" if before.when else what
        return row, Course(overrides, before.given, when, events, str(state))

    def _going_on(self, target: Target, mishap: Mishap, resume: Resume, view: WorkflowView) -> Row:
        """The row of a mishap after which a resume goes on as if nothing had happened."""
        facts = (
            deployed(view),
            self._reacted(target.before),
            told(view, self._parts),
        )
        return Row(target.path, mishap, "", (), (), (), target.course.state, resume, *facts)

    def _reacted(self, events: Sequence[Event]) -> bool:
        unusual = (path for path in reactions(events) if paths.static(path) not in self._usual)
        return any(self._parts[paths.static(path)].effects for path in unusual)

    def _resume(self, play: Play, events: Sequence[Event], view: WorkflowView) -> Resume:
        if play.state in _NOTHING_TO_RESUME:
            return Resume()
        if play.execution.final is None:
            parked = tuple(path for path, _ in view.parked)
            return Resume(decide=parked, reuses=_finished(view))
        again, planned = self._stage.resume(events)
        decide = tuple(path for path, _ in fold(again.runtime.journal).parked)
        runs = again.performed
        if not (runs or decide):  # it begins with a step that waits
            runs = tuple(line.path for line in planned.lines if line.action == RUN)[:1]
        reused = tuple(
            line.path
            for line in planned.lines
            if line.action == REUSE and not is_reaction(line.path)
        )
        return Resume(runs, (), decide, reused)


def _failure(step: Step) -> Scripted:
    codes = step.retry.on_exit_codes
    code = codes[0] if codes else 1
    return Scripted(Outcome(Status.FAILED, code, message=f"exit code {code}"))


def _deadlines_over(target: Target) -> tuple[str, ...]:
    """Whose deadlines were set so far, of what is around the step, from the inside out."""
    found = [
        event.path
        for event in target.course.events[: target.at]
        if event.type is EventType.TIMER_SET
        and event.data["subject"] == TIMEOUT
        and _is_around(event.path, target.path)
    ]
    return tuple(sorted(dict.fromkeys(found), key=len, reverse=True))


def _is_around(owner: str, path: str) -> bool:
    if paths.last(owner) == paths.PLAYBOOK:
        owner = paths.parent(owner)
    return not owner or paths.within(path, owner)


def _is_end_of_time(event: Event) -> bool:
    return event.type in (EventType.TIMER_FIRED, EventType.WORKFLOW_TIMED_OUT)


def _finished(view: WorkflowView) -> tuple[str, ...]:
    """What is over and will not run again; a step that contains steps stands for them."""
    over = {path for path, step in view.steps.items() if step.finished}
    return tuple(
        path
        for path in view.steps
        if path in over
        and not is_reaction(path)
        and not any(above in over for above in _above(path))
    )


def _above(path: str) -> Iterator[str]:
    return paths.ancestors(paths.parent(path))
