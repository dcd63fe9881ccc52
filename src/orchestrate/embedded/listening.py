"""The events for which a workflow waits that this process runs: what a turn wants, what came."""

import sqlite3
from typing import TYPE_CHECKING

from orchestrate.processes.supervising.crash import crash_point
from orchestrate.workflow.program import Awaited

if TYPE_CHECKING:
    from orchestrate.embedded.event_waits import Wanted
    from orchestrate.workflow.execution import Execution


class Listening:
    """Collects what the core asks, and brings it the events."""

    def __init__(self) -> None:
        self._wanted: Wanted | None = None
        self._asked: set[str] = set()
        self._open: set[str] = set()
        """Those of them that are durable: what is offered to them arrived since they wait."""
        self._seen: set[tuple[str, int]] = set()
        """Offers that were looked at; the store may not know yet."""

    @property
    def wanted(self) -> bool:
        """Whether this turn wants anything."""
        return self._wanted is not None

    @property
    def waits(self) -> bool:
        """Whether any event is waited for."""
        return bool(self._open)

    def take(self) -> "Wanted | None":
        """What the turn wants; the next one starts afresh."""
        wanted, self._wanted = self._wanted, None
        return wanted

    def _changes(self) -> "Wanted":
        if self._wanted is None:
            # Loaded only when needed: most workflows wait for no event.
            from orchestrate.embedded.event_waits import Wanted

            self._wanted = Wanted()
        return self._wanted

    def begin(self, awaited: Awaited) -> None:
        """See `Runtime.await_event`."""
        self._changes().awaited.append(awaited)
        self._asked.add(awaited.path)

    def end(self, path: str) -> None:
        """See `Runtime.forget_event`."""
        wanted = self._changes()
        wanted.awaited = [awaited for awaited in wanted.awaited if awaited.path != path]
        wanted.over.append(path)
        self._asked.discard(path)
        self._open.discard(path)
        self._seen = {seen for seen in self._seen if seen[0] != path}

    def begun(self, wanted: "Wanted") -> bool:
        """The turn is durable; whether any wait began with it."""
        begun = {awaited.path for awaited in wanted.awaited} & self._asked
        self._open |= begun
        return bool(begun)

    def look(self, connection: sqlite3.Connection, workflow: int, execution: "Execution") -> None:
        """Somebody hinted, or it is time to look anyway."""
        from orchestrate.embedded import event_waits

        for offer in event_waits.offers(connection, workflow):
            key = offer.path, offer.number
            if key in self._seen or offer.path not in self._open:
                continue
            self._seen.add(key)
            if execution.event_arrived(offer.path, offer.event.to_json()):
                self._changes().taken.append(offer.number)
                crash_point("event.taken")
            else:
                self._changes().kept_back.append(key)
