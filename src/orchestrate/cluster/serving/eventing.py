"""The Temporal workflow that keeps the events of a namespace: it offers them to workflows whose
steps wait for some, and has workers start what triggers say.
"""

import asyncio
from datetime import timedelta
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

from orchestrate.cluster import continuing, names
from orchestrate.cluster.auditing.recording import Recording
from orchestrate.cluster.payloads import Data
from orchestrate.cluster.serving.event_book import EventBook, Offer
from orchestrate.launching.inbox import Settled

UNMATCHED = "orchestrate-unmatched"
"""The memo's field for events that started nothing."""
_LONGEST_RUN, _LARGEST_RUN = 4000, 8 << 20
"""Events and bytes of a history after which a new run takes over."""
_AGAIN = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


@workflow.defn(name=names.EVENTS)
class EventsWorkflow:
    """Lets time pass for an `EventBook`. Nobody queries it: see `standing.py`."""

    @workflow.init
    def __init__(self, state: bytes) -> None:
        kept = continuing.unpack(state)
        self._book = EventBook(kept.book)
        self._answers = kept.answers
        self._answered = bool(self._answers.kept)
        self._recording = Recording(self._wake)
        self._shown: list[Data] = []
        self._settling: asyncio.Task[None] | None = None
        self._telling: dict[str, list[Offer]] = {}
        """What is still to be told to a workflow, while that is under way."""
        self._news = False

    def _wake(self) -> None:
        self._news = True

    @workflow.run
    async def run(self, state: bytes) -> NoReturn:
        """For ever. The argument as in `__init__`."""
        del state
        while True:
            self._show()
            self._tell()
            self._recording.add(self._book.done)
            self._book.done = []
            info = workflow.info()
            long = (
                info.get_current_history_length() > _LONGEST_RUN
                or info.get_current_history_size() > _LARGEST_RUN
            )
            busy = self._settling is not None or self._telling or self._recording.under_way
            if long and not busy:
                self._go_on()
            if not long and self._settling is None and (page := self._book.pending()):
                self._settling = asyncio.create_task(self._settle(page))
            await workflow.wait_condition(lambda: self._news)
            self._news = False

    async def _settle(self, page: list[Data]) -> None:
        """Have a worker look at events: it starts what triggers say."""
        try:
            found: list[list[Any]] = await workflow.execute_activity(
                names.SETTLE,
                page,
                task_queue=names.LAUNCH_QUEUE,
                start_to_close_timeout=timedelta(minutes=30),
                heartbeat_timeout=timedelta(seconds=10),
                retry_policy=_AGAIN,
            )
            for one, (state, workflows, reason) in zip(page, found, strict=True):
                self._book.settle(one["number"], Settled(state, tuple(workflows), reason))
        finally:
            self._settling = None
            self._news = True

    def _tell(self) -> None:
        """Begin to tell workflows what is offered to them, each in the order of arrival."""
        outbox, self._book.outbox = self._book.outbox, []
        for offer in outbox:
            waiting = self._telling.get(offer.workflow)
            if waiting is not None:
                waiting.append(offer)
                continue
            self._telling[offer.workflow] = [offer]
            asyncio.create_task(self._tell_one(offer.workflow))  # noqa: RUF006 - in `_telling`

    async def _tell_one(self, identity: str) -> None:
        handle = workflow.get_external_workflow_handle(identity)
        offers = self._telling[identity]
        try:
            while offers:
                offer = offers.pop(0)
                arguments = [offer.path, offer.number, offer.event]
                await handle.signal(names.OFFERED, args=arguments)
        except ApplicationError:
            self._book.lost(identity)
        finally:
            del self._telling[identity]
            self._news = True

    def _show(self) -> None:
        """Everybody reads it in the memo."""
        changed: Data = {}
        if self._answered:
            self._answered = False
            changed[names.ANSWERS] = self._answers.kept
        unmatched = self._book.unmatched()
        if unmatched != self._shown:
            changed[UNMATCHED] = self._shown = unmatched
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

    @workflow.signal(name=names.TELL)
    def tell(self, identity: str, said: list[list[Any]]) -> None:
        """What a workflow says of its steps that wait."""
        self._book.hear(identity, said)
        self._news = True

    @workflow.signal(name=names.WAKE)
    def wake(self) -> None:
        """Somebody sees to it that it is there."""
