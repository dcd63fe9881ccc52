"""What is done to a site at moments that the seed decides: `kill -9`, restarts, SIGHUP."""

import random
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from crash.harness import kill, processes_of
from soak.site import Site

_GAPS = {"an engine": 10.0, "a supervisor": 40.0, "a slot": 30.0, "SIGHUP": 150.0}
"""Seconds between two strikes of a kind, on average, in a soak of ten minutes or more."""
_DAEMONS_APART = 450.0
"""The same for the daemon, in that part of the time in which it is struck."""


class Strike(NamedTuple):
    """When something is done."""

    at: float
    what: str


def planned(seconds: float, seed: str) -> list[Strike]:
    """All strikes of a soak, in order. The daemon is struck in the first half and the last tenth:
    for so long as one of them lives between, what it leaks must be seen.
    """
    chance = random.Random(seed)
    scale = min(1.0, max(0.1, seconds / 600.0))
    found: list[Strike] = []
    for what, gap in _GAPS.items():
        at = chance.expovariate(1 / (gap * scale))
        while at < seconds:
            found.append(Strike(at, what))
            at += chance.expovariate(1 / (gap * scale))
    times = max(1, round(seconds / _DAEMONS_APART))
    moments = [chance.uniform(0.15, 0.5) * seconds for _ in range(times)]
    if times > 1:
        moments.append(chance.uniform(0.9, 1.0) * seconds)
    for number, at in enumerate(moments):
        found.append(Strike(at, "the daemon, by SIGTERM" if number % 4 == 3 else "the daemon"))
    return sorted(found)


class Strikes:
    """Carries them out."""

    def __init__(
        self, site: Site, plan: list[Strike], seed: str, now: Callable[[], float],
        over: threading.Event,
    ) -> None:  # fmt: skip
        self._site = site
        self._plan = plan
        self._random = random.Random(seed)
        self._now = now
        self._over = over
        self.done: list[Strike] = []

    def go(self) -> None:
        """Until all are done, or it is over."""
        for strike in self._plan:
            if self._over.wait(max(0.0, strike.at - self._now())):
                return
            if self._strike(strike.what):
                self.done.append(Strike(self._now(), strike.what))
                self._site.ledger.count(f"killed: {strike.what}")

    def _strike(self, what: str) -> bool:
        """False if there was nothing to be struck."""
        match what:
            case "SIGHUP":
                self._site.signal(signal.SIGHUP)
            case "the daemon":
                self._site.signal(signal.SIGKILL)
            case "the daemon, by SIGTERM":
                self._site.signal(signal.SIGTERM)
            case _:
                return self._kill_one(what.rpartition(" ")[2])
        return True

    def _kill_one(self, kind: str) -> bool:
        victims = [seen.pid for seen in processes_of(self._site.root) if seen.kind == kind]
        if kind == "engine":
            victims = [pid for pid in victims if b"\0own\0" in _words(pid)]
        if not victims:
            return False
        kill(self._random.choice(victims))
        return True


def _words(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
