"""The port `Runtime`: what a running workflow asks of its host. Mechanism only.

The core (`execution.py`) decides everything and is synchronous: the host calls it, it runs the
interpreter until nothing moves any more, and on the way it calls these methods, none of which
blocks. What becomes of them the host reports back, later and never from inside the call:

    execution.attempt_finished(attempt_id, outcome)      the process tree is gone, if it had to go
    execution.timer_fired(path, subject)
    execution.claim_granted(path, tokens), .claim_refused(path, …), .claim_waiting(path, blockers)
    execution.event_arrived(path, event)
    execution.cancel(...), .pause(...), .unpause(...), .resolve(...), .complete(...)

So the same core runs over SQLite and a supervisor, inside a Temporal workflow, in memory, and in a
rehearsal on a virtual clock. `tests/contract/runtime.py` is the conformance suite.
"""

from typing import Protocol

from orchestrate.workflow.events import Event
from orchestrate.workflow.program import Attempt, Awaited, Claim


class Runtime(Protocol):
    """What a host offers to the core. All times are seconds since the epoch."""

    def now(self) -> float:
        """The host's clock. Only what was decided from it counts, never a second look."""
        ...

    def random(self) -> float:
        """A number in [0, 1)."""
        ...

    def append(self, event: Event) -> None:
        """Take an event for the journal.

        Events become durable in the order in which they were appended, soon and without further
        asking. An event that was appended before `perform` is durable before that attempt's
        process starts; all are durable before the end of the workflow is reported to anybody.
        """
        ...

    def perform(self, attempt: Attempt) -> None:
        """Start an attempt once its `attempt_started` is durable. Never twice for one id.

        Whatever goes wrong becomes an outcome (a command that cannot be started has failed).
        """
        ...

    def recover(self, attempt_id: int, started: Event) -> None:
        """An attempt that the journal says was started and not finished: find out.

        Reports through `attempt_finished` like `perform`: the recorded outcome, or that of the
        process once it ends, if it still runs; `Status.UNKNOWN` if nobody can say. If it is
        certain that the process was never started, report `execution.attempt_never_started(id)`.
        """
        ...

    def stop(self, attempt_id: int, reason: str) -> None:
        """End an attempt's whole process tree; its outcome is reported when it is gone. A second
        call leaves it no more time to end by itself.
        """
        ...

    def set_timer(self, path: str, subject: str, at: float) -> None:
        """Report `timer_fired(path, subject)` at `at`, or at once if that is past."""
        ...

    def clear_timer(self, path: str, subject: str) -> None:
        """Forget that timer. Nothing happens if it does not exist or has fired."""
        ...

    def claim(self, claim: Claim) -> None:
        """Ask for locks and capacity: all of it or nothing.

        Reports `claim_granted(path, tokens)` as soon as it has them, `claim_refused` if it never
        will, and `claim_waiting(path, blockers)` once if it has to wait. What is granted belongs to
        the workflow, whatever becomes of this process, until it is released. Asked again for a path
        that has it already, the answer are the same tokens; if its capacity was suspended, or its
        lock was taken away, it is granted anew.
        """
        ...

    def unclaim(self, path: str) -> None:
        """Give back, with the events of this moment, what that claim holds; or wait no longer."""
        ...

    def await_event(self, awaited: Awaited) -> None:
        """Report `event_arrived(path, event)` for every event that fits and counts, in the order in
        which they arrived, until one is taken.

        Which ones count is durable with the events of this moment: an event that arrives while no
        engine lives is reported by the next one that asks (`awaited.again`). Several waits may get
        the same event.
        """
        ...

    def forget_event(self, path: str) -> None:
        """That wait is over, with the events of this moment. Nothing happens if there is none."""
        ...

    def suspend(self) -> None:
        """Give back the capacity, not the locks, of all claims until they are claimed again; those
        that wait are not granted meanwhile.
        """
        ...
