"""Recorded workflows of workers are replayed by the program as it is: every release goes on with
those of the release before it.
"""

import asyncio
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from orchestrate.cluster.roster.workflow import WorkerWorkflow
from orchestrate.cluster.working.worker import runner


@pytest.mark.parametrize("name", ["left", "drained"])
def test_a_recorded_history_is_replayed(name: str):
    text = (Path(__file__).parent / "histories" / f"{name}.json").read_text()

    async def replay() -> None:
        replayer = Replayer(workflows=[WorkerWorkflow], workflow_runner=runner())
        await replayer.replay_workflow(WorkflowHistory.from_json("orchestrate-worker-one", text))

    asyncio.run(replay())
