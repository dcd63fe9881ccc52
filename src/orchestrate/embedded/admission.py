"""Who may begin on one state directory, and who waits for what.

Everybody who starts or continues a workflow asks here, in the transaction that makes it the owner;
so does the owner of a paused workflow before it goes on, for a pause gives the place back. Whoever
must wait leaves its address; the one that ends wakes the next. A waiter that died drops out.

Three things keep a workflow waiting: a hold or freeze (new ones only), another one of its
concurrency group, and that as many run as may at once. Who waits for one of the first two is in
nobody's way. The order is that of `workflow/ranking.py`.
"""

import sqlite3
import time
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from orchestrate.embedded import halts
from orchestrate.embedded.ownership import Identity, is_lost
from orchestrate.workflow.admitting import Rules
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.ranking import rank

_PAGE = 100
_RUNNING = """
SELECT number, owner_pid, owner_started, owner_boot, owner_host, owner_socket FROM workflows
WHERE owner_pid IS NOT NULL AND state = 'running' AND number <> ?
"""
_CANDIDATE = """
SELECT w.number, w.id, w.state, w.environment, w.priority, w.concurrency, w.overlap, w.overrides,
    coalesce(q.since, CASE w.state WHEN 'queued' THEN w.created_at END), q.rank
FROM workflows w LEFT JOIN waiters q ON q.workflow = w.number WHERE w.number = ?
"""
_WAITING = """
SELECT w.number, w.id, w.state, w.environment, w.priority, w.concurrency, w.overlap, w.overrides,
    q.since, q.rank, q.pid, q.started, q.boot, q.host, q.socket
FROM waiters q JOIN workflows w ON w.number = q.workflow
WHERE (q.rank, q.workflow) > (?, ?) ORDER BY q.rank, q.workflow LIMIT ?
"""
_STARTED = """
SELECT number, id, state, owner_pid, owner_started, owner_boot, owner_host, owner_socket
FROM workflows WHERE concurrency = ? AND number <> ?
    AND state IN ('running', 'paused', 'waiting', 'needs_attention') ORDER BY number
"""
_HOLDING = frozenset({State.RUNNING, State.PAUSED, State.WAITING, State.NEEDS_ATTENTION})
"""States in which a workflow has its group already."""


class Turned(NamedTuple):
    """Not yet. `ahead` are the processes of which one must end or give up first; `until` is when to
    look again in any case (seconds since the epoch).
    """

    ahead: tuple[Identity, ...]
    reason: str
    until: float | None = None
    cancels: tuple[str, ...] = ()
    """Earlier workflows of its group, which it is to cancel."""


class Candidate(NamedTuple):
    """A workflow that wants to begin or go on."""

    number: int
    id: str
    state: str
    environment: str
    priority: str
    group: str | None
    overlap: str | None
    overrides: str
    since: float | None
    rank: float | None

    def place(self, now: float) -> tuple[float, int]:
        """Its place in the queue."""
        if self.rank is not None:
            return self.rank, self.number
        return rank(self.priority, now if self.since is None else self.since, self.number)


class Place(NamedTuple):
    """A change for the writer: an owned workflow that was paused may run again, or queues."""

    workflow: int
    epoch: int
    me: Identity
    rules: Rules

    def __call__(self, connection: sqlite3.Connection) -> Turned | None:
        """Apply it."""
        turned = admit(connection, self.workflow, self.me, self.rules)
        if turned is None:
            # The place is taken with this commit; the event that says so follows.
            connection.execute(
                "UPDATE workflows SET state = 'running' WHERE number = ? AND epoch = ?",
                (self.workflow, self.epoch),
            )
        return turned


def admit(
    connection: sqlite3.Connection, workflow: int, me: Identity, rules: Rules | None
) -> Turned | None:
    """None if the workflow may run now; otherwise it waits in the queue. Without `rules` it is not
    asked for: somebody ends it, say.
    """
    if rules is None:
        return None
    turned = look(connection, workflow, rules)
    if turned is None:
        leave(connection, workflow)
    else:
        enter(connection, workflow, me, turned.reason)
    return turned


