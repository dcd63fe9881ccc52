"""Whoever waits for workers goes on waiting while they are busy or away, and says so."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from temporalio.client import Client

from orchestrate.cluster.errors import ClusterError, UnansweredError
from orchestrate.cluster.roster.expecting import expected

Result = TypeVar("Result")
Notice = Callable[[str], None]


class Outlasting:
    """`notice` hears what is waited for; without it nobody waits longer than for one question."""

    def __init__(self, client: Client, notice: Notice | None) -> None:
        self._client = client
        self._notice = notice

    async def until_answered(self, ask: Callable[[], Awaitable[Result]]) -> Result:
        """What `ask` gives, which may be asked again. Raises UnansweredError if there is no worker
        to wait for, and what else `ask` raises.
        """
        told = ""
        while True:
            try:
                return await ask()
            except UnansweredError as error:
                message = await self._waits(error)
                if self._notice is None or not message:
                    raise
                if message != told:
                    told = message
                    self._notice(message)

    async def _waits(self, error: UnansweredError) -> str:
        try:
            who = await expected(self._client)
        except ClusterError as silent:
            return silent.message
        return f"{error.message}: {who}" if who else ""
