"""The Temporal workflow that keeps the schedules of a namespace and has them started in time.

Why not Temporal's own schedules: they know no time of day that a change of the clock leaves out,
and no names of slots, by which each is started once; what was missed and what overlaps they decide
in another way (ADR 19). Timers and activities are as durable. Workers decide slots, as a daemon
does on one machine.
"""

import asyncio
from datetime import timedelta
from typing import NoReturn

from temporalio import workflow
from temporalio.common import RetryPolicy

from orchestrate.cluster import continuing, names
from orchestrate.cluster.auditing.recording import Recording
from orchestrate.cluster.payloads import Data
from orchestrate.cluster.serving.schedule_book import Fired, Firing, ScheduleBook
from orchestrate.triggers.schedules import Decided

SHOWN = "schedule:"
"""Before the name of a schedule: the field of the memo that shows it."""
_LONGEST_RUN = 4000
"""Events of a history after which a new run takes over."""
_AGAIN = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))
_LOST_AFTER = timedelta(seconds=10)
_FIRED_WITHIN = timedelta(minutes=30)
_AWAITED = timedelta(seconds=90)


@workflow.defn(name=names.SCHEDULES)
class SchedulesWorkflow:
    """Lets time pass for a `ScheduleBook`. Nobody queries it: see `standing.py`."""

    @workflow.init
    def __init__(self, state: bytes) -> None:
        kept = continuing.unpack(state)
        self._book = ScheduleBook(kept.book)
        self._answers = kept.answers
        self._answered = bool(self._answers.kept)
        self._recording = Recording(self._wake)
        self._firing: dict[str, asyncio.Task[None]] = {}
        self._news = False

    def _wake(self) -> None:
        self._news = True

    @workflow.run
    async def run(self, state: bytes) -> NoReturn:
        """For ever. The argument as in `__init__`."""
        del state
        while True:
            self._show()
            self._recording.add(self._book.done)
            self._book.done = []
            long = workflow.info().get_current_history_length() > _LONGEST_RUN
            if long and not self._firing and not self._recording.under_way:
                self._go_on()
            if not long:
                for firing in self._book.due(workflow.time(), self._firing):
                    self._firing[firing.name] = asyncio.create_task(self._fire(firing))
            due = None if long else self._book.next_due(self._firing)
            wait = None if due is None else max(0.0, due - workflow.time())
            await self._rest(wait)

    async def _rest(self, seconds: float | None) -> None:
        try:
            await workflow.wait_condition(lambda: self._news, timeout=seconds)
        except TimeoutError:
            return
        self._news = False

    async def _fire(self, firing: Firing) -> None:
        """Have a worker decide the slots that are due, and start what is to be started."""
        try:
            if firing.after is not None:
                await workflow.execute_activity(
                    names.AWAIT_END,
                    firing.after,
                    task_queue=names.LAUNCH_QUEUE,
                    start_to_close_timeout=_AWAITED,
                    heartbeat_timeout=_LOST_AFTER,
                    retry_policy=_AGAIN,
                    summary=firing.name,
                )
            found: Data = await workflow.execute_activity(
                names.FIRE,
                args=[firing.schedule, firing.history],
                task_queue=names.LAUNCH_QUEUE,
                start_to_close_timeout=_FIRED_WITHIN,
                heartbeat_timeout=_LOST_AFTER,
                retry_policy=_AGAIN,
                summary=firing.name,
            )
            decided = [Decided(*one) for one in found["decided"]]
            self._book.fired(firing, Fired(decided, found["wait"], found["after"]), workflow.time())
        finally:
            del self._firing[firing.name]
            self._news = True

    def _show(self) -> None:
        """Everybody reads it in the memo."""
        changed: Data = {
            f"{SHOWN}{name}": self._book.shown(name) for name in sorted(self._book.touched)
        }
        self._book.touched.clear()
        if self._answered:
            self._answered = False
            changed[names.ANSWERS] = self._answers.kept
        if changed:
            workflow.upsert_memo(changed)

    def _go_on(self) -> NoReturn:
        continuing.go_on([continuing.pack(self._book.state(), self._answers)])

    @workflow.signal(name=names.ASK)
    def ask(self, identity: str, verb: str, arguments: Data) -> None:
        """Do what somebody asks; the memo has the answer."""
        now = workflow.time()
        if self._answers.answer(identity, lambda: self._book.perform(verb, arguments, now)):
            self._answered = self._news = True

    @workflow.signal(name=names.WAKE)
    def wake(self) -> None:
        """Somebody sees to it that it is there."""
