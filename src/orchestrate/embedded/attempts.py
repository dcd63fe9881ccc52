"""The attempts of one workflow that this process owns, from the turn that asks for them to the
report of their end.

An attempt is launched when its start is durable, what it needs is prepared and its rate limit lets
it, and only by the supervisor that the journal durably names as ours.
"""

from collections.abc import Sequence
from typing import Protocol

from orchestrate.embedded.loop import Loop
from orchestrate.embedded.pacing import Paced, Pacing
from orchestrate.embedded.writer import Writer
from orchestrate.launching import calls
from orchestrate.launching.preparing import Preparation
from orchestrate.launching.supervision import Supervision
from orchestrate.playbook.plan import Json
from orchestrate.processes.launch import Launch, Report
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import Outcome, Status
from orchestrate.workflow.program import Attempt

_ROOM_PAUSE = 1.0
"""Seconds after which an attempt for which there was no room is launched again."""


class Performing(Paced, Protocol):
    """Whose attempts they are."""

    @property
    def workflow(self) -> str:
        """The workflow's id."""
        ...

    def now(self) -> float:
        """The wall clock."""
        ...

    def tell(self, event: Event) -> None:
        """Show an event that is not recorded."""
        ...

    def ended(self, attempt: int) -> None:
        """Its end belongs to the turn at hand."""
        ...


