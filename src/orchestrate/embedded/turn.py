"""What one turn of a workflow brings: collected, then made durable together."""

import sqlite3
from typing import NamedTuple

from orchestrate.embedded import journal, ownership, requests
from orchestrate.embedded.journal import Batch
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.parking import COMPENSATION
from orchestrate.workflow.program import Attempt


class Turn(NamedTuple):
    """What waits for one commit."""

    events: list[Event]
    attempts: list[Attempt]
    finished: list[int]
    answers: list[tuple[requests.Request, requests.Answer]]
    release: bool


class Writing(NamedTuple):
    """The change that makes a turn durable."""

    batch: Batch
    turn: Turn

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Apply it."""
        journal.append(connection, self.batch)
        for _, given in self.turn.answers:
            requests.answer(connection, given)
        if self.turn.release:
            ownership.release(connection, self.batch.workflow, self.batch.epoch)
            crash_point("release.before")


def pass_compensation(event: Event) -> None:
    """The crash points of a step that is undone, once that is durable."""
    if event.data.get("kind") == COMPENSATION:
        begun = event.type is EventType.STEP_STARTED
        crash_point("compensation.begun" if begun else "compensation.over")
