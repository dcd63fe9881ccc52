"""What was counted so far, in tables of SQLite: it only grows, also where journals are removed.

How many different values a label may have is limited: whatever comes later is counted as `other`.
"""

import json
import sqlite3
from collections.abc import Mapping

from orchestrate.workflow.metrics import (
    METRICS,
    OTHER,
    Labels,
    Metric,
    Series,
    Tally,
    Total,
    merged,
)

LIMITS: Mapping[str, int] = {"playbook": 100, "schedule": 100, "type": 30, "integration": 30}
"""How many values these labels may have."""
_OF_ROW = "SELECT amount, sum, buckets FROM totals WHERE metric = ? AND labels = ?"
_WRITE = (
    "INSERT INTO totals (metric, labels, amount, sum, buckets) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (metric, labels) DO UPDATE SET amount = excluded.amount, sum = excluded.sum, "
    "buckets = excluded.buckets"
)


def add(connection: sqlite3.Connection, tally: Tally) -> None:
    """Add a tally to the totals."""
    bounded = Tally()
    names = _Names(connection)
    for (metric, labels), total in tally.totals.items():
        bounded.merge(metric, names.bounded(metric, labels), total)
    for (metric, labels), total in bounded.totals.items():
        written = json.dumps(labels)
        row = connection.execute(_OF_ROW, (metric.name, written)).fetchone()
        if row is not None:
            total = merged(metric, _total(metric, row), total)
        buckets = json.dumps(dict(zip(_bounds(metric), total.buckets, strict=True)))
        connection.execute(_WRITE, (metric.name, written, total.amount, total.sum, buckets))


def load(connection: sqlite3.Connection) -> list[Series]:
    """All totals, those of a metric together."""
    rows = connection.execute(
        "SELECT metric, labels, amount, sum, buckets FROM totals ORDER BY metric, labels"
    ).fetchall()
    return [
        Series(metric, tuple(json.loads(labels)), _total(metric, (amount, total, buckets)))
        for name, labels, amount, total, buckets in rows
        if (metric := METRICS.get(name)) is not None
    ]


def playbooks(connection: sqlite3.Connection) -> frozenset[str]:
    """The playbooks that are told apart."""
    rows = connection.execute("SELECT value FROM label_values WHERE label = 'playbook'")
    return frozenset(row[0] for row in rows.fetchall())


def _bounds(metric: Metric) -> list[str]:
    return [*map(repr, metric.bounds), "inf"] if metric.bounds else []


def _total(metric: Metric, row: tuple[float, float, str]) -> Total:
    """What a row says. An observation in a bucket that there is no more counts in the next one."""
    amount, total, written = row
    kept: Mapping[str, int] = json.loads(written)
    bounds = (*metric.bounds, float("inf")) if metric.bounds else ()
    buckets = [0] * len(bounds)
    for bound, fell in kept.items():
        place = next(n for n, there in enumerate(bounds) if float(bound) <= there)
        buckets[place] += fell
    return Total(amount, total, tuple(buckets))


class _Names:
    """Which values labels have."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[str, set[str]] = {}
        for label, value in connection.execute("SELECT label, value FROM label_values").fetchall():
            self._known.setdefault(label, set()).add(value)

    def bounded(self, metric: Metric, labels: Labels) -> Labels:
        """The labels with `other` for what is beyond the limit."""
        return tuple(
            self._value(name, value) if name in LIMITS else value
            for name, value in zip(metric.labels, labels, strict=True)
        )

    def _value(self, label: str, value: str) -> str:
        known = self._known.setdefault(label, set())
        if value in known:
            return value
        if len(known) >= LIMITS[label]:
            return OTHER
        known.add(value)
        self._connection.execute(
            "INSERT OR IGNORE INTO label_values (label, value) VALUES (?, ?)", (label, value)
        )
        return value
