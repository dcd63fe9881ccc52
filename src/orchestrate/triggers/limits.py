"""How often something may happen: a token bucket for each name."""

import math

from orchestrate.playbook.triggers import Rate


class Limits:
    """The buckets of one process."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, name: str, rate: Rate, now: float) -> float:
        """0 if it may happen now, which counts; else the seconds after which it may. `now` only
        ever grows.
        """
        tokens, seen = self._buckets.get(name, (float(rate.most), now))
        per_second = rate.most / rate.seconds
        tokens = min(float(rate.most), tokens + (now - seen) * per_second)
        if tokens < 1.0:
            self._buckets[name] = (tokens, now)
            return math.ceil((1.0 - tokens) / per_second * 1000) / 1000
        self._buckets[name] = (tokens - 1.0, now)
        return 0.0
