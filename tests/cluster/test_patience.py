"""What a busy machine delays is no deadlock."""

from cluster.conftest import Cluster
from temporalio.worker import Worker

from orchestrate.cluster.connection import Connection
from orchestrate.cluster.hosting.patience import patient
from orchestrate.cluster.storing.keeping import BlobWorkflow
from orchestrate.cluster.working.worker import runner


def test_the_sdk_has_the_variable_that_is_set(cluster: Cluster):
    connection = Connection(cluster.address)

    async def seconds() -> float:
        worker = Worker(
            connection.client, task_queue="some", workflows=[BlobWorkflow], workflow_runner=runner()
        )
        assert patient(worker) is worker
        return worker._workflow_worker._deadlock_timeout_seconds

    try:
        assert connection.wait(seconds()) == 8.0
    finally:
        connection.close()
