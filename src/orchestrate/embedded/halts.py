"""What keeps new workflows from beginning at all: somebody's hold, and freezes of the project."""

import json
import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

from orchestrate.embedded import actions
from orchestrate.embedded.actions import Action, Author
from orchestrate.errors import ConflictError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.admitting import FREEZE, Freezes, Halt


class Where(NamedTuple):
    """What a freeze may ask of a workflow. `overrides` is JSON: what is overridden, and why."""

    environment: str
    priority: str
    overrides: str = "{}"


class Hold(NamedTuple):
    """Somebody said that nothing new begins. Times are seconds since the epoch."""

    reason: str
    actor: str
    held_at: float


def find(
    connection: sqlite3.Connection, where: Where, freezes: Freezes | None, now: float
) -> Halt | None:
    """What keeps a new workflow from beginning now."""
    if where.overrides != "{}" and FREEZE in json.loads(where.overrides):
        return None
    hold = current(connection)
    if hold is not None:
        reason = f": {hold.reason}" if hold.reason else ""
        return Halt(f"{hold.actor} holds all new workflows{reason}", None)
    return None if freezes is None else freezes(now, where.environment, where.priority)


def current(connection: sqlite3.Connection) -> Hold | None:
    """The hold that is in force."""
    row = connection.execute(
        "SELECT reason, actor, held_at FROM holds WHERE released_at IS NULL"
    ).fetchone()
    return None if row is None else Hold(*row)


class TakeHold(NamedTuple):
    """A change for the writer: from now on nothing new begins."""

    hold: Hold
    origin: Mapping[str, Json] = {}
    """From where it is said."""

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Apply it. Raises ConflictError if there is one."""
        known = current(connection)
        if known is not None:
            raise ConflictError(
                f"{known.actor} holds all new workflows already"
                + (f": {known.reason}" if known.reason else ""),
                hint="`orchestrate resume --all` lets them begin again.",
            )
        connection.execute("INSERT INTO holds (reason, actor, held_at) VALUES (?, ?, ?)", self.hold)
        reason, actor, at = self.hold
        held = Action("hold_begun", Author(actor, self.origin), "", {"reason": reason})
        actions.record(connection, at, held)


class EndHold(NamedTuple):
    """A change for the writer: new workflows begin again; gives the hold that was in force."""

    actor: str
    now: float
    origin: Mapping[str, Json] = {}

    def __call__(self, connection: sqlite3.Connection) -> Hold:
        """Apply it. Raises ConflictError if there is none."""
        known = current(connection)
        if known is None:
            raise ConflictError(
                "nobody holds new workflows",
                hint="One workflow is continued with `orchestrate resume --workflow ID`.",
            )
        connection.execute(
            "UPDATE holds SET released_at = ?, released_by = ? WHERE released_at IS NULL",
            (self.now, self.actor),
        )
        before: dict[str, Json] = {"actor": known.actor, "reason": known.reason}
        ended = Action("hold_ended", Author(self.actor, self.origin), "", {"before": before})
        actions.record(connection, self.now, ended)
        return known
