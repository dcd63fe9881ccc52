"""What can be known of a workflow: its summary, its journal, as it is and as it grows."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from orchestrate.cluster import names
from orchestrate.cluster.connection import PATIENCE, is_missing, no_worker, refused
from orchestrate.cluster.errors import unanswered
from orchestrate.cluster.looking.glimpses import Glimpse, glimpses
from orchestrate.cluster.payloads import Page, unpack_page, unpack_plan
from orchestrate.cluster.storing.blobs import Ref
from orchestrate.cluster.storing.pages import unpack_journal
from orchestrate.errors import NotFoundError
from orchestrate.playbook.plan import Plan
from orchestrate.workflow.engine import Summary
from orchestrate.workflow.events import Event
from orchestrate.workflow.outcomes import State

PAGE = 1000
"""Events asked for at once."""
_LOOK_AGAIN = 0.2
"""Seconds until one asks a workflow once more that has no answer yet."""
_APART = 0.1
"""Seconds, at least, between looks at a run that always has news."""
_PAUSES = 10
"""How much longer than a look the pause after it is: then looks take little of what there is."""
_LONGEST_PAUSE = 1.0
_UNATTENDED = 15.0
"""Seconds that a workflow may wait for a worker before it counts as one that nobody runs."""
_ABRUPT = {
    WorkflowExecutionStatus.TERMINATED: "terminated in Temporal",
    WorkflowExecutionStatus.TIMED_OUT: "timed out in Temporal",
    WorkflowExecutionStatus.CANCELED: "cancelled in Temporal",
}
"""Ends that are not ours."""


class Found(NamedTuple):
    """A workflow as Temporal describes it."""

    summary: Summary
    run: str
    """The id of Temporal's run."""
    closed: bool
    abrupt: bool
    """Somebody ended it from outside: it said nothing at its end."""
    description: WorkflowExecutionDescription


class End(NamedTuple):
    """What a closed workflow left."""

    events: list[Event]
    workers: dict[int, str]


class Reader:
    """Asks a cluster. Every method raises NotFoundError for an id that does not exist."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._ends: dict[tuple[str, str], End] = {}

    def handle(self, found: Found) -> WorkflowHandle[Any, Any]:
        """The run that was described."""
        return self._client.get_workflow_handle(found.summary.id, run_id=found.run)

    async def find(self, workflow: str, run: str | None = None) -> Found:
        """Where it stands, as lists show it; with `run`, how that one of its runs does."""
        try:
            handle = self._client.get_workflow_handle(workflow, run_id=run)
            description = await handle.describe(rpc_timeout=PATIENCE)
        except RPCError as error:
            if is_missing(error):
                raise _missing(workflow) from None
            raise refused(error) from error
        return await _found(description)

    async def page(self, found: Found, after: int) -> Page:
        """Events after that number, and where it stands by now."""
        if found.closed:
            end = await self.end(found)
            events = end.events[after : after + PAGE]
            more = after + PAGE < len(end.events)
            return Page(events, found.summary.state, stuck=False, more=more)
        return await self._ask(found, after)

    async def _ask(self, found: Found, after: int) -> Page:
        handle = self.handle(found)
        body = await self.query(handle, names.JOURNAL, [after, PAGE])
        return unpack_page(body)

    async def query(self, handle: WorkflowHandle[Any, Any], name: str, args: list[Any]) -> Any:
        """What a run answers, with all that reached it before."""
        deadline = asyncio.get_running_loop().time() + PATIENCE.total_seconds()
        while True:
            try:
                return await handle.query(name, args=args, rpc_timeout=PATIENCE)
            except RPCError as error:
                if is_missing(error):
                    raise _missing(handle.id) from None
                raise unanswered(error) from error
            except WorkflowQueryFailedError as error:
                if asyncio.get_running_loop().time() > deadline:
                    raise no_worker() from error
            await asyncio.sleep(_LOOK_AGAIN)  # it is reading its journal

    async def events(self, found: Found, after: int = 0) -> list[Event]:
        """All events after that number."""
        events: list[Event] = []
        while True:
            page = await self.page(found, after)
            events += page.events
            if not page.more:
                return events
            after = page.events[-1].seq

    async def end(self, found: Found) -> End:
        """What a closed run left: it carries its journal, unless somebody ended it from outside;
        then a worker finds it out from the history.
        """
        key = found.summary.id, found.run
        if key not in self._ends:
            body = b"" if found.abrupt else await self._result(found)
            if body:
                events, workers = unpack_journal(body)
                self._ends[key] = End(events, workers)
            else:
                self._ends[key] = await self._replayed(found)
        return self._ends[key]

    async def _result(self, found: Found) -> bytes:
        try:
            return await self.handle(found).result(follow_runs=False, rpc_timeout=PATIENCE)
        except WorkflowFailureError as error:
            cause = error.cause
            known = isinstance(cause, ApplicationError) and cause.details
            return cause.details[0] if known and isinstance(cause, ApplicationError) else b""
        except RPCError as error:
            raise refused(error) from error

    async def _replayed(self, found: Found) -> End:
        events: list[Event] = []
        while True:
            page = await self._ask(found, len(events))
            events += page.events
            if not page.more:
                return End(events, await self.workers(found))

    async def workers(self, found: Found) -> dict[int, str]:
        """Who performed which attempt of an open workflow, those that run included."""
        asked: list[list[Any]] = await self.query(self.handle(found), "workers", [])
        known: dict[int, str] = {int(attempt): worker for attempt, worker in asked}
        for glimpse in await self.glimpses(found):
            known[glimpse.attempt] = glimpse.worker
        return known

    async def glimpses(self, found: Found) -> Sequence[Glimpse]:
        """What its workers told of attempts that run, when it was found."""
        return await glimpses(self._client, found.description)

    async def plan(self, found: Found) -> Plan:
        """The plan that it runs: part of what its run was started with."""
        return unpack_plan(await self.packed_plan(found))

    async def packed_plan(self, found: Found) -> bytes:
        """The same as it is stored."""
        return (await self._given(found))[1]

    async def files(self, found: Found) -> Ref | None:
        """The project's files from which its steps run; None: workers have their own."""
        files = (await self._given(found))[0].get("files")
        return None if files is None else Ref(*files)

    async def patience(self, found: Found) -> tuple[float, float]:
        """After how many seconds its workers count as lost, and how many they have to come back."""
        about = (await self._given(found))[0]
        return float(about["heartbeat"]), float(about["lease"])

    async def _given(self, found: Found) -> tuple[dict[str, Any], bytes]:
        """What its run was started with, but for the journal."""
        try:
            history = self.handle(found).fetch_history_events(page_size=1, rpc_timeout=PATIENCE)
            first = await anext(history)
        except RPCError as error:
            raise refused(error) from error
        given = first.workflow_execution_started_event_attributes.input.payloads
        about, plan, _ = await self._client.data_converter.decode(given, [dict, bytes, bytes])
        return about, plan


