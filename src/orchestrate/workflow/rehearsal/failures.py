"""The failure matrix: for every step, everything that can happen to it, and what comes of that.

Nothing here knows what comes of a failure: the real interpreter is played, on the virtual clock,
once without any mishap, and then again from each step on, with each mishap. Steps that run only
after a mishap (handlers) are rehearsed on the course that leads to them.
"""

from collections.abc import Iterator, Mapping, Sequence

from orchestrate.playbook.plan import Approval, Assert, EventWait, Step
from orchestrate.workflow import paths
from orchestrate.workflow.event_waits import in_words
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.frames import normalise
from orchestrate.workflow.history import OUTCOME
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.program import Program
from orchestrate.workflow.rehearsal.courses import BudgetSpentError, Course, Stage
from orchestrate.workflow.rehearsal.matrix import Matrix, Rehearsed, Row
from orchestrate.workflow.rehearsal.mishaps import Rehearsal, Target
from orchestrate.workflow.rehearsal.parts import Part, ReadsOnly, parts_of
from orchestrate.workflow.rehearsal.suppositions import Question

BUDGET = 500_000
"""Events that are gone through for one matrix, and steps of the playbook for each play: some
seconds.
"""
_MOST_WAYS = 100
"""How many other ways are tried to reach what was not reached."""
_NAMED = 5
"""So many steps that were not reached are named."""
_BUILT_IN = frozenset(("env", "run", "playbook", "environment", "timestamp"))
_MOMENTS = frozenset(("duration", "until"))


def failure_matrix(program: Program, reads_only: ReadsOnly, budget: int = BUDGET) -> Matrix:
    """Rehearse every step that performs something."""
    return _Making(program, reads_only, budget).matrix()


