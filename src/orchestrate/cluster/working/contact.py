"""A worker's touch with the cluster, for the slots of its steps: without it they end what they run
in time, so that nothing of it is left when it may run somewhere else.
"""

import asyncio
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError

from orchestrate.processes.supervising import vigil

NAME = "contact"
_EVERY = 1.0
_ANSWERED_WITHIN = timedelta(seconds=2)
_MARGIN = 2.0
"""Seconds that an answer, and a look at the clock, may be late."""


def allowance(heartbeat: float, lease: float, grace: float) -> float:
    """Seconds without touch after which a step is ended: it may take `grace`, and is gone when
    `lease` is over, which begins when the cluster misses the worker.
    """
    return heartbeat + max(lease / 2, lease - grace - _MARGIN)


class Touch:
    """When the cluster answered last."""

    def __init__(self) -> None:
        self._answered = time.monotonic()

    def answered(self) -> None:
        """It did now."""
        self._answered = time.monotonic()

    def silence(self) -> float:
        """Seconds since then."""
        return time.monotonic() - self._answered


@asynccontextmanager
async def keeping_touch(client: Client, directory: Path) -> AsyncGenerator[Touch]:
    """Note for as long as it lasts that the cluster answers."""
    file = os.open(directory / NAME, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    touch = Touch()
    task = asyncio.ensure_future(_keep(client, file, touch))
    try:
        yield touch
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        os.close(file)


async def _keep(client: Client, file: int, touch: Touch) -> None:
    while True:
        with suppress(RPCError):
            await client.workflow_service.get_system_info(
                GetSystemInfoRequest(), timeout=_ANSWERED_WITHIN
            )
            vigil.write(file)
            touch.answered()
        await asyncio.sleep(_EVERY)
