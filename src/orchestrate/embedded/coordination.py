"""What people ask about that which workflows of one state directory share."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from orchestrate.embedded import halts, locks
from orchestrate.embedded.capacity import pools, queued, rates, usual_duration
from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.workflow.coordination import Hold, Pool, Rate, Waiting
from orchestrate.workflow.rates import Limit


class StoredCoordination:
    """Implements `workflow.coordination.Coordination`."""

    def __init__(
        self,
        engine: EmbeddedEngine,
        capacity: Mapping[str, int],
        places: int | None,
        limits: Sequence[Limit] = (),
    ) -> None:
        """`capacity`, `places` and `limits`: what there is, as the project says."""
        self._engine = engine
        self._capacity = capacity
        self._places = places
        self._limits = limits

    def locks(self) -> dict[str, Any]:
        """See `Coordination.locks`."""
        return locks.overview(self._engine.store, self._capacity)

    def release_lock(self, lock: str, *, actor: str, reason: str) -> list[dict[str, Any]]:
        """See `Coordination.release_lock`."""
        engine = self._engine
        return locks.take_away(engine.hosting, engine.control, lock, actor=actor, reason=reason)

    def pools(self) -> Sequence[Pool]:
        """See `Coordination.pools`."""
        return self._engine.store.reading(lambda c: pools(c, self._places, self._capacity))

    def rates(self) -> Sequence[Rate]:
        """See `Coordination.rates`."""
        now = time.time()
        return self._engine.store.reading(lambda c: rates(c, self._limits, now))

    def differing(self) -> Sequence[str]:
        """Nothing: on one machine each process goes by the file as it read it."""
        return ()

    def queued(self) -> Sequence[Waiting]:
        """See `Coordination.queued`."""
        return self._engine.store.reading(queued)

    def usual_duration(self, playbook: str) -> float | None:
        """See `Coordination.usual_duration`."""
        return self._engine.store.reading(lambda c: usual_duration(c, playbook))

    def held(self) -> Hold | None:
        """See `Coordination.held`."""
        found = self._engine.store.reading(halts.current)
        return None if found is None else Hold(found.actor, found.reason, found.held_at)

    def hold(self, *, actor: str, reason: str) -> None:
        """See `Coordination.hold`."""
        hosting = self._engine.hosting
        hold = halts.Hold(reason, actor, time.time())
        hosting.store.writer.call(halts.TakeHold(hold, hosting.services.origin))

    def unhold(self, *, actor: str) -> str:
        """See `Coordination.unhold`."""
        hosting = self._engine.hosting
        end = halts.EndHold(actor, time.time(), hosting.services.origin)
        ended = hosting.store.writer.call(end)
        hosting.wake_waiters()
        return ended.reason
