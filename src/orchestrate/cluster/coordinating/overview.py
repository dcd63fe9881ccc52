"""Who has, and wants, what: as the coordinator tells it, and as people see it."""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from orchestrate.cluster.coordinating import claims
from orchestrate.cluster.coordinating.claims import HELD, Row
from orchestrate.cluster.coordinating.ledger import Ledger
from orchestrate.cluster.coordinating.places import QUEUED, RETURNING, RUNNING, Seat
from orchestrate.cluster.coordinating.settings import Settings
from orchestrate.playbook.plan import Json
from orchestrate.workflow.coordination import PLACES, Pool, Waiting
from orchestrate.workflow.engine import Waits
from orchestrate.workflow.granting import Policy
from orchestrate.workflow.moments import rfc3339
from orchestrate.workflow.rates import Limit

_MOST = 5000
"""Claims that are told of: the oldest."""


class View(NamedTuple):
    """Everything at one moment. `numbers` are those of the claims' workflows."""

    rows: Sequence[Row]
    seats: Sequence[Seat]
    capacity: Mapping[str, int]
    places: int | None
    limits: Sequence[Limit] = ()
    dues: Mapping[str, float] = {}
    """Of the buckets of rate limits."""

    @property
    def workflows(self) -> list[str]:
        """Whose claims these are."""
        return list(dict.fromkeys(row.workflow for row in self.rows))


def pack_view(ledger: Ledger) -> bytes:
    """What `unpack_view` reads."""
    settings = ledger.settings
    data = {
        "claims": ledger.claims.to_data()["rows"][:_MOST],
        "seats": ledger.places.seats,
        "capacity": settings.capacity,
        "places": settings.places,
        "limits": settings.to_data()["limits"],
        "dues": ledger.rates.dues,
    }
    return zlib.compress(json.dumps(data).encode(), 6)


def unpack_view(body: bytes) -> View:
    """The view of `pack_view`."""
    data: dict[str, Any] = json.loads(zlib.decompress(body))
    rows = [claims.row_of(row) for row in data["claims"]]
    seats = [Seat(*seat) for seat in data["seats"]]
    limits = Settings.limits_of(data.get("limits", ()))  # a worker of an older program has none
    return View(rows, seats, data["capacity"], data["places"], limits, data.get("dues", {}))


class Standing(NamedTuple):
    """Where a workflow stands that has claims."""

    state: str
    alive: bool
    """Whether anybody runs it."""
    playbook: str


def overview(view: View, standing: Mapping[str, Standing]) -> dict[str, Any]:
    """Every lock and resource that somebody holds or waits for."""
    by_number = {row.number: row for row in view.rows}
    held, waiting = claims.entries(view.rows)
    policy = Policy(held, waiting, view.capacity)
    ranks = {entry.number: entry.rank for entry in (*waiting, *held)}
    wanting = {entry.number: entry for entry in waiting}
    locks: dict[str, dict[str, list[Json]]] = {}
    for row in sorted(view.rows, key=lambda row: (ranks.get(row.number, 0.0), row.number)):
        for name, shared in row.locks.items():
            about = locks.setdefault(name, {"held_by": [], "waiting": []})
            told = shown(row, standing, shared=shared)
            if row.holds:
                about["held_by"].append({**told, "token": row.tokens.get(name)})
            elif row.number in wanting:
                found = policy.blockers(wanting[row.number])
                blockers = [by_number[b.entry.number].said(b) for b in found]
                about["waiting"].append({**told, "for": blockers})
    there = view.capacity
    return {
        "locks": [{"name": name, **about} for name, about in sorted(locks.items())],
        "capacity": [_resource(name, there[name], view, standing) for name in sorted(there)],
    }


def waits(view: View) -> dict[str, Waits]:
    """Who has now what each workflow waits for, by workflow and step."""
    by_number = {row.number: row for row in view.rows}
    held, waiting = claims.entries(view.rows)
    policy = Policy(held, waiting, view.capacity)
    found: dict[str, dict[str, Sequence[Mapping[str, Json]]]] = {}
    for entry in waiting:
        blockers = [by_number[b.entry.number].said(b) for b in policy.blockers(entry)]
        found.setdefault(by_number[entry.number].workflow, {})[entry.path] = blockers
    return dict(found)


def pools(view: View) -> list[Pool]:
    """The places, then each resource."""
    used = dict.fromkeys(view.capacity, 0)
    for row in view.rows:
        if row.state == HELD:
            for name, amount in row.resources.items():
                used[name] = used.get(name, 0) + amount
    running = sum(seat.state == RUNNING for seat in view.seats)
    return [
        Pool(PLACES, running, view.places),
        *(Pool(name, amount, view.capacity.get(name)) for name, amount in used.items()),
    ]


def queued(view: View, standing: Mapping[str, Standing]) -> list[Waiting]:
    """Who waits to begin, in order, and who waits in the midst for what it claims."""
    found = [
        Waiting(seat.workflow, seat.playbook, seat.priority, seat.since, seat.reason)
        for seat in view.seats
        if seat.state in (QUEUED, RETURNING)
    ]
    for row in view.rows:
        if row.waits:
            names = ", ".join([*row.locks, *row.resources])
            where = f"{row.path}: " if row.path else ""
            playbook = standing[row.workflow].playbook if row.workflow in standing else ""
            reason = f"{where}waits for {names}"
            found.append(Waiting(row.workflow, playbook, row.priority, row.since, reason))
    return found


def shown(row: Row, standing: Mapping[str, Standing], **more: Json) -> dict[str, Any]:
    """A claim as `locks` tells of it."""
    known = standing.get(row.workflow)
    return {
        "workflow": row.workflow, "step": row.path, "since": rfc3339(row.since),
        "state": "unknown" if known is None else known.state,
        "owner": "alive" if known is not None and known.alive else "none", **more,
    }  # fmt: skip


def _resource(name: str, there: int, view: View, standing: Mapping[str, Standing]) -> Json:
    having = [row for row in view.rows if name in row.resources]
    held = [row for row in having if row.state == HELD]
    return {
        "name": name,
        "capacity": there,
        "used": sum(row.resources[name] for row in held),
        "held_by": [shown(row, standing, amount=row.resources[name]) for row in held],
        "waiting": [
            shown(row, standing, amount=row.resources[name]) for row in having if row.waits
        ],
    }
