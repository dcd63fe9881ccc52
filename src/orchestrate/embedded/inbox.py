"""Events that were sent to a project: kept first, then looked at by the daemon, each once."""

import json
import sqlite3
from collections.abc import Sequence

from orchestrate.embedded import actions, event_waits, mailbox, presence
from orchestrate.embedded.actions import Action, Author
from orchestrate.embedded.store import Store
from orchestrate.launching.inbox import Arrived, Kept, Settled
from orchestrate.playbook.plan import Json
from orchestrate.triggers.cloud_events import CloudEvent

_KEPT = 10_000
"""Events that are remembered after they were looked at: for lists, and to know repetitions."""
_PAGE = 100


class Inbox:
    """The events of one store. Implements `launching.inbox.Inbox`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, events: Sequence[CloudEvent], now: float, author: Author) -> list[Kept]:
        """Keep them, durably. Wakes the daemon, and whoever runs a step that waits for one."""

        def change(connection: sqlite3.Connection) -> list[Kept]:
            kept = [put_event(connection, event, now) for event in events]
            for event, one in zip(events, kept, strict=True):
                if one.fresh:
                    data: dict[str, Json] = {"source": event.source, "event": event.id}
                    sent = Action("event_emitted", author, event.type, data)
                    actions.record(connection, now, sent)
            return kept

        kept = self._store.writer.call(change)
        if any(one.fresh for one in kept):
            presence.wake(self._store)
        sockets = {waiter.socket for one in kept for waiter in one.waiters if waiter.socket}
        for socket in sorted(sockets):
            mailbox.hint(self._store.directory, socket)
        return kept

    def pending(self) -> list[Arrived]:
        """The next ones that nobody has looked at."""
        return self._select("WHERE state = 'pending' ORDER BY number LIMIT ?", (_PAGE,))

    def settle(self, number: int, came: Settled) -> str:
        """What became of one that triggers looked at, as far as is known: one that started nothing
        is no unmatched one if a step that waits took it, or may still do so.
        """

        def change(connection: sqlite3.Connection) -> str:
            event_waits.take(connection, number, came.workflows)
            row = connection.execute("SELECT workflows FROM inbox WHERE number = ?", (number,))
            taken = row.fetchone() not in (None, ("[]",))
            known, why = came.state, came.reason
            if known == "unmatched" and (taken or event_waits.is_offered(connection, number)):
                known, why = event_waits.TAKEN, ""
            connection.execute(
                "UPDATE inbox SET state = ?, reason = ? WHERE number = ?", (known, why, number)
            )
            connection.execute(
                "DELETE FROM inbox WHERE state <> 'pending' AND number <= "
                "(SELECT max(number) FROM inbox) - ? "
                "AND number NOT IN (SELECT number FROM event_offers)",
                (_KEPT,),
            )
            return known

        return self._store.writer.call(change)

    def unmatched(self, limit: int) -> list[Arrived]:
        """Those that started nothing, newest first."""
        return self._select(
            "WHERE state IN ('unmatched', 'refused') ORDER BY number DESC LIMIT ?", (limit,)
        )

    def try_again(self, author: Author, now: float) -> int:
        """Have those that started nothing looked at once more; how many there are."""

        def change(connection: sqlite3.Connection) -> int:
            count = connection.execute(
                "UPDATE inbox SET state = 'pending', reason = '' "
                "WHERE state IN ('unmatched', 'refused')"
            ).rowcount
            if count:
                retried = Action("events_retried", author, "", {"count": count})
                actions.record(connection, now, retried)
            return count

        count = self._store.writer.call(change)
        presence.wake(self._store)
        return count

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


def put_event(connection: sqlite3.Connection, event: CloudEvent, now: float) -> Kept:
    """Part of a transaction: keep an event, and offer it to the steps that wait for it."""
    body = json.dumps(event._asdict(), ensure_ascii=False)
    done = connection.execute(
        "INSERT INTO inbox (source, id, type, at, body) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (source, id) DO NOTHING",
        (event.source, event.id, event.type, now, body),
    )
    if done.rowcount == 0:
        return Kept(fresh=False)
    waiters = event_waits.offer(connection, int(done.lastrowid or 0), event)
    return Kept(fresh=True, waiters=tuple(waiters))
