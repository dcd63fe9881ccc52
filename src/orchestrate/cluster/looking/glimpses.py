"""What can be shown of attempts without asking the worker that has them: how far one is that runs
and what it wrote last, as Temporal has it from the worker's signs of life; and the end of what one
wrote that did not succeed, as the journal has it.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from temporalio.client import Client, WorkflowExecutionDescription

from orchestrate.workflow.events import Event, EventType

_KEPT = 10_000
"""Attempts that are remembered."""


class Glimpse(NamedTuple):
    """Of an attempt that runs."""

    attempt: int
    worker: str
    path: str = ""
    percent: float | None = None
    written: int = 0
    """Bytes of output."""
    said: str = ""
    """The last of them."""


async def glimpses(client: Client, description: WorkflowExecutionDescription) -> Sequence[Glimpse]:
    """Of all that run and whose workers have said so."""
    found: list[Glimpse] = []
    for pending in description.raw_description.pending_activities:
        payloads = pending.heartbeat_details.payloads
        if payloads:
            worker, *told = await client.data_converter.decode(payloads)
            attempt = int(pending.activity_id.partition("-")[0])
            found.append(Glimpse(attempt, str(worker), *(told[0] if told else ())))
    return found


class _Known:
    """What was heard of one attempt."""

    __slots__ = ("ended", "excerpt", "percent", "started")

    def __init__(self, started: Event) -> None:
        self.started = started
        self.ended = False
        self.percent: float | None = None
        self.excerpt = ""


class Memory:
    """What was heard of attempts, by workflow and number; the newest ones."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, int], _Known] = OrderedDict()

    def hear(self, workflow: str, events: Iterable[Event]) -> None:
        """Events of a journal that somebody reads."""
        for event in events:
            if event.type is EventType.ATTEMPT_STARTED:
                self._known[workflow, event.seq] = _Known(event)
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            elif event.type is EventType.ATTEMPT_FINISHED:
                known = self._known.get((workflow, int(str(event.data["id"]))))
                if known is not None:
                    known.ended = True
                    known.excerpt = str(event.data.get("excerpt", ""))

    def see(
        self, workflow: str, seen: Iterable[Glimpse], *, after: int, at: float
    ) -> Iterator[Event]:
        """What runs; given is what is new of it, as events that no journal has: they bear the
        number of the last one of which there is a record, `after`.
        """
        for glimpse in seen:
            known = self._known.get((workflow, glimpse.attempt))
            if known is None or known.ended:
                continue
            known.excerpt = glimpse.said
            if glimpse.percent is not None and glimpse.percent != known.percent:
                known.percent = glimpse.percent
                data = {"percent": glimpse.percent}
                yield Event(after, at, EventType.PROGRESS, known.started.path, data)

    def end_of_output(self, workflow: str, attempt: int) -> str | None:
        """The end of what it wrote; None if only its worker knows that."""
        known = self._known.get((workflow, attempt))
        if known is None or (known.ended and not known.excerpt):
            return None
        return known.excerpt

    def start_of(self, workflow: str, attempt: int) -> Event | None:
        """Its `attempt_started`, if it passed by."""
        known = self._known.get((workflow, attempt))
        return None if known is None else known.started
