"""How things are now: workflows, queue, locks, schedules, events, and the health of the store."""

import os
import platform
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from orchestrate import __version__
from orchestrate.embedded import capacity, claim_rows, database, ownership, presence
from orchestrate.errors import StateDirectoryError
from orchestrate.launching import totals
from orchestrate.workflow import metrics
from orchestrate.workflow.metrics import OTHER, Series, standing

_OPEN = "('queued', 'running', 'paused', 'waiting', 'needs_attention')"
_BY_STATE = f"""
SELECT playbook, state, count(*), min(created_at) FROM workflows WHERE state IN {_OPEN}
GROUP BY playbook, state
"""
_RUNNING = """
SELECT owner_pid, owner_started, owner_boot, owner_host, owner_socket FROM workflows
WHERE state = 'running'
"""


def measure(
    connection: sqlite3.Connection, resources: Mapping[str, int], places: int | None, now: float
) -> list[Series]:
    """What the store says. `resources` and `places`: how much there is, as the settings say."""
    return [
        *_workflows(connection, now),
        *_queue(connection, now),
        *_claims(connection, now),
        *_capacity(connection, resources, places),
        *_schedules(connection, now),
        *_deliveries(connection, now),
        *(
            standing(metrics.INBOX, amount, state)
            for state, amount in connection.execute(
                "SELECT state, count(*) FROM inbox GROUP BY state"
            ).fetchall()
        ),
    ]


def _workflows(connection: sqlite3.Connection, now: float) -> Iterator[Series]:
    known = totals.playbooks(connection)
    amounts: dict[tuple[str, str], int] = {}
    oldest: dict[str, float] = {}
    for playbook, state, amount, since in connection.execute(_BY_STATE).fetchall():
        key = (playbook if playbook in known else OTHER, state)
        amounts[key] = amounts.get(key, 0) + amount
        oldest[state] = min(oldest.get(state, since), since)
    for labels, amount in amounts.items():
        yield standing(metrics.WORKFLOWS, amount, *labels)
    for state, since in oldest.items():
        yield standing(metrics.OLDEST, max(0.0, now - since), state)
    owners = connection.execute(_RUNNING).fetchall()
    lost = sum(row[0] is None or ownership.is_lost(ownership.Identity(*row)) for row in owners)
    yield standing(metrics.LOST, lost)
    overdue = connection.execute(
        "SELECT count(*) FROM workflows WHERE state = 'paused' AND resume_at < ?", (now,)
    ).fetchone()
    yield standing(metrics.OVERDUE_PAUSES, overdue[0])
    held = connection.execute("SELECT 1 FROM holds WHERE released_at IS NULL LIMIT 1").fetchall()
    yield standing(metrics.HELD, len(held))


def _queue(connection: sqlite3.Connection, now: float) -> Iterator[Series]:
    rows = connection.execute(
        "SELECT w.priority, count(*), min(q.since) FROM waiters q "
        "JOIN workflows w ON w.number = q.workflow GROUP BY w.priority"
    ).fetchall()
    for priority, amount, _ in rows:
        yield standing(metrics.QUEUE, amount, priority)
    yield standing(metrics.QUEUE_AGE, _age(now, (row[2] for row in rows)))


def _claims(connection: sqlite3.Connection, now: float) -> Iterator[Series]:
    rows = claim_rows.load(connection)
    waiting = [row for row in rows if row.waits]
    yield standing(metrics.CLAIMS, sum(row.holds for row in rows), "held")
    yield standing(metrics.CLAIMS, len(waiting), "waiting")
    yield standing(metrics.CLAIM_AGE, _age(now, (row.since for row in waiting)))


def _capacity(
    connection: sqlite3.Connection, resources: Mapping[str, int], places: int | None
) -> Iterator[Series]:
    for pool in capacity.pools(connection, places, resources):
        if pool.name in resources or pool.name == capacity.PLACES:
            yield standing(metrics.CAPACITY_USED, pool.used, pool.name)
            if pool.there is not None:
                yield standing(metrics.CAPACITY, pool.there, pool.name)


def _schedules(connection: sqlite3.Connection, now: float) -> Iterator[Series]:
    rows = connection.execute("SELECT enabled, next_due FROM schedules").fetchall()
    for enabled, said in ((1, "true"), (0, "false")):
        yield standing(metrics.SCHEDULES, sum(row[0] == enabled for row in rows), said)
    yield standing(metrics.OVERDUE, _age(now, (row[1] for row in rows if row[1] is not None)))


def _deliveries(connection: sqlite3.Connection, now: float) -> Iterator[Series]:
    for state in ("waiting", "refused", "given_up"):
        # A literal, not a parameter: only then the partial indexes of these states are used.
        amount, since = connection.execute(
            f"SELECT count(*), min(since) FROM deliveries WHERE state = '{state}'"
        ).fetchone()
        yield standing(metrics.DELIVERIES, amount, state)
        if state == "waiting":
            yield standing(metrics.DELIVERY_AGE, _age(now, () if since is None else (since,)))


def _age(now: float, moments: Iterable[float]) -> float:
    return max(0.0, now - min(moments, default=now))


def health(directory: Path) -> Iterator[Series]:
    """What the state directory says beside the store's tables."""
    for name, file in (("database", database.FILE), ("wal", f"{database.FILE}-wal")):
        yield standing(metrics.STORE_SIZE, _size(directory / file), name)
    with suppress(OSError):
        room = os.statvfs(directory)
        yield standing(metrics.FREE, room.f_bavail * room.f_frsize)
    yield standing(metrics.DAEMON, presence.is_present(directory))
    for state, amount in _supervisors(directory).items():
        yield standing(metrics.SUPERVISORS, amount, state)
    yield standing(metrics.BUILD, 1, __version__, platform.python_version(), str(database.VERSION))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0  # there is none


def _supervisors(directory: Path) -> dict[str, int]:
    """How many hold steps. `orphaned`: killed, while slots of theirs go on."""
    from orchestrate.processes import records

    found = {"alive": 0, "orphaned": 0}
    for folder in (directory / "supervisors").glob("*"):
        with suppress(StateDirectoryError):  # another user's: it cannot be looked at from here
            if records.is_in_use(folder):
                found["orphaned" if records.has_lost_its_supervisor(folder) else "alive"] += 1
    return found
