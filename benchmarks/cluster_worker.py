"""A worker that is measured: takes steps and runs workflows as `orchestrate worker` does, and
beside them a bare workflow that does nothing but call the same activity.

    python -m benchmarks.cluster_worker TARGET FOLDER
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio import workflow
from temporalio.worker import Worker

from orchestrate.cluster import names
from orchestrate.cluster.connection import Address, connect
from orchestrate.cluster.working.worker import WorkerOptions, claimed, runner, work
from orchestrate.commands.model import Resolved
from orchestrate.launching.services import LaunchServices

BARE = "bare"
"""The type of the bare workflow, and its queue."""


@workflow.defn(name=BARE)
class BareWorkflow:
    """Calls the activity for each of `count` attempts, `at_once` at a time."""

    @workflow.run
    async def run(self, request: dict[str, Any], identity: str, count: int, at_once: int) -> None:
        """`request` is what the activity gets; ids of workflow and attempt are put into it."""
        free = asyncio.Semaphore(at_once)

        async def call(number: int) -> None:
            attempt = {**request["attempt"], "id": number + 1}
            async with free:
                await workflow.execute_activity(
                    names.RUN_STEP,
                    args=[{**request, "workflow": identity, "attempt": attempt}, False],
                    task_queue=names.pool_queue(names.DEFAULT_POOL),
                    start_to_close_timeout=timedelta(minutes=5),
                    heartbeat_timeout=timedelta(seconds=30),
                )

        if at_once == 1:
            for number in range(count):
                await call(number)
        else:
            await asyncio.gather(*(call(number) for number in range(count)))


class Programs:
    """Takes words as they are."""

    def resolve(self, words: Sequence[str]) -> Resolved:
        """See `commands.registry`."""
        return Resolved(tuple(words), words[0], read_only=True, env={})


def _programs(environment: str) -> Programs:
    del environment
    return Programs()


def services(folder: Path) -> LaunchServices:
    """What steps are started with."""
    return LaunchServices(
        root=str(folder),
        registry_for=_programs,
        environment={"PATH": os.environ["PATH"]},
        rate_limits=(),
        output_limit=64 << 20,
        kill_grace=2.0,
        fetch_secret=None,
    )


async def main(target: str, folder: Path) -> None:
    """Until it is killed."""
    client = await connect(Address(target), "bench")
    options = WorkerOptions("bench", (names.DEFAULT_POOL,), 20)
    bare = Worker(client, task_queue=BARE, workflows=[BareWorkflow], workflow_runner=runner())
    with claimed(folder / "state", "bench") as directory:
        async with bare:
            await work(
                client, directory, lambda _: services(folder), options, asyncio.Event(),
                lambda: print("ready", flush=True),
            )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
