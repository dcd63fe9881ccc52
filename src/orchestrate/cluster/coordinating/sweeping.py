"""Looks for workflows that ended without a word: terminated in Temporal, or removed by it."""

import asyncio

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from orchestrate.cluster import names
from orchestrate.cluster.connection import PATIENCE, is_missing
from orchestrate.cluster.payloads import Data
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.transitions import FINAL

_AT_ONCE = 20
_ENDED = frozenset({WorkflowExecutionStatus.COMPLETED, WorkflowExecutionStatus.FAILED})


@activity.defn(name=names.LOOK_AFTER)
async def look_after(workflows: list[str]) -> dict[str, Data]:
    """What became of each: `open`, `kept` (it ended, and somebody has to decide about it), `over`,
    `terminated` with the moment, or `missing`.
    """
    client = activity.client()
    limit = asyncio.Semaphore(_AT_ONCE)
    found = await asyncio.gather(*(_look(client, limit, name) for name in workflows))
    return dict(zip(workflows, found, strict=True))


@activity.defn(name=names.LIST_OPEN)
async def list_open() -> list[str]:
    """Workflows that have not ended."""
    which = f"WorkflowType = '{names.PLAYBOOK}' AND ExecutionStatus = 'Running'"
    return [found.id async for found in activity.client().list_workflows(which)]


async def _look(client: Client, limit: asyncio.Semaphore, workflow: str) -> Data:
    async with limit:
        try:
            handle = client.get_workflow_handle(workflow)
            described = await handle.describe(rpc_timeout=PATIENCE)
        except RPCError as error:
            if is_missing(error):
                return {"state": "missing"}
            raise
    if described.status in (WorkflowExecutionStatus.RUNNING, None):
        return {"state": "open"}
    if described.status not in _ENDED or described.close_time is None:
        at = described.close_time
        return {"state": "terminated", "at": at.timestamp() if at else 0.0}
    memo = (await described.memo()).get(names.SUMMARY, {})
    over = State(memo.get("state", State.FAILED)) in FINAL
    return {"state": "over" if over else "kept"}
