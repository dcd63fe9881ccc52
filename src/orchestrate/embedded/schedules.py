"""Schedules in the store. Implements `triggers.schedules.DueSchedules`."""

import json
import sqlite3
import time
from collections.abc import Sequence

from orchestrate.embedded import actions
from orchestrate.embedded.actions import Action, Author
from orchestrate.embedded.store import Store
from orchestrate.errors import NotFoundError
from orchestrate.playbook.plan import Json
from orchestrate.triggers.schedules import Decided, Schedule, due_at, missing, next_due, taken
from orchestrate.triggers.slots import Slot

_KEPT = 1000
"""Slots of one schedule that are remembered."""


class StoredSchedules:
    """All schedules of one store. `author` is who changes them, for the audit."""

    def __init__(self, store: Store, author: Author) -> None:
        self._store = store
        self._author = author

    def put(self, schedule: Schedule, *, replace: bool = False) -> bool:
        """See the port."""

        def change(connection: sqlite3.Connection) -> bool:
            known = _find(connection, schedule.name)
            if known is not None and known.same_as(schedule) and not replace:
                return False
            if known is not None and not replace:
                raise taken(known)
            _write(connection, schedule)
            self._told(connection, "changed" if known is not None else "added", known, schedule)
            return True

        return self._store.writer.call(change)

    def get(self, name: str) -> Schedule:
        """See the port."""
        found = self._store.reading(lambda c: _find(c, name))
        if found is None:
            raise self._missing(name)
        return found

    def all(self) -> Sequence[Schedule]:
        """See the port."""
        return [_schedule(row) for row in self._store.read(f"{_SELECT} ORDER BY name")]

    def enable(self, name: str, *, enabled: bool, now: float) -> None:
        """See the port."""

        def change(connection: sqlite3.Connection) -> bool:
            known = _find(connection, name)
            if known is not None and known.enabled != enabled:
                after = known._replace(enabled=enabled, decided_until=now)
                _write(connection, after)
                self._told(connection, "enabled" if enabled else "disabled", known, after)
            return known is not None

        if not self._store.writer.call(change):
            raise self._missing(name)

    def remove(self, name: str) -> None:
        """See the port."""

        def change(connection: sqlite3.Connection) -> bool:
            known = _find(connection, name)
            if known is not None:
                connection.execute("DELETE FROM slots WHERE schedule = ?", (name,))
                connection.execute("DELETE FROM schedules WHERE name = ?", (name,))
                self._told(connection, "removed", known, None)
            return known is not None

        if not self._store.writer.call(change):
            raise self._missing(name)

    def due(self, now: float) -> tuple[Sequence[Schedule], float | None]:
        """See the port."""
        rows = self._store.read(f"{_SELECT} WHERE next_due <= ? ORDER BY next_due", (now,))
        later = self._store.read("SELECT min(next_due) FROM schedules WHERE next_due > ?", (now,))
        return [_schedule(row) for row in rows], later[0][0]

    def record(self, name: str, decided: Sequence[Decided]) -> None:
        """See the port."""

        def change(connection: sqlite3.Connection) -> None:
            schedule = _find(connection, name)
            if schedule is None:
                return  # removed meanwhile
            connection.executemany(
                "INSERT OR REPLACE INTO slots (schedule, slot, at, outcome, workflow, reason, "
                "decided_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(name, *entry) for entry in map(_columns, decided)],
            )
            _count(connection, schedule, decided)
            until = max(entry.at for entry in decided)
            _write(connection, schedule._replace(decided_until=until))
            connection.execute(
                "DELETE FROM slots WHERE schedule = ? AND at < (SELECT at FROM slots "
                "WHERE schedule = ? ORDER BY at DESC LIMIT 1 OFFSET ?)",
                (name, name, _KEPT - 1),
            )

        if decided:
            self._store.writer.call(change)

    def history(self, name: str, limit: int) -> Sequence[Decided]:
        """See the port."""
        rows = self._store.read(
            "SELECT slot, at, outcome, workflow, reason, decided_at FROM slots "
            "WHERE schedule = ? ORDER BY at DESC LIMIT ?",
            (name, limit),
        )
        return [Decided(*row) for row in rows]

    def _told(
        self, connection: sqlite3.Connection, what: str, before: Schedule | None,
        after: Schedule | None,
    ) -> None:  # fmt: skip
        """Have the audit say what was done."""
        changed = after or before
        assert changed is not None
        author = self._author
        if changed.declared_in is not None:  # by whoever wrote the playbook
            author = author._replace(actor=changed.actor)
        data: dict[str, Json] = {}
        for name, schedule in (("before", before), ("after", after)):
            if schedule is not None:
                data[name] = {**json.loads(_body(schedule)), "enabled": schedule.enabled}
        action = Action(f"{actions.SCHEDULE}{what}", author, changed.name, data)
        actions.record(connection, time.time(), action)

    def _missing(self, name: str) -> NotFoundError:
        return missing(name, [schedule.name for schedule in self.all()])


def _count(connection: sqlite3.Connection, schedule: Schedule, decided: Sequence[Decided]) -> None:
    """Slots are forgotten in time; what metrics tell of them is counted at once."""
    from orchestrate.launching import totals
    from orchestrate.workflow import metrics

    tally = metrics.Tally()
    for entry in decided:
        tally.add(metrics.SLOTS, schedule.name, entry.outcome)
        if entry.outcome == "started":
            late = entry.decided_at - due_at(schedule, Slot(entry.at, entry.slot, ""))
            tally.observe(metrics.LATENESS, late)
    totals.add(connection, tally)


_SELECT = "SELECT body, enabled, decided_until FROM schedules"


def _find(connection: sqlite3.Connection, name: str) -> Schedule | None:
    row = connection.execute(f"{_SELECT} WHERE name = ?", (name,)).fetchone()
    return None if row is None else _schedule(row)


def _schedule(row: tuple[str, int, float]) -> Schedule:
    body, enabled, decided_until = row
    kept = {**json.loads(body), "enabled": bool(enabled), "decided_until": decided_until}
    return Schedule.of(kept)


def _write(connection: sqlite3.Connection, schedule: Schedule) -> None:
    due = next_due(schedule) if schedule.enabled else None
    connection.execute(
        "INSERT INTO schedules (name, body, enabled, decided_until, next_due) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body, "
        "enabled = excluded.enabled, decided_until = excluded.decided_until, "
        "next_due = excluded.next_due",
        (schedule.name, _body(schedule), schedule.enabled, schedule.decided_until, due),
    )


def _body(schedule: Schedule) -> str:
    body = schedule._asdict()
    del body["enabled"], body["decided_until"]
    return json.dumps(body)


def _columns(decided: Decided) -> tuple[object, ...]:
    return (
        decided.slot, decided.at, decided.outcome, decided.workflow, decided.reason,
        decided.decided_at,
    )  # fmt: skip
