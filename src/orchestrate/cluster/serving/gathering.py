"""How things are on a cluster, as metrics: what stands now. What is over is counted by Temporal."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from temporalio.client import Client
from temporalio.service import RPCError

from orchestrate.cluster import names
from orchestrate.cluster.connection import Connection, refused
from orchestrate.cluster.payloads import Data
from orchestrate.cluster.serving.delivering import COUNTS
from orchestrate.cluster.serving.delivering import SHOWN as DELIVERY
from orchestrate.cluster.serving.delivery_book import delivery_of
from orchestrate.cluster.serving.eventing import UNMATCHED
from orchestrate.cluster.serving.scheduling import SHOWN
from orchestrate.cluster.standing import Standing
from orchestrate.errors import OrchestrateError
from orchestrate.launching.deliveries import FAILED, WAITING
from orchestrate.workflow import metrics
from orchestrate.workflow.metrics import Series, standing

_OPEN = f"WorkflowType = '{names.PLAYBOOK}' AND ExecutionStatus = 'Running'"


class Connected(Protocol):
    """Something with a way to the cluster."""

    @property
    def connection(self) -> Connection:
        """The way."""
        ...


class ClusterGatherer:
    """Gathers the metrics of a namespace. `connect` gives a connection for a moment."""

    def __init__(self, connect: Callable[[], AbstractContextManager[Connected]]) -> None:
        self._connect = connect

    def gather(
        self,
        resources: Mapping[str, int],
        places: int | None,
        *,
        counts_for: float,
        patience: float,
    ) -> list[Series]:
        """Everything; nothing if the cluster does not answer. What is shared tells the coordinator,
        and nothing is counted here: only the signature is that of the other gatherer.
        """
        del resources, places, counts_for, patience
        try:
            with self._connect() as cluster:
                return self._measure(cluster.connection)
        except OrchestrateError:
            return []

    def _measure(self, connection: Connection) -> list[Series]:
        summaries = connection.wait(_summaries(connection.client))
        now = time.time()
        counts: dict[tuple[str, str], int] = {}
        oldest: dict[str, float] = {}
        for one in summaries:
            state = str(one["state"])
            key = str(one["playbook"]), state
            counts[key] = counts.get(key, 0) + 1
            oldest[state] = max(oldest.get(state, 0.0), now - float(one["created_at"]))
        return [
            *(standing(metrics.WORKFLOWS, amount, *key) for key, amount in counts.items()),
            *(standing(metrics.OLDEST, age, state) for state, age in oldest.items()),
            *_schedules(Standing(connection, names.SCHEDULES).memo()),
            *_events(Standing(connection, names.EVENTS).memo()),
            *_deliveries(Standing(connection, names.DELIVERIES).memo(), now),
        ]


async def _summaries(client: Client) -> list[Data]:
    entries: AsyncIterator[Any] = client.list_workflows(_OPEN)
    found: list[Data] = []
    try:
        async for entry in entries:
            kept = (await entry.memo()).get(names.SUMMARY)
            if kept is not None:
                found.append(kept)
    except RPCError as error:
        raise refused(error) from error
    return found


def _schedules(memo: Data) -> list[Series]:
    kept = [shown for field, shown in memo.items() if field.startswith(SHOWN) and shown is not None]
    enabled = sum(bool(shown["schedule"]["enabled"]) for shown in kept)
    return [
        standing(metrics.SCHEDULES, enabled, "true"),
        standing(metrics.SCHEDULES, len(kept) - enabled, "false"),
    ]


def _deliveries(memo: Data, now: float) -> list[Series]:
    counts: Mapping[str, int] = memo.get(COUNTS) or {}
    open_states = [(WAITING, counts.get(WAITING, 0)), *((s, counts.get(s, 0)) for s in FAILED)]
    rows = [row for field, row in memo.items() if field.startswith(DELIVERY) and row is not None]
    waiting = [one.since for one in map(delivery_of, rows) if one.state == WAITING]
    return [
        *(standing(metrics.DELIVERIES, count, state) for state, count in open_states if counts),
        *(standing(metrics.DELIVERY_AGE, now - since) for since in sorted(waiting)[:1]),
    ]


def _events(memo: Data) -> list[Series]:
    unmatched: list[Data] = memo.get(UNMATCHED) or []
    return [standing(metrics.INBOX, len(unmatched), "unmatched")]
