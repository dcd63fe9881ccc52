"""The rows of locks and capacity, as the policy and as people see them."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orchestrate.embedded.ownership import Identity, is_lost
from orchestrate.playbook.plan import Json
from orchestrate.workflow.granting import Blocker, Entry
from orchestrate.workflow.ranking import rank

WAITING, HELD, SUSPENDED, AGAIN, REFUSED = "waiting", "held", "suspended", "again", "refused"

_ALL = """
SELECT c.number, c.workflow, w.id, w.state, c.path, c.state, c.since, c.locks, c.resources,
    c.tokens, c.recorded, w.priority, w.owner_pid, w.owner_started, w.owner_boot, w.owner_host,
    w.owner_socket
FROM claims c JOIN workflows w ON w.number = c.workflow ORDER BY c.number
"""
_OWNERS = """
SELECT c.number, c.workflow, w.owner_pid, w.owner_started, w.owner_boot, w.owner_host,
    w.owner_socket
FROM claims c JOIN workflows w ON w.number = c.workflow
WHERE c.state IN ('waiting', 'again') AND c.number > ? ORDER BY c.number LIMIT 20
"""


class ClaimRow(NamedTuple):
    """A claim that is held or waits."""

    entry: Entry
    workflow: str
    workflow_state: str
    state: str
    since: float
    tokens: Mapping[str, int]
    recorded: bool
    owner: Identity | None

    @property
    def holds(self) -> bool:
        """Whether its locks are its own."""
        return self.state in (HELD, SUSPENDED, AGAIN)

    @property
    def waits(self) -> bool:
        """Whether it wants something that it has not."""
        return self.state in (WAITING, AGAIN)

    @property
    def alive(self) -> bool:
        """Whether a process runs its workflow."""
        return self.owner is not None and not is_lost(self.owner)

    def said(self, blocker: Blocker) -> dict[str, Json]:
        """The row as what keeps another one waiting."""
        found: dict[str, Json] = {
            "lock" if blocker.what in self.entry.locks else "resource": blocker.what,
            "workflow": self.workflow,
            "step": self.entry.path,
            "since": self.since,
        }
        if not self.holds:
            found["waits"] = True
        return found


def load(connection: sqlite3.Connection) -> list[ClaimRow]:
    """All of them, in the order in which they came."""
    return [
        ClaimRow(
            Entry(
                row[0], row[1], row[4], json.loads(row[7]), json.loads(row[8]),
                rank=rank(row[11], row[6], row[0])[0],
            ),
            row[2],
            row[3],
            row[5],
            row[6],
            json.loads(row[9]),
            bool(row[10]),
            None if row[12] is None else Identity(*row[12:]),
        )
        for row in connection.execute(_ALL).fetchall()
    ]  # fmt: skip


def first_alive(connection: sqlite3.Connection) -> int | None:
    """The workflow of the oldest claim that waits and whose process lives."""
    last = 0
    while rows := connection.execute(_OWNERS, (last,)).fetchall():
        for _, workflow, *owner in rows:
            if owner[0] is not None and not is_lost(Identity(*owner)):
                return int(workflow)
        last = rows[-1][0]
    return None


class Own(NamedTuple):
    """What became of a claim of one's own workflow."""

    path: str
    state: str
    tokens: Mapping[str, int]
    reason: str
    blockers: Sequence[Mapping[str, Json]]


def own(connection: sqlite3.Connection, workflow: int) -> list[Own]:
    """The claims of one workflow."""
    rows = connection.execute(
        "SELECT path, state, tokens, reason, blockers FROM claims WHERE workflow = ?", (workflow,)
    ).fetchall()
    return [Own(r[0], r[1], json.loads(r[2]), r[3], json.loads(r[4])) for r in rows]


def entries(
    rows: Sequence[ClaimRow], present: int | None = None
) -> tuple[list[Entry], list[Entry]]:
    """Held and waiting, for the policy. A paused workflow waits for nothing, except for `present`,
    which goes on.
    """
    held: list[Entry] = []
    waiting: list[Entry] = []
    for row in rows:
        entry = row.entry
        if row.holds:
            held.append(entry if row.state == HELD else entry._replace(resources={}))
        if row.waits and (row.workflow_state != "paused" or entry.workflow == present):
            waiting.append(entry if row.state == WAITING else entry._replace(locks={}))
    return held, waiting
