"""Whether what was seen of locks can be explained by locks that are never held wrongly.

The model of one lock: it is held by nobody, by one alone, or by several that share it; each grant
gives a token above all before it; what is held ends by being given back or taken away. What was
seen are operations, each of which took effect at some moment between two that are known. They are
explained if there is one order of these effects that fits all moments and the model (Wing and Gong,
"Testing and verifying concurrent objects", 1993).
"""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

GRANT, RETURN, TAKE_AWAY = "grant", "return", "take away"


class Operation(NamedTuple):
    """What somebody did with a lock. It took effect after `begun` and before `ended`; a grant was
    given, whatever else became of its holder. The others may have never taken effect if nobody
    heard of their end (`ended` is infinite).
    """

    what: str
    token: int
    shared: bool = False
    begun: float = -inf
    ended: float = inf

    @property
    def may_be_missing(self) -> bool:
        """Whether it has perhaps never taken effect."""
        return self.what != GRANT and self.ended == inf


class Lock(NamedTuple):
    """The model: tokens of those that hold it, whether they share it, and the last token."""

    held: frozenset[int] = frozenset()
    shared: bool = False
    last: int = 0

    def after(self, done: Operation) -> "Lock | None":
        """The lock after an operation; None if that cannot be."""
        if done.what != GRANT:
            # What somebody took away may be given back later, without any effect.
            return self._replace(held=self.held - {done.token})
        free = not self.held or (self.shared and done.shared)
        if not free or done.token <= self.last:
            return None
        return Lock(self.held | {done.token}, done.shared, done.token)


def explain(history: Sequence[Operation]) -> list[Operation] | None:
    """An order of effects that explains what was seen; None if there is none."""
    order: list[Operation] = []
    dead: set[tuple[frozenset[int], Lock]] = set()

    def search(left: frozenset[int], lock: Lock) -> bool:
        if all(history[number].may_be_missing for number in left):
            return True
        if (left, lock) in dead:
            return False
        first_end = min(history[number].ended for number in left)
        for number in sorted(left, key=lambda n: (history[n].ended, history[n].token)):
            done = history[number]
            if done.begun > first_end:
                continue  # another one was over before this began
            found = lock.after(done)
            if found is not None:
                order.append(done)
                if search(left - {number}, found):
                    return True
                order.pop()
        dead.add((left, lock))
        return False

    return order if search(frozenset(range(len(history))), Lock()) else None
