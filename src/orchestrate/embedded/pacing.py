"""Attempts that have to wait until their command may be called again (`[rate_limits]`).

The token is taken with the commit that records the start, which tells when it will be there: then a
timer launches the attempt, and its own timeout begins only then. What an attempt was given is
kept, so that one that a crash kept from starting is not charged again. A token that turns out not
to be needed goes back.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from orchestrate.embedded.loop import Loop, Timer
from orchestrate.embedded.writer import Change, Writer
from orchestrate.playbook.plan import Json
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.workflow.events import EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.program import Attempt
from orchestrate.workflow.rates import Limit, applying, charged, earliest

_KEPT = 86400.0
"""Seconds after which nobody asks again what an attempt was given."""


class Paced(Protocol):
    """Whose attempts they are."""

    execution: Execution

    @property
    def open(self) -> bool:
        """Whether it may still be told anything."""
        ...

    def flush(self) -> None:
        """The end of a turn."""
        ...


class Pacing:
    """The attempts of one workflow in one ownership."""

    def __init__(
        self,
        workflow: int,
        limits: Sequence[Limit],
        loop: Loop,
        writer: Writer,
        whose: Paced,
        start: Callable[[Sequence[int]], None],
    ) -> None:
        self._workflow = workflow
        self._limits = limits
        self._loop = loop
        self._writer = writer
        self._whose = whose
        self._start = start
        self._given: dict[int, tuple[Attempt, tuple[Limit, ...], float]] = {}
        """Attempts with the limits that hold for them, and when they may start."""
        self._timers: dict[int, Timer] = {}

    def charge(self, connection: sqlite3.Connection, attempts: Sequence[Attempt]) -> None:
        """In the transaction that records their start: take a token for each. In any thread."""
        if not self._limits:
            return
        now = time.time()
        for attempt in attempts:
            limits = applying(self._limits, attempt.call.words)
            if limits and attempt.call.kind == "command":
                at = _take(connection, self._workflow, attempt.id, limits, now)
                self._given[attempt.id] = attempt, limits, at

    def holds(self, attempt: int) -> bool:
        """Whether that attempt has to wait; then it is started when its time has come."""
        given = self._given.get(attempt)
        if given is None:
            return False
        if given[2] <= time.time():
            del self._given[attempt]
            return False
        if attempt not in self._timers:
            left = given[2] - time.time()
            self._timers[attempt] = self._loop.after(left, lambda: self._ready(attempt))
            self._loop.post(lambda: self._tell(*given))
        return True

    def _tell(self, attempt: Attempt, limits: tuple[Limit, ...], until: float) -> None:
        if self._whose.open and attempt.id in self._given:
            names = ", ".join(limit.name for limit in limits)
            data: dict[str, Json] = {"limit": names, "until": until}
            self._whose.execution.note(EventType.RATE_WAITING, attempt.path, data)
            self._whose.flush()

    def _ready(self, attempt: int) -> None:
        self._timers.pop(attempt, None)
        self._given.pop(attempt, None)
        self._start((attempt,))

    def give_up(self, attempt: int) -> None:
        """It will not be launched: its token goes back, and nobody waits for it any more."""
        timer = self._timers.pop(attempt, None)
        given = self._given.pop(attempt, None)
        if timer is None or given is None:
            return
        timer.cancel()
        names = [(limit.interval, limit.name) for limit in given[1]]

        def give_back(connection: sqlite3.Connection) -> None:
            connection.executemany("UPDATE rates SET due = due - ? WHERE name = ?", names)

        self._writer.submit(Change(give_back, _written, patient=True))
        self._loop.post(lambda: self._start((attempt,)))

    def close(self) -> None:
        """The workflow is given up: who takes it up finds what each attempt was given."""
        for timer in self._timers.values():
            timer.cancel()


def _written(_result: object, _error: Exception | None) -> None:
    """Nothing depends on it: a token that is not given back is one call less."""


def _take(
    connection: sqlite3.Connection,
    workflow: int,
    attempt: int,
    limits: Sequence[Limit],
    now: float,
) -> float:
    """When the attempt may start: what it was given before, or a token of each limit."""
    known = connection.execute(
        "SELECT at FROM rate_tokens WHERE workflow = ? AND attempt = ?", (workflow, attempt)
    ).fetchone()
    if known is not None:
        return float(known[0])
    dues = {limit.name: due_of(connection, limit, now) for limit in limits}
    at = max(earliest(limit, dues[limit.name], now) for limit in limits)
    connection.executemany(
        "INSERT OR REPLACE INTO rates (name, due, seen) VALUES (?, ?, ?)",
        [(limit.name, charged(limit, dues[limit.name], at), now) for limit in limits],
    )
    connection.execute("DELETE FROM rate_tokens WHERE at < ?", (now - _KEPT,))
    connection.execute("INSERT INTO rate_tokens VALUES (?, ?, ?)", (workflow, attempt, at))
    crash_point("rate.taken")
    return at


def due_of(connection: sqlite3.Connection, limit: Limit, now: float) -> float:
    """The number of a limit's bucket; 0 if it was never used."""
    row = connection.execute("SELECT due, seen FROM rates WHERE name = ?", (limit.name,)).fetchone()
    if row is None:
        return 0.0
    due, seen = row
    # After the clock was set back the bucket is as far from full as it was.
    return float(due) - max(0.0, seen - now)
