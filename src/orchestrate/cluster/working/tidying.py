"""What a worker keeps of workflows that Temporal has forgotten goes, for nobody can ask for it any
more: their output, what was noted of their attempts, and the records of supervisors that had them.
"""

import asyncio
import shutil
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from orchestrate.cluster.errors import PATIENCE, is_missing
from orchestrate.errors import OrchestrateError
from orchestrate.launching import leases
from orchestrate.processes import records

_LOOKED_EVERY = 3600.0
"""Seconds."""
UNTOUCHED_FOR = 86400.0
"""Seconds after which something may go: who has just lost a workflow may want to look."""
_MOST_KNOWN = 20
"""After so many that have ended and that Temporal knows, in the order of their age, the others are
known, too: those ended later. One that is open says nothing of others: it may wait for months.
"""

Forget = Callable[[str], bool]
"""Drops what is kept in memory for a workflow; False if some step of it runs here."""


@asynccontextmanager
async def tidying(client: Client, directory: Path, forget: Forget) -> AsyncGenerator[None]:
    """Look from time to time, in the directory of a worker."""
    task = asyncio.ensure_future(_again_and_again(client, directory, forget))
    try:
        yield
    finally:
        task.cancel()


async def _again_and_again(client: Client, directory: Path, forget: Forget) -> None:
    while True:
        await asyncio.sleep(_LOOKED_EVERY)
        with suppress(RPCError, OSError, OrchestrateError):  # it is done the next time
            await tidy(client, directory, forget)


async def tidy(client: Client, directory: Path, forget: Forget) -> None:
    """Look once. Raises RPCError if the server cannot be asked."""
    # What a server says is missing may be the namespace.
    known_there = DescribeNamespaceRequest(namespace=client.namespace)
    await client.workflow_service.describe_namespace(known_there, timeout=PATIENCE)
    known = 0
    for folder in await asyncio.to_thread(_untouched, directory / "workflows"):
        status = await _status(client, folder.name)
        if status is not None:
            known += status is not WorkflowExecutionStatus.RUNNING
            if known == _MOST_KNOWN:
                break
        elif not leases.read(folder) and forget(folder.name):
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    for supervisor in await asyncio.to_thread(_untouched, directory / "supervisors"):
        await asyncio.to_thread(_remove_records, supervisor, directory / "workflows")


def _untouched(folder: Path) -> list[Path]:
    """What lies there and has not changed for long, the oldest first."""
    if not folder.is_dir():
        return []
    changed = [(each.stat().st_mtime, each) for each in folder.iterdir() if each.is_dir()]
    until = time.time() - UNTOUCHED_FOR
    return [each for at, each in sorted(changed) if at < until]


async def _status(client: Client, workflow: str) -> WorkflowExecutionStatus | None:
    """None if Temporal does not know it any more."""
    try:
        found = await client.get_workflow_handle(workflow).describe(rpc_timeout=PATIENCE)
    except RPCError as error:
        if is_missing(error):
            return None
        raise
    return found.status


def _remove_records(supervisor: Path, workflows: Path) -> None:
    """Remove those of a supervisor that has ended, if no workflow is left that may ask for them."""
    try:
        if records.is_in_use(supervisor):
            return
        attempts = [record.report.attempt for record in records.read_all(supervisor)]
        if not any((workflows / attempt.rpartition("/")[0]).exists() for attempt in attempts):
            records.discard(supervisor)  # with what its steps handed over, which may be secret
    except OrchestrateError:
        return  # who cannot look knows nothing
