"""How things are on a cluster, as metrics: what stands now, and what was counted so far."""

import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from orchestrate import __version__
from orchestrate.cluster import names
from orchestrate.cluster.connection import ClusterError, Connection, namespace_of
from orchestrate.cluster.coordinating.client import Coordinator
from orchestrate.cluster.coordinating.overview import View, pools
from orchestrate.cluster.coordinating.places import QUEUED, RETURNING
from orchestrate.cluster.looking.listing import open_now
from orchestrate.cluster.payloads import Data
from orchestrate.cluster.serving.counted import Counted
from orchestrate.cluster.serving.counting import catch_up, count_slots
from orchestrate.cluster.serving.delivering import COUNTS, ENDED
from orchestrate.cluster.serving.delivering import SHOWN as DELIVERY
from orchestrate.cluster.serving.delivery_book import delivery_of
from orchestrate.cluster.serving.eventing import UNMATCHED
from orchestrate.cluster.serving.scheduling import SHOWN
from orchestrate.cluster.standing import Standing
from orchestrate.errors import OrchestrateError, StoreError
from orchestrate.launching.deliveries import FAILED, WAITING
from orchestrate.workflow import metrics
from orchestrate.workflow.coordination import PLACES
from orchestrate.workflow.metrics import OTHER, Series, Total, standing
from orchestrate.workflow.outcomes import State

_ANSWERED_WITHIN = 3.0
"""Seconds in which the coordinator says who has what: whoever gathers has not much time."""


class Connected(Protocol):
    """Something with a way to the cluster."""

    @property
    def connection(self) -> Connection:
        """The way."""
        ...


class ClusterGatherer:
    """Gathers the metrics of a namespace. `connect` gives a connection for a moment; what was
    counted is kept in `folder`.
    """

    def __init__(
        self, connect: Callable[[], AbstractContextManager[Connected]], folder: Path
    ) -> None:
        self._connect = connect
        self._folder = folder

    def gather(
        self,
        resources: Mapping[str, int],
        places: int | None,
        *,
        counts_for: float,
        patience: float,
    ) -> list[Series]:
        """Everything; nothing of the cluster if it does not answer. Counting stops after about
        `counts_for` seconds, and goes on the next time. What is shared the coordinator tells, and
        a connection has a patience of its own: these are in the signature of the other gatherer.
        """
        del resources, places, patience
        until = time.monotonic() + counts_for
        try:
            with self._connect() as cluster:
                found = self._measure(cluster.connection, until)
        except OrchestrateError:
            found = []
        return [*found, standing(metrics.BUILD, 1, __version__, platform.python_version(), "")]

    def _measure(self, connection: Connection, until: float) -> list[Series]:
        schedules = _shown(Standing(connection, names.SCHEDULES).memo())
        try:
            counted, known = self._count(connection, schedules, until)
        except StoreError:  # that it cannot be written is what is told
            counted, known = [standing(metrics.WRITABLE, 0)], None
        now = time.time()
        summaries = connection.wait(open_now(connection.client))
        running = sum(one["state"] == State.RUNNING for one in summaries)
        return [
            *counted,
            *_workflows(summaries, known, now),
            *_schedules(schedules),
            *_events(Standing(connection, names.EVENTS).memo()),
            *_deliveries(Standing(connection, names.DELIVERIES).memo(), now),
            *_shared(connection, running, now),
        ]

    def _count(
        self, connection: Connection, schedules: Mapping[str, Data], until: float
    ) -> tuple[list[Series], frozenset[str]]:
        """What was counted so far, and the playbooks that are told apart."""
        name = connection.wait(namespace_of(connection.client))
        with Counted(self._folder / f"metrics-{name}.db").open() as known:
            count_slots(known, schedules)
            left = catch_up(connection, known, until)
            beside = standing(metrics.UNCOUNTED, left), standing(metrics.WRITABLE, 1)
            return [*known.all(), *beside], known.playbooks()


