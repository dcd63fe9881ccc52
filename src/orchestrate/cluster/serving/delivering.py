"""The Temporal workflow that keeps what other systems are to be told, and has workers tell them."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, CancelledError
from temporalio.workflow import ActivityCancellationType, ActivityHandle

from orchestrate.cluster import continuing, names
from orchestrate.cluster.auditing.recording import Recording
from orchestrate.cluster.payloads import Data
from orchestrate.cluster.serving.delivery_book import DeliveryBook, Errand
from orchestrate.launching.deliveries import FAILED, WAITING, Delivery

COUNTS = "orchestrate-deliveries"
"""The memo's field for how many deliveries there are in each state."""
ENDED = "orchestrate-delivered"
"""The memo's field for how many came to which end, by integration; it only grows."""
SHOWN = "delivery:"
"""Before the number of a delivery: the field of the memo that shows it."""
_MOST_OPEN, _MOST_OVER = 400, 100
"""Deliveries that are shown: those that wait or failed, and others; the newest."""
_LONGEST_RUN, _LARGEST_RUN = 4000, 8 << 20
"""Events and bytes of a history after which a new run takes over."""
_ATTEMPT = timedelta(seconds=90)
_LOST_AFTER = timedelta(seconds=10)
_LOST = "the worker that was about to deliver it was lost"


@workflow.defn(name=names.DELIVERIES)
class DeliveriesWorkflow:
    """Lets time pass for a `DeliveryBook`. Nobody queries it: see `standing.py`."""

    @workflow.init
    def __init__(self, state: bytes) -> None:
        kept = continuing.unpack(state)
        self._book = DeliveryBook(kept.book)
        self._answers = kept.answers
        self._answered = bool(self._answers.kept)
        self._shown: dict[str, Any] = {
            field: row for field, row in workflow.memo().items() if field.startswith(SHOWN)
        }
        self._recording = Recording(self._wake)
        self._under_way: dict[int, ActivityHandle[Data]] = {}
        self._called_back = False
        self._news = False

    def _wake(self) -> None:
        self._news = True

    @workflow.run
    async def run(self, state: bytes) -> NoReturn:
        """For ever. The argument as in `__init__`."""
        del state
        while True:
            info = workflow.info()
            long = (
                info.get_current_history_length() > _LONGEST_RUN
                or info.get_current_history_size() > _LARGEST_RUN
            )
            if not long:
                for errand in self._book.due(workflow.time()):
                    self._begin(errand)
            self._show()
            self._recording.add(self._book.done)
            self._book.done = []
            if long and not self._under_way and not self._recording.under_way:
                self._go_on()
            if long:
                self._call_back()
            due = None if long else self._book.next_due()
            await self._rest(None if due is None else max(0.0, due - workflow.time()))

    async def _rest(self, seconds: float | None) -> None:
        try:
            await workflow.wait_condition(lambda: self._news, timeout=seconds)
        except TimeoutError:
            return
        self._news = False

    def _begin(self, errand: Errand) -> None:
        """Have a worker make one attempt; it waits until there is one."""
        delivery = errand.entry.delivery
        activity: ActivityHandle[Any] = workflow.start_activity(
            names.DELIVER,
            args=[list(delivery), errand.entry.project, dict(errand.memories)],
            task_queue=names.DELIVERY_QUEUE,
            start_to_close_timeout=_ATTEMPT,
            heartbeat_timeout=_LOST_AFTER,
            retry_policy=RetryPolicy(maximum_attempts=1),
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=delivery.key,
        )
        self._under_way[delivery.number] = activity
        asyncio.create_task(self._attend(delivery.number, activity))  # noqa: RUF006 - `_under_way`

    async def _attend(self, number: int, activity: ActivityHandle[Data]) -> None:
        try:
            self._book.settle(number, await activity, workflow.time())
        except ActivityError as error:
            if isinstance(error.cause, CancelledError):
                self._book.put_back(number)
            else:
                self._book.lost(number, _LOST, workflow.time())
        finally:
            del self._under_way[number]
            self._news = True

    def _call_back(self) -> None:
        """What no worker has begun with is begun by the next run; what one has begun with ends."""
        if not self._called_back:
            self._called_back = True
            for activity in self._under_way.values():
                activity.cancel()

    def _show(self) -> None:
        """Everybody reads it in the memo."""
        everything = list(self._book.deliveries())
        shown = {f"{SHOWN}{one.number}": _row(one) for one in _newest(everything)}
        changed: Data = {
            field: row for field, row in shown.items() if self._shown.get(field) != row
        }
        changed.update({field: None for field in self._shown if field not in shown})
        if changed:
            changed[COUNTS] = dict(Counter(one.state for one in everything))
            changed[ENDED] = self._book.ended
        self._shown = shown
        if self._answered:
            self._answered = False
            changed[names.ANSWERS] = self._answers.kept
        if changed:
            workflow.upsert_memo(changed)

    def _go_on(self) -> NoReturn:
        continuing.go_on([continuing.pack(self._book.state(), self._answers)], COUNTS, ENDED)

    @workflow.signal(name=names.ASK)
    def ask(self, identity: str, verb: str, arguments: Data) -> None:
        """Do what somebody asks; the memo has the answer."""
        now = workflow.time()
        if self._answers.answer(identity, lambda: self._book.perform(verb, arguments, now)):
            self._answered = self._news = True

    @workflow.signal(name=names.TELL)
    def tell(self, said: Data) -> None:
        """What a workflow says of an event that others are to be told of."""
        self._book.hear(said, workflow.time())
        self._news = True

    @workflow.signal(name=names.WAKE)
    def wake(self) -> None:
        """Somebody sees to it that it is there."""


def _row(delivery: Delivery) -> list[Any]:
    """As JSON gives it back."""
    return [list(value) if isinstance(value, tuple) else value for value in delivery]


def _newest(everything: list[Delivery]) -> list[Delivery]:
    """Those that are shown."""
    still_open = [one for one in everything if one.state == WAITING or one.state in FAILED]
    over = [one for one in everything if one.state != WAITING and one.state not in FAILED]
    return [*still_open[-_MOST_OPEN:], *over[-_MOST_OVER:]]