class Watch:
    """Tells when something happened in a run. Made in the loop; close it."""

    def __init__(self, handle: WorkflowHandle[Any, Any]) -> None:
        self._news = asyncio.Event()
        self._returned = asyncio.get_running_loop().time()
        self._task = asyncio.get_running_loop().create_task(self._look(handle))

    async def _look(self, handle: WorkflowHandle[Any, Any]) -> None:
        try:
            async for _ in handle.fetch_history_events(wait_new_event=True):
                self._news.set()
        except RPCError:
            return  # nothing to be told of any more; whoever waits looks by itself
        finally:
            self._news.set()

    @property
    def over(self) -> bool:
        """Whether it is told nothing any more: the run has closed, or the server is away."""
        return self._task.done()

    async def wait(self, seconds: float) -> None:
        """Until something happened since the last call, at most so long. A run that always has news
        is not looked at for each of them: every look is work for it.
        """
        loop = asyncio.get_running_loop()
        called = loop.time()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), seconds)
        pause = min(max(_APART, _PAUSES * (called - self._returned)), _LONGEST_PAUSE)
        early = called + pause - loop.time()
        if early > 0:
            await asyncio.wait({self._task}, timeout=early)
        self._returned = loop.time()
        self._news.clear()

    def close(self) -> None:
        """Look no more."""
        self._task.cancel()


async def _found(description: WorkflowExecutionDescription) -> Found:
    memo = await description.memo()
    kept: dict[str, Any] | None = memo.get(names.SUMMARY)
    if kept is None:
        raise _missing(description.id)
    closed = description.status is not WorkflowExecutionStatus.RUNNING
    reason = _ABRUPT.get(description.status) if description.status is not None else None
    state = State(kept["state"])
    if reason is not None:
        ended = description.close_time
        kept = {**kept, "reason": reason, "finished_at": ended.timestamp() if ended else None}
        state = State.NEEDS_ATTENTION
    summary = Summary(
        id=description.id,
        playbook=kept["playbook"],
        state=state,
        owner_lost=not closed and _is_unattended(description),
        environment=kept["environment"],
        parameters=kept["parameters"],
        created_at=kept["created_at"],
        started_at=kept["started_at"],
        finished_at=kept["finished_at"],
        actor=kept["actor"],
        reason=kept["reason"],
        resume_at=kept["resume_at"],
    )
    return Found(summary, description.run_id, closed, reason is not None, description)


def _is_unattended(description: WorkflowExecutionDescription) -> bool:
    """Whether it has something to do, and no worker does it."""
    raw = description.raw_description
    if not raw.HasField("pending_workflow_task"):
        return False
    task = raw.pending_workflow_task
    if task.HasField("started_time") or not task.HasField("original_scheduled_time"):
        return False
    import time

    return time.time() - task.original_scheduled_time.ToMicroseconds() / 1e6 > _UNATTENDED


def _missing(workflow: str) -> NotFoundError:
    return NotFoundError(
        f"there is no workflow {workflow} in the cluster",
        hint="`orchestrate status --all` lists those that there are.",
    )
