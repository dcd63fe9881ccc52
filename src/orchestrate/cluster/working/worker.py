"""A worker: executes the steps of its pools, and workflows themselves.

Its name is what counts: a worker that comes back under its name, on the same state directory, takes
up the steps that went on without it.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from orchestrate.cluster import names
from orchestrate.cluster.auditing.keeping import ActionsWorkflow
from orchestrate.cluster.coordinating.coordinator import CoordinatorWorkflow
from orchestrate.cluster.coordinating.sweeping import list_open, look_after
from orchestrate.cluster.counter import CounterWorkflow
from orchestrate.cluster.hosting.patience import patient
from orchestrate.cluster.hosting.playbook import PlaybookWorkflow
from orchestrate.cluster.looking.fetching import OutputWorkflow
from orchestrate.cluster.resuming import ResumeWorkflow
from orchestrate.cluster.roster.draining import until_left
from orchestrate.cluster.roster.presence import Presence
from orchestrate.cluster.roster.registration import Traits
from orchestrate.cluster.roster.succession import Succession
from orchestrate.cluster.roster.workflow import WorkerWorkflow
from orchestrate.cluster.serving.carrying import Carrier, Rounds
from orchestrate.cluster.serving.delivering import DeliveriesWorkflow
from orchestrate.cluster.serving.eventing import EventsWorkflow
from orchestrate.cluster.serving.launches import Launches, Starter
from orchestrate.cluster.serving.scheduling import SchedulesWorkflow
from orchestrate.cluster.storing.blobs import Blobs, Holders
from orchestrate.cluster.storing.keeping import BlobWorkflow
from orchestrate.cluster.storing.safekeeping import SafeWorkflow
from orchestrate.cluster.storing.safes import Safes
from orchestrate.cluster.working.calling import Services, Stored
from orchestrate.cluster.working.contact import keeping_touch
from orchestrate.cluster.working.leaving import Entered
from orchestrate.cluster.working.lending import giving_back
from orchestrate.cluster.working.reactor import Reactor
from orchestrate.cluster.working.steps import Steps
from orchestrate.cluster.working.tidying import tidying
from orchestrate.launching.supervision import Supervision
from orchestrate.processes.client import Supervisor

_THROTTLE = timedelta(seconds=1)
"""A cancel arrives with the next sign of life: they are not held back longer than that."""
_AS_LONG_AS_IT_TAKES = timedelta(days=3650)
_MISSED_AFTER = timedelta(seconds=2)
"""After that a workflow whose worker does not answer goes on with another one."""
WORKFLOWS: Sequence[type] = (
    PlaybookWorkflow,
    CounterWorkflow,
    CoordinatorWorkflow,
    OutputWorkflow,
    ResumeWorkflow,
    WorkerWorkflow,
    SchedulesWorkflow,
    EventsWorkflow,
    DeliveriesWorkflow,
    ActionsWorkflow,
    SafeWorkflow,
)


_PLAYED = (PlaybookWorkflow, ResumeWorkflow)
"""Those of one generation. All others serve workers of any: every release goes on with them."""


class WorkerOptions(NamedTuple):
    """What the worker is to do."""

    name: str
    pools: tuple[str, ...]
    max_steps: int
    """Steps at once, in each of its pools."""
    sampling: float = 1.0
    """The share of workflows whose traces are sampled."""
    labels: tuple[str, ...] = ()
    """What is shown of it beside its name."""
    lost_after: float = 10.0
    """Seconds without a sign of life after which it counts as lost."""
    traits: Traits = Traits()
    """What is compared with other workers, and with the project."""


class Serving(NamedTuple):
    """What a worker does that has the project."""

    starter: Starter
    """Starts what schedules and triggers say."""
    carrier: Carrier
    """Tells other systems."""


def runner() -> SandboxedWorkflowRunner:
    """Workflows run in Temporal's sandbox; ours is pure by construction, and loaded once."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules("orchestrate", "minijinja")
    return SandboxedWorkflowRunner(restrictions=restrictions)


