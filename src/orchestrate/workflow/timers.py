"""Timers: moments that a step waits for, and deadlines on running time.

A moment (`wait`, a retry, the next look of a poll) is wall-clock time, fixed when it is first set.
A deadline (of a step that contains steps, of the workflow, of the clean-up) counts running time: it
stands still while the workflow is paused, waits for a person only, or is owned by nobody. A patient
one (of an approval) counts what people have: it stands still during pauses alone.
"""

from collections.abc import Callable

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import EventType
from orchestrate.workflow.history import History
from orchestrate.workflow.journal import Journal
from orchestrate.workflow.runtime import Runtime
from orchestrate.workflow.scope import Cancelled, Pending, Scope

Key = tuple[str, str]


class _Deadline:
    __slots__ = ("at", "fire", "held", "left", "patient")

    def __init__(self, left: float, fire: Callable[[], None], *, held: bool, patient: bool) -> None:
        self.patient = patient
        self.left = left
        self.at: float | None = None
        self.fire = fire
        self.held = held
        """The journal says that it stands still."""


class Timers:
    """All timers of one workflow."""

    def __init__(self, journal: Journal, runtime: Runtime, history: History) -> None:
        self._journal = journal
        self._runtime = runtime
        self._history = history
        self._moments: dict[Key, tuple[float, Pending[None]]] = {}
        self._deadlines: dict[Key, _Deadline] = {}
        self._live = False
        self._clocks: set[bool] = set()
        """Which clocks run: that of patient deadlines (True), that of the others."""
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

    @property
    def overdue(self) -> bool:
        """Whether a deadline has passed that the host has not reported yet."""
        now = self._runtime.now()
        return any(d.at is not None and d.at <= now for d in self._deadlines.values())

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
        self,
        path: str,
        subject: str,
        seconds: float,
        fire: Callable[[], None],
        *,
        patient: bool = False,
    ) -> None:
        """Call `fire` after `seconds` of running time (or, `patient`, of time that is no pause),
        unless it is cleared before.
        """
        key = path, subject
        recorded = self._history.timers.pop(key, None)
        left, held = seconds, False
        if recorded is not None and recorded.after is not None:
            left, held = recorded.after, recorded.held
            if not held:
                now = self._runtime.now()
                history = self._history
                stood_still = history.paused_since if patient else history.stopped_since
                stopped = stood_still(recorded.set_at, now)
                left = max(0.0, left - (now - recorded.set_at - stopped))
        else:
            self._journal.emit(EventType.TIMER_SET, path, {"subject": subject, "after": seconds})
        if key in self.early:
            self.early.discard(key)
            fire()
            return
        deadline = self._deadlines[key] = _Deadline(left, fire, held=held, patient=patient)
        if patient in self._clocks:
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
        """The replay is over: the moments ahead become timers of the host, the deadlines with
        `start_clock`.
        """
        self._live = True
        for key, (moment, _) in self._moments.items():
            self._runtime.set_timer(*key, moment)

    def keep_time(self, *, running: bool, paused: bool) -> None:
        """Whether the workflow runs, and whether it is paused. That a clock stops is recorded, so
        that a later owner knows what is left.
        """
        for patient, goes in ((False, running), (True, not paused)):
            if goes and patient not in self._clocks:
                self._clocks.add(patient)
                self._start_clock(patient)
            elif not goes:
                self._clocks.discard(patient)
                self._stop_clock(patient)

    def _stop_clock(self, patient: bool) -> None:  # noqa: FBT001 - which clock
        """Also of those that were set while it stood still."""
        now = self._runtime.now()
        for key, deadline in self._deadlines.items():
            if deadline.held or deadline.patient is not patient:
                continue
            if deadline.at is not None:
                deadline.left = max(0.0, deadline.at - now)
                deadline.at = None
                self._runtime.clear_timer(*key)
            deadline.held = True
            self._record(key, deadline)

    def _start_clock(self, patient: bool) -> None:  # noqa: FBT001 - which clock
        for key, deadline in self._deadlines.items():
            if deadline.patient is not patient:
                continue
            if deadline.held:
                deadline.held = False
                self._record(key, deadline)
            self._arm(key, deadline)

    def _record(self, key: Key, deadline: _Deadline) -> None:
        path, subject = key
        data: dict[str, Json] = {"subject": subject, "after": deadline.left}
        if deadline.held:
            data["held"] = True
        self._journal.emit(EventType.TIMER_SET, path, data)

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
