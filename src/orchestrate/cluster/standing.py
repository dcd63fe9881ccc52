"""Temporal workflows that never end, one of a kind in a namespace, and how they are asked.

A request is a signal, which also starts the workflow if it is not there, and is kept while no
worker runs. The answer stands in the workflow's memo, so nobody queries it: who answers a query may
have seen the end of an activity apart from a signal, which a replay sees at once (ADR 15).
"""

import asyncio
import time
import uuid
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from orchestrate.cluster import names
from orchestrate.cluster.answers import value_of
from orchestrate.cluster.connection import (
    PATIENCE,
    ClusterError,
    Connection,
    is_missing,
    no_worker,
    refused,
)
from orchestrate.cluster.payloads import Data

_LOOK_EVERY = (0.02, 0.25)
"""Seconds between looks for an answer: at first, at last."""


class Standing:
    """For whoever asks such a workflow. `kind` is its type, and its id."""

    def __init__(self, connection: Connection, kind: str) -> None:
        self._connection = connection
        self._client: Client = connection.client
        self._kind = kind

    def ask(self, verb: str, arguments: Data) -> Any:
        """Have it do something; what it refuses is raised here. Raises ClusterError if nobody
        answers in time: what was asked for is kept, and done when a worker is there.
        """
        return value_of(self._connection.wait(self._asked(verb, arguments)))

    def start(self) -> None:
        """See to it that it is there."""
        self._connection.wait(self._send(names.WAKE, []))

    def memo(self) -> Data:
        """What it shows; {} if nobody asked it for anything yet."""
        return self._connection.wait(self._memo())

    async def _asked(self, verb: str, arguments: Data) -> Data:
        identity = str(uuid.uuid4())
        await self._send(names.ASK, [identity, verb, arguments])
        deadline = time.monotonic() + PATIENCE.total_seconds()
        pause, longest = _LOOK_EVERY
        while True:
            memo = await self._memo()
            answers: Data = memo.get(names.ANSWERS, {})
            if identity in answers:
                return answers[identity]
            if time.monotonic() > deadline:
                missing = no_worker()
                raise ClusterError(
                    f"{missing.message}; what was asked for is kept, and done as soon as one does",
                    hint=missing.hint or "",
                )
            await asyncio.sleep(pause)
            pause = min(longest, pause * 2)

    async def _send(self, signal: str, arguments: list[Any]) -> None:
        client: Any = self._client  # its overloads are not fully typed
        try:
            await client.start_workflow(
                self._kind,
                args=[b""],
                id=self._kind,
                task_queue=names.QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal=signal,
                start_signal_args=arguments,
                rpc_timeout=PATIENCE,
            )
        except RPCError as error:
            raise refused(error) from error

    async def _memo(self) -> Data:
        try:
            handle = self._client.get_workflow_handle(self._kind)
            description = await handle.describe(rpc_timeout=PATIENCE)
            return dict(await description.memo())
        except RPCError as error:
            if is_missing(error):
                return {}
            raise refused(error) from error
