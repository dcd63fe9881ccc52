"""Whether a cluster can run workflows: the server, its version, and who works for which pool."""

from collections.abc import Mapping
from typing import NamedTuple

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError

from orchestrate.cluster import names
from orchestrate.cluster.connection import PATIENCE, Connection, is_missing, refused
from orchestrate.cluster.coordinating.client import Coordinator
from orchestrate.cluster.coordinating.differing import warned
from orchestrate.cluster.coordinating.settings import Settings
from orchestrate.cluster.opening import address_of
from orchestrate.cluster.roster.versions import Warned, warnings
from orchestrate.errors import NotFoundError
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


def look(project: Project, configured: ClusterEngine, env: Mapping[str, str]) -> Health:
    """Raises an OrchestrateError if workflows cannot run at all."""
    connection = Connection(address_of(project, configured, env))
    try:
        settings = Settings.of_project(project.settings)
        return connection.wait(_look(connection.client, configured, settings))
    except RPCError as error:
        if is_missing(error):
            raise NotFoundError(
                f"the server at {configured.address} has no namespace {configured.namespace}",
                hint="Make it: `temporal operator namespace create --namespace "
                f"{configured.namespace} --address {configured.address}`.",
            ) from error
        raise refused(error) from error
    finally:
        connection.close()


async def _look(client: Client, configured: ClusterEngine, settings: Settings) -> Health:
    service = client.workflow_service
    info = await service.get_system_info(GetSystemInfoRequest(), timeout=PATIENCE)
    hosts = await _pollers(client, names.QUEUE, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
    queue = names.pool_queue(configured.pool)
    pool = await _pollers(client, queue, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
    shared = warned(settings, await Coordinator(client).in_force())
    return Health(info.server_version, hosts, pool, tuple(await warnings(client)), tuple(shared))


async def _pollers(client: Client, queue: str, kind: TaskQueueType.ValueType) -> tuple[str, ...]:
    """Who asked for work in the last minutes."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
    )
    found = await client.workflow_service.describe_task_queue(request, timeout=PATIENCE)
    return tuple(sorted({poller.identity for poller in found.pollers}))
