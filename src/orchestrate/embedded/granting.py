"""Locks and capacity in the store: what a turn claims and gives back, and who has it then.

All of it happens in the transaction that also writes the turn's events; the policy is
`workflow.granting`. Whoever commits hints to the owners of the claims that were granted. A grant
that its workflow never recorded, because its process died first, is taken back: nothing was started
under it.
"""

import json
import sqlite3
from collections.abc import Callable, Container, Mapping, Sequence
from typing import NamedTuple

from orchestrate.embedded import claim_rows
from orchestrate.embedded.claim_rows import AGAIN, HELD, REFUSED, SUSPENDED, WAITING, ClaimRow
from orchestrate.playbook.plan import Json
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.workflow.granting import Entry, Policy, Refused, inherited
from orchestrate.workflow.program import Claim


class Broken(NamedTuple):
    """A lock that is taken away from the claim at `path`."""

    path: str
    lock: str


class Wanted:
    """What the claims of one turn come to. Order within a turn: first given back, then claimed."""

    __slots__ = ("broken", "claims", "gone", "recorded", "released", "suspend")

    def __init__(self) -> None:
        self.claims: list[Claim] = []
        self.released: list[str] = []
        self.recorded: list[str] = []
        self.broken: list[Broken] = []
        self.suspend = False
        self.gone = False
        """The workflow has ended: nothing of it is held any longer."""


class Answer(NamedTuple):
    """What became of a claim. `tokens` None: it waits, or was refused if there is a `reason`."""

    path: str
    tokens: Mapping[str, int] | None
    reason: str
    blockers: Sequence[Mapping[str, Json]]


class Settled(NamedTuple):
    """Answers for the turn's own workflow, and sockets of others that have to look."""

    answers: tuple[Answer, ...]
    wake: tuple[str, ...]


def apply(
    connection: sqlite3.Connection,
    workflow: int,
    wanted: Wanted,
    capacity: Mapping[str, int],
    now: float,
) -> Settled:
    """Apply what a turn wants, then decide about all that wait."""
    for path in wanted.recorded:
        connection.execute(
            "UPDATE claims SET recorded = 1 WHERE workflow = ? AND path = ?", (workflow, path)
        )
    for path in wanted.released:
        connection.execute("DELETE FROM claims WHERE workflow = ? AND path = ?", (workflow, path))
    for broken in wanted.broken:
        _break(connection, workflow, broken)
    if wanted.gone:
        connection.execute("DELETE FROM claims WHERE workflow = ?", (workflow,))
    if wanted.suspend:
        connection.execute(
            "UPDATE claims SET state = ? WHERE workflow = ? AND state = ? AND resources <> '{}'",
            (SUSPENDED, workflow, HELD),
        )
    claims = [(_put(connection, workflow, claim, now), claim) for claim in wanted.claims]
    crash_point("grant.before")
    return _decide(connection, workflow, claims, capacity, now)


def _break(connection: sqlite3.Connection, workflow: int, broken: Broken) -> None:
    connection.execute(
        "UPDATE claims SET locks = json_remove(locks, ?), tokens = json_remove(tokens, ?) "
        "WHERE workflow = ? AND path = ? AND state <> ?",
        (*[f'$."{broken.lock}"'] * 2, workflow, broken.path, WAITING),
    )


def _put(connection: sqlite3.Connection, workflow: int, claim: Claim, now: float) -> int:
    """The number of the claim's row, made or brought up to date."""
    where = (workflow, claim.path)
    row = connection.execute(
        "SELECT number, state, locks FROM claims WHERE workflow = ? AND path = ?", where
    ).fetchone()
    # A lock that was taken away is claimed anew, with all the rest.
    names = {lock.name for lock in claim.locks}
    if row is not None and row[1] != REFUSED and json.loads(row[2]).keys() == names:
        if row[1] == SUSPENDED:
            connection.execute("UPDATE claims SET state = ? WHERE number = ?", (AGAIN, row[0]))
        return int(row[0])
    connection.execute("DELETE FROM claims WHERE workflow = ? AND path = ?", where)
    # A clock that was set back lets nobody in front of those who came before.
    last = connection.execute("SELECT max(since) FROM claims WHERE state = ?", (WAITING,))
    made = connection.execute(
        "INSERT INTO claims (workflow, path, state, since, locks, resources) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (
            workflow,
            claim.path,
            WAITING,
            max(now, last.fetchone()[0] or 0.0),
            json.dumps({lock.name: lock.shared for lock in claim.locks}),
            json.dumps(claim.resources),
        ),
    )
    return int(made.lastrowid or 0)


