"""Counting what happened on a cluster since the last look: each event of each journal once.

As on one machine nobody counts while a workflow runs, and it is counted from journals by the same
rules. Workflows that ended are found by Temporal's visibility, which hears of ends with some delay;
of those that are open only what has moved is asked.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from orchestrate.cluster import names
from orchestrate.cluster.connection import Connection, refused
from orchestrate.cluster.errors import ClusterError
from orchestrate.cluster.looking.reading import Found, Reader
from orchestrate.cluster.payloads import Data
from orchestrate.cluster.serving.counted import CLOSED, Journal, Totals
from orchestrate.errors import NotFoundError
from orchestrate.triggers.schedules import Decided, Schedule, due_at
from orchestrate.triggers.slots import Slot
from orchestrate.workflow import metrics
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.metrics import Tally
from orchestrate.workflow.tallying import About, Tallying

_SETTLED = 600.0
"""Seconds after which visibility knows how something closed, clocks that differ included."""


class _Listed(NamedTuple):
    """The latest run of a workflow, as visibility has it."""

    run: str
    began: float
    closed: bool
    length: int


def catch_up(connection: Connection, known: Totals, until: float) -> int:
    """Count until a moment of the monotonic clock; gives about how many of Temporal's events are
    left to be looked at. Raises OrchestrateError.
    """
    began = time.time()
    listed = connection.wait(_listed(connection.client, known.looked_at()))
    left, answered = 0, True
    for workflow, latest in listed.items():
        before = known.journal(workflow)
        if latest.closed and (before.run, before.length) == (latest.run, CLOSED):
            continue
        if time.monotonic() >= until or not (answered or latest.closed):
            left += max(1, latest.length)
            continue
        try:
            _count(connection, known, workflow, before)
        except NotFoundError:
            continue  # its retention is over
        except ClusterError:  # no worker answers: those that are open would be asked in vain
            answered = False
            left += max(1, latest.length)
    if not left:
        known.looked(began)
    return left


async def _listed(client: Client, since: float | None) -> dict[str, _Listed]:
    query = f"WorkflowType = '{names.PLAYBOOK}'"
    if since is not None:
        lately = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(since - _SETTLED))
        query += f" AND (ExecutionStatus = 'Running' OR CloseTime > '{lately}')"
    found: dict[str, _Listed] = {}
    entries: AsyncIterator[Any] = client.list_workflows(query)
    try:
        async for entry in entries:
            closed = entry.status is not WorkflowExecutionStatus.RUNNING
            began = entry.start_time.timestamp()
            one = _Listed(entry.run_id, began, closed, entry.history_length or 0)
            if entry.id not in found or found[entry.id].began < began:
                found[entry.id] = one
    except RPCError as error:
        raise refused(error) from error
    return found


def _count(connection: Connection, known: Totals, workflow: str, before: Journal) -> None:
    """Count what is new of one workflow."""
    reader = Reader(connection.client)  # one for each: it keeps what it has read
    found = connection.wait(reader.find(workflow))
    length = CLOSED if found.closed else found.description.history_length
    if (found.run, length) == (before.run, before.length):
        return
    events = connection.wait(reader.events(found, before.seq))
    past = _Past(events, before.seq, lambda: _earlier(connection, reader, found, before.seq))
    tally = Tally()
    summary = found.summary
    counting = Tallying(tally, About(summary.playbook, summary.created_at), past)
    for event in events:
        counting.take(event)
    after = Journal(found.run, length, before.seq + len(events))
    known.add(workflow, before, after, tally)


def _earlier(connection: Connection, reader: Reader, found: Found, upto: int) -> list[Event]:
    return connection.wait(reader.events(found))[:upto]


class _Past:
    """`workflow.tallying.Past` over the events since the last look; those before are read when
    they are needed.
    """

    def __init__(
        self, events: Sequence[Event], after: int, earlier: Callable[[], list[Event]]
    ) -> None:
        self._events = events
        self._after = after
        self._read = earlier
        self._earlier: list[Event] | None = None

    def at(self, seq: int) -> Event:
        """See `Past.at`."""
        if seq > self._after:
            return self._events[seq - self._after - 1]
        return self._before()[seq - 1]

    def last(
        self, before: int, types: frozenset[EventType], path: str | None = None
    ) -> Event | None:
        """See `Past.last`."""
        return next(
            (
                event
                for event in self._backwards(before)
                if event.type in types and (path is None or event.path == path)
            ),
            None,
        )

    def _backwards(self, before: int) -> Iterator[Event]:
        for at in range(min(before - self._after - 1, len(self._events)) - 1, -1, -1):
            yield self._events[at]
        if self._after:
            yield from reversed(self._before()[: before - 1])

    def _before(self) -> list[Event]:
        if self._earlier is None:
            self._earlier = self._read()
        return self._earlier


def count_slots(known: Totals, schedules: Mapping[str, Data]) -> None:
    """Count what became of slots, as far as it is shown: twenty of each schedule."""
    for name, shown in schedules.items():
        schedule = Schedule.of(shown["schedule"])
        decided = {one.slot: one for one in (Decided(*row) for row in shown["history"])}
        fresh = known.fresh_slots(name, decided)
        if not fresh:
            continue
        tally = Tally()
        for slot in fresh:
            one = decided[slot]
            tally.add(metrics.SLOTS, name, one.outcome)
            if one.outcome == "started":
                late = one.decided_at - due_at(schedule, Slot(one.at, one.slot, ""))
                tally.observe(metrics.LATENESS, late)
        known.add_slots(name, list(decided), fresh, tally)