def _workflows(
    summaries: Sequence[Data], known: frozenset[str] | None, now: float
) -> Iterator[Series]:
    counts: dict[tuple[str, str], int] = {}
    oldest: dict[str, float] = {}
    for one in summaries:
        state, playbook = str(one["state"]), str(one["playbook"])
        key = playbook if known is None or playbook in known else OTHER, state
        counts[key] = counts.get(key, 0) + 1
        oldest[state] = max(oldest.get(state, 0.0), now - float(one["created_at"]))
    for key, amount in counts.items():
        yield standing(metrics.WORKFLOWS, amount, *key)
    for state, age in oldest.items():
        yield standing(metrics.OLDEST, age, state)


def _shared(connection: Connection, running: int, now: float) -> Iterator[Series]:
    """Of what workflows share; while no worker answers it is not known who has what."""
    coordinator = Coordinator(connection.client)
    in_force = connection.wait(coordinator.in_force())
    yield standing(metrics.HELD, in_force is not None and in_force.hold is not None)
    try:
        view = connection.wait(coordinator.view(_ANSWERED_WITHIN))
    except ClusterError:
        return
    if view is None:  # nobody ever wanted anything
        view = View([], [], {}, None)
    queue = [seat for seat in view.seats if seat.state in (QUEUED, RETURNING)]
    for priority, amount in Counter(seat.priority for seat in queue).items():
        yield standing(metrics.QUEUE, amount, priority)
    yield standing(metrics.QUEUE_AGE, _age(now, [seat.since for seat in queue]))
    waiting = [row for row in view.rows if row.waits]
    yield standing(metrics.CLAIMS, sum(row.holds for row in view.rows), "held")
    yield standing(metrics.CLAIMS, len(waiting), "waiting")
    yield standing(metrics.CLAIM_AGE, _age(now, [row.since for row in waiting]))
    for pool in pools(view):
        if pool.there is not None:
            yield standing(metrics.CAPACITY_USED, pool.used, pool.name)
            yield standing(metrics.CAPACITY, pool.there, pool.name)
        elif pool.name == PLACES:  # without a limit most workflows never ask for a place
            yield standing(metrics.CAPACITY_USED, running, PLACES)


def _age(now: float, moments: Sequence[float]) -> float:
    return max(0.0, now - min(moments, default=now))


def _shown(memo: Data) -> dict[str, Data]:
    """Schedules by name."""
    return {
        field.removeprefix(SHOWN): shown
        for field, shown in memo.items()
        if field.startswith(SHOWN) and shown is not None
    }


def _schedules(kept: Mapping[str, Data]) -> list[Series]:
    enabled = sum(bool(shown["schedule"]["enabled"]) for shown in kept.values())
    return [
        standing(metrics.SCHEDULES, enabled, "true"),
        standing(metrics.SCHEDULES, len(kept) - enabled, "false"),
    ]


def _deliveries(memo: Data, now: float) -> list[Series]:
    counts: Mapping[str, int] = memo.get(COUNTS) or {}
    open_states = [(WAITING, counts.get(WAITING, 0)), *((s, counts.get(s, 0)) for s in FAILED)]
    rows = [row for field, row in memo.items() if field.startswith(DELIVERY) and row is not None]
    waiting = [one.since for one in map(delivery_of, rows) if one.state == WAITING]
    ended: Mapping[str, Mapping[str, int]] = memo.get(ENDED) or {}
    return [
        *(
            Series(metrics.DELIVERED, (integration, outcome), Total(float(count)))
            for integration, ends in sorted(ended.items())
            for outcome, count in sorted(ends.items())
        ),
        *(standing(metrics.DELIVERIES, count, state) for state, count in open_states if counts),
        *(standing(metrics.DELIVERY_AGE, now - since) for since in sorted(waiting)[:1]),
    ]


def _events(memo: Data) -> list[Series]:
    unmatched: list[Data] = memo.get(UNMATCHED) or []
    return [standing(metrics.INBOX, len(unmatched), "unmatched")]