class Attempts:
    """The attempts of one workflow in one ownership."""

    def __init__(
        self,
        number: int,
        loop: Loop,
        writer: Writer,
        supervision: Supervision,
        caller: calls.Caller,
        whose: Performing,
    ) -> None:
        """`number`: the workflow's row."""
        self._loop = loop
        self._supervision = supervision
        self._caller = caller
        self._whose = whose
        self._named = supervision.own.id
        """The supervisor that the journal durably names as ours. No other may start anything."""
        self._held_back: list[int] = []
        self.pacing = Pacing(number, caller.rate_limits, loop, writer, whose, self.start)
        self._under_way: dict[int, str | None] = {}
        """Attempts that may have a process, and why they were asked to stop."""
        self._ending: set[int] = set()
        """Attempts that ended, which is not durable yet."""
        self._prepared = Preparation(caller, loop, lambda attempt: self.start((attempt,)))
        """Attempts whose start is not durable yet, or whose secrets are being fetched."""

    def __bool__(self) -> bool:
        """Whether some attempt may have a process."""
        return bool(self._under_way)

    def add(self, attempt: int) -> None:
        """It is under way from now on."""
        self._under_way[attempt] = None

    def recall(self, attempt: int, started: Event) -> None:
        """It was under way in an earlier ownership."""
        self.add(attempt)
        self._caller.recall(attempt, started)

    def stop(self, attempt_id: int, reason: str, collected: list[Attempt]) -> None:
        """Stop a process; an attempt that has not been launched never will be. `collected`: those
        of the turn at hand, which forgets a stopped one.
        """
        if attempt_id not in self._under_way:
            return
        first = self._under_way[attempt_id] is None
        self._under_way[attempt_id] = reason
        own = [attempt for attempt in collected if attempt.id == attempt_id]
        if not own and attempt_id not in self._prepared:
            why = "timeout" if reason == "timeout" else "stop"
            self._supervision.stop(self._key(attempt_id), why if first else "kill")
            return
        now = self._whose.now()
        status = Status.TIMED_OUT if reason == "timeout" else Status.CANCELLED
        never = Outcome(status, message="not started", started_at=now, finished_at=now)
        for attempt in own:
            collected.remove(attempt)
        self.pacing.give_up(attempt_id)
        if own:
            self._loop.post(lambda: self._end_later(attempt_id, never))
        else:
            self._prepared.cancel(attempt_id, never)

    def prepare(self, attempt: Attempt) -> None:
        """Make ready what is launched once its start is durable."""
        self._prepared.begin(attempt)

    # What the supervisors say

    def reported(self, attempt: int, report: Report) -> None:
        """A report about an attempt of this workflow."""
        if attempt not in self._under_way:
            if report.phase == "finished" and attempt not in self._ending:
                # Its end is durable from an earlier ownership that could not say so any more.
                self._supervision.acknowledge(report.attempt)
            return
        match report.phase:
            case "finished":
                crash_point("outcome.before")
                warnings: list[str] = []
                outcome = calls.outcome_of(report, self._under_way[attempt], warnings)
                for warning in warnings:
                    self._warn(warning)
                self._end(attempt, outcome)
            case "refused" if report.wants_room:
                self._wait_for_room(attempt, report.message)
            case "refused":
                now = self._whose.now()
                outcome = Outcome(
                    Status.FAILED, message=report.message, started_at=now, finished_at=now
                )
                self._end(attempt, outcome)
            case "lost":
                self.vanished(attempt, report.survivors)
            case "progress" if report.percent is not None and self._whose.open:
                self._whose.execution.attempt_progress(attempt, report.percent)
            case _:
                pass

    def vanished(self, attempt: int, survivors: tuple[str, ...]) -> None:
        """Nobody can say how that attempt ended."""
        now = self._whose.now()
        outcome = Outcome(
            Status.UNKNOWN,
            message="what watched over it was killed, so nobody can say whether it took effect",
            started_at=now,
            finished_at=now,
            survivors=survivors,
            read_only=self._caller.reads_only(attempt),
        )
        self._end(attempt, outcome)

    def _wait_for_room(self, attempt: int, message: str) -> None:
        """A disk that is full may be free again soon."""
        warning: dict[str, Json] = {"message": f"waiting: {message}"}
        self._whose.tell(Event(0, self._whose.now(), EventType.WARNED, "", warning))

        def again() -> None:
            self.never_started(attempt)
            self._whose.flush()

        self._loop.after(_ROOM_PAUSE, again)

    def never_started(self, attempt: int) -> None:
        """That attempt has no process and never will have."""
        if self._whose.open and self._under_way.pop(attempt, "") != "":
            self._whose.execution.attempt_never_started(attempt)

    def acknowledge(self, ended: Sequence[int]) -> None:
        """Their ends are durable: supervisors may forget them."""
        self._ending.difference_update(ended)
        for attempt in ended:
            self._supervision.acknowledge(self._key(attempt))

    def _end(self, attempt: int, outcome: Outcome) -> None:
        if not self._whose.open or attempt not in self._under_way:
            return
        del self._under_way[attempt]
        self._ending.add(attempt)
        self._whose.ended(attempt)
        self._whose.execution.attempt_finished(attempt, outcome)

    def _end_later(self, attempt: int, outcome: Outcome) -> None:
        self._end(attempt, outcome)
        self._whose.flush()

    def _warn(self, message: str) -> None:
        self._whose.execution.note(EventType.WARNED, "", {"message": message})

    def _key(self, attempt: int) -> str:
        return f"{self._whose.workflow}/{attempt}"

    # The start of what is durable

    def name(self, supervisor: str) -> None:
        """The journal durably names this supervisor."""
        self._named = supervisor

    def start(self, attempts: Sequence[int]) -> None:
        """Launch what is durable, with one message."""
        held_back, self._held_back = self._held_back, []
        attempts = (*held_back, *attempts)
        launched = sum(self._launch(a) for a in attempts if not self.pacing.holds(a))
        if launched:
            self._supervision.send_launches()
        for _ in range(launched):
            crash_point("launch.after")

    def _launch(self, attempt: int) -> bool:
        if not self._whose.open:
            return False
        if self._supervision.own.id != self._named:
            self._held_back.append(attempt)
            return False
        prepared = self._prepared.take(attempt)
        if isinstance(prepared, Outcome):
            self._loop.post(lambda: self._end_later(attempt, prepared))
        if not isinstance(prepared, Launch):
            return False
        crash_point("launch.before")
        self._supervision.launch(prepared)
        return True
