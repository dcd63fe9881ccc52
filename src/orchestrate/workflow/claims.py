"""The claims of one run: locks and capacity that it waits for or holds.

A grant is an input, recorded with its tokens; a replay takes it from the record. What is held when
the replay is over is claimed once more, for it may be gone (the workflow had ended, the lock was
taken away); until that is answered no attempt starts.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.workflow.claim_views import said
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.gate import Gate
from orchestrate.workflow.history import CLAIM
from orchestrate.workflow.journal import Journal
from orchestrate.workflow.program import Claim
from orchestrate.workflow.runtime import Runtime
from orchestrate.workflow.scope import Cancelled, Pending, Scope
from orchestrate.workflow.timers import Timers

_GATE = "claims"


class Refusal(NamedTuple):
    """Why a step may not begin. `outcome`: fail or skip."""

    reason: str
    outcome: str
    message: str


class _Wait:
    """A claim that was made and not answered."""

    __slots__ = ("answer", "claim", "since")

    def __init__(self, claim: Claim, since: float) -> None:
        self.claim = claim
        self.since = since
        self.answer: Pending[Refusal | None] = Pending()


class Claims:
    """All claims of one workflow."""

    def __init__(self, journal: Journal, runtime: Runtime, timers: Timers, gate: Gate) -> None:
        self._journal = journal
        self._runtime = runtime
        self._timers = timers
        self._gate = gate
        self._waits: dict[str, _Wait] = {}
        self._held: dict[str, Claim] = {}
        self._again: dict[str, float] = {}
        """Held claims that were made once more, and when."""
        self._early: dict[str, list[Event]] = {}
        self._live = False
        self._paused = False

    @property
    def waiting(self) -> bool:
        """Whether any claim may still be answered although nothing else moves. One that waits for
        what this very workflow holds does not count: it moves when its holder does.
        """
        return bool(self._again) or not all(
            self._waits_for_itself(wait.claim) for wait in self._waits.values()
        )

    def _waits_for_itself(self, claim: Claim) -> bool:
        from orchestrate.workflow.granting import covers

        for held in self._held.values():
            if covers(held.path, claim.path):
                continue
            shared = {lock.name: lock.shared for lock in held.locks}
            if claim.resources.keys() & held.resources.keys() or any(
                lock.name in shared and not (lock.shared and shared[lock.name])
                for lock in claim.locks
            ):
                return True
        return False

    async def acquire(self, scope: Scope, claim: Claim) -> Refusal | None:
        """Wait until the claim is granted; or why it is not. Raises `Cancelled`."""
        if scope.cancelled:
            raise Cancelled
        path = claim.path
        wait = self._waits[path] = _Wait(claim, self._runtime.now())
        if path in self._early:
            for event in self._early.pop(path):
                self.replay(event)
        elif self._live and not self._paused:
            # After a pause what is held already comes before what is wanted since.
            self._runtime.claim(claim)
        limits = [lock.wait for lock in claim.locks if lock.wait]
        if limits and not wait.answer.done:
            self._timers.start_deadline(path, CLAIM, min(limits), lambda: self._expire(path))
        try:
            return await scope.wait(wait.answer)
        except Cancelled:
            self._withdraw(path)
            raise
        finally:
            self._timers.clear_deadline(path, CLAIM)

    def _withdraw(self, path: str) -> None:
        del self._waits[path]
        if self._live:
            self._runtime.unclaim(path)

    def _expire(self, path: str) -> None:
        """It was waited for long enough: that is the deadline's own input, also in a replay."""
        wait = self._waits.get(path)
        if wait is None:
            return
        self._withdraw(path)
        lock = min(
            (lock for lock in wait.claim.locks if lock.wait), key=lambda lock: lock.wait or 0
        )
        message = f"did not get the lock {lock.name} within {lock.wait:g} s"
        outcome = "skip" if lock.on_conflict == "skip" else "fail"
        wait.answer.resolve(Refusal("deadline", outcome, message))

    def granted(self, path: str, tokens: Mapping[str, int]) -> None:
        """The host says: it has them."""
        wait = self._waits.get(path)
        now = self._runtime.now()
        if wait is not None:
            self._take(path, tokens, now - wait.since, wait.claim.resources)
            del self._waits[path]
            self._held[path] = wait.claim._replace(tokens=dict(tokens))
            wait.answer.resolve(None)
        elif path in self._again:
            since = self._again[path]
            claim = self._held[path]
            if since >= 0 and (tokens != claim.tokens or now > since):
                self._take(path, tokens, now - since, claim.resources)
            self._held[path] = claim._replace(tokens=dict(tokens))
            self._settle_again(path)

    def _take(
        self, path: str, tokens: Mapping[str, int], waited: float, resources: Mapping[str, int]
    ) -> None:
        data: dict[str, Json] = {"tokens": dict(tokens), "waited": max(0.0, waited)}
        if resources:
            data["resources"] = dict(resources)
        self._journal.take_input(EventType.CLAIMED, path, data)

    def refused(
        self, path: str, reason: str, blockers: Sequence[Mapping[str, Json]]
    ) -> Refusal | None:
        """The host says: never. The refusal is returned if what is refused has begun already."""
        wait = self._waits.pop(path, None)
        if wait is None:
            again = path in self._again
            return _refusal(self._held[path], reason, blockers) if again else None
        refusal = _refusal(wait.claim, reason, blockers)
        self._journal.take_input(EventType.CLAIM_REFUSED, path, refusal._asdict())
        wait.answer.resolve(refusal)
        return None

    def must_wait(self, path: str, blockers: Sequence[Mapping[str, Json]]) -> None:
        """The host says: not yet."""
        if path in self._waits or path in self._again:
            self._journal.note(EventType.CLAIM_WAITING, path, {"blockers": blockers})

    def replay(self, event: Event) -> None:
        """Deliver a recorded answer; kept if the interpreter has not come to that claim yet."""
        path, data = event.path, event.data
        wait = self._waits.get(path)
        tokens = data.get("tokens")
        if event.type is EventType.CLAIMED and isinstance(tokens, Mapping):
            had = {name: int(str(token)) for name, token in tokens.items()}
            if wait is not None:
                del self._waits[path]
                self._held[path] = wait.claim._replace(tokens=had)
                wait.answer.resolve(None)
            elif path in self._held:
                self._held[path] = self._held[path]._replace(tokens=had)
            else:
                self._early.setdefault(path, []).append(event)
        elif wait is not None:
            del self._waits[path]
            said = (str(data[key]) for key in ("reason", "outcome", "message"))
            wait.answer.resolve(Refusal(*said))
        else:
            self._early.setdefault(path, []).append(event)

    def leave(self, path: str, *, keep: bool) -> None:
        """What was claimed is over. `keep`: the locks stay with the workflow all the same."""
        claim = self._held.pop(path, None)
        self._settle_again(path)
        if claim is None or keep:
            return
        data: dict[str, Json] = {"tokens": dict(claim.tokens)}
        if claim.resources:
            data["resources"] = dict(claim.resources)
        if self._journal.note(EventType.CLAIM_RELEASED, path, data):
            self._runtime.unclaim(path)

    def tokens(self, path: str) -> tuple[tuple[str, int], ...]:
        """The tokens of all locks that are held around a step, the innermost first."""
        if not self._held:
            return ()
        from orchestrate.workflow.granting import covers

        found: dict[str, int] = {}
        holders = [claim for claim in self._held.values() if covers(claim.path, path)]
        for claim in sorted(holders, key=lambda claim: -len(claim.path)):
            for lock in claim.locks:
                if lock.name in claim.tokens:
                    found.setdefault(lock.name, claim.tokens[lock.name])
        return tuple(found.items())

    # Pauses, and the end of the replay

    def go_live(self, *, paused: bool) -> None:
        """The replay is over: ask for what was not answered, and for what is held once more."""
        self._live = True
        self._paused = paused
        if not paused:
            self._claim_all()

    def suspend(self) -> None:
        """Nothing runs in a pause: others may have the capacity meanwhile."""
        self._paused = True
        if self._held or self._waits:
            self._runtime.suspend()

    def go_on(self) -> None:
        """The pause is over."""
        if self._paused and self._live:
            self._claim_all()
        self._paused = False

    def _claim_all(self) -> None:
        """What is held comes first: others must not get it in between."""
        now = self._runtime.now()
        for path, claim in self._held.items():
            self._again[path] = now
            self._gate.shut(_GATE)
            self._runtime.claim(claim)
        for wait in tuple(self._waits.values()):
            self._runtime.claim(wait.claim)

    def _settle_again(self, path: str) -> None:
        if self._again.pop(path, None) is not None and not self._again:
            self._gate.open(_GATE)


def _refusal(claim: Claim, reason: str, blockers: Sequence[Mapping[str, Json]]) -> Refusal:
    whom = "; ".join(said(blocker) for blocker in blockers)
    match reason:
        case "conflict":
            names = {str(blocker.get("lock")) for blocker in blockers}
            asked = {
                lock.on_conflict for lock in claim.locks if lock.at_once and lock.name in names
            }
            return Refusal(reason, "skip" if asked == {"skip"} else "fail", whom)
        case "capacity":
            name = str(blockers[0].get("resource"))
            message = f"asks for {claim.resources[name]} of {name}, which is more than there is"
            return Refusal(reason, "fail", message)
        case _:
            return Refusal(reason, "fail", f"a deadlock: it would wait for ever for {whom}")
