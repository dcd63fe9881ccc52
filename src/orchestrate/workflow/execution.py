"""The core that a host drives: one workflow, from its history to its end.

The host calls the methods below, one at a time, never from inside a `Runtime` method. Each call
runs the interpreter until nothing moves any more and returns.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import Outcome, State
from orchestrate.workflow.program import Program
from orchestrate.workflow.runtime import Runtime


class Final(NamedTuple):
    """How a workflow ended. `error` has step, message, exit_code and timed_out, or is None."""

    state: State
    error: Mapping[str, Json] | None
    outputs: Mapping[str, Json]


class Execution:
    """Drives the interpreter of one workflow over a `Runtime`."""

    def __init__(
        self, program: Program, runtime: Runtime, history: Iterable[Event] = ()
    ) -> None: ...

    def start(self) -> None:
        """Replay the history and run until nothing moves. Once, before anything else."""

    def attempt_finished(self, attempt_id: int, outcome: Outcome) -> None:
        """An attempt ended and its process tree is gone."""

    def attempt_never_started(self, attempt_id: int) -> None:
        """The answer to `recover` when no process was ever started: it is performed now."""

    def attempt_progress(self, attempt_id: int, percent: float) -> None:
        """A running attempt told how far it is."""

    def timer_fired(self, path: str, subject: str) -> None:
        """A timer that was set is over."""

    def pause(
        self,
        *,
        actor: str,
        reason: str = "",
        now: bool = False,
        checkpoint: bool = False,
        resume_at: float | None = None,
    ) -> str | None:
        """Start nothing more; returns the id of the checkpoint if one was asked for."""

    def unpause(self, *, actor: str, automatic: bool = False) -> None:
        """Go on after a pause."""

    def cancel(self, *, actor: str, reason: str = "") -> None:
        """Stop; `finally` still runs. The second call stops that too."""

    def complete(self, *, actor: str, reason: str = "") -> None:
        """End by force: stop everything, run `finally`, state completed."""

    def resolve(self, path: str, choice: str, *, actor: str) -> None:
        """Decide about something parked. Raises ConflictError if it is not parked."""

    def note(self, type: EventType, path: str = "", data: Mapping[str, Json] | None = None) -> None:  # noqa: A002
        """Append an event of the engine's own with the right number."""

    @property
    def state(self) -> State:
        """running, paused, waiting, needs_attention (only parked things left), or final."""
        return State.RUNNING

    @property
    def final(self) -> Final | None:
        """How it ended, if it did."""
        return None

    @property
    def idle(self) -> bool:
        """No attempt runs and no timer is set: only somebody's request can move it."""
        return False
