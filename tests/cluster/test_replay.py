"""Recorded workflows are replayed by the program as it is: open ones go on with it."""

import asyncio
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from orchestrate.cluster.working.worker import WORKFLOWS, runner

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


def test_there_are_recorded_histories():
    assert [path.stem for path in HISTORIES] == [
        "cancelled",
        "coordinator",
        "kinds",
        "loop",
        "shared",
    ]


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_a_recorded_history_is_replayed(path: Path):
    async def replay() -> None:
        replayer = Replayer(workflows=WORKFLOWS, workflow_runner=runner())
        await replayer.replay_workflow(WorkflowHistory.from_json("WF-2026-001", path.read_text()))

    asyncio.run(replay())