class _Making:
    def __init__(self, program: Program, reads_only: ReadsOnly, budget: int) -> None:
        self._parts = parts_of(program.plan, reads_only)
        self._stage = Stage(program, budget, len(self._parts))
        self._rehearsal: Rehearsal
        plan = program.plan
        declared = (*(parameter.name for parameter in plan.parameters), *plan.variables)
        self._settled = _BUILT_IN.union(map(normalise, declared))
        """Names whose values do not depend on what steps give."""
        self._known: set[str] = set()
        self._found: list[Rehearsed] = []
        self._notes: list[str] = []

    def matrix(self) -> Matrix:
        whole, questions = self._stage.whole({}, "")
        if whole.state != State.SUCCEEDED:
            self._notes.append(f"without any mishap it ends as {whole.state}: {_reason(whole)}")
        self._rehearsal = Rehearsal(self._stage, self._parts, whole)
        bounded = False
        try:
            self._rehearse_all(list(self._targets(whole)))
            self._take_other_ways(questions)
        except BudgetSpentError:
            bounded = True
        self._note_what_is_missing(bounded=bounded)
        steps = sorted(self._found, key=lambda step: self._part(step.path).order)
        return Matrix(tuple(steps), whole.state, tuple(self._notes), bounded)

    def _take_other_ways(self, questions: Sequence[Question]) -> None:
        """What depends on something unknown is tried the other way, too, as long as there are
        steps that were not reached.
        """
        ahead: list[dict[str, int]] = [{}]
        tried = 0
        asked: dict[str, Question] = {question.key: question for question in questions}
        while ahead and tried < _MOST_WAYS and self._unreached():
            given = ahead.pop(0)
            for key, question in tuple(asked.items()):
                if key in given:
                    continue
                for answer in range(1, question.answers):
                    other = {**given, key: answer}
                    tried += 1
                    course, more = self._stage.whole(other, _words(asked, other))
                    asked.update({one.key: one for one in more if one.key not in asked})
                    ahead.append(other)
                    self._rehearse_all(list(self._targets(course)))
                    if tried >= _MOST_WAYS or not self._unreached():
                        return

    def _unreached(self) -> bool:
        return any(part.performs and path not in self._known for path, part in self._parts.items())

    def _rehearse_all(self, ahead: list[tuple[Target, ...]]) -> None:
        while ahead:
            ahead += self._rehearse(ahead.pop(0))

    def _part(self, path: str) -> Part:
        return self._parts[paths.static(path)]

    def _targets(self, course: Course) -> Iterator[tuple[Target, ...]]:
        """The steps that are new on a course: where each starts first, and, if it stands in a
        loop, where it starts last.
        """
        first: dict[str, int] = {}
        last: dict[str, int] = {}
        for at, event in enumerate(course.events):
            if not self._is_start(event):
                continue
            static = paths.static(event.path)
            if static not in self._known:
                first.setdefault(static, at)
                last[static] = at
        self._known.update(first)
        for static, at in first.items():
            starts = dict.fromkeys((at, last[static]))
            yield tuple(Target(course, start) for start in starts)

    def _is_start(self, event: Event) -> bool:
        if "[retry " in event.path:
            return False
        match event.type:
            case EventType.ATTEMPT_STARTED:
                return event.data["number"] == 1
            case EventType.APPROVAL_REQUESTED | EventType.EVENT_AWAITED:
                return True
            case EventType.TIMER_SET:
                return event.data["subject"] in _MOMENTS
            case EventType.STEP_FINISHED if event.data.get("inline"):
                return self._may_not_hold(event)
            case EventType.DECIDED if event.data["subject"] == OUTCOME:
                return self._may_not_hold(event)
            case _:
                return False

    def _may_not_hold(self, event: Event) -> bool:
        """Whether an assertion that held rests on what only a run can tell."""
        action = self._part(event.path).step.action
        return isinstance(action, Assert) and not self._settled.issuperset(action.condition.names)

    def _rehearse(self, targets: tuple[Target, ...]) -> list[tuple[Target, ...]]:
        """Rehearse a step; the steps that were reached by that for the first time."""
        opened: list[Course] = []
        told: list[object] = []
        for target in targets:
            rows: list[Row] = []
            for row, course in self._rehearsal.rows(target):
                rows.append(row)
                if course is not None:
                    opened.append(course)
            what = [_whatever_the_iteration(row) for row in rows]
            if what == told:
                continue
            told = list(what)
            event, part = target.course.events[target.at], self._part(target.path)
            self._found.append(
                Rehearsed(
                    target.path,
                    part.step.label,
                    _shown(part.step, event),
                    target.course.when,
                    part.tells,
                    tuple(rows),
                )
            )
        return [found for course in opened for found in self._targets(course)]

    def _note_what_is_missing(self, *, bounded: bool) -> None:
        told = {paths.static(step.path) for step in self._found}
        missing = [
            part.path for part in self._parts.values() if part.performs and part.path not in told
        ]
        if not missing:
            return
        if bounded:
            total = len(missing) + len(told)
            self._notes.append(
                f"cut short: {len(told)} of {total} steps were rehearsed, in written order"
            )
        else:
            more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
            self._notes.append(f"not reached: {', '.join(missing[:_NAMED])}{more}")


def _shown(step: Step, event: Event) -> str:
    if isinstance(step.action, Assert):
        return f"assert {step.action.condition.source}"
    if isinstance(step.action, Approval):
        return f"approval: {event.data['message']}"
    if isinstance(step.action, EventWait):
        return f"event: {in_words(event.data)}"
    return str(event.data.get("call", ""))


def _words(asked: Mapping[str, Question], given: Mapping[str, int]) -> str:
    return ", ".join(asked[key].choices[answer] for key, answer in given.items())


def _whatever_the_iteration(row: Row) -> object:
    """What makes a difference between two iterations."""

    def static(named: tuple[str, ...]) -> frozenset[str]:
        return frozenset(map(paths.static, named))

    parts = static(row.handlers), static(row.done), static(row.partial), static(row.resume.decide)
    return row.mishap, row.of, row.state, parts


def _reason(course: Course) -> str:
    error = course.events[-1].data.get("error")
    if isinstance(error, dict):
        step = f"{error['step']}: " if error["step"] else ""
        return f"{step}{error['message']}"
    return "it waits for what never happens"
