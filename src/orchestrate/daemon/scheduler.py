"""Starts what schedules say, each slot once: its workflow is made under a key of its own, and only
then it is recorded what became of the slot. Between the two a daemon may die.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from orchestrate.daemon.clock import Clock
from orchestrate.daemon.log import Log
from orchestrate.errors import OrchestrateError
from orchestrate.intake import Request
from orchestrate.processes.origin import here
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.triggers.schedules import (
    Decided,
    Due,
    DueSchedules,
    Overlap,
    Schedule,
    decide,
)
from orchestrate.triggers.slots import Slot
from orchestrate.workflow.program import RunOptions

MOST_EARLIER = 20
"""Slots of a schedule among whose workflows one that is not over is looked for."""


class Workflows(NamedTuple):
    """What the scheduler asks about workflows."""

    start: Callable[[Request], str]
    """Make one and have it run; its id. Raises OrchestrateError."""
    made_for: Callable[[str], str | None]
    """The workflow that was made for an idempotency key."""
    is_open: Callable[[str], bool]
    """Whether it is there and not over."""
    cancel: Callable[[str, str, str], None]
    """Workflow, actor, reason."""


class Slots:
    """Decides what becomes of the slots of schedules, and starts what is to be started."""

    def __init__(self, workflows: Workflows, log: Log, max_parallel: int) -> None:
        self._workflows = workflows
        self._log = log
        self._options = RunOptions(max_parallel=max_parallel)

    def settle(
        self, schedule: Schedule, history: Sequence[Decided], now: float
    ) -> Iterator[Decided]:
        """What becomes of its slots up to `now`, one after the other. `history`: of its last ones,
        newest first. It ends at a slot that waits for the workflow of an earlier one.
        """
        earlier = list(history)
        for due in decide(schedule, now, self.running(schedule, earlier)):
            if due.waits:
                return
            decided = self._decided(schedule, due) or self._start(schedule, due, earlier, now)
            earlier.insert(0, decided)
            yield decided
            self._log(
                f"slot {decided.outcome}", schedule=schedule.name, slot=decided.slot,
                workflow=decided.workflow, reason=decided.reason,
                late=f"{max(0.0, now - due.due_at):.3f}s",
            )  # fmt: skip

    def running(self, schedule: Schedule, history: Sequence[Decided]) -> str | None:
        """The workflow of an earlier slot that is not over."""
        if schedule.overlap is Overlap.ALLOW:
            return None
        for decided in history[:MOST_EARLIER]:
            if decided.workflow is not None and self._workflows.is_open(decided.workflow):
                return decided.workflow
        return None

    def _decided(self, schedule: Schedule, due: Due) -> Decided | None:
        """What became of a slot without anything being started now."""
        if due.decided is None:
            return None
        # Who died may have started it and not have said so.
        workflow = self._workflows.made_for(key(schedule, due.slot))
        if workflow is None:
            return due.decided
        return due.decided._replace(outcome="started", workflow=workflow, reason="")

    def _start(
        self, schedule: Schedule, due: Due, earlier: Sequence[Decided], now: float
    ) -> Decided:
        slot = due.slot
        actor = f"schedule {schedule.name}"
        try:
            if due.cancels:
                self._cancel_previous(schedule, earlier, actor)
            workflow = self._workflows.start(
                Request(
                    schedule.playbook,
                    (),
                    schedule.environment,
                    self._options,
                    yes=True,  # whoever made the schedule agreed
                    idempotency_key=key(schedule, slot),
                    beneath=schedule.parameters,
                    actor=actor,
                    origin={**here(), "schedule": schedule.name, "slot": slot.name},
                )
            )
        except OrchestrateError as error:
            return Decided(slot.name, slot.at, "refused", None, error.message, now)
        crash_point("schedule.started")
        return Decided(slot.name, slot.at, "started", workflow, "", now)

    def _cancel_previous(self, schedule: Schedule, earlier: Sequence[Decided], actor: str) -> None:
        previous = self.running(schedule, earlier)
        if previous is not None:
            self._workflows.cancel(previous, actor, "the next slot is due")


class Scheduler:
    """The schedules of one project, seen by one daemon."""

    def __init__(
        self,
        schedules: DueSchedules,
        workflows: Workflows,
        clock: Clock,
        log: Log,
        max_parallel: int,
    ) -> None:
        self._schedules = schedules
        self._slots = Slots(workflows, log, max_parallel)
        self._clock = clock

    def tick(self) -> float | None:
        """Decide everything that is due; gives the seconds until the next is (None: nothing is)."""
        now = self._clock()
        due, later = self._schedules.due(now)
        for schedule in due:
            history = self._schedules.history(schedule.name, MOST_EARLIER)
            for decided in self._slots.settle(schedule, history, now):
                self._schedules.record(schedule.name, [decided])
        return None if later is None else max(0.0, later - self._clock())


def key(schedule: Schedule, slot: Slot) -> str:
    """Under which the workflow of a slot is made, once."""
    return f"schedule:{schedule.name}:{slot.name}"
