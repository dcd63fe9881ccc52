"""The coordinator, for those outside of Temporal: what is in force, and what people ask of it.

Whether there is one, and what is in force, stands in its memo: the server alone tells that. What is
asked is a signal; the answer is in the memo, too.
"""

import asyncio
import time
import uuid
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from orchestrate.cluster import names
from orchestrate.cluster.connection import PATIENCE, is_missing, no_worker, refused
from orchestrate.cluster.coordinating.overview import View, unpack_view, waits
from orchestrate.cluster.coordinating.places import Hold
from orchestrate.cluster.coordinating.settings import Settings
from orchestrate.cluster.outlasting import Outlasting
from orchestrate.cluster.payloads import Data
from orchestrate.workflow.engine import Waits

_LOOK_EVERY = 0.02
"""Seconds between looks for an answer."""


class InForce(NamedTuple):
    """What all workflows of a namespace share."""

    settings: Settings
    set_by: Data
    hold: Hold | None
    waiting: bool
    """Whether anybody waits for anything."""


class _Unheard(NamedTuple):
    """Something that was said waits to be taken up."""

    since: int
    """Nanoseconds, by the server's clock."""
    again: bool
    """Whoever took it up before could not do it."""


class Coordinator:
    """Asks it, and makes it when it is first needed."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def in_force(self) -> InForce | None:
        """What it keeps; None if there is none."""
        memo, _ = await self._memo()
        shared = None if memo is None else memo.get(names.SHARED)
        if shared is None:
            return None
        hold = None if shared["hold"] is None else Hold(*shared["hold"])
        settings = Settings.of(shared["settings"])
        return InForce(settings, shared["set_by"], hold, shared["waiting"])

    async def _memo(self) -> tuple[Data | None, bool]:
        """The memo, None if none runs; and whether there was one once."""
        found = await self._describe()
        if found is None:
            return None, False
        if found.status is not WorkflowExecutionStatus.RUNNING:
            return None, True
        return dict(await found.memo()), True

    async def _describe(self) -> WorkflowExecutionDescription | None:
        try:
            handle = self._client.get_workflow_handle(names.COORDINATOR)
            return await handle.describe(rpc_timeout=PATIENCE)
        except RPCError as error:
            if is_missing(error):
                return None
            raise refused(error) from error

    async def apply(self, settings: Settings, actor: str) -> None:
        """So much there is from now on, if that is news."""
        in_force = await self.in_force()
        known = Settings() if in_force is None else in_force.settings
        if known.digest != settings.digest:
            await self._tell("apply", {"settings": settings.to_data(), "actor": actor})

    async def ensure(self) -> None:
        """Have one."""
        memo, _ = await self._memo()
        if memo is None:
            await self._tell("show", {})

    async def view(self, patience: float = PATIENCE.total_seconds()) -> View | None:
        """Who has, and wants, what; None if nobody ever wanted anything. Raises UnansweredError."""
        until = time.monotonic() + patience
        memo, _ = await self._memo()
        if memo is None:
            return None
        await self._heard(until)
        left = until - time.monotonic()
        memo = await self._answered(await self._tell("show", {}), left)
        return unpack_view(memo[names.VIEW])

    async def _heard(self, until: float) -> None:
        """Until a worker has taken up what was said before. A signal more, from everybody who looks
        again and again while none is there, would fill the history. Raises UnansweredError.
        """
        first = now = _unheard(await self._describe())
        while first is not None and now is not None and (now.since == first.since or now.again):
            if time.monotonic() >= until:
                raise no_worker()
            await asyncio.sleep(_LOOK_EVERY)
            now = _unheard(await self._describe())

    async def waits(self) -> Mapping[str, Waits]:
        """Who has what each workflow waits for."""
        in_force = await self.in_force()
        if in_force is None or not in_force.waiting:
            return {}
        view = await self.view()
        return {} if view is None else waits(view)

    async def ask(self, verb: str, arguments: Data, outlasting: Outlasting | None = None) -> Data:
        """Have it do something. Raises UnansweredError if nobody answers in time, or if there is
        nobody whom `outlasting` could wait for; what was asked for is done when a worker is there.
        """
        identity = await self._tell(verb, arguments)
        if outlasting is None:
            memo = await self._answered(identity)
        else:
            memo = await outlasting.until_answered(partial(self._answered, identity))
        return memo[names.ANSWERS][identity]

    async def _answered(self, identity: str, patience: float = PATIENCE.total_seconds()) -> Data:
        """The memo, once it holds the answer."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            memo, _ = await self._memo()
            if memo is not None and identity in memo.get(names.ANSWERS, {}):
                return memo
            await asyncio.sleep(_LOOK_EVERY)
        raise no_worker()

    async def _tell(self, verb: str, arguments: Data) -> str:
        """Say something that it hears before everything that is said later."""
        identity = str(uuid.uuid4())
        _, was_there = await self._memo()
        # One that somebody ended took the last tokens along: the next ones are above all of them.
        floor = int(time.time()) if was_there else 0
        try:
            await self._client.start_workflow(
                names.COORDINATOR,
                args=[b"", None, floor],
                id=names.COORDINATOR,
                task_queue=names.QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal=names.ASK,
                start_signal_args=[identity, verb, arguments],
                static_summary="what all workflows share",
                rpc_timeout=PATIENCE,
            )
        except RPCError as error:
            raise refused(error) from error
        return identity


def _unheard(described: WorkflowExecutionDescription | None) -> _Unheard | None:
    if described is None or not described.raw_description.HasField("pending_workflow_task"):
        return None
    pending = described.raw_description.pending_workflow_task
    return _Unheard(pending.original_scheduled_time.ToNanoseconds(), pending.attempt > 1)
