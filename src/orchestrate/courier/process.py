"""The courier as a process: one for each store, until nothing is due any more."""

import os
import time

from orchestrate.app import App
from orchestrate.courier.loop import SOON, Courier, Patience
from orchestrate.courier.stored import Attempts
from orchestrate.embedded import presence
from orchestrate.embedded.delivering.queue import DeliveryQueue
from orchestrate.embedded.delivering.starting import LOCK
from orchestrate.embedded.store import Store
from orchestrate.integrations.service import Limits

_GRACE = 30.0
"""Seconds beyond its limits after which an attempt is no longer waited for."""


def deliver(app: App, held: int | None = None) -> None:
    """Deliver what is due, unless another process does. `held`: the lock, if whoever started this
    process has taken it.
    """
    directory = app.project.state_dir
    if not Store.exists(directory):
        return
    store = Store(directory, app.project.settings.state_group)
    queue = DeliveryQueue(store)
    try:
        while held is not None or _is_due(queue):
            if held is None:
                held = presence.take(directory, LOCK)
            if held is None:
                return  # whoever has it looks once more before it ends
            try:
                _serve(app, store, queue)
            finally:
                os.close(held)
                held = None
    finally:
        store.close(process_ends=True)


def _is_due(queue: DeliveryQueue) -> bool:
    soon = time.time() + SOON
    return any(head.next_at <= soon for head in queue.heads())


def _serve(app: App, store: Store, queue: DeliveryQueue) -> None:
    now = time.time()
    queue.release(app.env.keys(), now)
    queue.forget_memories(now)
    limits = Limits()
    patience = Patience(limits.total + _GRACE, app.project.settings.integrations.give_up_after)
    Courier(queue, Attempts(app, store, queue, limits).next, patience).run()
