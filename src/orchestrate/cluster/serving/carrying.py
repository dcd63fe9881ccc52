"""What workers that have the project do for its integrations: they tell other systems.

An attempt may be made twice, if a worker is lost: whoever is told knows it by its key.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Protocol

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from orchestrate.cluster import names
from orchestrate.cluster.payloads import Data
from orchestrate.cluster.serving.delivery_book import delivery_of
from orchestrate.launching.deliveries import Delivery

_MOST = 8
"""Attempts at once on one worker."""
_BEAT = 1.0
"""Seconds between signs of life."""
_LEAVES_WITHIN = timedelta(seconds=30)
"""A worker that is stopped lets attempts end for so long."""


class Carrier(Protocol):
    """Tells other systems. Any thread may ask."""

    def begin(self) -> None:
        """The worker has begun to work: what waits for its variables is tried."""
        ...

    def deliver(self, delivery: Delivery, project: str, memories: Mapping[str, Data]) -> Data:
        """One attempt; what became of it, as `DeliveryBook.settle` takes it. Raises nothing.
        `project`: its name. `memories`: what the service remembered, by scope.
        """
        ...


class Rounds:
    """The activity of one worker."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._threads = ThreadPoolExecutor(_MOST, "deliveries")

    def begin(self) -> None:
        """See `Carrier.begin`; it goes on meanwhile."""
        self._threads.submit(self._carrier.begin)

    def worker(self, client: Client) -> Worker:
        """What takes deliveries."""
        throttle = timedelta(seconds=_BEAT)
        return Worker(
            client,
            task_queue=names.DELIVERY_QUEUE,
            activities=[self.deliver],
            max_concurrent_activities=_MOST,
            graceful_shutdown_timeout=_LEAVES_WITHIN,
            max_heartbeat_throttle_interval=throttle,
            default_heartbeat_throttle_interval=throttle,
        )

    def close(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    @activity.defn(name=names.DELIVER)
    async def deliver(self, row: list[Any], project: str, memories: dict[str, Data]) -> Data:
        """See `Carrier.deliver`. Once begun it is made to its end, though it may be called back."""
        loop = asyncio.get_running_loop()
        delivery = delivery_of(row)
        attempt = loop.run_in_executor(
            self._threads, self._carrier.deliver, delivery, project, memories
        )
        while True:
            activity.heartbeat()
            try:
                done, _ = await asyncio.wait({attempt}, timeout=_BEAT)
            except asyncio.CancelledError:
                details = activity.cancellation_details()
                if details is None or not details.cancel_requested:
                    raise  # nobody waits for what comes of it
                continue
            if done:
                return attempt.result()
