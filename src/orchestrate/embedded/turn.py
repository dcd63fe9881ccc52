"""What one turn of a workflow brings: collected, then made durable together."""

import sqlite3
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from orchestrate.embedded import actions, journal, ownership, requests
from orchestrate.embedded.journal import Batch
from orchestrate.embedded.pacing import Pacing
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.parking import COMPENSATION
from orchestrate.workflow.program import Attempt

if TYPE_CHECKING:
    from orchestrate.embedded import event_waits
    from orchestrate.embedded.granting import Settled, Wanted


class Turn(NamedTuple):
    """What waits for one commit."""

    events: list[Event]
    attempts: list[Attempt]
    finished: list[int]
    answers: list[tuple[requests.Request, requests.Answer]]
    release: bool
    heard: "event_waits.Wanted | None" = None
    """What becomes of its waits for events."""


class Writing(NamedTuple):
    """The change that makes a turn durable."""

    batch: Batch
    turn: Turn
    pacing: Pacing
    wanted: "Wanted | None"
    capacity: Mapping[str, int]
    ended: bool
    """The workflow is over: whatever it held is free."""

    def __call__(self, connection: sqlite3.Connection) -> "Settled | None":
        """Apply it; what became of claims."""
        journal.append(connection, self.batch)
        self.pacing.charge(connection, self.turn.attempts)
        for _, given in self.turn.answers:
            requests.answer(connection, given)
        if self.turn.release:
            ownership.release(connection, self.batch.workflow, self.batch.epoch)
            released = self.batch.events[-1]
            why = str(released.data["reason"])
            actions.anchor(connection, self.batch.workflow, released.at, why)
            crash_point("release.before")
        if self.turn.heard is not None:
            from orchestrate.embedded import event_waits

            event_waits.apply(connection, self.batch.workflow, self.turn.heard)
        return self._claim(connection)

    def _claim(self, connection: sqlite3.Connection) -> "Settled | None":
        wanted, workflow = self.wanted, self.batch.workflow
        if self.ended and self.turn.release:
            wanted = gone(connection, workflow) or wanted
        if wanted is None:
            return None
        from orchestrate.embedded import granting

        return granting.apply(connection, workflow, wanted, self.capacity, time.time())


def gone(connection: sqlite3.Connection, workflow: int) -> "Wanted | None":
    """What gives back everything of a workflow, if it has anything."""
    held = connection.execute("SELECT 1 FROM claims WHERE workflow = ? LIMIT 1", (workflow,))
    if held.fetchone() is None:
        return None
    from orchestrate.embedded.granting import Wanted

    wanted = Wanted()
    wanted.gone = True
    return wanted


def pass_compensation(event: Event) -> None:
    """The crash points of a step that is undone, once that is durable."""
    if event.data.get("kind") == COMPENSATION:
        begun = event.type is EventType.STEP_STARTED
        crash_point("compensation.begun" if begun else "compensation.over")
