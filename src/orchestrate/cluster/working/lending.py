"""What was lent to workflows is given back when they are over: by each worker what it borrowed,
also when it was away when they ended.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from orchestrate.cluster.errors import PATIENCE, is_missing
from orchestrate.launching import leases

_LOOKED_EVERY = 5.0
"""Seconds."""

Forget = Callable[[str], bool]
"""Drops what is kept in memory for a workflow; False if some step of it runs here."""


@asynccontextmanager
async def giving_back(
    client: Client, workflows: Path, give_back: Callable[[Path], None] | None, forget: Forget
) -> AsyncGenerator[None]:
    """Look after what was lent, in the folders of workflows."""
    if give_back is None:
        yield
        return
    task = asyncio.ensure_future(_look_after(client, workflows, give_back, forget))
    try:
        yield
    finally:
        task.cancel()


async def _look_after(
    client: Client, workflows: Path, give_back: Callable[[Path], None], forget: Forget
) -> None:
    while True:
        for folder in await asyncio.to_thread(leases.with_leases, workflows):
            with suppress(RPCError, OSError):  # the next time, also if there is no room just now
                if await _is_over(client, folder.name) and forget(folder.name):
                    # Whoever resumes it borrows anew: that is not taken away.
                    over = leases.set_apart(folder)
                    await asyncio.to_thread(give_back, over)
        await asyncio.sleep(_LOOKED_EVERY)


async def _is_over(client: Client, workflow: str) -> bool:
    try:
        handle = client.get_workflow_handle(workflow)
        found = await handle.describe(rpc_timeout=PATIENCE)
    except RPCError as error:
        if is_missing(error):
            return True
        raise
    return found.status is not WorkflowExecutionStatus.RUNNING
