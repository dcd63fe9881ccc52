"""The workflow that content of `blobs.py` rests in."""

from datetime import timedelta

from temporalio import workflow

from orchestrate.cluster import names

_LONGEST_RUN = 2000
"""Events of a history after which a new run takes over, with the content."""
_PATIENCE = timedelta(minutes=10)


@workflow.defn(name=names.BLOB)
class BlobWorkflow:
    """`holders` are workflows, and when they said that they need it."""

    @workflow.init
    def __init__(
        self, index: list[str], body: bytes, holders: dict[str, float], look_every: float
    ) -> None:
        self._given = index, body
        self._holders = holders
        self._look_every = look_every

    @workflow.run
    async def run(
        self, index: list[str], body: bytes, holders: dict[str, float], look_every: float
    ) -> None:
        """Until nobody needs it any more. Arguments as in `__init__`."""
        del index, body, holders
        while True:
            await self._let_time_pass(look_every)
            if self._is_long():
                workflow.continue_as_new(args=[*self._given, self._holders, look_every])
            before = workflow.time() - look_every
            asked = [holder for holder, since in self._holders.items() if since <= before]
            for holder in await self._closed(asked) if asked else ():
                if self._holders[holder] <= before:  # it has not said so again meanwhile
                    del self._holders[holder]
            if not self._holders:
                return

    async def _let_time_pass(self, seconds: float) -> None:
        try:
            await workflow.wait_condition(self._is_long, timeout=seconds)
        except TimeoutError:
            return

    async def _closed(self, holders: list[str]) -> list[str]:
        return await workflow.execute_activity(
            names.CLOSED_OF,
            holders,
            result_type=list[str],
            task_queue=names.BLOB_QUEUE,
            start_to_close_timeout=_PATIENCE,
        )

    def _is_long(self) -> bool:
        return workflow.info().get_current_history_length() > _LONGEST_RUN

    @workflow.signal(name=names.HOLD)
    def hold(self, holder: str) -> None:
        """A workflow needs it."""
        self._holders[holder] = workflow.time()
