"""Timers: moments that a step waits for, and deadlines on running time.

A moment (`wait`, a retry, the next look of a poll) is wall-clock time, fixed when it is first set.
A deadline (of a step that contains steps, of the workflow, of the clean-up) counts running time: it
stands still while the workflow is paused, waits for a person only, or is owned by nobody.
"""

from collections.abc import Callable

from orchestrate.workflow.events import EventType
from orchestrate.workflow.history import History
from orchestrate.workflow.journal import Journal
from orchestrate.workflow.runtime import Runtime
from orchestrate.workflow.scope import Cancelled, Pending, Scope

Key = tuple[str, str]


class _Deadline:
    __slots__ = ("at", "fire", "left")

    def __init__(self, left: float, fire: Callable[[], None]) -> None:
        self.left = left
        self.at: float | None = None
        self.fire = fire


class Timers:
    """All timers of one workflow."""

    def __init__(self, journal: Journal, runtime: Runtime, history: History) -> None:
        self._journal = journal
        self._runtime = runtime
        self._history = history
        self._moments: dict[Key, tuple[float, Pending[None]]] = {}
        self._deadlines: dict[Key, _Deadline] = {}
        self._live = False
        self._running = True
        self.early: set[Key] = set()
        """Recorded as over before the interpreter came to set them."""

    @property
    def waiting(self) -> bool:
        """Whether some step waits for a moment."""
        return bool(self._moments)

    @property
    def armed(self) -> bool:
        """Whether the host was asked to report any moment or deadline."""
        return bool(self._moments) or any(d.at is not None for d in self._deadlines.values())

    async def reach(self, scope: Scope, path: str, subject: str, at: Callable[[], float]) -> None:
        """Wait until the moment `at()`, which counts as it was when it was first computed."""
        key = path, subject
        recorded = self._history.timers.pop(key, None)
        if recorded is not None and recorded.at is not None:
            moment = recorded.at
        else:
            moment = at()
            self._journal.emit(EventType.TIMER_SET, path, {"subject": subject, "at": moment})
        if key in self.early:
            self.early.discard(key)
            return
        over: Pending[None] = Pending()
        self._moments[key] = moment, over
        if self._live:
            self._runtime.set_timer(path, subject, moment)
        try:
            await scope.wait(over)
        except Cancelled:
            if self._moments.pop(key, None) is not None and self._live:
                self._runtime.clear_timer(path, subject)
            raise

    def start_deadline(
        self, path: str, subject: str, seconds: float, fire: Callable[[], None]
    ) -> None:
        """Call `fire` after `seconds` of running time, unless it is cleared before."""
        key = path, subject
        recorded = self._history.timers.pop(key, None)
        if recorded is not None and recorded.after is not None:
            now = self._runtime.now()
            gone = now - recorded.set_at - self._history.stopped_since(recorded.set_at, now)
            left = max(0.0, recorded.after - gone)
        else:
            left = seconds
            self._journal.emit(EventType.TIMER_SET, path, {"subject": subject, "after": seconds})
        if key in self.early:
            self.early.discard(key)
            fire()
            return
        deadline = self._deadlines[key] = _Deadline(left, fire)
        if self._live and self._running:
            self._arm(key, deadline)

    def clear_deadline(self, path: str, subject: str) -> None:
        """It no longer matters."""
        deadline = self._deadlines.pop((path, subject), None)
        if deadline is not None and deadline.at is not None:
            self._runtime.clear_timer(path, subject)

    def _arm(self, key: Key, deadline: _Deadline) -> None:
        deadline.at = self._runtime.now() + deadline.left
        self._runtime.set_timer(*key, deadline.at)

    def go_live(self) -> None:
        """The replay is over: what is still ahead becomes a timer of the host."""
        self._live = True
        for key, (moment, _) in self._moments.items():
            self._runtime.set_timer(*key, moment)
        if self._running:
            for key, deadline in self._deadlines.items():
                self._arm(key, deadline)

    def stop_clock(self) -> None:
        """Running time stands still."""
        if not self._running:
            return
        self._running = False
        now = self._runtime.now()
        for key, deadline in self._deadlines.items():
            if deadline.at is not None:
                deadline.left = max(0.0, deadline.at - now)
                deadline.at = None
                self._runtime.clear_timer(*key)

    def start_clock(self) -> None:
        """Running time goes on."""
        if self._running:
            return
        self._running = True
        if self._live:
            for key, deadline in self._deadlines.items():
                self._arm(key, deadline)

    def is_set(self, path: str, subject: str) -> bool:
        """Whether that timer is still ahead."""
        key = path, subject
        return key in self._moments or key in self._deadlines

    def fire(self, path: str, subject: str) -> bool:
        """It is over; False if nobody waits for it."""
        key = path, subject
        moment = self._moments.pop(key, None)
        if moment is not None:
            moment[1].resolve(None)
            return True
        deadline = self._deadlines.pop(key, None)
        if deadline is not None:
            deadline.fire()
            return True
        return False
