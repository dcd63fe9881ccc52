"""Keeping what Vault lends: tokens and leases are renewed for as long as a workflow runs here.

One thread for all of them. Nothing is renewed for a workflow that this process has let go: whoever
continues it asks for leases of its own.
"""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple
from weakref import WeakSet

_EARLY = 2 / 3
"""The share of its time after which something is renewed."""
_AGAIN = 5.0
"""Seconds between tries after a renewal failed."""


class Term(NamedTuple):
    """For how many seconds something holds from now on, and whether it can be prolonged."""

    seconds: float
    renewable: bool


class Held:
    """Something that is lent. `renew` asks for more time; it raises if that is refused. `name`: by
    which it is given back, if it is.
    """

    def __init__(self, term: Term, renew: Callable[[], Term], name: str = "") -> None:
        self.name = name
        self._renew = renew
        self.begin(term)

    def begin(self, term: Term) -> None:
        """It was lent (again), now."""
        now = time.monotonic()
        self.renewable = term.renewable
        self.ends = now + term.seconds if term.seconds > 0 else float("inf")
        self.due = now + term.seconds * _EARLY if term.renewable and term.seconds else float("inf")

    def is_valid(self) -> bool:
        """Whether it may still be used; a little before its end it may not."""
        return time.monotonic() < self.ends - min(1.0, (self.ends - time.monotonic()) / 10)

    def renew(self) -> None:
        """Ask for more time. What fails is tried again until its end."""
        try:
            term = self._renew()
        except Exception:  # whatever it was: what is lent ends, and is asked for anew
            self.due = time.monotonic() + _AGAIN
            if self.due > self.ends:
                self.due = float("inf")
        else:
            self.begin(term)


class Renewer:
    """The thread. It begins with the first thing that has to be renewed."""

    def __init__(self) -> None:
        self._held: WeakSet[Held] = WeakSet()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def keep(self, held: Held) -> None:
        """Renew this for as long as somebody else holds it, too."""
        if held.due == float("inf"):
            return
        with self._changed:
            self._held.add(held)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="vault", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                due = min((held.due for held in self._held), default=float("inf"))
                left = due - time.monotonic()
                if left > 0:
                    self._changed.wait(None if due == float("inf") else left)
                    continue
            self._renew_due()

    def _renew_due(self) -> None:
        """A function of its own: while the thread waits, it must not hold on to anything."""
        with self._changed:
            ready = [held for held in self._held if held.due <= time.monotonic()]
        for held in ready:
            held.renew()
