"""What people ask about that which workflows share."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from orchestrate.cluster.connection import Connection
from orchestrate.cluster.coordinating import overview
from orchestrate.cluster.coordinating.claims import Row
from orchestrate.cluster.coordinating.client import Coordinator
from orchestrate.cluster.coordinating.differing import warned
from orchestrate.cluster.coordinating.overview import Standing, View
from orchestrate.cluster.coordinating.settings import Settings
from orchestrate.cluster.looking import listing
from orchestrate.cluster.looking.reading import Reader
from orchestrate.cluster.payloads import Data
from orchestrate.cluster.requests import Requests
from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.playbook.plan import Json
from orchestrate.playbook.spelling import nearest
from orchestrate.workflow.coordination import PLACES, Hold, Pool, Rate, Waiting
from orchestrate.workflow.engine import Filter
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.rate_views import standing

_LAST = 20
"""Workflows of a playbook by which it is judged how long it takes."""


class ClusterCoordination:
    """Implements `workflow.coordination.Coordination`."""

    def __init__(
        self,
        connection: Connection,
        reader: Reader,
        settings: Settings | None,
        origin: Mapping[str, Json],
    ) -> None:
        """`settings`: what the project of whoever asks says. `origin`: from where is asked."""
        self._connection = connection
        self._origin = origin
        self._reader = reader
        self._settings = Settings() if settings is None else settings
        self._coordinator = Coordinator(connection.client)

    def _view(self) -> View:
        view = self._connection.wait(self._coordinator.view())
        settings = self._settings
        return View([], [], settings.capacity, settings.places) if view is None else view

    def _standing(self, view: View) -> Mapping[str, Standing]:
        return self._connection.wait(self._described(view.workflows))

    async def _described(self, workflows: Sequence[str]) -> Mapping[str, Standing]:
        found = await asyncio.gather(*(self._one(name) for name in workflows))
        return dict(zip(workflows, found, strict=True))

    async def _one(self, workflow: str) -> Standing:
        try:
            found = await self._reader.find(workflow)
        except NotFoundError:
            return Standing("unknown", alive=False, playbook="")
        summary = found.summary
        alive = not found.closed and not summary.owner_lost
        return Standing(str(summary.state), alive=alive, playbook=summary.playbook)

    def locks(self) -> dict[str, Any]:
        """See `Coordination.locks`."""
        view = self._view()
        return overview.overview(view, self._standing(view))

    def release_lock(self, lock: str, *, actor: str, reason: str) -> list[dict[str, Any]]:
        """See `Coordination.release_lock`."""
        view = self._view()
        holders = [row for row in view.rows if row.holds and lock in row.locks]
        if not holders:
            names = {name for row in view.rows if row.holds for name in row.locks}
            near = nearest(lock, sorted(names))
            hint = f"Did you mean {near}?" if near else "`orchestrate locks` lists what is held."
            raise NotFoundError(f"nobody holds the lock {lock}", hint=hint)
        for row in holders:
            self._take_away(row, lock, actor, reason)
        standing = self._standing(view)
        return [overview.shown(row, standing) for row in holders]

    def _take_away(self, row: Row, lock: str, actor: str, reason: str) -> None:
        """Its workflow tells the coordinator, when its journal has it; one that has ended cannot
        write any more.
        """
        told = {
            "path": row.path, "lock": lock, "token": row.tokens.get(lock), "actor": actor,
            "reason": reason, "from": self._origin,
        }  # fmt: skip
        try:
            found = self._connection.wait(self._reader.find(row.workflow))
            if not found.closed:
                Requests(self._connection, self._reader).ask(found, "break_lock", told)
                return
        except (NotFoundError, ConflictError):
            pass  # it ended at this moment
        arguments = {**told, "workflow": row.workflow}
        self._connection.wait(self._coordinator.ask("take_away", arguments))

    def pools(self) -> Sequence[Pool]:
        """See `Coordination.pools`."""
        view = self._view()
        found = overview.pools(view)
        if view.places is not None:
            return found
        # Without a limit most workflows never ask for a place.
        known = self._connection.wait(listing.open_now(self._connection.client))
        running = sum(one["state"] == State.RUNNING for one in known)
        return [one._replace(used=running) if one.name == PLACES else one for one in found]

    def rates(self) -> Sequence[Rate]:
        """See `Coordination.rates`."""
        view = self._view()
        limits = view.limits or self._settings.limits
        return standing(limits, view.dues, time.time())

    def differing(self) -> Sequence[str]:
        """See `Coordination.differing`."""
        in_force = self._connection.wait(self._coordinator.in_force())
        return [f"{one.message}. {one.hint}" for one in warned(self._settings, in_force)]

    def queued(self) -> Sequence[Waiting]:
        """See `Coordination.queued`."""
        view = self._view()
        return overview.queued(view, self._standing(view))

    def usual_duration(self, playbook: str) -> float | None:
        """See `Coordination.usual_duration`."""
        which = Filter(states=(State.SUCCEEDED,), playbook=playbook, limit=_LAST)
        found = self._connection.wait(listing.find(self._connection.client, self._reader, which))
        took = [
            one.finished_at - one.started_at
            for one in found
            if one.finished_at is not None and one.started_at is not None
        ]
        return median(took) if took else None

    def held(self) -> Hold | None:
        """See `Coordination.held`."""
        in_force = self._connection.wait(self._coordinator.in_force())
        return None if in_force is None or in_force.hold is None else Hold(*in_force.hold)

    def hold(self, *, actor: str, reason: str) -> None:
        """See `Coordination.hold`."""
        told: Data = {"actor": actor, "reason": reason, "from": self._origin}
        asked = self._coordinator.ask("hold", told)
        answer = self._connection.wait(asked)
        if "refused" in answer:
            by, why, _ = answer["refused"]
            raise ConflictError(
                f"{by} holds all new workflows already" + (f": {why}" if why else ""),
                hint="`orchestrate resume --all` lets them begin again.",
            )

    def unhold(self, *, actor: str) -> str:
        """See `Coordination.unhold`."""
        asked = self._coordinator.ask("unhold", {"actor": actor, "from": self._origin})
        answer = self._connection.wait(asked)
        if answer["value"] is None:
            raise ConflictError(
                "nobody holds new workflows",
                hint="One workflow is continued with `orchestrate resume --workflow ID`.",
            )
        return str(answer["value"][1])
