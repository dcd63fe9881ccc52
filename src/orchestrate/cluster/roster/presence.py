"""A worker's own part: it registers, and gives signs of life until it leaves."""

import asyncio
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import RPCError

from orchestrate import __version__
from orchestrate.cluster import names
from orchestrate.cluster.errors import PATIENCE, is_away, is_missing, refused
from orchestrate.cluster.roster.registration import Registration, Sign, Traits, identity
from orchestrate.errors import ConflictError
from orchestrate.launching.complaining import say_waiting

_AGAIN = 1.0
"""Seconds until a server that is away is asked once more."""
_BEATS = 4
"""Signs of life in the time after which it counts as lost."""


class Presence:
    """One worker in one process. `running` tells how many steps it has."""

    def __init__(
        self,
        client: Client,
        name: str,
        pools: tuple[str, ...],
        labels: tuple[str, ...],
        max_steps: int,
        lost_after: float,
        running: Callable[[], int],
        traits: Traits,
    ) -> None:
        self._client = client
        self._lost_after = lost_after
        self._running = running
        self.draining = asyncio.Event()
        """Somebody asked it to leave when its steps are over."""
        self._left = asyncio.Event()
        self.displaced: ConflictError | None = None
        """Set together with `draining` if another process took the name."""
        self._registration = Registration(
            name=name,
            host=socket.gethostname(),
            pools=pools,
            labels=labels,
            version=__version__,
            generation=names.GENERATION,
            max_steps=max_steps,
            pid=os.getpid(),
            instance=os.urandom(8).hex(),
            started_at=time.time(),
            traits=traits,
        )

    async def register(self, stop: asyncio.Event) -> bool:
        """Take the place of whoever had the name before; False if it was told to `stop` meanwhile.
        A server that is away is waited for: a worker that ends would have to be started again by
        somebody. Raises ClusterError.
        """
        registering = asyncio.ensure_future(self._registered())
        stopped = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({registering, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if registering.done():
                registering.result()
            return registering.done()
        finally:
            registering.cancel()
            stopped.cancel()

    async def _registered(self) -> None:
        while True:
            try:
                await self._register()
            except RPCError as error:
                if not is_away(error):
                    raise refused(error) from error
                say_waiting(refused(error).message)
                await asyncio.sleep(_AGAIN)
            else:
                return

    async def _register(self) -> None:
        mine = self._registration
        client: Any = self._client  # its overloads are not fully typed
        await client.start_workflow(
            names.WORKER,
            args=[mine.name, mine.instance, self._lost_after],
            id=identity(mine.name),
            task_queue=names.QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
            memo={names.REGISTERED: mine.to_data()},
            static_summary=f"{mine.name} on {mine.host}",
            rpc_timeout=PATIENCE,
        )

    @activity.defn(name=names.STAND_BY)
    async def stand_by(self, instance: str) -> None:
        """Give signs of life, until the worker leaves."""
        if instance != self._registration.instance:  # either it or this one leaves in a moment
            raise ApplicationError(
                "another process of this name is asked",
                type="other",
                category=ApplicationErrorCategory.BENIGN,
            )
        while not self._left.is_set():
            try:
                sign = Sign(self._running(), self.draining.is_set(), time.time())
                activity.heartbeat(sign._asdict())
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._left.wait(), self._lost_after / _BEATS)
            except asyncio.CancelledError:
                if await self._is_over():
                    return

    def leave(self) -> None:
        """End the signs of life: the worker goes."""
        self._left.set()

    async def _is_over(self) -> bool:
        """What a cancellation means: that it leaves, that it shall, or that it is not known."""
        details = activity.cancellation_details()
        if details is None or details.worker_shutdown or details.timed_out:
            return True  # after a silence Temporal asks anew
        if details.not_found:
            await self._look_who_is_there()
            return True
        self.draining.set()
        return False

    async def _look_who_is_there(self) -> None:
        """Its workflow was ended: by another process of this name, or by somebody in Temporal."""
        mine = self._registration
        try:
            handle = self._client.get_workflow_handle(identity(mine.name))
            described = await handle.describe(rpc_timeout=PATIENCE)
            other: Any = (await described.memo()).get(names.REGISTERED)
        except RPCError as error:
            if not is_missing(error):
                raise
            other = None
        if other is None or other["instance"] == mine.instance:
            await self.register(self._left)
            return
        self.displaced = ConflictError(
            f"another worker named {mine.name} has begun, on {other['host']} (process "
            f"{other['pid']})",
            hint="Names must differ: give one of them another --name.",
        )
        self.draining.set()
