"""How often somebody may ask: a bucket of requests that fills steadily."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

_MOST = 10_000
"""Names that are remembered; the ones that asked least lately are forgotten."""


class Throttle:
    """At most `most` requests at once and `per_minute` in the long run, by name."""

    def __init__(
        self, per_minute: int, most: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = per_minute / 60.0
        self._most = float(most)
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> float:
        """Count a request; 0, or the seconds after which there is room for one."""
        with self._lock:
            left = self._filled(name)
            if left < 1.0:
                return (1.0 - left) / self._rate
            self._keep(name, left - 1.0)
            return 0.0

    def wait(self, name: str) -> float:
        """The same without counting."""
        with self._lock:
            left = self._filled(name)
            return 0.0 if left >= 1.0 else (1.0 - left) / self._rate

    def _filled(self, name: str) -> float:
        left, at = self._left.get(name, (self._most, 0.0))
        return min(self._most, left + (self._clock() - at) * self._rate)

    def _keep(self, name: str, left: float) -> None:
        self._left[name] = left, self._clock()
        self._left.move_to_end(name)
        if len(self._left) > _MOST:
            self._left.popitem(last=False)
