"""What runs although both the supervisor and the slot that watched over it were killed.

It is recognised by its environment, which holds an ORCHESTRATE_OUTPUT that no other attempt ever
had, or by the session that its main process, if that still runs, leads.
"""

import os
import signal
import time
from pathlib import Path

from orchestrate.processes import records
from orchestrate.processes.supervising.stopping import PATIENCE
from orchestrate.processes.supervising.system import system

_PAUSE = 0.02
_SAME_START = 2.0
"""Seconds by which the recorded start and that of the process may differ."""


def stop_leftovers(directory: Path, attempts: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """End what these attempts started, and give what still runs of each that has survivors.

    For attempts whose outcome is unknown and that no `Supervisor.attach` takes care of: run again
    only what this proves to be gone. A slot that still watches over one is asked to end it.
    """
    survivors: dict[str, tuple[str, ...]] = {}
    for record in records.read_all(directory):
        if record.report.attempt in attempts:
            if record.report.phase in records.OPEN_PHASES:
                _end_slot(record.slot)
            left = stop_unwatched(record)
            if left:
                survivors[record.report.attempt] = left
    return survivors


def find_leftovers(directory: Path) -> tuple[str, ...]:
    """Processes ("4711 sleep 600") of attempts without a known end, under a dead supervisor."""
    return tuple(
        system.describe(pid)
        for record in records.read_all(directory)
        if record.report.phase in records.UNKNOWN_PHASES
        for pid in system.all_processes()
        if _belongs(pid, record)
    )


def _end_slot(slot: int) -> None:
    """Let a slot without a supervisor end its attempt, soon without grace, and itself."""
    until = time.monotonic() + 2 * PATIENCE
    next_request = 0.0
    while records.is_slot(slot) and time.monotonic() < until:
        if time.monotonic() >= next_request:
            system.signal_process(slot, signal.SIGTERM, records.is_slot)
            next_request = time.monotonic() + 1.0
        time.sleep(_PAUSE)


def stop_unwatched(record: records.Record) -> tuple[str, ...]:
    """Kill what an attempt started and nobody watches. Gives what is left."""
    until = time.monotonic() + PATIENCE
    while True:
        found = [pid for pid in system.all_processes() if _belongs(pid, record)]
        if not found or time.monotonic() > until:
            return tuple(system.describe(pid) for pid in found)
        for pid in found:
            system.signal_process(pid, signal.SIGKILL, lambda pid: _belongs(pid, record))
        time.sleep(_PAUSE)


def _belongs(pid: int, record: records.Record) -> bool:
    if not record.marker or pid == os.getpid() or not system.is_running(pid):
        return False
    if f"ORCHESTRATE_OUTPUT={record.marker}\0".encode() in system.environment(pid):
        return True
    leader = record.report.pid
    if not leader or system.session(pid) != leader:
        return False
    started_at = system.started_at(leader)
    return started_at is not None and abs(started_at - record.report.started_at) < _SAME_START
