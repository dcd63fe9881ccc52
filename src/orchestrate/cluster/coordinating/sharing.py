"""What a new workflow shares with others: what it is told of that, and whether it may be made."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from orchestrate.cluster.connection import Connection
from orchestrate.cluster.coordinating.asking import Sharing
from orchestrate.cluster.coordinating.client import Coordinator, InForce
from orchestrate.cluster.coordinating.settings import Settings, claims_anything
from orchestrate.cluster.outlasting import Outlasting
from orchestrate.cluster.payloads import Data
from orchestrate.playbook.plan import Plan
from orchestrate.workflow.admitting import FREEZE
from orchestrate.workflow.refusing import halted, left_out

_MARGIN = 5.0
"""Seconds added to the time in which steps of a terminated workflow end: clocks differ."""


class Grace(NamedTuple):
    """Seconds."""

    heartbeat: float
    lease: float
    kill: float = 10.0

    @property
    def linger(self) -> float:
        """For so long the steps of a workflow that was terminated may go on."""
        return self.heartbeat + self.lease + 2 * self.kill + _MARGIN


class Shares:
    """The coordinator as whoever makes workflows needs it."""

    def __init__(
        self,
        connection: Connection,
        settings: Settings | None,
        grace: Grace,
        actor: str,
        outlasting: Outlasting,
    ) -> None:
        """`settings` None: the caller has no project, so what is in force stays."""
        self._connection = connection
        self._settings = settings
        self.grace = grace
        self._actor = actor
        self._outlasting = outlasting
        self.coordinator = Coordinator(connection.client)

    def prepare(self, plan: Plan, created: Mapping[str, Any], *, resumed: bool = False) -> Sharing:
        """What a workflow is told, by the data of its first event. The coordinator is there
        afterwards, if it will be needed.
        """
        in_force, settings = self._in_force()
        seat = None
        held = in_force is not None and in_force.hold is not None
        if held or settings.places is not None or settings.freezes or "concurrency" in created:
            seat = _seat_data(created, resumed=resumed)
        if seat is None and not settings.limits and not claims_anything(plan):
            return Sharing()
        self._connection.wait(self.coordinator.ensure())
        return Sharing(created["priority"], self.grace.linger, settings.to_data(), seat)

    def _in_force(self) -> tuple[InForce | None, Settings]:
        """What is in force, once this project has said what it wants."""
        found = self._connection.wait(self.coordinator.in_force())
        known = Settings() if found is None else found.settings
        if self._settings is None or self._settings.digest == known.digest:
            return found, known
        self._connection.wait(self.coordinator.apply(self._settings, self._actor))
        return found, self._settings

    def admit(self, workflow: str, sharing: Sharing, *, waits: bool) -> None:
        """Raise ConflictError if it is not to be made; else it is expected."""
        if sharing.seat is None:
            return
        arguments: Data = {"workflow": workflow, "seat": sharing.seat, "waits": waits}
        asked = self.coordinator.ask("make", arguments, self._outlasting)
        answer = self._connection.wait(asked)
        why, _, what = str(answer["refused"]).partition(" ")
        if why == "halt":
            raise halted(what)
        if why:
            raise left_out(what, str(sharing.seat["group"]))


def _seat_data(created: Mapping[str, Any], *, resumed: bool) -> Mapping[str, Any]:
    """What decides when a workflow may begin."""
    concurrency = created.get("concurrency", {})
    return {
        "priority": created["priority"],
        "environment": created["environment"],
        "group": concurrency.get("group"),
        "overlap": concurrency.get("overlap"),
        "overrides": [FREEZE] if FREEZE in created.get("overrides", {}) else [],
        "playbook": created["playbook"],
        "resumed": resumed,
    }
