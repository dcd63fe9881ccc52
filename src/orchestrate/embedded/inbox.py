"""Events that were sent to a project: kept first, then looked at by the daemon, each once."""

import json
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from orchestrate.embedded import mailbox
from orchestrate.embedded.store import Store
from orchestrate.triggers.cloud_events import CloudEvent

_KEPT = 10_000
"""Events that are remembered after they were looked at: for lists, and to know repetitions."""
_PAGE = 100
_DAEMON = "daemon_socket"


class Arrived(NamedTuple):
    """An event as it is kept. `state`: pending, started, unmatched, refused or ignored."""

    number: int
    at: float
    event: CloudEvent
    state: str
    reason: str
    workflows: tuple[str, ...]


class Inbox:
    """The events of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, events: Sequence[CloudEvent], now: float) -> list[bool]:
        """Keep them, durably; False for those that came before. Wakes the daemon."""

        def change(connection: sqlite3.Connection) -> list[bool]:
            return [put_event(connection, event, now) for event in events]

        fresh = self._store.writer.call(change)
        if any(fresh):
            self._wake()
        return fresh

    def pending(self) -> list[Arrived]:
        """The next ones that nobody has looked at."""
        return self._select("WHERE state = 'pending' ORDER BY number LIMIT ?", (_PAGE,))

    def settle(self, number: int, state: str, workflows: Sequence[str], reason: str) -> None:
        """What became of one."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE inbox SET state = ?, workflows = ?, reason = ? WHERE number = ?",
                (state, json.dumps(list(workflows)), reason, number),
            )
            connection.execute(
                "DELETE FROM inbox WHERE state <> 'pending' AND number <= "
                "(SELECT max(number) FROM inbox) - ?",
                (_KEPT,),
            )

        self._store.writer.call(change)

    def unmatched(self, limit: int) -> list[Arrived]:
        """Those that started nothing, newest first."""
        return self._select(
            "WHERE state IN ('unmatched', 'refused') ORDER BY number DESC LIMIT ?", (limit,)
        )

    def try_again(self) -> int:
        """Have those that started nothing looked at once more; how many there are."""

        def change(connection: sqlite3.Connection) -> int:
            return connection.execute(
                "UPDATE inbox SET state = 'pending', reason = '' "
                "WHERE state IN ('unmatched', 'refused')"
            ).rowcount

        count = self._store.writer.call(change)
        self._wake()
        return count

    def listen(self, socket: str) -> None:
        """From now on this socket is woken when something arrives."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO facts (name, value) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (_DAEMON, socket),
            )

        self._store.writer.call(change)

    def _wake(self) -> None:
        rows = self._store.read("SELECT value FROM facts WHERE name = ?", (_DAEMON,))
        if rows:
            mailbox.hint(self._store.directory, str(rows[0][0]))

    def _select(self, where: str, arguments: tuple[object, ...]) -> list[Arrived]:
        rows = self._store.read(
            f"SELECT number, at, body, state, reason, workflows FROM inbox {where}", arguments
        )
        return [
            Arrived(
                number, at, CloudEvent(**json.loads(body)), state, reason,
                tuple(json.loads(workflows)),
            )
            for number, at, body, state, reason, workflows in rows
        ]  # fmt: skip


def put_event(connection: sqlite3.Connection, event: CloudEvent, now: float) -> bool:
    """Part of a transaction: keep an event; False if it came before."""
    body = json.dumps(event._asdict(), ensure_ascii=False)
    done = connection.execute(
        "INSERT INTO inbox (source, id, type, at, body) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (source, id) DO NOTHING",
        (event.source, event.id, event.type, now, body),
    )
    return done.rowcount == 1
