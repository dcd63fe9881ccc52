"""The Temporal workflow that fetches output from the worker that has it."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from orchestrate.cluster import names
from orchestrate.cluster.payloads import Data

_REACHED_WITHIN = timedelta(seconds=10)
_READ_WITHIN = timedelta(seconds=60)


@workflow.defn(name=names.OUTPUT)
class OutputWorkflow:
    """One question, one answer."""

    @workflow.run
    async def run(self, worker: str, question: Data) -> Data:
        """What `Steps.read_output` gives; fails if the worker is not there."""
        return await workflow.execute_activity(
            names.READ_OUTPUT,
            question,
            task_queue=names.worker_queue(worker),
            schedule_to_start_timeout=_REACHED_WITHIN,
            start_to_close_timeout=_READ_WITHIN,
            retry_policy=RetryPolicy(maximum_attempts=1),
        )
