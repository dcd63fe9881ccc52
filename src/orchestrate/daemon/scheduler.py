"""Starts what schedules say, each slot once: its workflow is made under a key of its own, and only
then it is recorded what became of the slot. Between the two a daemon may die.
"""

from collections.abc import Callable
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
    Overlap,
    Schedule,
    Schedules,
    decide,
)
from orchestrate.triggers.slots import Slot
from orchestrate.workflow.program import RunOptions


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


class Scheduler:
    """The schedules of one project, seen by one daemon."""

    def __init__(
        self, schedules: Schedules, workflows: Workflows, clock: Clock, log: Log, max_parallel: int
    ) -> None:
        self._schedules = schedules
        self._workflows = workflows
        self._clock = clock
        self._log = log
        self._options = RunOptions(max_parallel=max_parallel)

    def tick(self) -> float | None:
        """Decide everything that is due; gives the seconds until the next is (None: nothing is)."""
        now = self._clock()
        due, later = self._schedules.due(now)
        for schedule in due:
            self._decide(schedule, now)
        return None if later is None else max(0.0, later - self._clock())

    def _decide(self, schedule: Schedule, now: float) -> None:
        for due in decide(schedule, now, self._running(schedule)):
            if due.waits:
                return  # until the workflow before it has ended
            decided = self._decided(schedule, due) or self._start(schedule, due, now)
            self._schedules.record(schedule.name, [decided])
            self._log(
                f"slot {decided.outcome}", schedule=schedule.name, slot=decided.slot,
                workflow=decided.workflow, reason=decided.reason,
                late=f"{max(0.0, now - due.due_at):.3f}s",
            )  # fmt: skip

    def _decided(self, schedule: Schedule, due: Due) -> Decided | None:
        """What became of a slot without anything being started now."""
        if due.decided is None:
            return None
        # A daemon that died may have started it and not have said so.
        workflow = self._workflows.made_for(key(schedule, due.slot))
        if workflow is None:
            return due.decided
        return due.decided._replace(outcome="started", workflow=workflow, reason="")

    def _running(self, schedule: Schedule) -> str | None:
        """The workflow of an earlier slot that is not over."""
        if schedule.overlap is Overlap.ALLOW:
            return None
        for decided in self._schedules.history(schedule.name, 20):
            if decided.workflow is not None and self._workflows.is_open(decided.workflow):
                return decided.workflow
        return None

    def _start(self, schedule: Schedule, due: Due, now: float) -> Decided:
        slot = due.slot
        actor = f"schedule {schedule.name}"
        try:
            if due.cancels:
                self._cancel_previous(schedule, actor)
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

    def _cancel_previous(self, schedule: Schedule, actor: str) -> None:
        previous = self._running(schedule)
        if previous is not None:
            self._workflows.cancel(previous, actor, "the next slot is due")


def key(schedule: Schedule, slot: Slot) -> str:
    """Under which the workflow of a slot is made, once."""
    return f"schedule:{schedule.name}:{slot.name}"
