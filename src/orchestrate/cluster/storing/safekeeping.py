"""The workflow that values of secret parameters rest in: see `safes.py`."""

from datetime import timedelta

from temporalio import workflow

from orchestrate.cluster import names

_PATIENCE = timedelta(minutes=1)


@workflow.defn(name=names.SAFE)
class SafeWorkflow:
    """Has itself deleted when its workflow is over."""

    def __init__(self) -> None:
        self._over = False

    @workflow.run
    async def run(self, sealed: bytes, holder: str, look_every: float) -> None:
        """Until `holder` says that it is over, or is found to be."""
        del sealed
        while not self._over:
            try:
                await workflow.wait_condition(
                    lambda: self._over, timeout=timedelta(seconds=look_every)
                )
            except TimeoutError:
                self._over = await self._is_closed(holder)
        await workflow.execute_activity(
            names.EMPTY_SAFE,
            workflow.info().workflow_id,
            task_queue=names.QUEUE,
            start_to_close_timeout=_PATIENCE,
        )

    async def _is_closed(self, holder: str) -> bool:
        closed: list[str] = await workflow.execute_activity(
            names.CLOSED_OF,
            [holder],
            task_queue=names.BLOB_QUEUE,
            start_to_close_timeout=_PATIENCE,
        )
        return bool(closed)

    @workflow.signal(name=names.EMPTY)
    def empty(self) -> None:
        """The workflow is over."""
        self._over = True
