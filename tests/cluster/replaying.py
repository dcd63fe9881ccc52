"""Replays what a workflow of a running cluster did so far, as a worker does that took it over."""

import asyncio

from temporalio.client import Client
from temporalio.worker import Replayer

from orchestrate.cluster.connection import Address, connect
from orchestrate.cluster.working.worker import WORKFLOWS, runner


def replay(address: Address, workflow: str) -> int:
    """How many events it had. Raises if it does not do the same again."""

    async def replayed() -> int:
        client: Client = await connect(address)
        history = await client.get_workflow_handle(workflow).fetch_history()
        replayer = Replayer(workflows=WORKFLOWS, workflow_runner=runner())
        await replayer.replay_workflow(history)
        return len(history.events)

    return asyncio.run(replayed())
