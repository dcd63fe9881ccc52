"""Whether workers of a later generation do what this one does for the project: then it is theirs,
so that workflows that schedules and triggers start are of that generation, too.
"""

import asyncio
import time
from datetime import timedelta

from temporalio.client import Client
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from orchestrate.cluster import names
from orchestrate.cluster.errors import ClusterError
from orchestrate.cluster.roster.looking import look

_KNOWN_FOR = 5.0
"""Seconds for which what was seen counts."""
_SOON = timedelta(seconds=0.5)
"""After so long it is offered again, to all that take it."""


class Succession:
    """Of one worker, in one loop."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._generation = names.GENERATION
        self._lock = asyncio.Lock()
        self._seen = False
        self._seen_until = 0.0

    async def hand_on(self) -> None:
        """Raise ApplicationError if another worker is to do what was asked for."""
        async with self._lock:
            if time.monotonic() >= self._seen_until:
                self._seen = await self._has_successor()
                self._seen_until = time.monotonic() + _KNOWN_FOR
        if self._seen:
            raise ApplicationError(
                "a worker of a later generation does that",
                type="later",
                next_retry_delay=_SOON,
                category=ApplicationErrorCategory.BENIGN,
            )

    async def _has_successor(self) -> bool:
        try:
            workers = await look(self._client)
        except ClusterError:
            return False
        return any(
            one.registration.generation > self._generation
            and one.state == "working"
            and one.registration.traits.serves
            for one in workers
        )
