"""All metrics of one store at one moment. Any thread may ask; nobody waits for longer than agreed,
also while the disk is full or another program holds the store.
"""

import threading
import time
from collections.abc import Mapping

from orchestrate.embedded.metrics import counting, standing
from orchestrate.embedded.store import Store
from orchestrate.errors import OrchestrateError
from orchestrate.launching import totals
from orchestrate.workflow import metrics
from orchestrate.workflow.metrics import Series

_LOOKED = "metrics_looked_at"
_WRITE = (
    "INSERT INTO facts (name, value) VALUES (?, ?) "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


class Gatherer:
    """Gathers the metrics of a store, which nobody else may use meanwhile."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._look: threading.Thread | None = None

    def gather(
        self,
        resources: Mapping[str, int],
        places: int | None,
        *,
        counts_for: float,
        patience: float,
    ) -> list[Series]:
        """Everything, within `patience` seconds; if that does not suffice, what can be told without
        the store. Counting stops after about `counts_for` seconds, and goes on the next time.
        """
        with self._lock:
            if self._look is None or not self._look.is_alive():
                found: list[Series] = []
                self._look = threading.Thread(
                    target=self._measure, args=(resources, places, counts_for, found), daemon=True
                )
                self._look.start()
                self._look.join(patience)
                if found:
                    return found
            return [*standing.health(self._store.directory), _writable(yes=False)]

    def _measure(
        self,
        resources: Mapping[str, int],
        places: int | None,
        counts_for: float,
        found: list[Series],
    ) -> None:
        store = self._store
        written: list[Series] = []
        try:
            left = counting.catch_up(store, time.monotonic() + counts_for)
            written = [
                metrics.standing(metrics.UNCOUNTED, left),
                metrics.standing(metrics.WRITE, _write(store)),
            ]
        except OrchestrateError:
            pass  # that it cannot be written is what is told
        try:
            now = time.time()
            told = [
                *store.reading(totals.load),
                *store.reading(lambda c: standing.measure(c, resources, places, now)),
            ]
        except OrchestrateError:
            told = []
        found += [
            *told,
            *standing.health(store.directory),
            *written,
            _writable(yes=bool(written)),
        ]


def _writable(*, yes: bool) -> Series:
    return metrics.standing(metrics.WRITABLE, yes)


def _write(store: Store) -> float:
    """How long a durable write takes, behind everybody else's."""
    began = time.monotonic()
    store.writer.call(lambda c: c.execute(_WRITE, (_LOOKED, repr(time.time()))).rowcount)
    return time.monotonic() - began
