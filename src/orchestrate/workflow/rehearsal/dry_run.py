"""What a run would do, with what nobody knows beforehand left open: every branch that may be taken,
every handler that may run.

The interpreter rehearses the usual case once. Then it is asked again with each open question
answered the other way, and with steps failing whose handlers somebody may want to see; what these
rehearsals reach beyond the first is added, with the case in which it happens.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrate.playbook.plan import Step, SubPlaybook, Transaction
from orchestrate.playbook.undecided import undecided
from orchestrate.workflow import paths
from orchestrate.workflow.events import EventType
from orchestrate.workflow.kinds import kind_of
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.program import Program
from orchestrate.workflow.rehearsal.exploring import (
    Answers,
    Frontier,
    explore,
    outcome_of,
    outcomes,
    replies,
)
from orchestrate.workflow.rehearsal.parts import parts_of
from orchestrate.workflow.rehearsal.planned import (
    NOT_REACHED,
    RUNS,
    SKIPPED,
    UNDECIDED,
    Claimed,
    Planned,
    Problem,
    Steps,
    problems,
)
from orchestrate.workflow.rehearsal.playing import Rehearsed, rehearse
from orchestrate.workflow.rehearsal.reasons import Explaining, Reason

_ZONES = (paths.THEN, paths.ELSE, *paths.ASIDE)
_BEGINNINGS = (
    EventType.ATTEMPT_STARTED,
    EventType.APPROVAL_REQUESTED,
    EventType.EVENT_AWAITED,
)
MOST_RUNS = 500
MOST_EVENTS = 300_000


class DryRun(NamedTuple):
    """`steps` in written order, each before what is in it, handlers last. `state` is how the usual
    case ends (`running`: it does not), `seconds` its time, as far as durations are known.
    """

    steps: Sequence[Planned]
    problems: Sequence[Problem]
    warnings: Sequence[str]
    state: str
    seconds: float
    complete: bool
    """Whether everything that may happen is in it; otherwise there is too much of it."""
    claimed: Claimed | None = None
    """What the whole playbook holds."""


def dry_run(program: Program, durations: Mapping[str, float] | None = None) -> DryRun:
    """What a run of the program would do. `durations`: seconds by step paths as in the plan."""
    return _DryRun(program, durations or {}).run()


class _DryRun:
    def __init__(self, program: Program, durations: Mapping[str, float]) -> None:
        options = program.options._replace(step_by_step=False)
        self._program = program._replace(workflow=undecided("run.id"), options=options)
        self._parts = parts_of(program.plan, lambda _: False)
        self._durations = durations
        self._frontier = Frontier(combine=False, kinds=("boolean",))
        self._explaining = Explaining()
        self._steps: dict[str, Planned] = {}
        self._warnings: list[str] = []
        self._problems: dict[tuple[str, str], Problem] = {}
        self._reacting: set[str] = set()
        self._claimed: Claimed | None = None

    def run(self) -> DryRun:
        ways = explore(self._rehearse, self._frontier, runs=MOST_RUNS, events=MOST_EVENTS)
        answers, usual = next(ways)
        self._take(answers, usual)
        for answers, other in ways:
            self._take(answers, other)
        self._mark_undecided()
        for step in self._program.plan.steps:
            if step.key not in self._steps:
                self._steps[step.key] = unreached(step)
        state = usual.final.state if usual.final is not None else usual.execution.state
        return DryRun(
            in_order(self._steps),
            tuple(self._problems.values()),
            tuple(dict.fromkeys(self._warnings)),
            str(State.RUNNING if usual.endless else state),
            usual.seconds,
            complete=not len(self._frontier),
            claimed=self._claimed,
        )

    def _rehearse(self, answers: Answers) -> Rehearsed:
        self._explaining = Explaining(answers)

        def may_fail(step: str) -> bool:
            return outcome_of(step) in answers

        return rehearse(
            self._program,
            outcomes(self._explaining, may_fail, self._durations),
            self._explaining,
            observer=self._explaining.noted,
            replies=replies(self._explaining, may_fail),
        )

    def _take(self, answers: Answers, rehearsed: Rehearsed) -> None:
        steps = Steps(self._parts, rehearsed.attempts)
        steps.read(rehearsed.events, self._explaining.reasons)
        case = tuple(q.words for q in rehearsed.questions if answers.get(q.key))
        for problem in problems(steps.found, case):
            self._problems.setdefault((problem.path, problem.message), problem)
        self._warnings += () if answers else steps.warnings
        self._claimed = self._claimed or steps.claimed
        self._merge(steps.found, case)
        for owner, last in reversed(_last_in_each(rehearsed).items()):
            if owner not in self._reacting and self._reacts(owner):
                self._reacting.add(owner)
                self._frontier.propose({**answers, outcome_of(last): 1})

    def _merge(self, found: Mapping[str, Planned], case: tuple[str, ...]) -> None:
        for path, step in found.items():
            known = self._steps.get(path)
            if known is None or (known.state == SKIPPED and step.state != SKIPPED):
                step.depends_on = case
                self._steps[path] = step
            elif case and not known.depends_on and _differ(known.reasons, step.reasons):
                known.depends_on = tuple(f"not if {words}" for words in case)

    def _reacts(self, owner: str) -> bool:
        """Whether a failure in it leads to more than its end."""
        if not owner:
            return bool(self._program.plan.on_failure)
        part = self._parts.get(owner)
        if part is None:
            return False
        step = part.step
        if isinstance(step.action, Transaction):
            return True
        if isinstance(step.action, SubPlaybook) and step.action.plan.on_failure:
            return True
        return bool(step.on_failure) or step.continue_on_error

    def _mark_undecided(self) -> None:
        doubtful = {
            path
            for path, step in self._steps.items()
            if step.depends_on or any(r.undecided and r.key != "until" for r in step.reasons)
        }
        for path, step in tuple(self._steps.items()):
            if step.step is None and step.state == SKIPPED:
                if any(other.startswith(f"{path}/") for other in self._steps):
                    del self._steps[path]  # it is taken in another case
                continue
            if step.state != RUNS:
                continue
            own = any(reason.key == "when" and reason.undecided for reason in step.reasons)
            if (
                own
                or step.depends_on
                or not doubtful.isdisjoint(paths.ancestors(paths.parent(path)))
            ):
                step.state = UNDECIDED


def _differ(some: Sequence[Reason], others: Sequence[Reason]) -> bool:
    """Whether something known was decided in another way."""
    decided = {reason.key: reason.holds for reason in some if not reason.undecided}
    return any(decided.get(reason.key, reason.holds) != reason.holds for reason in others)


def _last_in_each(rehearsed: Rehearsed) -> dict[str, str]:
    """For each step that was started, and each that contains such: the last started one in it,
    handlers left out. Paths are those in the plan.
    """
    found: dict[str, str] = {}
    seen: set[str] = set()
    for event in reversed(rehearsed.events):
        path = paths.static(event.path)
        if event.type not in _BEGINNINGS or path in seen:
            continue
        seen.add(path)
        for owner in (*paths.ancestors(path), ""):
            if owner.rpartition("/")[2] in paths.ASIDE:
                break
            found.setdefault(owner, path)
    return found


def unreached(step: Step) -> Planned:
    """A step to which no rehearsal came."""
    planned = Planned(step.key, step)
    planned.kind, planned.state = kind_of(step), NOT_REACHED
    return planned


def in_order(steps: Mapping[str, Planned]) -> tuple[Planned, ...]:
    """The steps as they are written: each before what is in it, handlers last."""
    inside: dict[str, list[Planned]] = {}
    for path, step in steps.items():
        inside.setdefault(container(path, steps), []).append(step)

    def below(path: str) -> Iterator[Planned]:
        for step in sorted(inside.get(path, ()), key=lambda step: _rank(step.path, path)):
            yield step
            yield from below(step.path)

    return tuple(below(""))


def container(path: str, steps: Container[str]) -> str:
    """The nearest step that contains `path`; "" is the workflow."""
    return next((above for above in paths.ancestors(paths.parent(path)) if above in steps), "")


def _rank(path: str, above: str) -> int:
    zones = path[len(above) :].strip("/").split("/")
    return next((_ZONES.index(zone) for zone in zones[:2] if zone in _ZONES), 0)
