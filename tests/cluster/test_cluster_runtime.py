"""The contract of the port `Runtime`, and its part about events, within a real Temporal workflow.

The suite is written without coroutines. Each of its tests runs in a thread of its own, in turn with
the workflow's: one waits while the other one goes on, so that there is always one of them.
"""

import asyncio
import inspect
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cluster.conftest import Cluster
from cluster.test_storm import left
from contract.claims import ClaimSuite
from contract.events import EventSuite
from contract.runtime import Host
from temporalio import workflow
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from orchestrate.cluster import names
from orchestrate.cluster.connection import Connection
from orchestrate.cluster.coordinating.asking import Sharing
from orchestrate.cluster.hosting.flights import Patience
from orchestrate.cluster.hosting.runtime import TemporalRuntime
from orchestrate.cluster.payloads import StepRequest
from orchestrate.cluster.serving.events import ClusterInbox
from orchestrate.cluster.standing import Standing
from orchestrate.playbook.plan import Json
from orchestrate.triggers.cloud_events import CloudEvent
from orchestrate.workflow.audit import Author
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.program import Attempt


class Suite(EventSuite, ClaimSuite):
    """All that one workflow asks of its host."""


QUEUE = "contract"
WORDS = {"succeed": "true", "fail": "sh -c 'exit 3'", "hang": "sleep 1000"}
SUITE = [name for name in dir(Suite) if name.startswith("test_")]
Condition = Callable[[], bool]


class Strand:
    """A function in a thread that goes on only while the workflow's thread waits for it."""

    def __init__(self, body: Callable[[], None]) -> None:
        self._mine, self._theirs = threading.Semaphore(0), threading.Semaphore(0)
        self._wanted: Condition | None = None
        self.error = ""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._run, args=(body, loop), daemon=True).start()

    def go_on(self) -> Condition | None:
        """Let it go on; what it waits for then, None: it is over."""
        self._wanted = None
        self._mine.release()
        self._theirs.acquire()
        return self._wanted

    def wait(self, wanted: Condition) -> None:
        """In the function: wait until the workflow has seen that."""
        self._wanted = wanted
        self._theirs.release()
        self._mine.acquire()

    def _run(self, body: Callable[[], None], loop: asyncio.AbstractEventLoop) -> None:
        self._mine.acquire()
        asyncio._set_running_loop(loop)  # whose thread waits meanwhile
        try:
            body()
        except BaseException:
            self.error = traceback.format_exc()
        finally:
            asyncio._set_running_loop(None)
            self._wanted = None
            self._theirs.release()


@workflow.defn(name="contract", sandboxed=False)
class ContractWorkflow:
    """Hosts one test of the suite."""

    emitted: Callable[[Mapping[str, Json]], None]
    """Gives an event to those who send it; whoever has done so says `sent`."""

    def __init__(self) -> None:
        self._sent = 0
        self._runtime: TemporalRuntime

    @workflow.run
    async def run(self, test: str, root: str) -> None:
        identity = workflow.info().workflow_id
        shared = identity, Sharing()
        self._runtime = TemporalRuntime((), self._request, "default", Patience(10.0, 30.0), shared)
        self._strand = Strand(lambda: self._play(test, Path(root)))
        while (wanted := self._strand.go_on()) is not None:
            await workflow.wait_condition(wanted)
        if self._strand.error:
            raise ApplicationError(self._strand.error, non_retryable=True)
        await self._runtime.saying.delivered()
        await self._runtime.asking.delivered()

    def _request(self, attempt: Attempt) -> StepRequest:
        info = workflow.info()
        began = info.workflow_start_time.timestamp()
        return StepRequest(info.workflow_id, began, "", "dev", (), (), 30.0, attempt)

    def _play(self, test: str, root: Path) -> None:
        runtime = self._runtime
        host = Host(runtime, WORDS, self._drive, lambda: runtime.journal, lambda: set(left(root)))
        given = {"host": host, "emit": self._emit}
        method = getattr(Suite(), test)
        method(**{name: given[name] for name in inspect.signature(method).parameters})

    def _drive(self, execution: Execution, until: Condition) -> None:
        inbox = self._runtime.inbox
        while True:
            execution.moves.go_on()
            while execution.moves.settled and inbox:
                inbox.popleft()(execution)
            self._runtime.saying.begin()
            if until() or execution.final is not None:
                return
            self._strand.wait(lambda: bool(inbox))

    def _emit(self, execution: Execution, event: Mapping[str, Json]) -> None:
        self._runtime.saying.begin()
        ContractWorkflow.emitted(event)
        wanted = self._sent + 1
        self._strand.wait(lambda: self._sent == wanted)

    @workflow.signal
    def sent(self) -> None:
        self._sent += 1

    @workflow.signal(name=names.HEAR)
    def hear(self, answers: list[dict[str, Any]]) -> None:
        self._runtime.asking.hear(answers)

    @workflow.signal(name=names.OFFERED)
    def offered(self, path: str, number: int, event: dict[str, Any]) -> None:
        self._runtime.offered(path, number, event)


class Stage:
    """Plays tests of the suite on a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._root = cluster.root
        self._connection, inbox = Connection(cluster.address), Connection(cluster.address)
        self._inbox = ClusterInbox(inbox)
        Standing(inbox, names.EVENTS).start()
        cluster._closing += [self._connection.close, inbox.close]

    def play(self, test: str) -> None:
        self._connection.wait(self._play(test))

    async def _play(self, test: str) -> None:
        loop = asyncio.get_running_loop()
        events: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        ContractWorkflow.emitted = lambda event: loop.call_soon_threadsafe(events.put_nowait, event)
        client = self._connection.client
        runner = UnsandboxedWorkflowRunner()
        async with Worker(
            client, task_queue=QUEUE, workflows=[ContractWorkflow], workflow_runner=runner
        ):
            args = [test, str(self._root)]
            handle = await client.start_workflow("contract", args=args, id=test, task_queue=QUEUE)
            sending = asyncio.create_task(self._send(handle, events))
            try:
                await handle.result()
            finally:
                sending.cancel()

    async def _send(
        self, handle: WorkflowHandle[Any, Any], events: "asyncio.Queue[Mapping[str, Any]]"
    ) -> None:
        while True:
            one = await events.get()
            event = CloudEvent(one["id"], one["source"], one["type"], one["data"])
            await asyncio.to_thread(self._inbox.put, [event], time.time(), Author("ada"))
            await handle.signal("sent")


@pytest.fixture
def stage(cluster: Cluster) -> Stage:
    cluster.worker()
    return Stage(cluster)


@pytest.mark.parametrize("test", SUITE)
def test_the_runtime_of_a_cluster_keeps_its_contract(stage: Stage, test: str):
    try:
        stage.play(test)
    except WorkflowFailureError as error:
        pytest.fail(str(error.cause))
