"""Walking every way through a playbook: what depends on results is tried both ways.

Each walk is one rehearsal. The usual one comes first, then those that differ from it in one answer,
then in two, and so on, until there is none left or enough were walked.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrate.playbook.expression.rendering import as_text
from orchestrate.playbook.plan import (
    Approval,
    Command,
    Conditional,
    Json,
    Plan,
    Script,
    Shell,
    Step,
    SubPlaybook,
    Transaction,
)
from orchestrate.playbook.undecided import is_undecided, plain, undecided
from orchestrate.workflow import paths
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.program import Program
from orchestrate.workflow.rehearsal.exploring import Answers, Frontier, explore, outcomes, replies
from orchestrate.workflow.rehearsal.parts import Part, parts_of
from orchestrate.workflow.rehearsal.planned import Problem
from orchestrate.workflow.rehearsal.playing import Rehearsed, rehearse
from orchestrate.workflow.rehearsal.suppositions import Suppositions

MOST_WALKS = 1000
MOST_EVENTS = 150_000
MOST_MOMENTS = 20_000
"""A single walk that goes on for longer has no end by itself."""

_FAILED = frozenset(("failed", "timed_out"))
_AFTER_FAILURES = frozenset((paths.ON_FAILURE, paths.COMPENSATE))


class Unreached(NamedTuple):
    """A step that no walk came to, and why."""

    path: str
    why: str


class Walked(NamedTuple):
    """What all walks together found. `left`: at least so many walks were not made. Times are
    seconds, of walks that succeed; `endless`: in which cases there is no end.
    """

    walks: int
    left: int
    order: tuple[str, ...]
    """The steps that are started in the usual walk."""
    states: Mapping[str, int]
    """How many walks ended in which state."""
    unreached: tuple[Unreached, ...]
    problems: tuple[Problem, ...]
    endless: tuple[tuple[str, ...], ...]
    shortest: float | None
    longest: float | None


def walk(
    program: Program,
    durations: Mapping[str, float] | None = None,
    choices: Mapping[str, Sequence[Json]] | None = None,
    *,
    walks: int = MOST_WALKS,
) -> Walked:
    """Walk the program in every way. `durations`: seconds by step paths as in the plan; `choices`:
    values to be tried for parameters.
    """
    return _Walk(program, durations or {}, choices or {}).run(walks)


class _Doubts(Suppositions):
    """Also tells what goes wrong for sure: not because of what was supposed just then."""

    def __init__(self, given: Answers) -> None:
        super().__init__(given)
        self._doubtful = False
        self.wrong: list[tuple[str, str]] = []

    def suppose(self, kind: str, about: str, equal: tuple[str, Json] | None = None) -> Json:
        self._doubtful = True
        return super().suppose(kind, about, equal)

    def noted(self, event: Event) -> None:
        """An event was made."""
        doubtful, self._doubtful = self._doubtful, False
        data = event.data
        if event.type is EventType.DECIDED and data["subject"] == "outcome":
            value = data["value"]
            assert isinstance(value, Mapping)
            data = value
        elif event.type is not EventType.STEP_FINISHED or not data.get("inline"):
            return
        if str(data["status"]) in _FAILED and not (doubtful and data["kind"] == "assert"):
            self.wrong.append((event.path, plain(str(data.get("message", "")))))


class _Walk:
    def __init__(
        self,
        program: Program,
        durations: Mapping[str, float],
        choices: Mapping[str, Sequence[Json]],
    ) -> None:
        options = program.options._replace(step_by_step=False)
        self._program = program._replace(workflow=undecided("run.id"), options=options)
        self._durations = durations
        self._choices = choices
        self._parts = parts_of(program.plan, lambda _: False)
        self._failable = {p for p, part in self._parts.items() if self._matters(p, part)}
        self._doubts = _Doubts({})
        self._reached: set[str] = set()
        self._skipped: dict[str, str] = {}
        self._problems: dict[tuple[str, str], Problem] = {}
        self._states: dict[str, int] = {}
        self._endless: list[tuple[str, ...]] = []
        self._times: list[float] = []

    def run(self, walks: int) -> Walked:
        frontier = Frontier(combine=True)
        order: tuple[str, ...] = ()
        made = 0
        for answers, rehearsed in explore(self._rehearse, frontier, runs=walks, events=MOST_EVENTS):
            made += 1
            if not answers:
                order = tuple(dict.fromkeys(attempt.path for attempt in rehearsed.attempts))
            self._take(rehearsed)
        return Walked(
            made,
            len(frontier),
            order,
            self._states,
            tuple(self._unreached()),
            tuple(self._problems.values()),
            tuple(self._endless),
            min(self._times, default=None),
            max(self._times, default=None),
        )

    def _rehearse(self, answers: Answers) -> Rehearsed:
        doubts = self._doubts = _Doubts(answers)
        values = dict(self._program.parameters)
        for name, choices in self._choices.items():
            words = tuple(f"{name} is {_shown(choice)}" for choice in choices)
            values[name] = choices[doubts.choose(f"parameter {name}", words)]
        script = outcomes(doubts, self._failable.__contains__, self._durations)
        program = self._program._replace(parameters=values)
        return rehearse(
            program,
            script,
            doubts,
            observer=doubts.noted,
            moments=MOST_MOMENTS,
            replies=replies(doubts, self._failable.__contains__),
        )

    def _take(self, rehearsed: Rehearsed) -> None:
        case = tuple(q.words for q in rehearsed.questions if q.answer)
        for event in rehearsed.events:
            path = paths.static(event.path)
            if event.type is EventType.STEP_FINISHED and event.data["status"] == "skipped":
                self._skipped.setdefault(path, str(event.data.get("message", "")))
            elif path and event.type in _SIGNS_OF_LIFE:
                self._reached.add(path)
        for path, message in (*self._doubts.wrong, *self._of_workflow(rehearsed)):
            self._problems.setdefault((paths.static(path), message), Problem(path, message, case))
        if rehearsed.endless:
            self._endless.append(case)
            return
        state = rehearsed.final.state if rehearsed.final else rehearsed.execution.state
        self._states[str(state)] = self._states.get(str(state), 0) + 1
        if state is State.SUCCEEDED:
            self._times.append(rehearsed.seconds)

    def _of_workflow(self, rehearsed: Rehearsed) -> Iterator[tuple[str, str]]:
        """What goes wrong outside of all steps: outputs, variables, a branch's `when`."""
        error = rehearsed.final.error if rehearsed.final is not None else None
        step = str(error["step"]) if error else ""
        if error and paths.static(step) not in self._parts:
            yield step, plain(str(error["message"]))

    def _matters(self, path: str, part: Part) -> bool:
        """Whether it makes a difference to what follows if that step fails."""
        if not isinstance(part.step.action, Command | Shell | Script | Approval):
            return False
        if part.step.continue_on_error:
            return True
        for owner in paths.ancestors(path):
            if paths.last(owner) in paths.ASIDE:
                return False
            above = self._parts.get(owner)
            if above is not None and _reacts(above.step):
                return True
        return _ends_with_handlers(self._program.plan)

    def _unreached(self) -> Iterator[Unreached]:
        told: set[str] = set()
        for path in self._parts:
            if path in self._reached or not told.isdisjoint(paths.ancestors(path)):
                continue
            if not _AFTER_FAILURES.isdisjoint(path.split("/")):
                continue  # steps fail in more ways than are walked here
            told.add(path)
            yield Unreached(path, self._why(path))

    def _why(self, path: str) -> str:
        for above in paths.ancestors(path):
            message = self._skipped.get(above)
            if message:
                return message
            last = paths.last(above)
            part = self._parts.get(paths.parent(above))
            if part and isinstance(part.step.action, Conditional) and above in self._skipped:
                truth = "true" if last == paths.THEN else "false"
                return f"never {truth}: {part.step.action.condition.source}"
        return "something before it always fails" if self._problems else "no walk comes to it"


_SIGNS_OF_LIFE = frozenset(
    (EventType.ATTEMPT_STARTED, EventType.STEP_STARTED, EventType.STEP_FINISHED)
)


def _shown(value: Json) -> str:
    return "anything else" if is_undecided(value) else as_text(value)


def _reacts(step: Step) -> bool:
    """Whether a failure in it leads to more than its end."""
    if step.continue_on_error or step.on_failure or step.always:
        return True
    if isinstance(step.action, SubPlaybook):
        return _ends_with_handlers(step.action.plan)
    return isinstance(step.action, Transaction)


def _ends_with_handlers(plan: Plan) -> bool:
    return bool(plan.on_failure or plan.always)
