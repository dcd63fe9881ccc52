"""What will have to wait, as far as schedules and usual durations tell: pure arithmetic."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Coming(NamedTuple):
    """A workflow that is expected: when it wants to begin (seconds since the epoch), how long it
    usually takes (seconds), and how much of what it needs.
    """

    at: float
    name: str
    duration: float
    needs: Mapping[str, int]


class Collision(NamedTuple):
    """Not enough for all: `names` together need `needed` of `there`, so `late` starts later."""

    at: float
    names: tuple[str, ...]
    resource: str
    needed: int
    there: int
    late: str
    starts: float | None
    """None: it never fits."""


def collisions(coming: Sequence[Coming], there: Mapping[str, int]) -> list[Collision]:
    """Who will have to wait for whom, each starting as early as everything it needs is free."""
    running: list[tuple[float, Coming]] = []
    found: list[Collision] = []
    for one in sorted(coming, key=lambda each: (each.at, each.name)):
        wanted = one.at
        first: Collision | None = None
        while True:
            running = [pair for pair in running if pair[0] > wanted]
            short = _short(one, running, there)
            if short is None:
                break
            if first is None:
                first = short
            ends = [end for end, other in running if other.needs.get(short.resource)]
            if not ends:
                break
            wanted = min(ends)
        if first is not None:
            fits = all(amount <= there.get(name, amount) for name, amount in one.needs.items())
            found.append(first._replace(starts=wanted if fits else None))
            if not fits:
                continue
        running.append((wanted + one.duration, one))
    return found


def _short(
    one: Coming, running: Sequence[tuple[float, Coming]], there: Mapping[str, int]
) -> Collision | None:
    """The first resource of which there is not enough."""
    for resource, amount in one.needs.items():
        if resource not in there:
            continue
        others = [other for _, other in running if other.needs.get(resource)]
        needed = amount + sum(other.needs[resource] for other in others)
        if needed > there[resource]:
            names = (*(other.name for other in others), one.name)
            return Collision(one.at, names, resource, needed, there[resource], one.name, None)
    return None
