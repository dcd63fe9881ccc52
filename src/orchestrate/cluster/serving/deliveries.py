"""The port `launching.deliveries.Deliveries` over the workflow that keeps them."""

import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from orchestrate.cluster import names
from orchestrate.cluster.connection import Connection
from orchestrate.cluster.payloads import Data
from orchestrate.cluster.serving.delivering import COUNTS, SHOWN
from orchestrate.cluster.serving.delivery_book import delivery_of
from orchestrate.cluster.standing import Standing
from orchestrate.launching.deliveries import STATES, WAITING, Delivery, Tally, tally
from orchestrate.workflow.audit import Author
from orchestrate.workflow.engine import Summary
from orchestrate.workflow.notifying import Subscription

_ALL = 1_000_000
_PAUSES = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
"""Seconds between looks."""


class Known(Protocol):
    """Where workflows are."""

    @property
    def connection(self) -> Connection:
        """The way to the cluster."""
        ...

    def get(self, workflow: str) -> Summary:
        """Raises NotFoundError."""
        ...


class ClusterDeliveries:
    """What is told of the workflows of a namespace. Reading takes no worker."""

    def __init__(self, cluster: Known) -> None:
        self._cluster = cluster
        self._standing = Standing(cluster.connection, names.DELIVERIES)

    def find(
        self, states: Sequence[str], limit: int, workflow: str | None = None
    ) -> list[Delivery]:
        """See the port. The newest are known."""
        if workflow is not None:
            self._cluster.get(workflow)
        memo = self._memo()
        known = [delivery_of(row) for field, row in memo.items() if row and field.startswith(SHOWN)]
        found = [one for one in known if one.state in states and workflow in (None, one.workflow)]
        return sorted(found, key=lambda one: (one.at, one.number))[-limit:]

    def _memo(self) -> Data:
        """What is shown; a new run of the workflow has shown nothing yet but how many there are."""
        for pause in _PAUSES:
            memo = self._standing.memo()
            if not memo.get(COUNTS) or any(field.startswith(SHOWN) for field in memo):
                return memo
            time.sleep(pause)
        return self._standing.memo()

    def counts(self) -> Mapping[str, int]:
        """See the port."""
        found: Mapping[str, int] = self._standing.memo().get(COUNTS) or {}
        return found

    def tallies(self) -> list[Tally]:
        """See the port. The newest are known."""
        return tally(self.find(STATES, _ALL))

    def retry(self, key: str | None, author: Author, now: float) -> int:
        """See the port."""
        del now  # it is done when the workflow hears of it
        return int(self._standing.ask("retry", {"key": key, "author": author._asdict()}))

    def drop(self, key: str, author: Author, now: float) -> None:
        """See the port."""
        del now
        self._standing.ask("drop", {"key": key, "author": author._asdict()})

    def release(self, variables: Mapping[str, str]) -> None:
        """Have what waits for some of these variables tried at once."""
        held = {name for one in self.find((WAITING,), _ALL) for name in one.held}
        if names_set := sorted(name for name in held if variables.get(name)):
            self._standing.ask("release", {"variables": names_set})


def expect_deliveries(connection: Connection, told: Sequence[Subscription]) -> None:
    """Have somebody there who keeps what a workflow's integrations are told."""
    if told:
        Standing(connection, names.DELIVERIES).start()
