"""Whether what is being stopped has to end at once: its worker asks the workflow meanwhile.

Temporal cancels an activity once; it cannot say so a second time.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta

from temporalio import activity
from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError

from orchestrate.cluster import names

_ASKED_EVERY = 1.0
"""Seconds."""
_ANSWERED_WITHIN = timedelta(seconds=5)


class Hurries:
    """Asks for all attempts of a workflow at once. Used in the loop of the worker."""

    def __init__(self) -> None:
        self._asked: dict[str, asyncio.Task[frozenset[int]]] = {}

    async def wait(self, workflow: str, attempt: int) -> None:
        """Until that attempt, which is being stopped, is to be left no more time."""
        while True:
            await asyncio.sleep(_ASKED_EVERY)
            if attempt in await asyncio.shield(self._asking(workflow)):
                return

    def _asking(self, workflow: str) -> "asyncio.Task[frozenset[int]]":
        asked = self._asked.get(workflow)
        if asked is None:
            asked = asyncio.ensure_future(_ask(activity.client(), workflow))
            self._asked[workflow] = asked
            asked.add_done_callback(lambda _: self._asked.pop(workflow, None))
        return asked


async def _ask(client: Client, workflow: str) -> frozenset[int]:
    handle = client.get_workflow_handle(workflow)
    with suppress(RPCError, WorkflowQueryFailedError):  # nobody answers now: asked again
        found: list[int] = await handle.query(names.HURRIED, rpc_timeout=_ANSWERED_WITHIN)
        return frozenset(found)
    return frozenset()
