"""Becoming the owner of a workflow: one transaction that also records why and what changes."""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orchestrate.embedded import actions, admission, journal, listing, ownership, requests
from orchestrate.embedded.admission import Turned
from orchestrate.embedded.ownership import owned_data
from orchestrate.embedded.runtime import Owned
from orchestrate.errors import ConflictError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.admitting import Rules
from orchestrate.workflow.audit import attributed
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State

NewEvent = tuple[EventType, str, Mapping[str, Json]]


class OvertakenError(ConflictError):
    """Somebody else came first: how the workflow stands has to be looked at once more."""


def _overtaken(row: listing.Row) -> OvertakenError:
    workflow = row.summary.id
    if row.owned and row.owner is not None:
        return OvertakenError(
            f"{workflow} is being resumed by process {row.owner.pid}",
            hint=f"Follow it with `orchestrate logs --workflow {workflow} --follow`.",
        )
    return OvertakenError(
        f"somebody else has changed {workflow} at the same moment",
        hint="Look at it with `orchestrate status` and try again.",
    )


class Claim(NamedTuple):
    """A change for the writer: gives an `Owned`, or a `Turned` if the workflow must queue.

    Raises ConflictError if a living process owns it, or if the journal has moved on since the
    caller looked (`expected` is the number of the last event that it saw).
    """

    number: int
    workflow: str
    me: ownership.Identity
    supervisor: str
    events: Sequence[NewEvent] = ()
    """Appended after `owned`: what the new owner was asked to do."""
    state: State = State.RUNNING
    expected: int | None = None
    rules: Rules | None = None
    """What may keep it waiting, if anything may."""
    plan: int | None = None
    """Another stored plan that it runs from now on."""
    parameters: Mapping[str, Json] | None = None
    """Its parameters from now on, if they change."""
    forced: bool = False
    """Take it from a living owner."""
    origin: Mapping[str, Json] = {}
    """From where `events` were asked for."""
    released: str | None = None
    """Why it is given up with the same commit, if it is."""

    def __call__(self, connection: sqlite3.Connection) -> Owned | Turned:
        """Apply it."""
        row = listing.get(connection, self.workflow)
        if self.expected is not None and row.last_seq != self.expected:
            raise _overtaken(row)
        turned = admission.admit(connection, self.number, self.me, self.rules)
        if turned is not None:
            return turned
        epoch = ownership.claim(connection, self.number, self.me, forced=self.forced)
        # Asked of the owner before us: whoever still waits for an answer asks again.
        requests.withdraw_all(connection, self.number)
        now = time.time()
        taken: NewEvent = (EventType.OWNED, "", owned_data(self.me, epoch, self.supervisor))
        state = row.summary.state
        new = [taken]
        new += [(k, p, attributed(k, d, self.origin, state)) for k, p, d in self.events]
        if self.released is not None:
            new.append((EventType.RELEASED, "", {"epoch": epoch, "reason": self.released}))
        events = [
            Event(seq, now, kind, path, data)
            for seq, (kind, path, data) in enumerate(new, row.last_seq + 1)
        ]
        before = row.summary
        fold = journal.Fold(before.started_at, before.finished_at, before.resume_at)
        journal.append(
            connection,
            journal.Batch(
                self.number, epoch, row.last_seq, events, fold.project(events, self.state)
            ),
        )
        if self.plan is not None:
            connection.execute(
                "UPDATE workflows SET plan = ? WHERE number = ?", (self.plan, self.number)
            )
        if self.parameters is not None:
            connection.execute(
                "UPDATE workflows SET parameters = ? WHERE number = ?",
                (journal.encode(self.parameters), self.number),
            )
        if self.released is not None:
            ownership.release(connection, self.number, epoch)
            actions.anchor(connection, self.number, now, self.released)
        elif self.plan is not None:
            actions.anchor(connection, self.number, now, "another plan")
        return Owned(self.number, self.workflow, epoch, events[-1].seq)
