"""Whether a cluster can run the workflows of a project: the server, and who works for it."""

from collections.abc import Mapping
from typing import NamedTuple

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError

from orchestrate.cluster import names
from orchestrate.cluster.connection import PATIENCE, Connection, refused
from orchestrate.cluster.coordinating.client import Coordinator
from orchestrate.cluster.coordinating.differing import warned
from orchestrate.cluster.coordinating.settings import Settings
from orchestrate.cluster.opening import address_of
from orchestrate.cluster.roster.fitting import Needs, misfits
from orchestrate.cluster.roster.looking import look as roster
from orchestrate.cluster.roster.registration import Traits
from orchestrate.cluster.roster.traits import traits_of
from orchestrate.cluster.roster.versions import Warned, warnings
from orchestrate.cluster.serving.scheduling import SHOWN
from orchestrate.cluster.shortcomings import shortcomings
from orchestrate.cluster.standing import Standing
from orchestrate.project.cluster import ClusterEngine
from orchestrate.project.model import Project


class Health(NamedTuple):
    """What there is. Workers are named as they named themselves."""

    server: str
    """The server's version."""
    hosts: tuple[str, ...]
    """Workers that run workflows: every worker does."""
    pool: tuple[str, ...]
    """Those of them that take steps which name no pool."""
    warnings: tuple[Warned, ...]
    """Where workers and open workflows do not fit together."""
    differing: tuple[Warned, ...]
    """What all workflows share, where the project says something else than what is in force."""
    misfits: tuple[Warned, ...]
    """Workers that do not fit the project."""
    shortcomings: tuple[Warned, ...]
    """Of the server and the namespace."""


def look(
    project: Project, configured: ClusterEngine, env: Mapping[str, str], needs: Needs
) -> Health:
    """`needs`: what the playbooks of the project ask for. Raises an OrchestrateError if workflows
    cannot run at all.
    """
    address = address_of(project, configured, env)
    connection = Connection(address)
    try:
        if not needs.served and _are_scheduled(connection):
            needs = needs._replace(served="schedules")
        ours = traits_of(project, configured, address)
        return connection.wait(_look(connection.client, project, configured, needs, ours))
    except RPCError as error:
        raise refused(error) from error
    finally:
        connection.close()


def _are_scheduled(connection: Connection) -> bool:
    """Whether anything is to be started by a schedule."""
    memo = Standing(connection, names.SCHEDULES).memo()
    kept = [one for field, one in memo.items() if field.startswith(SHOWN) and one is not None]
    return any(one["schedule"]["enabled"] for one in kept)


async def _look(
    client: Client, project: Project, configured: ClusterEngine, needs: Needs, ours: Traits
) -> Health:
    service = client.workflow_service
    info = await service.get_system_info(GetSystemInfoRequest(), timeout=PATIENCE)
    hosts = await _pollers(client, names.QUEUE, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
    queue = names.pool_queue(configured.pool)
    pool = await _pollers(client, queue, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
    workers = await roster(client)
    lost = {one.registration.name for one in workers if one.state == "lost"}
    settings = Settings.of_project(project.settings)
    short = shortcomings(client, info.server_version, project.settings.retention_days)
    return Health(
        server=info.server_version,
        hosts=tuple(name for name in hosts if name not in lost),
        pool=tuple(name for name in pool if name not in lost),
        warnings=tuple(await warnings(client)),
        differing=tuple(warned(settings, await Coordinator(client).in_force())),
        misfits=tuple(misfits(needs, ours, workers)),
        shortcomings=tuple([one async for one in short]),
    )


async def _pollers(client: Client, queue: str, kind: TaskQueueType.ValueType) -> tuple[str, ...]:
    """Who asked for work in the last minutes."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
    )
    found = await client.workflow_service.describe_task_queue(request, timeout=PATIENCE)
    return tuple(sorted({poller.identity for poller in found.pollers}))
