"""A worker to which Temporal gives nothing any more ends, and says why."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from cluster.conftest import Cluster
from cluster.worker_process import services_of
from temporalio.client import Client

from orchestrate.cluster.errors import ClusterError
from orchestrate.cluster.working import leaving
from orchestrate.cluster.working.directory import claimed
from orchestrate.cluster.working.worker import WorkerOptions, work


def test_a_worker_whose_namespace_is_gone_says_so(cluster: Cluster):
    async def worked() -> None:
        client = await Client.connect(cluster.address.target, namespace="gone")
        with claimed(cluster.root / "state", "one", "gone") as directory:
            await work(
                client, directory, services_of(cluster.root),
                WorkerOptions("one", ("default", "other"), 1), asyncio.Event(), lambda: None,
            )  # fmt: skip

    with pytest.raises(ClusterError) as refused:
        leaving.run(worked())
    # Who registers, and who asks for work, may be the first to hear of it.
    assert refused.value.message.endswith(": Namespace gone is not found.")


def test_workers_of_the_library_that_give_up_one_after_another_are_one_refusal():
    """Each cancels whoever entered it, and its exit raises what it gave up for."""
    status = 'Status { code: PermissionDenied, message: "the key has expired", details: b"" }'

    @asynccontextmanager
    async def failing(entered: asyncio.Task[None]) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            entered.cancel()  # another one has failed, too
            await asyncio.sleep(0)
            raise RuntimeError("Activity worker failed") from RuntimeError(f"Poll: {status}")

    async def worked() -> None:
        task = asyncio.current_task()
        assert task is not None
        async with leaving.Entered(lambda: 0.0) as running:
            await running.enter_async_context(failing(task))
            task.cancel()
            await asyncio.Event().wait()

    with pytest.raises(ClusterError) as refused:
        leaving.run(worked())
    assert refused.value.message == (
        "the Temporal server gives this worker nothing to do any more: the key has expired"
    )
