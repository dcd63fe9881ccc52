"""What workers that have the project do for schedules and triggers: they start workflows.

They may be done twice, if a worker is lost: everything is started under a key of its own.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from temporalio import activity

from orchestrate.cluster import names
from orchestrate.cluster.payloads import Data
from orchestrate.cluster.roster.succession import Succession
from orchestrate.cluster.serving.schedule_book import Fired
from orchestrate.launching.inbox import Settled
from orchestrate.triggers.cloud_events import CloudEvent
from orchestrate.triggers.schedules import Decided, Schedule

T = TypeVar("T")
_BEAT = 1.0
"""Seconds between signs of life."""


class Starter(Protocol):
    """Starts what schedules and triggers say. Used in one thread."""

    def begin(self) -> None:
        """The worker has begun to work: declare what the project's playbooks declare."""
        ...

    def fire(self, schedule: Schedule, history: Sequence[Decided]) -> Fired:
        """Decide its slots that are due. `history`: of its last ones, newest first."""
        ...

    def settle(self, events: Sequence[CloudEvent]) -> list[Settled]:
        """Start what triggers say that wait for events; what became of each."""
        ...

    def is_over(self, workflow: str) -> bool:
        """Whether a workflow has ended."""
        ...


class Launches:
    """The activities of one worker."""

    def __init__(self, starter: Starter, succession: Succession) -> None:
        self._starter = starter
        self._succession = succession
        self._thread = ThreadPoolExecutor(1, "launches")

    def begin(self) -> None:
        """See `Starter.begin`; it goes on meanwhile."""
        self._thread.submit(self._starter.begin)

    @property
    def activities(self) -> list[Callable[..., Any]]:
        """What the worker registers."""
        return [self.fire, self.await_end, self.settle]

    def close(self) -> None:
        """Begin nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    @activity.defn(name=names.FIRE)
    async def fire(self, schedule: Data, history: list[list[Any]]) -> Data:
        """See `Starter.fire`."""
        await self._succession.hand_on()
        earlier = [Decided(*one) for one in history]
        found = await self._done(lambda: self._starter.fire(Schedule.of(schedule), earlier))
        decided = [list(one) for one in found.decided]
        return {"decided": decided, "wait": found.wait, "after": found.after}

    @activity.defn(name=names.SETTLE)
    async def settle(self, page: list[Data]) -> list[list[Any]]:
        """See `Starter.settle`."""
        await self._succession.hand_on()
        events = [CloudEvent(*one["event"]) for one in page]
        found = await self._done(lambda: self._starter.settle(events))
        return [list(one) for one in found]

    @activity.defn(name=names.AWAIT_END)
    async def await_end(self, workflow: str) -> None:
        """Until it has ended, or for a minute: whoever asks asks again."""
        for _ in range(60):
            if await self._done(lambda: self._starter.is_over(workflow)):
                return
            activity.heartbeat()
            await asyncio.sleep(_BEAT)

    async def _done(self, do: Callable[[], T]) -> T:
        """Do it in the thread, with signs of life meanwhile."""
        future = asyncio.get_running_loop().run_in_executor(self._thread, do)
        while True:
            activity.heartbeat()
            done, _ = await asyncio.wait({future}, timeout=_BEAT)
            if done:
                return future.result()