def look(connection: sqlite3.Connection, workflow: int, rules: Rules) -> Turned | None:
    """Whether it would have to wait, and for what."""
    now = time.time()
    row = connection.execute(_CANDIDATE, (workflow,)).fetchone()
    candidate = Candidate(*row)
    halt = _halt(connection, candidate, rules, now)
    if halt is not None:
        return Turned((), halt.reason, halt.until)
    if candidate.group is not None and candidate.state not in _HOLDING:
        turned = _in_the_way(connection, candidate, rules, now)
        if turned is not None:
            return turned
    return None if rules.places is None else _places(connection, candidate, rules, now)


def _halt(
    connection: sqlite3.Connection, candidate: Candidate, rules: Rules, now: float
) -> halts.Halt | None:
    if candidate.state != State.QUEUED:
        return None
    where = halts.Where(candidate.environment, candidate.priority, candidate.overrides)
    return halts.find(connection, where, rules.freezes, now)


def _in_the_way(
    connection: sqlite3.Connection, candidate: Candidate, rules: Rules, now: float
) -> Turned | None:
    """Others of its group: those that have begun, and those whose turn is before."""
    if candidate.overlap == "allow":
        return None
    assert candidate.group is not None
    found: list[tuple[str, int, Identity | None]] = []
    for number, name, _, *owner in members(connection, candidate.group, candidate.number):
        found.append((name, number, None if owner[0] is None else Identity(*owner)))
    free = _Free(connection, rules, now)
    for other, identity in _before(connection, candidate):
        if other.group != candidate.group:
            continue
        if candidate.overlap == "cancel_previous":
            before = not is_lost(identity)
        else:
            before = not found and free.takes(other, identity)
        if before:
            found.append((other.id, other.number, identity))
    if not found:
        return None
    cancels: tuple[str, ...] = ()
    if candidate.overlap == "cancel_previous":
        cancels = tuple(name for name, number, _ in found if number < candidate.number)
    names = ", ".join(name for name, _, _ in found[:3]) + (" …" if len(found) > 3 else "")
    reason = f"{names} of the group {candidate.group} is not over"
    ahead = tuple(owner for _, _, owner in found if owner is not None)
    return Turned(ahead, reason, None, cancels)


def members(connection: sqlite3.Connection, group: str, but: int) -> list[tuple[int, str, str]]:
    """Workflows of a group that have begun and are not over: number, id, state, then the owner's
    columns.
    """
    return connection.execute(_STARTED, (group, but)).fetchall()


def _places(
    connection: sqlite3.Connection, candidate: Candidate, rules: Rules, now: float
) -> Turned | None:
    """Only as many processes are looked at as may run at once, so that a queue of hundreds costs no
    more than one of ten.
    """
    ahead: list[Identity] = []
    for identity in _occupying(connection, candidate, rules, now):
        ahead.append(identity)
        if len(ahead) == rules.places:
            what = "workflow runs or comes" if rules.places == 1 else "workflows run or come"
            reason = f"{rules.places} {what} first, as many as may run at once"
            return Turned(tuple(ahead), reason)
    return None


def _occupying(
    connection: sqlite3.Connection, candidate: Candidate, rules: Rules, now: float
) -> Iterator[Identity]:
    for row in connection.execute(_RUNNING, (candidate.number,)).fetchall():
        identity = Identity(*row[1:])
        if not is_lost(identity):
            yield identity
    free = _Free(connection, rules, now)
    for other, identity in _before(connection, candidate):
        if free.takes(other, identity):
            yield identity


