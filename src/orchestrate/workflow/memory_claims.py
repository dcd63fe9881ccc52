"""Locks and capacity of the runtime in memory: of one workflow, and of what stands for others."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.granting import Blocker, Entry, Policy, Refused, inherited
from orchestrate.workflow.program import Claim

_OURS, _OTHERS = 1, 2
OTHER = "another workflow"


class _Answer(NamedTuple):
    """What is to be reported about a claim."""

    tokens: Mapping[str, int] | None
    refused: Refused | None
    blockers: tuple[Blocker, ...]


class MemoryClaims:
    """`tell(path)` is called when there is an answer; `report` then brings it to the execution."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self.capacity: Mapping[str, int] | None = None
        """None: there is no end to anything."""
        self._held: dict[int, tuple[Entry, Mapping[str, int]]] = {}
        self._waiting: dict[int, Entry] = {}
        self._suspended: dict[str, Entry] = {}
        self._answers: dict[str, _Answer] = {}
        self._told: set[int] = set()
        self._since: dict[int, float] = {}
        self._count = 0
        self._tokens: dict[str, int] = {}

    def claim(self, claim: Claim) -> None:
        """See `Runtime.claim`."""
        suspended = self._suspended.pop(claim.path, None)
        held = next((n for n, (e, _) in self._held.items() if _is_ours(e, claim.path)), None)
        if held is not None and suspended is None:
            self._answer(claim.path, _Answer(self._held[held][1], None, ()))
            return
        self._count += 1
        number = self._count if held is None else held
        for lock, token in claim.tokens.items():
            self._tokens[lock] = max(self._tokens.get(lock, 0), token)
        at_once = tuple(lock.name for lock in claim.locks if lock.at_once and not claim.tokens)
        entry = Entry(
            number,
            _OURS,
            claim.path,
            {lock.name: lock.shared for lock in claim.locks},
            claim.resources,
            at_once,
        )
        if held is not None:
            del self._held[held]
        self._waiting[number] = entry
        self._decide(frozenset((number,)), claim.tokens)

    def _answer(self, path: str, answer: _Answer) -> None:
        self._answers[path] = answer
        self._tell(path)

    def release(self, path: str) -> None:
        """See `Runtime.unclaim`."""
        self._held = {n: h for n, h in self._held.items() if not _is_ours(h[0], path)}
        self._waiting = {n: e for n, e in self._waiting.items() if not _is_ours(e, path)}
        self._suspended.pop(path, None)
        self._answers.pop(path, None)
        self._decide()

    def suspend(self) -> None:
        """See `Runtime.suspend`. What waits is asked for again, after what was held."""
        self._waiting = {n: e for n, e in self._waiting.items() if e.workflow != _OURS}
        for number, (entry, tokens) in tuple(self._held.items()):
            if entry.workflow == _OURS and entry.resources:
                self._suspended[entry.path] = entry
                self._held[number] = entry._replace(resources={}), tokens

    def hold(self, lock: str, now: float) -> None:
        """Something else has it."""
        self._count += 1
        self._since[self._count] = now
        entry = Entry(self._count, _OTHERS, lock, {lock: False}, {})
        self._held[self._count] = entry, {lock: self._next(lock)}

    def let_go(self, lock: str) -> None:
        """Something else has it no longer."""
        self._held = {
            n: h for n, h in self._held.items() if (h[0].workflow, h[0].path) != (_OTHERS, lock)
        }
        self._decide()

    def _next(self, lock: str) -> int:
        self._tokens[lock] = self._tokens.get(lock, 0) + 1
        return self._tokens[lock]

    def _decide(
        self, fresh: frozenset[int] = frozenset(), kept: Mapping[str, int] | None = None
    ) -> None:
        policy = Policy(
            [entry for entry, _ in self._held.values()],
            list(self._waiting.values()),
            self.capacity,
        )
        verdict = policy.decide(fresh)
        for entry in verdict.granted:
            del self._waiting[entry.number]
            before = list(self._held.values())
            tokens: dict[str, int] = {}
            for name in entry.locks:
                had = kept.get(name) if kept and entry.number in fresh else None
                tokens[name] = had or inherited(entry, before, name) or self._next(name)
            self._held[entry.number] = entry, tokens
            self._answer(entry.path, _Answer(tokens, None, ()))
        for refused in verdict.refused:
            del self._waiting[refused.entry.number]
            self._answer(refused.entry.path, _Answer(None, refused, ()))
        for number, entry in self._waiting.items():
            if number not in self._told:
                self._told.add(number)
                self._answer(entry.path, _Answer(None, None, policy.blockers(entry)))

    def report(self, execution: Execution, path: str) -> None:
        """Tell the execution what became of a claim."""
        answer = self._answers.pop(path, None)
        if answer is None:
            return
        if answer.tokens is not None:
            execution.claim_granted(path, answer.tokens)
        elif answer.refused is not None:
            refused = answer.refused
            blockers = [self._said(blocker) for blocker in refused.blockers]
            execution.claim_refused(path, refused.reason, blockers)
        else:
            execution.claim_waiting(path, [self._said(blocker) for blocker in answer.blockers])

    def _said(self, blocker: Blocker) -> Mapping[str, Json]:
        entry = blocker.entry
        kind = "lock" if blocker.what in entry.locks else "resource"
        ours = entry.workflow == _OURS
        return {
            kind: blocker.what,
            "workflow": "" if ours else OTHER,
            "step": entry.path if ours else "",
            "since": self._since.get(entry.number),
        }


def _is_ours(entry: Entry, path: str) -> bool:
    return entry.workflow == _OURS and entry.path == path
