"""Attempts that were handed to workers: activities, and what their ends mean.

An attempt is one activity that is never tried again by Temporal. If its worker is lost, that worker
alone may take it up again, on its own queue: the processes go on under their supervisor meanwhile.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple, Protocol

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError, TimeoutType
from temporalio.exceptions import TimeoutError as TimedOutError
from temporalio.workflow import ActivityCancellationType

from orchestrate.cluster import names
from orchestrate.cluster.payloads import StepRequest, outcome_of
from orchestrate.workflow.outcomes import Outcome, Status

_AS_LONG_AS_IT_TAKES = timedelta(days=3650)
"""Deadlines of steps are kept by their supervisors, also while nobody watches."""
DETACHED = "detached"
"""The type of the error of a worker that leaves while the step goes on."""
NEVER = "never-started"
"""The type of the error of a worker that will not start it."""
_ASKED_AGAIN = "adopted-again"
"""Marks histories in which a worker is asked more than once within its lease."""


class Patience(NamedTuple):
    """Seconds."""

    heartbeat: float = 10.0
    """Without a sign of life a worker counts as lost."""
    lease: float = 60.0
    """A lost worker may come back and take its steps up again."""


class Told(Protocol):
    """Hears, in the workflow's loop, how an attempt ended, and what is to be said about it."""

    def __call__(self, attempt: int, outcome: Outcome, warnings: Sequence[str] = ()) -> None:
        """Once for each attempt."""
        ...


class _Flight:
    """One attempt under way."""

    __slots__ = (
        "activity", "hurried", "missed_at", "pool", "reason", "request", "stopping", "worker",
    )  # fmt: skip

    def __init__(self, request: StepRequest, pool: str) -> None:
        self.request = request
        self.pool = pool
        self.activity: workflow.ActivityHandle[Any]
        self.reason: str | None = None
        """Why it was asked to stop."""
        self.worker: str | None = None
        """Who had it last; known once that one was lost."""
        self.missed_at = 0.0
        """When that one was missed: then its lease began."""
        self.stopping = False
        """It is taken up again only to be ended."""
        self.hurried = False
        """It was asked to stop once more: it has no time left to end by itself."""


