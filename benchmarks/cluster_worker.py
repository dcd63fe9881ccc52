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
from orchestrate.cluster.connection import Address, connect, namespace_of
from orchestrate.cluster.working.directory import claimed
from orchestrate.cluster.working.worker import WorkerOptions, runner, work
from orchestrate.commands.model import Resolved
from orchestrate.launching.services import LaunchServices

BARE = "bare"
"""The type of the bare workflow, and the queue of all that are bare."""
KEEPER, TAKER = "bare-keeper", "bare-taker"
"""A lock as Temporal alone would have it, and who takes it."""


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


@workflow.defn(name=KEEPER)
class BareKeeper:
    """The least that keeps a lock: whoever asks is told that it has it."""

    def __init__(self) -> None:
        self._asked: list[str] = []
        self._over = False

    @workflow.run
    async def run(self) -> None:
        """Until it is told to end."""
        while not self._over:
            await workflow.wait_condition(lambda: bool(self._asked or self._over))
            asked, self._asked = self._asked, []
            for who in asked:
                await workflow.get_external_workflow_handle(who).signal("given")

    @workflow.signal
    def take(self, who: str) -> None:
        """Somebody wants it."""
        self._asked.append(who)

    @workflow.signal
    def back(self) -> None:
        """Somebody gives it back."""

    @workflow.signal
    def end(self) -> None:
        """Nobody wants it any more."""
        self._over = True


@workflow.defn(name=TAKER)
class BareTaker:
    """Takes a lock so many times."""

    def __init__(self) -> None:
        self._given = 0

    @workflow.run
    async def run(self, keeper: str, count: int) -> None:
        """One after another."""
        lock = workflow.get_external_workflow_handle(keeper)
        for number in range(1, count + 1):
            await lock.signal("take", workflow.info().workflow_id)
            await workflow.wait_condition(lambda n=number: self._given >= n)
            await lock.signal("back")

    @workflow.signal
    def given(self) -> None:
        """It has it."""
        self._given += 1


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
    bare = Worker(
        client,
        task_queue=BARE,
        workflows=[BareWorkflow, BareKeeper, BareTaker],
        workflow_runner=runner(),
    )
    namespace = await namespace_of(client)
    with claimed(folder / "state", "bench", namespace) as directory:
        async with bare:
            await work(
                client, directory, lambda _: services(folder), options, asyncio.Event(),
                lambda: print("ready", flush=True),
            )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