async def work(
    client: Client,
    directory: Path,
    services: Services,
    options: WorkerOptions,
    stop: asyncio.Event,
    ready: Callable[[], None],
    serving: Serving | None = None,
) -> None:
    """Until `stop`; steps that run then go on under their supervisor. Or until somebody drains it,
    and its steps are over. `directory` is `claimed`. Raises ConflictError if its name is taken,
    and ClusterError. `serving` is what a worker does that has the project. It leaves in bounded
    time; to be called by `leaving.run`, which leaves the rest behind.
    """

    def spawn() -> Supervisor:
        name = f"{os.getpid()}-{os.urandom(4).hex()}"
        return Supervisor.start(directory / "supervisors" / name)

    supervision = Supervision(directory, Reactor(), None, spawn)
    stored = Stored(Blobs(client).get, Safes(client).get)
    steps = Steps(options.name, directory, services, stored, supervision, options.sampling)
    presence = Presence(
        client, options.name, options.pools, options.labels, options.max_steps,
        options.lost_after, lambda: steps.running, options.traits,
    )  # fmt: skip
    pools = _pools(client, options, steps)
    try:
        async with (
            keeping_touch(client, directory) as touch,
            Entered(touch.silence) as running,
        ):
            # What is first here is the last to leave: workflows hear of steps that are detached;
            # and none of these is handed to a worker that is about to leave.
            for worker in (*_hosts(client), *pools, _own(client, options, steps, presence)):
                await running.enter_async_context(worker)
            lending = giving_back(
                client, directory / "workflows", services(None).give_back, steps.forget
            )
            await running.enter_async_context(lending)
            await running.enter_async_context(tidying(client, directory, steps.forget))
            if serving is not None:
                await running.enter_async_context(_launching(client, serving.starter))
                await running.enter_async_context(_delivering(client, serving.carrier))
            try:
                if await presence.register(stop):
                    ready()
                    await until_left(stop, presence, pools, steps)
            finally:
                steps.leave()
                presence.leave()
    finally:
        supervision.close(detach=steps.busy)
    if presence.displaced is not None:
        raise presence.displaced


@asynccontextmanager
async def _launching(client: Client, starter: Starter) -> AsyncGenerator[None]:
    """What only workers do that have the project."""
    launches = Launches(starter, Succession(client))
    try:
        async with Worker(
            client,
            task_queue=names.LAUNCH_QUEUE,
            activities=launches.activities,
            graceful_shutdown_timeout=timedelta(0),
            max_heartbeat_throttle_interval=_THROTTLE,
            default_heartbeat_throttle_interval=_THROTTLE,
        ):
            launches.begin()
            yield
    finally:
        launches.close()


@asynccontextmanager
async def _delivering(client: Client, carrier: Carrier) -> AsyncGenerator[None]:
    """The same, for integrations."""
    rounds = Rounds(carrier)
    try:
        async with rounds.worker(client):
            rounds.begin()
            yield
    finally:
        rounds.close()


_COMMON: dict[str, Any] = {
    "graceful_shutdown_timeout": timedelta(0),
    "max_heartbeat_throttle_interval": _THROTTLE,
    "default_heartbeat_throttle_interval": _THROTTLE,
}


_PATIENT: dict[str, Any] = {**_COMMON, "graceful_shutdown_timeout": _AS_LONG_AS_IT_TAKES}


def _hosts(client: Client) -> list[Worker]:
    """For workflows themselves."""
    serving = Worker(
        client,
        task_queue=names.QUEUE,
        workflows=[kind for kind in WORKFLOWS if kind not in _PLAYED],
        activities=[look_after, list_open, Safes(client).empty],
        workflow_runner=runner(),
        sticky_queue_schedule_to_start_timeout=_MISSED_AFTER,
        **_COMMON,
    )
    playing = Worker(
        client,
        task_queue=names.playbook_queue(),
        workflows=_PLAYED,
        workflow_runner=runner(),
        sticky_queue_schedule_to_start_timeout=_MISSED_AFTER,
        **_COMMON,
    )
    keeping = Worker(
        client,
        task_queue=names.BLOB_QUEUE,
        workflows=[BlobWorkflow],
        activities=[Holders(client).closed_of],
        workflow_runner=runner(),
        max_cached_workflows=0,  # each would hold its content in memory
        **_COMMON,
    )
    return [patient(serving), patient(playing), patient(keeping)]


def _own(client: Client, options: WorkerOptions, steps: Steps, presence: Presence) -> Worker:
    """For what only this worker can do."""
    return Worker(
        client,
        task_queue=names.worker_queue(options.name),
        activities=[steps.adopt_step, steps.read_output, presence.stand_by],
        **_COMMON,
    )


def _pools(client: Client, options: WorkerOptions, steps: Steps) -> list[Worker]:
    """For steps. They leave when their steps are over, or were let go."""
    return [
        Worker(
            client,
            task_queue=names.pool_queue(pool),
            activities=[steps.run_step],
            max_concurrent_activities=options.max_steps,
            **_PATIENT,
        )
        for pool in options.pools
    ]
