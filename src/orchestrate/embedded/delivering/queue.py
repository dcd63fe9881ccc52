"""The queue of deliveries, as whoever delivers sees it: what is next, and what became of it."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from orchestrate.embedded import database
from orchestrate.embedded.store import Store
from orchestrate.launching import totals
from orchestrate.launching.deliveries import Delivery, Remembered
from orchestrate.playbook.plan import Json
from orchestrate.workflow import metrics

_COLUMNS = (
    "d.number, w.id, d.seq, d.integration, d.channel, d.kind, d.recovered, d.at, d.since, d.state, "
    "d.attempts, d.next_at, d.error, d.held, d.settled_at, w.playbook"
)
SELECT = f"SELECT {_COLUMNS} FROM deliveries d JOIN workflows w ON w.number = d.workflow"
"""What rows are made of; the deliveries are `d`, their workflows `w`."""
_MEMORIES_KEPT = 400 * 86_400.0
"""Seconds after which nobody comes back to what a service remembered."""


def delivery_of(row: Sequence[Any]) -> Delivery:
    """The delivery of a row of `SELECT`."""
    found = Delivery(*row)
    return found._replace(recovered=bool(found.recovered), held=tuple(json.loads(row[13])))


class DeliveryQueue:
    """The queue of one store. Reads are done in the caller's thread."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # What is next

    def heads(self) -> list[Delivery]:
        """The first delivery that waits in each channel, due or not."""
        found: list[Delivery] = []
        channel = ""
        while True:
            rows = self._store.read(
                f"{SELECT} WHERE d.state = 'waiting' AND d.channel > ? "
                "ORDER BY d.channel, d.number LIMIT 1",
                (channel,),
            )
            if not rows:
                return found
            found.append(delivery_of(rows[0]))
            channel = found[-1].channel

    def head(self, channel: str) -> Delivery | None:
        """The first delivery that waits in a channel."""
        rows = self._store.read(
            f"{SELECT} WHERE d.state = 'waiting' AND d.channel = ? ORDER BY d.number LIMIT 1",
            (channel,),
        )
        return delivery_of(rows[0]) if rows else None

    def memory(self, channel: str, scope: str) -> Mapping[str, Json]:
        """What was remembered there. Any thread may ask: it has a connection of its own."""
        reader = database.connect(self._store.directory, read_only=True)
        try:
            rows = reader.execute(
                "SELECT body FROM delivery_memories WHERE channel = ? AND scope = ?",
                (channel, scope),
            ).fetchall()
        finally:
            reader.close()
        body: Mapping[str, Json] = json.loads(rows[0][0]) if rows else {}
        return body

    def version(self) -> int:
        """Changes when another process has written something."""
        return self._store.data_version()

    # What became of it

    def delivered(self, number: int, now: float, remembered: Remembered) -> None:
        """It was taken."""

        def apply(connection: sqlite3.Connection) -> None:
            self._remember(connection, number, now, remembered)
            _settle(connection, number, "delivered", now, "")

        self._store.writer.call(apply)

    def failed(
        self, number: int, error: str, next_at: float, remembered: Remembered | None = None,
        *, now: float, held: Collection[str] = (),
    ) -> None:  # fmt: skip
        """It was not taken this time."""

        def apply(connection: sqlite3.Connection) -> None:
            self._remember(connection, number, now, remembered)
            connection.execute(
                "UPDATE deliveries SET attempts = attempts + 1, next_at = ?, error = ?, held = ? "
                "WHERE number = ? AND state = 'waiting'",
                (next_at, error, json.dumps(sorted(held)), number),
            )

        self._store.writer.call(apply)

    def refused(self, number: int, error: str, now: float, *, state: str = "refused") -> None:
        """It is not tried again."""
        self._store.writer.call(lambda c: _settle(c, number, state, now, error))

    def release(self, variables: Collection[str], now: float) -> None:
        """What waits for environment variables that are set here is due."""
        rows = self._store.read(
            "SELECT DISTINCT held FROM deliveries WHERE state = 'waiting' AND held <> '[]'"
        )
        for (held,) in rows:
            if set(json.loads(held)) <= set(variables):
                self._store.writer.call(
                    lambda c, held=held: c.execute(
                        "UPDATE deliveries SET next_at = ? WHERE state = 'waiting' AND held = ?",
                        (now, held),
                    )
                )

    def forget_memories(self, now: float) -> None:
        """Remove what nobody has come back to for long."""
        self._store.writer.call(
            lambda c: c.execute(
                "DELETE FROM delivery_memories WHERE at < ?", (now - _MEMORIES_KEPT,)
            )
        )

    @staticmethod
    def _remember(
        connection: sqlite3.Connection, number: int, now: float, remembered: Remembered | None
    ) -> None:
        if remembered is None:
            return
        connection.execute(
            "INSERT INTO delivery_memories (channel, scope, body, at) "
            "SELECT channel, ?, ?, ? FROM deliveries WHERE number = ? "
            "ON CONFLICT (channel, scope) DO UPDATE SET body = excluded.body, at = excluded.at",
            (remembered.scope, json.dumps(remembered.body), now, number),
        )


def _settle(
    connection: sqlite3.Connection, number: int, state: str, now: float, error: str
) -> None:
    done = connection.execute(
        "UPDATE deliveries SET state = ?, settled_at = ?, error = ?, held = '[]', "
        "attempts = attempts + (? <> 'delivered') WHERE number = ? AND state = 'waiting' "
        "RETURNING integration",
        (state, now, error, state, number),
    ).fetchone()
    if done is not None:
        tally = metrics.Tally()
        tally.add(metrics.DELIVERED, done[0], state)
        totals.add(connection, tally)
