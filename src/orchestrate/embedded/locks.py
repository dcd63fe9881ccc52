"""Locks and capacity for people: who holds what, who waits, and taking a lock away."""

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from orchestrate.embedded import claim_rows, database, granting
from orchestrate.embedded.claim_rows import ClaimRow
from orchestrate.embedded.control import Control
from orchestrate.embedded.granting import Broken, Wanted
from orchestrate.embedded.hosting import Hosting
from orchestrate.embedded.listing import FINAL, Row
from orchestrate.embedded.store import Store
from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.playbook.plan import Json
from orchestrate.playbook.spelling import nearest
from orchestrate.workflow.engine import Waits
from orchestrate.workflow.events import EventType
from orchestrate.workflow.granting import Policy
from orchestrate.workflow.moments import rfc3339


def overview(store: Store, capacity: Mapping[str, int]) -> dict[str, Any]:
    """Every lock and resource that somebody holds or waits for."""
    rows = [row for row in store.reading(claim_rows.load) if row.holds or row.alive]
    held, waiting = claim_rows.entries(rows)
    by_number = {row.entry.number: row for row in rows}
    policy = Policy(held, waiting, capacity)
    locks: dict[str, dict[str, list[Json]]] = {}
    for row in sorted(rows, key=lambda row: (row.entry.rank, row.entry.number)):
        for name, shared in row.entry.locks.items():
            about = locks.setdefault(name, {"held_by": [], "waiting": []})
            shown = _shown(row, shared=shared)
            if row.holds:
                about["held_by"].append({**shown, "token": row.tokens.get(name)})
                continue
            blockers = [by_number[b.entry.number].said(b) for b in policy.blockers(row.entry)]
            about["waiting"].append({**shown, "for": blockers})
    return {
        "locks": [{"name": name, **about} for name, about in sorted(locks.items())],
        "capacity": [_resource(name, there, rows) for name, there in sorted(capacity.items())],
    }


def waits(directory: Path, capacity: Mapping[str, int]) -> dict[str, Waits]:
    """Who has now what each workflow waits for, by workflow and step. With a connection of its own:
    those who show a workflow look in a thread of their own.
    """
    try:
        with closing(database.connect(directory, read_only=True)) as connection:
            rows = [row for row in claim_rows.load(connection) if row.holds or row.alive]
    except sqlite3.Error as error:
        database.raise_error(error, directory)
    by_number = {row.entry.number: row for row in rows}
    held, waiting = claim_rows.entries(rows)
    policy = Policy(held, waiting, capacity)
    found: dict[str, dict[str, Sequence[Mapping[str, Json]]]] = {}
    for entry in waiting:
        blockers = [by_number[b.entry.number].said(b) for b in policy.blockers(entry)]
        of_workflow = found.setdefault(by_number[entry.number].workflow, {})
        of_workflow[entry.path] = blockers
    return dict(found)


def _shown(row: ClaimRow, **more: Json) -> dict[str, Json]:
    return {
        "workflow": row.workflow, "step": row.entry.path, "since": rfc3339(row.since),
        "state": row.workflow_state, "owner": "alive" if row.alive else "none", **more,
    }  # fmt: skip


def _resource(name: str, there: int, rows: Sequence[ClaimRow]) -> Json:
    having = [row for row in rows if name in row.entry.resources]
    held = [row for row in having if row.state == claim_rows.HELD]
    return {
        "name": name,
        "capacity": there,
        "used": sum(row.entry.resources[name] for row in held),
        "held_by": [_shown(row, amount=row.entry.resources[name]) for row in held],
        "waiting": [_shown(row, amount=row.entry.resources[name]) for row in having if row.waits],
    }


def take_away(
    hosting: Hosting, control: Control, lock: str, *, actor: str, reason: str
) -> list[dict[str, Any]]:
    """Take a lock from all that hold it; each of their journals says so. Returns these holders."""
    rows = hosting.store.reading(claim_rows.load)
    holders = [row for row in rows if row.holds and lock in row.entry.locks]
    if not holders:
        names = {name for row in rows if row.holds for name in row.entry.locks}
        near = nearest(lock, sorted(names))
        hint = f"Did you mean {near}?" if near else "`orchestrate locks` lists what is held."
        raise NotFoundError(f"nobody holds the lock {lock}", hint=hint)
    taken = [row for row in holders if _take_from(hosting, control, row, lock, actor, reason)]
    if not taken:
        raise NotFoundError(
            f"nobody holds the lock {lock} any more", hint="It was given back this moment."
        )
    return [_shown(row) for row in taken]


def _take_from(
    hosting: Hosting, control: Control, row: ClaimRow, lock: str, actor: str, reason: str
) -> bool:
    """False if the holder has ended meanwhile, and thereby given it back."""
    broken = Broken(row.entry.path, lock)
    data: dict[str, Json] = {
        "path": row.entry.path, "lock": lock, "token": row.tokens.get(lock), "actor": actor,
        "reason": reason,
    }  # fmt: skip
    try:
        control.ask(row.workflow, "break_lock", data, _unowned(hosting, control, broken, data))
    except ConflictError:
        if control.row(row.workflow).summary.state not in FINAL:
            raise
        return False
    return True


def _unowned(
    hosting: Hosting, control: Control, broken: Broken, data: Mapping[str, Json]
) -> Callable[[Row], Json]:
    """Takes it from a workflow that nobody runs."""

    def apply(row: Row) -> Json:
        told = {key: value for key, value in data.items() if key != "path"}
        # Said first: a lock that is gone without a word would be worse than a word too much.
        control.record(row, [(EventType.LOCK_BROKEN, broken.path, told)], row.summary.state)
        wanted = Wanted()
        wanted.broken.append(broken)
        capacity = hosting.services.capacity
        settled = hosting.store.writer.call(
            lambda c: granting.apply(c, row.number, wanted, capacity, time.time())
        )
        for socket in settled.wake:
            hosting.mailbox.wake(socket)
        return None

    return apply
