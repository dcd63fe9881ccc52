"""Who may have which locks and how much of which capacity: one policy for every host.

Pure: rows in, decisions out. A claim is had as a whole or not at all. Those that wait are looked at
in order of rank; what one of them goes on waiting for is reserved against those behind it, so that
nobody starves. Inside a claim a workflow may claim the same lock again: it has it already.

A waiter may pass one that waits, directly, through others or behind others, for a claim that is
held around the waiter: otherwise both would stand still for the sake of order. A circle of
workflows each of which waits for what the next one holds is a deadlock; the youngest claim in it is
refused.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from orchestrate.workflow import paths

CONFLICT = "conflict"
DEADLOCK = "deadlock"
CAPACITY = "capacity"
_PLAYBOOK = f"/{paths.PLAYBOOK}"


class Entry(NamedTuple):
    """A claim as the policy sees it. `locks`: whether each is shared. `number`: in the order of
    coming; `rank` sorts those that wait, the least first.
    """

    number: int
    workflow: int
    path: str
    locks: Mapping[str, bool]
    resources: Mapping[str, int]
    at_once: tuple[str, ...] = ()
    """Locks that are not waited for."""
    rank: float = 0.0


class Blocker(NamedTuple):
    """What keeps a claim waiting: a lock or a resource, and a claim that has it or came first."""

    what: str
    entry: Entry


class Refused(NamedTuple):
    """A claim that will not be granted."""

    entry: Entry
    reason: str
    blockers: tuple[Blocker, ...]


class Verdict(NamedTuple):
    """What becomes of those that wait; the rest goes on waiting."""

    granted: tuple[Entry, ...]
    refused: tuple[Refused, ...]
    dropped: tuple[Entry, ...]
    """Those behind which nobody is any more."""


def covers(holder: str, path: str) -> bool:
    """Whether a claim at `holder` is held around what happens at `path`."""
    outer = holder.removesuffix(_PLAYBOOK)
    return not outer or outer == paths.PLAYBOOK or paths.within(path, outer)


def _inside(entry: Entry, holder: Entry) -> bool:
    return entry.workflow == holder.workflow and covers(holder.path, entry.path)


def _conflicts(entry: Entry, other: Entry) -> list[str]:
    """Locks that the two cannot have at the same time."""
    if _inside(entry, other):
        return []
    return [
        name
        for name, shared in entry.locks.items()
        if name in other.locks and not (shared and other.locks[name])
    ]


def _compete(entry: Entry, other: Entry) -> bool:
    """Whether they want the same, of which there may not be enough for both."""
    return bool(_conflicts(entry, other) or entry.resources.keys() & other.resources.keys())


class Policy:
    """One look at all claims. `capacity` None: there is no end to anything."""

    def __init__(
        self,
        held: Sequence[Entry],
        waiting: Sequence[Entry],
        capacity: Mapping[str, int] | None,
        alive: Callable[[Entry], bool] = lambda _: True,
    ) -> None:
        self._held = list(held)
        self._waiting = sorted(waiting, key=lambda entry: (entry.rank, entry.number))
        self._capacity = capacity
        self._alive = alive
        self._dropped: list[Entry] = []

    def decide(self, fresh: frozenset[int] = frozenset()) -> Verdict:
        """Grant what can be granted. `fresh`: numbers of claims that were made just now: they are
        refused if they want what is not waited for.
        """
        granted: list[Entry] = []
        refused: list[Refused] = []
        while True:
            granted += self._grant()
            found = self._impossible() or self._at_once(fresh) or self._deadlock()
            if found is None:
                return Verdict(tuple(granted), tuple(refused), tuple(self._dropped))
            refused.append(found)
            self._waiting.remove(found.entry)

    def blockers(self, entry: Entry) -> tuple[Blocker, ...]:
        """What keeps a claim waiting: those that hold it; if nobody does, those that came first."""
        found = self._blocked_by(entry)
        if not found:
            numbers = [other.number for other in self._waiting]
            ahead = numbers.index(entry.number) if entry.number in numbers else 0
            found = self._blocked_by(entry, self._waiting[:ahead]) if ahead else []
        return tuple(found)

    def _blocked_by(self, entry: Entry, ahead: Sequence[Entry] = ()) -> list[Blocker]:
        others = ahead or self._held
        found = [Blocker(name, other) for other in others for name in _conflicts(entry, other)]
        for name in entry.resources:
            if not self._fits(entry._replace(resources={name: entry.resources[name]}), ahead):
                found += [Blocker(name, other) for other in others if name in other.resources]
        return found

    # Granting

    def _grant(self) -> list[Entry]:
        granted: list[Entry] = []
        ahead: list[Entry] = []
        for entry in tuple(self._waiting):
            if not self._is_free(entry):
                ahead.append(entry)
                continue
            ahead = [other for other in ahead if not self._is_gone_from_the_way(entry, other)]
            if self._must_queue(entry, ahead):
                ahead.append(entry)
            elif self._drop_if_dead(entry):
                continue
            else:
                self._waiting.remove(entry)
                self._held.append(entry)
                granted.append(entry)
        return granted

    def _is_free(self, entry: Entry) -> bool:
        if any(_conflicts(entry, other) for other in self._held):
            return False
        return self._fits(entry, ())

    def _fits(self, entry: Entry, ahead: Sequence[Entry]) -> bool:
        if self._capacity is None:
            return True
        for name, amount in entry.resources.items():
            used = sum(other.resources.get(name, 0) for other in (*self._held, *ahead))
            if used + amount > self._capacity.get(name, 0):
                return False
        return True

    def _is_gone_from_the_way(self, entry: Entry, other: Entry) -> bool:
        """Whether one that waits is in the way of `entry`, and nobody is behind it any more."""
        return _compete(entry, other) and self._drop_if_dead(other)

    def _must_queue(self, entry: Entry, ahead: Sequence[Entry]) -> bool:
        """Whether it has to let others go first that came before it and wait."""
        stuck = self._waiting_for(entry)
        firm = [other for other in ahead if _compete(entry, other) and other.number not in stuck]
        if any(_conflicts(entry, other) for other in firm):
            return True
        return not self._fits(entry, firm)

    def _drop_if_dead(self, entry: Entry) -> bool:
        if self._alive(entry):
            return False
        if entry in self._waiting:
            self._waiting.remove(entry)
            self._dropped.append(entry)
        return True

    def _waiting_for(self, inner: Entry) -> set[int]:
        """Numbers of those that cannot go on before `inner` does: they wait for what is held around
        it, for what waits in turn inside of what they want, or behind such a one.
        """
        around = {held.number for held in self._held if _inside(inner, held)}
        found: set[int] = set()
        more = bool(around)
        while more:
            more = False
            for position, entry in enumerate(self._waiting):
                if entry.number in found or entry.number == inner.number:
                    continue
                ahead = self._waiting[:position]
                if self._depends(entry, ahead, around, found):
                    found.add(entry.number)
                    more = True
        return found

    def _depends(
        self, entry: Entry, ahead: Sequence[Entry], around: set[int], found: set[int]
    ) -> bool:
        if any(other.number in found and _compete(entry, other) for other in ahead):
            return True
        inside = [other for other in self._waiting if other.number in found]
        return any(
            blocker.entry.number in around or any(_inside(other, blocker.entry) for other in inside)
            for blocker in self._blocked_by(entry)
        )

    # Refusing

    def _impossible(self) -> Refused | None:
        """A claim for more than there is, even if nobody else had any."""
        if self._capacity is None:
            return None
        for entry in self._waiting:
            for name, amount in entry.resources.items():
                if amount > self._capacity.get(name, 0):
                    return Refused(entry, CAPACITY, (Blocker(name, entry),))
        return None

    def _at_once(self, fresh: frozenset[int]) -> Refused | None:
        for entry in self._waiting:
            if entry.number in fresh and entry.at_once:
                held = [b for b in self.blockers(entry) if b.what in entry.at_once]
                if held:
                    return Refused(entry, CONFLICT, tuple(held))
        return None

    def _deadlock(self) -> Refused | None:
        """The youngest of a circle. Only claims of workflows that hold something can be in one."""
        holders = {entry.workflow for entry in self._held}
        stuck = [entry for entry in self._waiting if entry.workflow in holders]
        stuck = self._stuck(stuck) if stuck else []
        for entry in sorted(stuck, key=lambda e: (e.rank, e.number), reverse=True):
            if self._reaches_itself(entry, stuck):
                blockers = tuple(self._blocked_by(entry))
                return Refused(entry, DEADLOCK, blockers)
        return None

    def _stuck(self, suspects: list[Entry]) -> list[Entry]:
        """Those that wait even if all that can end has ended."""
        held = list(self._held)
        while True:
            ended = [h for h in held if not any(_inside(entry, h) for entry in suspects)]
            held = [h for h in held if h not in ended]
            free = Policy(held, (), self._capacity)
            can_go = [entry for entry in suspects if free._is_free(entry)]
            suspects = [entry for entry in suspects if entry not in can_go]
            if not ended and not can_go:
                return suspects

    def _reaches_itself(self, entry: Entry, stuck: Sequence[Entry]) -> bool:
        seen: set[int] = set()
        ahead = [entry]
        while ahead:
            current = ahead.pop()
            for blocker in self._blocked_by(current):
                for other in stuck:
                    if not _inside(other, blocker.entry):
                        continue
                    if other.number == entry.number:
                        return True
                    if other.number not in seen:
                        seen.add(other.number)
                        ahead.append(other)
        return False


def inherited(
    entry: Entry, held: Sequence[tuple[Entry, Mapping[str, int]]], name: str
) -> int | None:
    """The token of a lock that the workflow has already, around the claim; None if it is new."""
    for holder, tokens in held:
        if _inside(entry, holder) and name in tokens and name in holder.locks:
            enough = not holder.locks[name] or entry.locks[name]
            if enough and holder.number != entry.number:
                return tokens[name]
    return None
