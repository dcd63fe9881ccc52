"""What is different in a store, beside journals, for those who look again and again: a look takes
some tens of microseconds, and says only of what kind it is.
"""

import sqlite3

from orchestrate.embedded.store import Store

_KINDS = {
    "hold": "hold",
    "schedule": "schedules",
    "delivery": "deliveries",
    "playbook": "playbooks",
    "token": "tokens",
    "checkpoint": "audit",
}
"""What actions are about, by the first word of their names."""


class News:
    """One reader, in one thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._action = self._store.reading(_last_action)
        self._deliveries = self._store.reading(_open_deliveries)

    def look(self) -> set[str]:
        """What is different since the last look: hold, schedules, deliveries, playbooks, tokens,
        audit.
        """
        names = self._store.read(
            "SELECT number, action FROM actions WHERE number > ? ORDER BY number", (self._action,)
        )
        deliveries = self._store.reading(_open_deliveries)
        found = {_KINDS[kind] for _, name in names if (kind := name.partition("_")[0]) in _KINDS}
        if deliveries != self._deliveries:
            found.add("deliveries")
        self._action = names[-1][0] if names else self._action
        self._deliveries = deliveries
        return found


def _last_action(connection: sqlite3.Connection) -> int:
    (found,) = connection.execute("SELECT coalesce(max(number), 0) FROM actions").fetchone()
    return found


def _open_deliveries(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Those that are still tried: how many, how often they failed, the last one."""
    return connection.execute(
        "SELECT count(*), coalesce(sum(attempts), 0), coalesce(max(number), 0) "
        "FROM deliveries WHERE state = 'waiting'"
    ).fetchone()
