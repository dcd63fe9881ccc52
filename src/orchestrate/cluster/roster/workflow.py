"""The workflow of a worker: open while it works, and for a while after it was lost."""

from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError
from temporalio.workflow import ActivityCancellationType

from orchestrate.cluster import names

_FORGOTTEN_AFTER = timedelta(days=1)
"""A lost worker is shown for so long."""
_AS_LONG_AS_IT_WORKS = timedelta(days=3650)


@workflow.defn(name=names.WORKER)
class WorkerWorkflow:
    """A retry of the activity is no event, a sign of life neither: its history does not grow."""

    @workflow.init
    def __init__(self, worker: str, instance: str, lost_after: float) -> None:
        self._standing_by = workflow.start_activity(
            names.STAND_BY,
            instance,
            task_queue=names.worker_queue(worker),
            schedule_to_start_timeout=_FORGOTTEN_AFTER,
            start_to_close_timeout=_AS_LONG_AS_IT_WORKS,
            heartbeat_timeout=timedelta(seconds=lost_after),
            retry_policy=RetryPolicy(
                initial_interval=timedelta(seconds=1), backoff_coefficient=1.0
            ),
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )

    @workflow.run
    async def run(self, worker: str, instance: str, lost_after: float) -> None:
        """Until it leaves. Arguments as in `__init__`."""
        del worker, instance, lost_after
        with suppress(ActivityError):  # it never came back
            await self._standing_by

    @workflow.signal(name=names.DRAIN)
    def drain(self) -> None:
        """Have the worker take no new steps, and leave when those that it has are over."""
        self._standing_by.cancel()
