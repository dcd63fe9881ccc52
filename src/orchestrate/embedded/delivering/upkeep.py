"""Deliveries for people: which wait or failed, trying them at once, giving them up."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from orchestrate.embedded.actions import Action, Author, record
from orchestrate.embedded.delivering.queue import SELECT, delivery_of
from orchestrate.launching.deliveries import DELIVERED, Delivery, Tally, no_delivery, was_delivered

if TYPE_CHECKING:
    from orchestrate.embedded.engine import EmbeddedEngine

RETRIED, DROPPED = "delivery_retried", "delivery_dropped"
"""Actions for the audit; the subject is the delivery's key."""

_COUNTED = (
    "SELECT w.playbook, d.integration, d.state, count(*), max(d.settled_at) "
    "FROM deliveries d JOIN workflows w ON w.number = d.workflow GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
)
_FAILING = (
    f"{SELECT} JOIN (SELECT max(x.number) AS newest FROM deliveries x "
    "JOIN workflows y ON y.number = x.workflow WHERE x.error <> '' "
    "AND x.state IN ('waiting', 'refused', 'given_up') GROUP BY y.playbook, x.integration) "
    "ON d.number = newest"
)
_AGAIN = "UPDATE deliveries SET state = 'waiting', next_at = ?, since = ?, settled_at = NULL"


class StoredDeliveries:
    """Implements `launching.deliveries.Deliveries` over a store."""

    def __init__(self, engine: "EmbeddedEngine") -> None:
        self._engine = engine

    def find(
        self, states: Sequence[str], limit: int, workflow: str | None = None
    ) -> list[Delivery]:
        """See the port."""
        if workflow is not None:
            self._engine.get(workflow)
        if not self._engine.has_store:
            return []
        marks = ", ".join("?" * len(states))
        which, more = ("", ()) if workflow is None else (" AND w.id = ?", (workflow,))
        rows = self._engine.store.read(
            f"{SELECT} WHERE d.state IN ({marks}){which} ORDER BY d.number DESC LIMIT ?",
            (*states, *more, limit),
        )
        return [delivery_of(row) for row in reversed(rows)]

    def counts(self) -> Mapping[str, int]:
        """See the port."""
        return dict(
            self._engine.store.read("SELECT state, count(*) FROM deliveries GROUP BY state")
        )

    def tallies(self) -> list[Tally]:
        """See the port."""
        if not self._engine.has_store:
            return []
        found: dict[tuple[str, str], Tally] = {}
        for playbook, integration, state, count, settled_at in self._engine.store.read(_COUNTED):
            which = playbook, integration
            known = found.get(which) or Tally(*which, {}, None, None)
            found[which] = known._replace(
                counts={**known.counts, state: count},
                delivered_at=settled_at if state == DELIVERED else known.delivered_at,
            )
        for failing in map(delivery_of, self._engine.store.read(_FAILING)):
            which = failing.playbook, failing.integration
            found[which] = found[which]._replace(failing=failing)
        return list(found.values())

    def retry(self, key: str | None, author: Author, now: float) -> int:
        """See the port."""
        found = None if key is None else self._open(key)

        def apply(connection: sqlite3.Connection) -> int:
            if found is None:
                done = connection.execute(
                    f"{_AGAIN} WHERE state IN ('waiting', 'refused', 'given_up')", (now, now)
                )
            else:
                done = connection.execute(f"{_AGAIN} WHERE number = ?", (now, now, found.number))
            if done.rowcount:
                data = {"before": {"state": found.state}} if found is not None else {}
                record(connection, now, Action(RETRIED, author, key or "all", data))
            return done.rowcount

        return self._engine.store.writer.call(apply)

    def drop(self, key: str, author: Author, now: float) -> None:
        """See the port."""
        found = self._open(key)

        def apply(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE deliveries SET state = 'dropped', settled_at = ? WHERE number = ?",
                (now, found.number),
            )
            data = {"before": {"state": found.state}}
            record(connection, now, Action(DROPPED, author, key, data))

        self._engine.store.writer.call(apply)

    def _open(self, key: str) -> Delivery:
        """The delivery with that key, if it was not delivered."""
        workflow, _, rest = key.partition("/")
        seq, _, integration = rest.partition("/")
        rows = self._engine.store.read(
            f"{SELECT} WHERE w.id = ? AND d.seq = ? AND d.integration = ?",
            (workflow, int(seq) if seq.isdecimal() and len(seq) < 18 else -1, integration),
        )
        if not rows:
            raise no_delivery(key)
        found = delivery_of(rows[0])
        if found.state == DELIVERED:
            raise was_delivered(key)
        return found
