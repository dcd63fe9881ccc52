"""How a worker leaves: at once, its steps going on without it, or drained."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from temporalio.worker import Worker

from orchestrate.cluster.roster.presence import Presence

_LOOK_EVERY = 0.2
"""Seconds between looks at steps that are waited for."""


class Steps(Protocol):
    """What has to be known of a worker's steps."""

    @property
    def running(self) -> int:
        """How many may have a process."""
        ...

    def leave(self) -> None:
        """Let go of them."""
        ...


async def until_left(
    stop: asyncio.Event, presence: Presence, pools: Sequence[Worker], steps: Steps
) -> None:
    """Until `stop`, or until the worker is drained: it takes no new steps then, and waits for those
    that it has, also for those that it took up again. `pools` are what takes steps.
    """
    stopped = asyncio.ensure_future(stop.wait())
    drained = asyncio.ensure_future(presence.draining.wait())
    try:
        await asyncio.wait({stopped, drained}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set() or presence.displaced is not None:
            return
        emptied = asyncio.gather(*(pool.shutdown() for pool in pools))
        await asyncio.wait({stopped, emptied}, return_when=asyncio.FIRST_COMPLETED)
        while steps.running and not stop.is_set():
            await asyncio.sleep(_LOOK_EVERY)
    finally:
        stopped.cancel()
        drained.cancel()
