"""Replays what workflows of a running cluster did so far, as a worker does that took them over."""

import asyncio

from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer

from orchestrate.cluster.connection import Address, connect
from orchestrate.cluster.working.worker import WORKFLOWS, runner


def replay(address: Address, workflow: str) -> int:
    """How many events it had. Raises if it does not do the same again."""

    async def replayed() -> int:
        client: Client = await connect(address)
        return await replay_history(await client.get_workflow_handle(workflow).fetch_history())

    return asyncio.run(replayed())


async def replay_history(history: WorkflowHistory) -> int:
    """How many events it has; 0 if nobody has begun with it yet, for which the SDK's replayer would
    wait. Raises if a program of now does not do the same again.
    """
    if not any(e.HasField("workflow_task_completed_event_attributes") for e in history.events):
        return 0
    replayer = Replayer(workflows=WORKFLOWS, workflow_runner=runner())
    await replayer.replay_workflow(history)
    return len(history.events)
