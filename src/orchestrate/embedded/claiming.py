"""The locks and the capacity of one workflow that this process runs: what a turn wants of them, and
what became of it.
"""

import sqlite3
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.program import Claim
from orchestrate.workflow.transitions import FINAL

if TYPE_CHECKING:
    from orchestrate.embedded.granting import Settled, Wanted
    from orchestrate.workflow.execution import Execution


class Claiming:
    """Collects what the core asks, and brings it the answers. `wake` sends hints to others."""

    def __init__(self) -> None:
        self._wanted: Wanted | None = None
        self._asked: set[str] = set()
        """Claims that were made durable, or will be with this turn, and have no answer."""
        self.wake: Callable[[str], None] = lambda _: None
        self.capacity: Mapping[str, int] = {}
        self.ended = False
        """Nothing of the workflow is to be held any longer."""

    @property
    def wanted(self) -> bool:
        """Whether this turn wants anything."""
        return self._wanted is not None

    @property
    def waits(self) -> bool:
        """Whether any claim has no answer."""
        return bool(self._asked)

    def take(self) -> "Wanted | None":
        """What the turn wants; the next one starts afresh."""
        wanted, self._wanted = self._wanted, None
        return wanted

    def _open(self) -> "Wanted":
        if self._wanted is None:
            # Loaded only when needed: most workflows claim nothing.
            from orchestrate.embedded.granting import Wanted

            self._wanted = Wanted()
        return self._wanted

    def claim(self, claim: Claim) -> None:
        """See `Runtime.claim`."""
        self._open().claims.append(claim)
        self._asked.add(claim.path)

    def release(self, path: str) -> None:
        """See `Runtime.unclaim`."""
        wanted = self._open()
        wanted.claims = [claim for claim in wanted.claims if claim.path != path]
        wanted.released.append(path)
        self._asked.discard(path)

    def suspend(self) -> None:
        """See `Runtime.suspend`."""
        self._open().suspend = True

    def break_lock(self, path: str, lock: str) -> None:
        """Somebody takes a lock away from a claim."""
        from orchestrate.embedded.granting import Broken

        self._open().broken.append(Broken(path, lock))

    def see(self, event: Event) -> None:
        """An event of the turn: a grant is recorded by it, or the workflow ended."""
        if event.type is EventType.CLAIMED:
            self._open().recorded.append(event.path)
        elif event.type is EventType.UNPAUSED:
            self.ended = False
        elif event.type is EventType.WORKFLOW_FINISHED:
            self.ended = event.data["state"] in FINAL

    def hint(self, outcome: "Settled") -> None:
        """Tell others that they were granted something."""
        for socket in outcome.wake:
            self.wake(socket)

    def answered(self, outcome: "Settled", execution: "Execution") -> None:
        """The turn is durable."""
        for path, tokens, reason, blockers in outcome.answers:
            if path not in self._asked:
                continue  # withdrawn meanwhile
            if tokens is None and not reason:
                execution.claim_waiting(path, blockers)
                continue
            self._asked.discard(path)
            if tokens is not None:
                execution.claim_granted(path, tokens)
            else:
                execution.claim_refused(path, reason, blockers)

    def look_after(self, connection: sqlite3.Connection, workflow: int) -> bool:
        """Whether all that waits is to be decided about again, by this turn."""
        if not self._asked:
            return False
        from orchestrate.embedded.granting import is_due

        if is_due(connection, workflow, self.capacity):
            self._open()
        return self.wanted

    def look(self, connection: sqlite3.Connection, workflow: int, execution: "Execution") -> None:
        """Somebody hinted, or it is time to look anyway."""
        from orchestrate.embedded import claim_rows

        for own in claim_rows.own(connection, workflow):
            if own.path not in self._asked:
                continue
            if own.state == claim_rows.HELD:
                self._asked.discard(own.path)
                execution.claim_granted(own.path, own.tokens)
            elif own.state == claim_rows.REFUSED:
                self.release(own.path)
                execution.claim_refused(own.path, own.reason, own.blockers)
