"""Courses: ways through a playbook, played by the real interpreter on the virtual clock.

A course is a whole journal. What would come of a mishap is found by taking a prefix of a journal up
again, as an engine would after a crash, and by letting something else happen from there on.
"""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import NamedTuple

from orchestrate.playbook.expressions import WATCHER
from orchestrate.workflow.engine import ResumeOptions, ResumePlan
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.memory import (
    EPOCH,
    FOR_EVER,
    MemoryRuntime,
    Script,
    Scripted,
    created,
)
from orchestrate.workflow.outcomes import Outcome, State, Status
from orchestrate.workflow.program import Program
from orchestrate.workflow.rehearsal.answering import Reply, arrival, reply_to
from orchestrate.workflow.rehearsal.playing import unknown_success
from orchestrate.workflow.rehearsal.suppositions import Question, Suppositions
from orchestrate.workflow.resuming import plan_resume

_MOST_MOMENTS = 100_000
"""Of one play; more is taken for something that goes on and on."""
_TRY = re.compile(r"\[retry \d+\]")


class BudgetSpentError(Exception):
    """As much was played as may be."""


class Course(NamedTuple):
    """A way through a playbook: how its attempts end, and the journal of it."""

    overrides: Mapping[str, Scripted]
    """Path without tries -> how all attempts of that step end, unless they succeed."""
    given: Mapping[str, int]
    """What was supposed of what nobody knows beforehand; see `Suppositions`."""
    when: str
    """What must be so that it is taken, for people; "" if nothing."""
    events: Sequence[Event]
    state: str


class Play(NamedTuple):
    """A prefix of a journal that was taken up again."""

    prefix: Sequence[Event]
    execution: Execution
    runtime: MemoryRuntime

    @property
    def events(self) -> list[Event]:
        """The whole journal so far."""
        return [*self.prefix, *self.runtime.journal]

    @property
    def performed(self) -> tuple[str, ...]:
        """The steps of which attempts were started since."""
        return tuple(dict.fromkeys(attempt.path for attempt in self.runtime.performed))

    @property
    def attached(self) -> tuple[str, ...]:
        """The steps that had been running, and were looked for."""
        running = {event.seq: event.path for event in self.prefix}
        return tuple(running[attempt] for attempt in self.runtime.recovered)

    @property
    def state(self) -> State:
        """Where the workflow stands."""
        return self.execution.state

    def lose(self, reads_only: Callable[[str], bool]) -> None:
        """Of everything that was attached nobody knows how it ended. `reads_only`: whether what
        that step calls only reads.
        """
        for attempt, path in zip(tuple(self.runtime.recovered), self.attached, strict=True):
            now = self.runtime.now()
            lost = Outcome(
                Status.UNKNOWN,
                message="the supervisor is gone",
                started_at=now,
                finished_at=now,
                read_only=reads_only(path),
            )
            self.execution.attempt_finished(attempt, lost)

    def drive(self) -> None:
        """Let time pass until nothing is ahead."""
        self.runtime.drive(self.execution, moments=_MOST_MOMENTS)


class Stage:
    """Plays courses of one program. `budget`: how many events may be gone through in all, and
    `size`: for how many each play counts besides, because of the size of the playbook.
    """

    def __init__(self, program: Program, budget: int, size: int = 0) -> None:
        self._program = program
        self._size = size
        self._left = budget
        self._given: Mapping[str, int] = {}
        self._suppositions = Suppositions()

    def whole(self, given: Mapping[str, int], when: str) -> tuple[Course, tuple[Question, ...]]:
        """The course on which nothing happens, and what had to be supposed."""
        with self.supposing(given):
            play = self.take_up([created(self._program, at=EPOCH)], {})
            play.drive()
            asked = tuple(self._suppositions.asked.values())
        return Course({}, given, when, play.events, str(play.state)), asked

    @contextmanager
    def supposing(self, given: Mapping[str, int]) -> Generator[None]:
        """Everything that is played inside supposes this."""
        self._given = given
        token = WATCHER.set(None)
        try:
            yield
        finally:
            WATCHER.reset(token)

    def take_up(
        self,
        prefix: Sequence[Event],
        overrides: Mapping[str, Scripted],
    ) -> Play:
        """What a new engine makes of a journal, up to where nothing moves before time passes.

        Raises BudgetSpentError.
        """
        self._left -= len(prefix) + self._size
        if self._left < 0:
            raise BudgetSpentError
        self._suppositions = Suppositions(self._given)
        WATCHER.set(self._suppositions)
        runtime = _Answered(overrides, now=prefix[-1].at)
        execution = Execution(self._program, runtime, prefix)
        execution.start()
        runtime.answer_earlier(execution, prefix)
        return Play(prefix, execution, runtime)

    def resume(self, events: Sequence[Event]) -> tuple[Play, ResumePlan]:
        """A plain `resume` of a workflow that has ended, and what it says that it will do."""
        planned, new = plan_resume(self._program, events, _PLAIN)
        last = events[-1]
        added = [
            Event(last.seq + number, last.at, event_type, path, data)
            for number, (event_type, path, data) in enumerate(
                [(EventType.RESUMED, "", {"actor": ""}), *new], start=1
            )
        ]
        return self.take_up([*events, *added], {}), planned


class _Answered(MemoryRuntime):
    """People answer what they are asked as the overrides say: by default they approve. What is
    waited for arrives.
    """

    def __init__(self, overrides: Mapping[str, Scripted], *, now: float) -> None:
        super().__init__(_script(overrides), now=now)
        self._overrides = overrides

    def append(self, event: Event) -> None:
        """Durable at once, and answered if it asks."""
        super().append(event)
        if event.type is EventType.APPROVAL_REQUESTED:
            self._answer(event, 1.0)
        elif event.type is EventType.EVENT_AWAITED:
            self.schedule(arrival(event, 1.0))

    def answer_earlier(self, execution: Execution, prefix: Sequence[Event]) -> None:
        """What had been asked, and waited for, before this engine took over."""
        for event in prefix:
            if event.type is EventType.EVENT_AWAITED:
                self.schedule(arrival(event, self.now() - event.at + 1.0))
            elif event.type is EventType.APPROVAL_REQUESTED and execution.awaits(event.path):
                self._answer(event, self.now() - event.at + 1.0)

    def _answer(self, event: Event, takes: float) -> None:
        given = self._overrides.get(without_tries(event.path))
        reply = Reply.APPROVE
        if given is not None:
            reply = Reply.NOTHING if given.takes == FOR_EVER else Reply.REJECT
        answer = reply_to(event, reply, takes)
        if answer is not None:
            self.schedule(answer)


_PLAIN = ResumeOptions()


def _script(overrides: Mapping[str, Scripted]) -> Script:
    def script(path: str, number: int) -> Scripted:  # noqa: ARG001 - every attempt ends alike
        return overrides.get(without_tries(path)) or _in_order(path)

    return script


@lru_cache(maxsize=1024)
def _in_order(path: str) -> Scripted:
    return unknown_success(path, takes=1.0)


def without_tries(path: str) -> str:
    """The path of a step in whichever try of the steps around it."""
    return _TRY.sub("", path)
