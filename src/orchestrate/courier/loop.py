"""The courier: delivers until nothing is left that could be delivered soon."""

import random
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import NamedTuple

from orchestrate.courier.lines import Lines
from orchestrate.courier.outcomes import LONGEST_ERROR, Attempt, Done, Later, Outcome
from orchestrate.embedded.delivering.queue import DeliveryQueue
from orchestrate.integrations.backoff import is_given_up, next_attempt
from orchestrate.launching.deliveries import Delivery
from orchestrate.processes.supervising.crash import crash_point

MOST = 8
"""Deliveries at once, each of another channel."""
LINGER = 1.0
"""Seconds for which it waits for more."""
SOON = 60.0
"""It stays for what is due within so many seconds; for what is later another one is started."""
_LOOK = 0.25
"""Seconds between two looks whether somebody wrote to the store."""


class Patience(NamedTuple):
    """How long things may take, in seconds."""

    attempt: float
    """One attempt, after which nobody waits for its end any more."""
    delivery: float
    """All attempts of one delivery."""


class _Ended(NamedTuple):
    delivery: Delivery
    outcome: Outcome


class Courier:
    """Delivers from one queue. `prepare` makes the next attempt of a delivery from the store."""

    def __init__(
        self, queue: DeliveryQueue, prepare: Callable[[Delivery], Attempt], patience: Patience
    ) -> None:
        self._queue = queue
        self._prepare = prepare
        self._patience = patience
        self._lines = Lines()
        self._ended: SimpleQueue[_Ended] = SimpleQueue()
        self._begun: dict[int, tuple[Delivery, float]] = {}
        """Under way: number to what it is, and when (monotonic) nobody waits for it any more."""
        self._version = -1

    def run(self) -> None:
        """Deliver. Returns when nothing is due soon and nothing is under way."""
        idle_since = time.monotonic()
        while True:
            self._look()
            self._begin()
            if self._lines.busy:
                idle_since = time.monotonic()
            elif self._is_idle() and time.monotonic() - idle_since >= LINGER:
                return
            self._wait()

    def _look(self) -> None:
        version = self._queue.version()
        if version != self._version:
            self._version = version
            self._lines.know(self._queue.heads())

    def _is_idle(self) -> bool:
        due = self._lines.next_at()
        return due is None or due > time.time() + SOON

    def _begin(self) -> None:
        """Start as many attempts as there may be."""
        while self._lines.busy < MOST:
            delivery = self._lines.take(time.time())
            if delivery is None:
                return
            self._begun[delivery.number] = (delivery, time.monotonic() + self._patience.attempt)
            attempt = self._prepare(delivery)
            crash_point("deliver.before")
            threading.Thread(target=self._deliver, args=(delivery, attempt), daemon=True).start()

    def _deliver(self, delivery: Delivery, attempt: Attempt) -> None:
        self._ended.put(_Ended(delivery, attempt()))

    def _wait(self) -> None:
        """Until an attempt ends, something is due, or it is time to look again."""
        due = self._lines.next_at() if self._lines.busy < MOST else None
        wait = _LOOK if due is None else min(_LOOK, max(0.0, due - time.time()))
        try:
            ended = self._ended.get(timeout=wait)
        except Empty:
            self._give_up_waiting()
            return
        self._settle(ended)
        while not self._ended.empty():
            self._settle(self._ended.get())

    def _give_up_waiting(self) -> None:
        """An attempt that hangs in spite of all limits holds nobody up: it is left alone."""
        now = time.monotonic()
        for delivery, until in tuple(self._begun.values()):
            if now >= until:
                why = f"it did not end within {self._patience.attempt:g} s"
                self._settle(_Ended(delivery, Later(why)))

    def _settle(self, ended: _Ended) -> None:
        delivery, outcome = ended
        if self._begun.pop(delivery.number, None) is None:
            return  # it came too late
        crash_point("deliver.after")
        now = time.time()
        match outcome:
            case Done(remember):
                self._queue.delivered(delivery.number, now, remember)
            case Later():
                self._put_off(delivery, outcome, now)
            case _:
                self._queue.refused(delivery.number, outcome.why[:LONGEST_ERROR], now)
        self._lines.know_one(delivery.channel, self._queue.head(delivery.channel))

    def _put_off(self, delivery: Delivery, outcome: Later, now: float) -> None:
        why = outcome.why[:LONGEST_ERROR]
        if is_given_up(now, delivery.since, self._patience.delivery):
            self._queue.refused(delivery.number, why, now, state="given_up")
            return
        at = next_attempt(now, delivery.attempts + 1, outcome.after, random.random())
        self._queue.failed(delivery.number, why, at, outcome.remember, now=now, held=outcome.held)