class _Free:
    """Goes through waiters in order and says which of them could begin if there were places."""

    def __init__(self, connection: sqlite3.Connection, rules: Rules, now: float) -> None:
        self._connection = connection
        self._rules = rules
        self._now = now
        self._taken: dict[str, bool] = {}

    def takes(self, waiter: Candidate, identity: Identity) -> bool:
        """Whether this one could; then its group is taken for those behind. Whether its process
        lives is asked last, for that costs most.
        """
        group = None if waiter.overlap == "allow" or waiter.state in _HOLDING else waiter.group
        if group is not None:
            if group not in self._taken:
                self._taken[group] = bool(members(self._connection, group, waiter.number))
            if self._taken[group]:
                return False
        if _halt(self._connection, waiter, self._rules, self._now) or is_lost(identity):
            return False
        if group is not None:
            self._taken[group] = True
        return True


def _before(
    connection: sqlite3.Connection, candidate: Candidate
) -> Iterator[tuple[Candidate, Identity]]:
    """Who waits and has its turn before, in order."""
    mine = candidate.place(time.time())
    for other, identity in queue(connection):
        if (other.rank or 0.0, other.number) >= mine:
            return
        if other.number != candidate.number:
            yield other, identity


def queue(connection: sqlite3.Connection) -> Iterator[tuple[Candidate, Identity]]:
    """Everybody who waits, in order."""
    after: tuple[float, int] = (float("-inf"), 0)
    while True:
        rows = connection.execute(_WAITING, (*after, _PAGE)).fetchall()
        for row in rows:
            yield Candidate(*row[:10]), Identity(*row[10:])
        if len(rows) < _PAGE:
            return
        after = rows[-1][9], rows[-1][0]


def enter(connection: sqlite3.Connection, workflow: int, me: Identity, reason: str = "") -> None:
    """Wait in the queue; whoever waits there already keeps its place."""
    candidate = Candidate(*connection.execute(_CANDIDATE, (workflow,)).fetchone())
    since = candidate.since
    if candidate.rank is None:
        # A clock that was set back lets nobody in front of those who came before.
        last = connection.execute(
            "SELECT max(since) FROM waiters WHERE workflow < ?", (workflow,)
        ).fetchone()[0]
        since = max(time.time() if since is None else since, last or 0.0)
    assert since is not None
    place = rank(candidate.priority, since, workflow)[0]
    connection.execute(
        "INSERT OR REPLACE INTO waiters (workflow, pid, started, boot, host, socket, since, rank) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (workflow, *me, since, place),
    )
    if reason:
        connection.execute(
            "UPDATE workflows SET reason = ? WHERE number = ? AND state = 'queued'",
            (reason, workflow),
        )


def leave(connection: sqlite3.Connection, workflow: int) -> None:
    """Wait no longer."""
    connection.execute("DELETE FROM waiters WHERE workflow = ?", (workflow,))
    connection.execute(
        "UPDATE workflows SET reason = '' WHERE number = ? AND state = 'queued' AND reason <> ''",
        (workflow,),
    )


def next_waiters(connection: sqlite3.Connection, rules: Rules) -> list[str]:
    """Addresses of those that may be able to begin, now that something has ended."""
    return [identity.socket for _, identity in _next(connection, rules)]


def next_numbers(connection: sqlite3.Connection, rules: Rules) -> list[int]:
    """The workflows that may be able to begin."""
    return [candidate.number for candidate, _ in _next(connection, rules)]


def _next(connection: sqlite3.Connection, rules: Rules) -> Iterator[tuple[Candidate, Identity]]:
    free = _Free(connection, rules, time.time())
    able = (pair for pair in queue(connection) if free.takes(*pair))
    return islice(able, rules.places)


def waiter(connection: sqlite3.Connection, workflow: int) -> Identity | None:
    """Who waits to run this workflow, if that process is alive."""
    row = connection.execute(
        "SELECT pid, started, boot, host, socket FROM waiters WHERE workflow = ?", (workflow,)
    ).fetchone()
    identity = None if row is None else Identity(*row)
    return None if identity is None or is_lost(identity) else identity
