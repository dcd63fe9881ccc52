"""In a workflow: what its integrations are told, said to whoever keeps deliveries.

Every event is a signal of its own, sent when it was written: their number does not depend on how
fast they arrive. They may overtake one another, so each names the one before it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import cast

from temporalio import workflow
from temporalio.exceptions import FailureError

from orchestrate.cluster import names
from orchestrate.cluster.payloads import Data
from orchestrate.cluster.reviving import revive
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.notifying import RECOVERY, kind_for, kind_of
from orchestrate.workflow.outcomes import State

_TRY_AGAIN = 1.0
"""Seconds until a message is sent once more to a keeper that was not there."""
_ENDS = frozenset({State.SUCCEEDED, State.FAILED, State.NEEDS_ATTENTION})
"""Those from which a success is a recovery, or not."""


class Telling:
    """What one run of a workflow has said."""

    def __init__(self, workflow: str, project: str, created: Event, told: int) -> None:
        """`told`: how many events of the journal earlier runs have gone through."""
        self._of: Data = {
            "workflow": workflow,
            "project": project,
            "playbook": created.data["playbook"],
            "environment": created.data["environment"],
            "told": created.data.get("told") or {},
        }
        self._wanted = cast("Mapping[str, Sequence[str]]", self._of["told"])
        self.told = told
        """Events of the journal that were gone through."""
        self._previous = 0
        self._undelivered: set[asyncio.Task[None]] = set()

    def look(self, journal: Sequence[Event]) -> None:
        """Say what is new."""
        if self._wanted:
            for event in journal[self.told :]:
                self._tell(event)
        self.told = len(journal)

    def _tell(self, event: Event) -> None:
        kind = kind_of(event)
        if kind is None:
            return
        ended = str(event.data["state"]) if event.type is EventType.WORKFLOW_FINISHED else None
        if ended not in _ENDS:
            ended = None
        wanted = [tuple(events) for events in self._wanted.values()]
        is_told = any(kind_for(kind, each, recovered=True) for each in wanted)
        if not is_told and not (ended and any(RECOVERY in each for each in wanted)):
            return
        message = {**self._of, "seq": event.seq, "previous": self._previous, "at": event.at,
                   "kind": kind, "ended": ended}  # fmt: skip
        self._previous = event.seq
        task = asyncio.create_task(self._deliver(message))
        self._undelivered.add(task)
        task.add_done_callback(self._undelivered.discard)

    async def _deliver(self, message: Data) -> None:
        keeper = workflow.get_external_workflow_handle(names.DELIVERIES)
        while True:
            try:
                await keeper.signal(names.TELL, message)
                break
            except FailureError:
                await revive(names.DELIVERIES)
                await asyncio.sleep(_TRY_AGAIN)

    async def delivered(self) -> None:
        """Until all that was said has arrived."""
        while self._undelivered:
            with suppress(asyncio.CancelledError):  # that it ends anyway need not be said
                await workflow.wait_condition(lambda: not self._undelivered)
