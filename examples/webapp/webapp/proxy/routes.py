"""Where requests go: pools with weights, replaced as one whole."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Upstream(NamedTuple):
    """One application process."""

    name: str
    port: int


class Route(NamedTuple):
    """A pool. `weight` is its share of the traffic; a `standby` without weight takes over when
    no pool with weight can be reached.
    """

    pool: str
    weight: int
    standby: bool
    upstreams: tuple[Upstream, ...]


class Table(NamedTuple):
    """All routes. Without `draining`, requests in flight to what leaves the rotation are cut."""

    routes: tuple[Route, ...] = ()
    draining: bool = True

    @property
    def upstreams(self) -> dict[str, Upstream]:
        """Every upstream by name."""
        return {each.name: each for route in self.routes for each in route.upstreams}

    @property
    def rotation(self) -> frozenset[str]:
        """The names of the upstreams that take weighted traffic."""
        return frozenset(
            each.name for route in self.routes if route.weight for each in route.upstreams
        )

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        routes = [
            {**route._asdict(), "upstreams": [each._asdict() for each in route.upstreams]}
            for route in self.routes
        ]
        return {"routes": routes, "draining": self.draining}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Table":
        """The table that `to_json` wrote."""
        return cls(tuple(_route(each) for each in data["routes"]), bool(data["draining"]))


def _route(data: Mapping[str, Any]) -> Route:
    upstreams = tuple(Upstream(str(each["name"]), int(each["port"])) for each in data["upstreams"])
    return Route(str(data["pool"]), int(data["weight"]), bool(data["standby"]), upstreams)


class Selection:
    """Chooses upstreams for a table: pools by weight, evenly spread; in a pool, each in turn.

    Each turn every pool gains its weight and the richest is chosen and pays the sum of all. So
    among any 100 requests at weights 90 and 10 exactly ten go to the second pool, never ten in a
    row.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self._credit = {route.pool: 0 for route in table.routes}
        self._turn = {route.pool: 0 for route in table.routes}

    def by_weight(self) -> list[Upstream]:
        """The upstream whose turn it is, then those to try if it cannot be reached."""
        weighted = [route for route in self.table.routes if route.weight and route.upstreams]
        total = sum(route.weight for route in weighted)
        for route in weighted:
            self._credit[route.pool] += route.weight
        weighted.sort(key=lambda route: -self._credit[route.pool])
        if weighted:
            self._credit[weighted[0].pool] -= total
        standby = [route for route in self.table.routes if route.standby and not route.weight]
        return self._in_turn([*weighted, *standby])

    def of_pool(self, pool: str) -> list[Upstream]:
        """The same for one pool, whatever its weight."""
        return self._in_turn([route for route in self.table.routes if route.pool == pool])

    def _in_turn(self, routes: Sequence[Route]) -> list[Upstream]:
        order: list[Upstream] = []
        for position, route in enumerate(route for route in routes if route.upstreams):
            start = self._turn[route.pool] % len(route.upstreams)
            if position == 0:
                self._turn[route.pool] += 1
            order += route.upstreams[start:] + route.upstreams[:start]
        return order
