"""One rehearsal of a workflow: the interpreter itself, over a runtime that performs nothing."""

from collections.abc import Callable, Iterable
from typing import NamedTuple, cast

from orchestrate.playbook.expressions import WATCHER
from orchestrate.playbook.undecided import undecided
from orchestrate.workflow import paths
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.memory import MemoryRuntime, Script, Scripted, Signal, created
from orchestrate.workflow.outcomes import Outcome, Status
from orchestrate.workflow.program import Attempt, Program
from orchestrate.workflow.rehearsal.answering import Replies, Reply, arrival, reply_to
from orchestrate.workflow.rehearsal.suppositions import Question, Suppositions
from orchestrate.workflow.verdict import Final

MOST_MOMENTS = 1_000_000
"""What happens at so many moments is rehearsed."""
MOST_LOOKS = 1000
"""After so many looks in vain a step is left waiting, for its timeout if it has one: what it looks
for will not come."""


class Rehearsed(NamedTuple):
    """What came of a rehearsal. `final` is None if it did not end: it waits for a person
    (`execution.asks`), or `endless`: it went on and on.
    """

    events: tuple[Event, ...]
    attempts: tuple[Attempt, ...]
    """What would have been started, in that order."""
    final: Final | None
    questions: tuple[Question, ...]
    """What had to be supposed."""
    seconds: float
    """Virtual time from the start to the end."""
    endless: bool
    execution: Execution


def rehearse(
    program: Program,
    script: Script | None = None,
    suppositions: Suppositions | None = None,
    *,
    signals: Iterable[Signal] = (),
    observer: Callable[[Event], None] | None = None,
    moments: int = MOST_MOMENTS,
    replies: Replies | None = None,
) -> Rehearsed:
    """Run the program on a virtual clock. Attempts end as `script` says, by default with an unknown
    success; what depends on something unknown is as `suppositions` say. `observer` is told of each
    event as it is made; `replies` are those of people, who otherwise approve everything.
    """
    supposing = suppositions or Suppositions()
    runtime = _Observed(script or succeeding, observer, replies)
    first = created(program)
    runtime.append(first)
    execution = Execution(program, runtime, [first])
    token = WATCHER.set(supposing)
    try:
        execution.start()
        ended = runtime.drive(execution, signals, moments=moments)
    finally:
        WATCHER.reset(token)
    events = tuple(runtime.journal)
    return Rehearsed(
        events,
        tuple(runtime.performed),
        execution.final,
        tuple(supposing.asked.values()),
        events[-1].at - first.at,
        not ended or (execution.final is None and runtime.in_vain),
        execution,
    )


class _Observed(MemoryRuntime):
    """Tells an observer of each event as it is made, and does not look forever."""

    def __init__(
        self, script: Script, observer: Callable[[Event], None] | None, replies: Replies | None
    ) -> None:
        super().__init__(script)
        self._observer = observer
        self._replies = replies
        self.in_vain = False

    def set_timer(self, path: str, subject: str, at: float) -> None:
        kind, _, number = subject.partition("-")
        if kind == "look" and int(number) > MOST_LOOKS:
            self.in_vain = True
        else:
            super().set_timer(path, subject, at)

    def append(self, event: Event) -> None:
        super().append(event)
        if event.type is EventType.APPROVAL_REQUESTED:
            reply = self._replies(event.path) if self._replies is not None else Reply.APPROVE
            answer = reply_to(event, reply, 0.0)
            if answer is not None:
                self.schedule(answer)
        elif event.type is EventType.EVENT_AWAITED:
            self.schedule(arrival(event, 0.0))
        if self._observer is not None:
            self._observer(event)


def succeeding(path: str, number: int) -> Scripted:  # noqa: ARG001 - a Script
    """It succeeds at once, and nobody knows what it wrote."""
    return unknown_success(path)


def unknown_success(path: str, takes: float = 0.0) -> Scripted:
    """A success of which only that is known. `takes`: virtual seconds."""
    step = paths.static(path)
    outcome = Outcome(
        Status.SUCCEEDED,
        0,
        undecided(f"{step}.output"),
        undecided(f"{step}.stdout"),
        undecided(f"{step}.stderr"),
    )
    return Scripted(outcome, takes)


def unknown_failure(path: str, takes: float = 0.0) -> Scripted:
    """A failure of which only that is known."""
    step = paths.static(path)
    outcome = Outcome(
        Status.FAILED,
        # In a rehearsal any value may be undecided, also one that is a number in the end.
        cast("int", undecided("error.exit_code")),
        undecided(f"{step}.output"),
        undecided(f"{step}.stdout"),
        undecided(f"{step}.stderr"),
        undecided("error.message"),
    )
    return Scripted(outcome, takes)
