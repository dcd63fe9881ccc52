"""The port `Runtime` inside a Temporal workflow.

What happens outside (an activity ended, a timer fired) arrives in Temporal's loop and is put into
an inbox; the workflow's main coroutine brings it to the core. So every call of the core, those of
updates included, happens in an order that the history fixes, and an error of the core fails the
workflow task, where Temporal shows it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from temporalio import workflow

from orchestrate.cluster.coordinating.asking import Asking, Sharing
from orchestrate.cluster.hosting.flights import Flights, Patience
from orchestrate.cluster.payloads import StepRequest
from orchestrate.cluster.serving.saying import Saying
from orchestrate.playbook.plan import Json
from orchestrate.workflow.audit import attributed
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.outcomes import Outcome, State, Status
from orchestrate.workflow.pausing import UNPAUSE
from orchestrate.workflow.program import Attempt, Awaited, Claim

_CLOCKS_DIFFER = 2.0
"""Seconds by which the clock of who made a workflow may be ahead of Temporal's."""
News = Callable[[Execution], None]
"""What is brought to the core."""


class TemporalRuntime:
    """Implements `workflow.runtime.Runtime`."""

    def __init__(
        self,
        journal: Iterable[Event],
        request: Callable[[Attempt], StepRequest],
        pool: str,
        patience: Patience,
        sharing: tuple[str, Sharing],
    ) -> None:
        """`request` adds to an attempt what a worker needs beside it. `sharing`: the workflow, and
        what it is told of that which it shares with others.
        """
        self.journal = list(journal)
        self.inbox: deque[News] = deque()
        self.asked: tuple[Mapping[str, Json], State] | None = None
        """From where somebody asks for what is done now, and in which state."""
        self.saying = Saying()
        self._request = request
        self._pool = pool
        self.flights = Flights(patience, self._ended)
        self.asking = Asking(*sharing, self.inbox.append)
        self._timers: dict[tuple[str, str], asyncio.TimerHandle] = {}
        self._paced: dict[int, asyncio.TimerHandle | None] = {}
        self.on_pause_over: Callable[[], None] | None = None
        """Has the workflow go on when the moment has come at which its pause was to end."""

    def now(self) -> float:
        """The time of the workflow task."""
        return workflow.time()

    def random(self) -> float:
        """From the workflow's own seed."""
        return workflow.random().random()

    def append(self, event: Event) -> None:
        """Temporal's history is durable before anything that was asked for with it happens, and the
        same history always gives these events again.
        """
        if self.asked is not None:
            event = event._replace(data=attributed(event.type, event.data, *self.asked))
        self.journal.append(event)

    def perform(self, attempt: Attempt) -> None:
        """An activity in the pool of the step, as soon as its command may be called."""
        if attempt.call.kind == "command" and self.asking.is_limited(attempt.call.words):
            self._paced[attempt.id] = None
            self.flights.expected += 1
            self.asking.pace(attempt, partial(self._given, attempt))
        else:
            self._begin(attempt)

    def _begin(self, attempt: Attempt) -> None:
        self.flights.begin(self._request(attempt), attempt.pool or self._pool)

    def _given(self, attempt: Attempt, at: float, limits: str) -> None:
        """It has its token, which is there now, or later."""
        left = at - self.now()
        if left <= 0:
            self._launch(attempt)
            return
        loop = asyncio.get_running_loop()
        self._paced[attempt.id] = loop.call_later(left, self._launch, attempt)
        data: dict[str, Json] = {"limit": limits, "until": at}
        self.inbox.append(lambda core: core.note(EventType.RATE_WAITING, attempt.path, data))

    def _launch(self, attempt: Attempt) -> None:
        del self._paced[attempt.id]
        self.flights.expected -= 1
        self._begin(attempt)

    def recover(self, attempt_id: int, started: Event) -> None:
        """Only a workflow that was terminated leaves attempts open; nobody watches over them."""
        del started
        now = self.now()
        outcome = Outcome(
            Status.UNKNOWN,
            message="the workflow was terminated while it ran, so nobody can say how it ended",
            started_at=now,
            finished_at=now,
        )
        self._ended(attempt_id, outcome)

    def stop(self, attempt_id: int, reason: str) -> None:
        """Cancel the activity: its worker ends the process tree."""
        if attempt_id not in self._paced:
            self.flights.stop(attempt_id, reason)
            return
        timer = self._paced.pop(attempt_id)
        if timer is not None:
            timer.cancel()
        self.flights.expected -= 1
        self.asking.give_up(attempt_id)
        now = self.now()
        outcome = Outcome(Status.CANCELLED, message="not started", started_at=now, finished_at=now)
        self._ended(attempt_id, outcome)

    def set_timer(self, path: str, subject: str, at: float) -> None:
        """A durable timer."""
        self.clear_timer(path, subject)
        delay = max(0.0, at - self.now())
        loop = asyncio.get_running_loop()
        self._timers[path, subject] = loop.call_later(delay, self._fired, path, subject)

    def clear_timer(self, path: str, subject: str) -> None:
        """Cancel it."""
        timer = self._timers.pop((path, subject), None)
        if timer is not None:
            timer.cancel()

    def _fired(self, path: str, subject: str) -> None:
        timer = self._timers[path, subject]

        def report(execution: Execution) -> None:
            if self._timers.get((path, subject)) is not timer:
                return  # it was cleared, or set again
            del self._timers[path, subject]
            if not path and subject == UNPAUSE and self.on_pause_over is not None:
                self.on_pause_over()
            else:
                execution.timer_fired(path, subject)

        self.inbox.append(report)

    def _ended(self, attempt: int, outcome: Outcome, warnings: Sequence[str] = ()) -> None:
        self.inbox.append(partial(_finished, attempt, outcome, warnings))

    def claim(self, claim: Claim) -> None:
        """The coordinator is asked."""
        self.asking.claim(claim)

    def unclaim(self, path: str) -> None:
        """It is told."""
        self.asking.release(path)

    def suspend(self) -> None:
        """It is told."""
        self.asking.suspend()

    def await_event(self, awaited: Awaited) -> None:
        """Whoever keeps the events hears of it; those that came since then are offered, too."""
        since = self._since(awaited)
        self.saying.say("await", awaited.path, awaited.event, awaited.source, since)

    def forget_event(self, path: str) -> None:
        """Nothing more is to be offered to that step."""
        self.saying.say("forget", path)

    def offered(self, path: str, number: int, event: Mapping[str, Json]) -> None:
        """An event came that a step may be waiting for."""

        def report(execution: Execution) -> None:
            taken = execution.event_arrived(path, event)
            self.saying.say("taken" if taken else "kept_back", path, number)

        self.inbox.append(report)

    def _since(self, awaited: Awaited) -> float:
        if awaited.since == "workflow":
            return self.journal[0].at - _CLOCKS_DIFFER
        began = (
            event.at
            for event in reversed(self.journal)
            if event.type is EventType.EVENT_AWAITED and event.path == awaited.path
        )
        return next(began, self.now())


def _finished(
    attempt: int, outcome: Outcome, warnings: Sequence[str], execution: Execution
) -> None:
    for warning in warnings:
        execution.note(EventType.WARNED, "", {"message": warning})
    execution.attempt_finished(attempt, outcome)
