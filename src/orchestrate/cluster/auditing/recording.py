"""In a workflow: what people did with what it keeps, said to whoever keeps the actions."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from temporalio import workflow
from temporalio.exceptions import FailureError

from orchestrate.cluster import names
from orchestrate.cluster.auditing.actions import Done
from orchestrate.cluster.reviving import revive

_PATCH = "actions"
_TRY_AGAIN = 1.0
"""Seconds until actions are sent once more to a keeper that was not there."""


class Recording:
    """One message is on its way at a time, so that the chain has them in order."""

    def __init__(self, arrived: Callable[[], None]) -> None:
        """`arrived` is called when all that was said has arrived."""
        self._arrived = arrived
        self._waiting: deque[Done] = deque()
        self._sending: asyncio.Task[None] | None = None

    @property
    def under_way(self) -> bool:
        """Whether something has not arrived yet: then a run must not end."""
        return self._sending is not None

    def add(self, actions: Sequence[Done]) -> None:
        """Have them recorded. A run that an older program began does not know that yet."""
        if not actions or not workflow.patched(_PATCH):
            return
        self._waiting.extend(actions)
        if self._sending is None:
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        keeper = workflow.get_external_workflow_handle(names.ACTIONS)
        while self._waiting:
            rows = [list(one) for one in self._waiting]
            try:
                await keeper.signal(names.RECORD, rows)
            except FailureError:
                await revive(names.ACTIONS)
                await asyncio.sleep(_TRY_AGAIN)
                continue
            for _ in rows:
                self._waiting.popleft()
        self._sending = None
        self._arrived()