def _decide(
    connection: sqlite3.Connection,
    workflow: int,
    claims: Sequence[tuple[int, Claim]],
    capacity: Mapping[str, int],
    now: float,
) -> Settled:
    rows = {row.entry.number: row for row in _without_lost(connection, workflow)}
    held, waiting = claim_rows.entries(list(rows.values()), workflow)
    asked = {
        # A claim that was held already (it has tokens) is waited for, whatever it said then.
        number: tuple(lock.name for lock in claim.locks if lock.at_once and not claim.tokens)
        for number, claim in claims
    }
    waiting = [e._replace(at_once=asked.get(e.number, ())) for e in waiting]
    policy = Policy(held, waiting, capacity, _living(rows, workflow))
    verdict = policy.decide(frozenset(asked))
    wake: dict[str, None] = {}
    # Whoever decides hears of all its own claims at once, also of those that waited before.
    told = [number for number, _ in claims]
    for entry in verdict.dropped:
        connection.execute("DELETE FROM claims WHERE number = ?", (entry.number,))
    for entry in verdict.granted:
        row = rows[entry.number]
        rows[entry.number] = _grant(connection, row, rows, now)
        wake |= _socket(row, workflow)
        told += _own_earlier(entry, workflow, asked)
    refused = {found.entry.number: found for found in verdict.refused}
    for number, found in refused.items():
        if found.entry.workflow == workflow:
            connection.execute("DELETE FROM claims WHERE number = ?", (number,))
            told += _own_earlier(found.entry, workflow, asked)
        else:
            _refuse(connection, found, rows)
            wake |= _socket(rows[number], workflow)
    answers = [
        _answer(rows[number], refused.get(number), policy, rows)
        for number in told
        if number in rows
    ]
    return Settled(tuple(answers), tuple(wake))


def _own_earlier(entry: Entry, workflow: int, asked: Container[int]) -> list[int]:
    return [entry.number] if entry.workflow == workflow and entry.number not in asked else []


def _without_lost(connection: sqlite3.Connection, workflow: int) -> list[ClaimRow]:
    """All claims but grants that nobody has heard of, nor ever will."""
    found: list[ClaimRow] = []
    for row in claim_rows.load(connection):
        if _is_lost(row, workflow):
            connection.execute("DELETE FROM claims WHERE number = ?", (row.entry.number,))
        else:
            found.append(row)
    return found


def _is_lost(row: ClaimRow, workflow: int) -> bool:
    heard = row.recorded or row.state != HELD or row.entry.workflow == workflow
    return not heard and not row.alive


def _living(rows: Mapping[int, ClaimRow], workflow: int) -> Callable[[Entry], bool]:
    return lambda entry: entry.workflow == workflow or rows[entry.number].alive


def _grant(
    connection: sqlite3.Connection, row: ClaimRow, rows: Mapping[int, ClaimRow], now: float
) -> ClaimRow:
    entry = row.entry
    tokens = dict(row.tokens)
    if row.state == WAITING:
        around = [(other.entry, other.tokens) for other in rows.values() if other.holds]
        for name in entry.locks:
            tokens[name] = inherited(entry, around, name) or _next(connection, name)
    since = now if row.state == WAITING else row.since
    connection.execute(
        "UPDATE claims SET state = ?, tokens = ?, since = ? WHERE number = ?",
        (HELD, json.dumps(tokens), since, entry.number),
    )
    return row._replace(state=HELD, tokens=tokens, since=since)


def _next(connection: sqlite3.Connection, lock: str) -> int:
    row = connection.execute(
        "INSERT INTO lock_tokens (lock, last) VALUES (?, 1) "
        "ON CONFLICT (lock) DO UPDATE SET last = last + 1 RETURNING last",
        (lock,),
    ).fetchone()
    return int(row[0])


def _refuse(connection: sqlite3.Connection, refused: Refused, rows: Mapping[int, ClaimRow]) -> None:
    """Leave word for the owner of a claim that is refused because of what came later."""
    said = [rows[b.entry.number].said(b) for b in refused.blockers]
    connection.execute(
        "UPDATE claims SET state = ?, reason = ?, blockers = ? WHERE number = ?",
        (REFUSED, refused.reason, json.dumps(said), refused.entry.number),
    )


def _socket(row: ClaimRow, workflow: int) -> dict[str, None]:
    owner = row.owner
    return {} if owner is None or row.entry.workflow == workflow else {owner.socket: None}


def _answer(
    row: ClaimRow, refused: Refused | None, policy: Policy, rows: Mapping[int, ClaimRow]
) -> Answer:
    path = row.entry.path
    if refused is not None:
        said = [rows[b.entry.number].said(b) for b in refused.blockers]
        return Answer(path, None, refused.reason, said)
    if row.state == HELD:
        return Answer(path, row.tokens, "", ())
    said = [rows[b.entry.number].said(b) for b in policy.blockers(_wanting(row))]
    return Answer(path, None, "", said)


def _wanting(row: ClaimRow) -> Entry:
    return row.entry if row.state == WAITING else row.entry._replace(locks={})


def is_due(connection: sqlite3.Connection, workflow: int, capacity: Mapping[str, int]) -> bool:
    """Whether this workflow is the one that looks after all that wait, and a decision would change
    something: the death of a process writes nothing, so nobody else has decided about it.
    """
    if claim_rows.first_alive(connection) != workflow:
        return False
    rows = {row.entry.number: row for row in claim_rows.load(connection)}
    if any(_is_lost(row, workflow) for row in rows.values()):
        return True
    held, waiting = claim_rows.entries(list(rows.values()), workflow)
    verdict = Policy(held, waiting, capacity, _living(rows, workflow)).decide()
    return any(verdict)