class Flights:
    """All that are under way."""

    def __init__(self, patience: Patience, told: Told) -> None:
        self._patience = patience
        self._told = told
        self._under_way: dict[int, _Flight] = {}
        self.workers: dict[int, str] = {}
        """Which worker performed an attempt: there its output lies."""
        self.expected = 0
        """Attempts that wait until their command may be called again."""

    def __bool__(self) -> bool:
        """Whether some attempt may have a process, or will have one."""
        return bool(self._under_way or self.expected)

    def begin(self, request: StepRequest, pool: str) -> None:
        """Hand an attempt to whoever takes it first in its pool."""
        flight = self._under_way[request.attempt.id] = _Flight(request, pool)
        self._hand_over(flight)

    def _hand_over(self, flight: _Flight) -> None:
        self._start(flight, names.RUN_STEP, names.pool_queue(flight.pool), None)

    def stop(self, attempt: int, reason: str) -> None:
        """Have its process tree ended. The first reason counts; a second call leaves it no time."""
        flight = self._under_way.get(attempt)
        if flight is None:
            return
        if flight.reason is not None:
            flight.hurried = True
            return
        flight.reason = reason
        # If a lost worker has not come back yet, it hears of it when it does.
        flight.activity.cancel()

    @property
    def hurried(self) -> list[int]:
        """Attempts that are to end at once: their workers ask."""
        return [attempt for attempt, flight in self._under_way.items() if flight.hurried]

    def _start(
        self, flight: _Flight, activity: str, queue: str, patience: timedelta | None
    ) -> None:
        attempt = flight.request.attempt
        # No number in the name: who answers a query before the workflow task sees the loss of the
        # worker and a cancel one after the other, a replay both at once. The name is the same.
        suffix = "" if activity == names.RUN_STEP else f"-{activity}"
        flight.activity = workflow.start_activity(
            activity,
            args=[flight.request.to_data(), flight.stopping],
            task_queue=queue,
            activity_id=f"{attempt.id}{suffix}",
            schedule_to_start_timeout=patience,
            start_to_close_timeout=_AS_LONG_AS_IT_TAKES,
            heartbeat_timeout=timedelta(seconds=self._patience.heartbeat),
            retry_policy=RetryPolicy(maximum_attempts=1),
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=attempt.path,
        )
        flight.activity.add_done_callback(partial(self._done, attempt.id))

    def _done(self, attempt: int, activity: "asyncio.Future[Any]") -> None:
        flight = self._under_way[attempt]
        if activity.cancelled():
            self._cancelled(flight)
            return
        error = activity.exception()
        if error is None:
            result = activity.result()
            self.workers[attempt] = str(result["worker"])
            told = outcome_of(result["outcome"])._replace(written=result.get("written"))
            outcome = self._outcome(flight, told)
            self._end(attempt, outcome, result["warnings"])
        elif isinstance(error, ActivityError):
            self._failed(flight, error.cause)
        else:
            raise error

    def _failed(self, flight: _Flight, cause: BaseException | None) -> None:
        attempt = flight.request.attempt.id
        match cause:
            case CancelledError():
                self._cancelled(flight)
            case TimedOutError() if cause.last_heartbeat_details:
                self._adopt(flight, str(cause.last_heartbeat_details[0]))
            case ApplicationError(type=kind) if kind == DETACHED:
                self._adopt(flight, str(cause.details[0]))
            case TimedOutError() if self._may_come_back(flight, cause):
                self._await_worker(flight)
            case TimedOutError() if flight.worker is not None:
                self._end(attempt, self._unknown(f"the worker {flight.worker} did not come back"))
            case TimedOutError():
                self._never_begun(flight)
            case ApplicationError(type=kind) if kind == NEVER:
                self._never_begun(flight)
            case _:
                self._end(attempt, self._unknown(f"its worker failed: {cause}"))

    def _adopt(self, flight: _Flight, worker: str) -> None:
        """Its worker was lost: that one alone can say how it goes on."""
        flight.worker = worker
        flight.missed_at = workflow.time()
        self.workers[flight.request.attempt.id] = worker
        self._await_worker(flight)

    def _await_worker(self, flight: _Flight) -> None:
        assert flight.worker is not None
        flight.stopping = flight.reason is not None
        left = timedelta(seconds=self._lease_left(flight))
        self._start(flight, names.ADOPT_STEP, names.worker_queue(flight.worker), left)

    def _lease_left(self, flight: _Flight) -> float:
        return flight.missed_at + self._patience.lease - workflow.time()

    def _may_come_back(self, flight: _Flight, cause: TimedOutError) -> bool:
        """Whether its worker did not hear the question: it was handed to a connection that was cut,
        or to a process that stands still. What it has goes on there until its lease is over.
        """
        return (
            flight.worker is not None
            and cause.type is not TimeoutType.SCHEDULE_TO_START
            and self._lease_left(flight) > 0
            and workflow.patched(_ASKED_AGAIN)
        )

    def _never_begun(self, flight: _Flight) -> None:
        """Its worker was lost before it had said who it was: it starts nothing before that."""
        flight.worker = None
        if flight.reason is None:
            self._hand_over(flight)
        else:
            self._not_started(flight)

    def _cancelled(self, flight: _Flight) -> None:
        """It was cancelled before anybody began with it, or took it up again."""
        if flight.worker is not None:
            self._adopt(flight, flight.worker)
        else:
            self._not_started(flight)

    def _not_started(self, flight: _Flight) -> None:
        now = workflow.time()
        status = Status.TIMED_OUT if flight.reason == "timeout" else Status.CANCELLED
        never = Outcome(status, message="not started", started_at=now, finished_at=now)
        self._end(flight.request.attempt.id, never)

    def _outcome(self, flight: _Flight, outcome: Outcome) -> Outcome:
        if outcome.status is Status.CANCELLED and flight.reason is None:
            # Its host went down, or could not reach the cluster any more: nobody asked for that.
            message = f"it was ended before it was over: {outcome.message}"
            return outcome._replace(status=Status.UNKNOWN, message=message)
        if outcome.status is Status.CANCELLED and flight.reason == "timeout":
            return outcome._replace(status=Status.TIMED_OUT, timed_out=True)
        return outcome

    def _unknown(self, why: str) -> Outcome:
        now = workflow.time()
        message = f"{why}, so nobody can say whether it took effect"
        return Outcome(Status.UNKNOWN, message=message, started_at=now, finished_at=now)

    def _end(self, attempt: int, outcome: Outcome, warnings: Sequence[str] = ()) -> None:
        del self._under_way[attempt]
        self._told(attempt, outcome, warnings)
