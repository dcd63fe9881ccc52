"""Ending a run before its time: a cancel, the workflow's timeout, a forced completion.

Whatever comes first decides how the workflow will have ended. The steps are cancelled; transactions
are undone and `finally` still runs, for at most `cleanup_timeout`. A second cancel, or the end of
that time, is hard: it stops these, too, and the workflow needs attention.
"""

from enum import Enum

from orchestrate.workflow.history import CLEANUP, TIMEOUT
from orchestrate.workflow.scope import Scope
from orchestrate.workflow.timers import Timers


class Why(Enum):
    """Why a run is being ended."""

    CANCEL = "cancel"
    TIMEOUT = "timeout"
    COMPLETION = "completion"


class Ending:
    """How the run is being ended, if it is."""

    def __init__(self, root: Scope, timers: Timers) -> None:
        self._root = root
        self._timers = timers
        self.cleanup_timeout = 600.0
        """Seconds that undoing and `finally` may take."""
        self.why: Why | None = None
        self.message = ""

    def allow(self, cleanup_timeout: float) -> None:
        """How many seconds undoing and `finally` may take."""
        self.cleanup_timeout = cleanup_timeout

    def cancel(self, message: str) -> None:
        """Somebody wants it to stop; the second time also what cleans up."""
        if self.why is None:
            self._begin(Why.CANCEL, message)
        else:
            self._root.cancel(message, hard=True)

    def complete(self, message: str) -> None:
        """Somebody declares it done."""
        if self.why is None:
            self._begin(Why.COMPLETION, message)

    def expire(self, seconds: float) -> None:
        """The workflow's time is over."""
        if self.why is None:
            self._begin(Why.TIMEOUT, f"timed out after {seconds:g} s")

    def _begin(self, why: Why, message: str) -> None:
        self.why = why
        self.message = message
        self._timers.clear_deadline("", TIMEOUT)
        self._timers.start_deadline("", CLEANUP, self.cleanup_timeout, self._stop_cleanup)
        self._root.cancel(message)

    def _stop_cleanup(self) -> None:
        self._root.cancel("the clean-up took too long", hard=True)

    @property
    def hard(self) -> bool:
        """Whether the clean-up was stopped, too."""
        return self._root.hard
