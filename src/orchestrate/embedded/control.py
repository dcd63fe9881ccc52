"""Pause, cancel and complete: asked of the process that runs the workflow, or done here if none
does. Each is one compare-and-set, so in any interleaving one of them wins and the others are told.
"""

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from orchestrate.embedded import admission, journal, listing
from orchestrate.embedded.claims import Claim, NewEvent
from orchestrate.embedded.hosting import Hosting
from orchestrate.embedded.listing import FINAL, Row
from orchestrate.embedded.turn import gone
from orchestrate.embedded.waiting import ask
from orchestrate.errors import ConflictError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import EventType
from orchestrate.workflow.history import History
from orchestrate.workflow.outcomes import State

_TRIES = 10
_ENDING = (
    EventType.CANCEL_REQUESTED,
    EventType.COMPLETION_REQUESTED,
    EventType.WORKFLOW_TIMED_OUT,
)


class Finish(Protocol):
    """Runs a workflow that was claimed with these events until nothing of it is left to do."""

    def __call__(self, row: Row, events: Sequence[NewEvent], *, until_paused: bool = False) -> None:
        """Own it; with `until_paused`, let go as soon as it is paused."""
        ...


class Control:
    """The verbs of one engine."""

    def __init__(self, hosting: Hosting, finish: Finish) -> None:
        self._hosting = hosting
        self._store = hosting.store
        self._finish = finish

    @property
    def origin(self) -> Mapping[str, Json]:
        """From where this process asks."""
        return self._hosting.services.origin

    def row(self, workflow: str) -> Row:
        """The workflow's row."""
        return self._store.reading(lambda c: listing.get(c, workflow))

    def ask(
        self, workflow: str, verb: str, arguments: Mapping[str, Json],
        unowned: Callable[[Row], Json],
    ) -> Json:  # fmt: skip
        """Ask the owner or, if there is none, do it here; try again if that changed meanwhile."""
        for _ in range(_TRIES):
            row = self.row(workflow)
            if row.summary.state in FINAL:
                raise ConflictError(
                    f"{workflow} has ended: {row.summary.state}",
                    hint=f"`orchestrate status --workflow {workflow}` shows how.",
                )
            if not row.owned:
                return unowned(row)
            reply = ask(self._hosting, row, verb, arguments)
            if reply is not None:
                return reply.value
        raise ConflictError(f"{workflow} keeps changing hands", hint="Try again in a moment.")

    def pause(
        self, workflow: str, *, actor: str, reason: str, now: bool, checkpoint: bool,
        resume_after: float | None,
    ) -> str | None:  # fmt: skip
        """See `Engine.pause`."""
        resume_at = None if resume_after is None else time.time() + resume_after
        data: dict[str, Json] = {"actor": actor, "now": now, "checkpoint": checkpoint}
        if reason:
            data["reason"] = reason
        if resume_at is not None:
            data["resume_at"] = resume_at

        def unowned(row: Row) -> Json:
            if row.summary.state is not State.RUNNING:
                raise ConflictError(
                    f"{workflow} is {row.summary.state}: there is nothing to pause",
                    hint="Only a running workflow can be paused.",
                )
            history = History(journal.read(self._store.reader, row.number))
            if history.pause is not None:
                raise ConflictError(f"{workflow} is paused already", hint="Resume it first.")
            identity = f"CP-{history.checkpoints + 1}" if checkpoint else None
            requested: NewEvent = (
                EventType.PAUSE_REQUESTED, "", {**data, "checkpoint": identity or False},
            )  # fmt: skip
            if now:
                self._finish(row, (requested,), until_paused=True)
            elif any(start.event is not None for start in history.starts.values()):
                # A step may still run under its supervisor. It stays `running` without an owner:
                # whoever takes it over next records the end of the step, then the pause.
                self.record(row, (requested,), State.RUNNING)
            else:
                events: list[NewEvent] = [requested]
                if identity is not None:
                    events.append((EventType.CHECKPOINT, "", {"id": identity, "name": "pause"}))
                self.record(row, (*events, (EventType.PAUSED, "", {})), State.PAUSED)
            return identity

        answer = self.ask(workflow, "pause", data, unowned)
        return answer if isinstance(answer, str) else None

    def cancel(self, workflow: str, *, actor: str, reason: str, once: bool = False) -> None:
        """See `Engine.cancel`. `once`: not again if it is being ended already."""
        asked: dict[str, Json] = {"actor": actor, "reason": reason}

        def unowned(row: Row) -> Json:
            ending = self._ending_before(row)
            if once and ending:
                return None
            event: NewEvent = (EventType.CANCEL_REQUESTED, "", {**asked, "hard": ending})
            self._end(row, event, State.CANCELLED, actor)
            return None

        self.ask(workflow, "cancel", {**asked, "once": once}, unowned)

    def complete(self, workflow: str, *, actor: str, force: bool, reason: str) -> None:
        """See `Engine.complete`."""
        asked: dict[str, Json] = {"actor": actor, "reason": reason}
        row = self.row(workflow)
        if not force and row.summary.state not in FINAL:
            raise ConflictError(
                f"steps of {workflow} run or remain",
                hint="Wait until it ends, or end it now with --force.",
            )

        def unowned(row: Row) -> Json:
            event: NewEvent = (EventType.COMPLETION_REQUESTED, "", asked)
            self._end(row, event, State.COMPLETED, actor)
            return None

        self.ask(workflow, "complete", asked, unowned)

    def _end(self, row: Row, request: NewEvent, state: State, actor: str) -> None:
        """End a workflow that nobody runs."""
        if row.summary.state is State.QUEUED or row.summary.finished_at is not None:
            # Nothing of it runs, or ever ran: there is nothing to stop or to clean up.
            ended: NewEvent = (EventType.WORKFLOW_FINISHED, "", {"state": state})
            self.record(row, (request, ended), state)
        elif row.summary.state is State.PAUSED:
            unpaused: NewEvent = (EventType.UNPAUSED, "", {"actor": actor, "automatic": False})
            self._finish(row, (request, unpaused))
        else:
            self._finish(row, (request,))

    def record(self, row: Row, events: Sequence[NewEvent], state: State) -> None:
        """Write events for a workflow that nobody runs, as its owner for one transaction."""
        claim = Claim(
            row.number, row.summary.id, self._hosting.identity, "", events,
            state=state, expected=row.last_seq, origin=self.origin,
            released="recorded",
        )  # fmt: skip

        def change(connection: sqlite3.Connection) -> list[str]:
            waiting = admission.waiter(connection, row.number)
            claim(connection)
            woken = [] if waiting is None else [waiting.socket]
            return [*woken, *self._give_back(connection, row, state)]

        for socket in self._store.writer.call(change):
            self._hosting.mailbox.wake(socket)

    def _give_back(self, connection: sqlite3.Connection, row: Row, state: State) -> tuple[str, ...]:
        """What a workflow held that has ended, or its capacity if it is paused; whom to hint to."""
        wanted = gone(connection, row.number)
        if wanted is None or state not in (*FINAL, State.PAUSED):
            return ()
        from orchestrate.embedded import granting

        wanted.gone, wanted.suspend = state in FINAL, state is State.PAUSED
        capacity = self._hosting.services.capacity
        return granting.apply(connection, row.number, wanted, capacity, time.time()).wake

    def _ending_before(self, row: Row) -> bool:
        """Whether it is being ended already, since it was last resumed."""
        found = self._store.read(
            "SELECT type FROM events WHERE workflow = ? AND type IN (?, ?, ?, ?) "
            "ORDER BY seq DESC LIMIT 1",
            (row.number, *_ENDING, EventType.RESUMED),
        )
        return bool(found) and found[0][0] in _ENDING
