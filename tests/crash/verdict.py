"""What a finished workflow must look like, whatever was killed on its way."""

import json
import sqlite3
from collections import Counter, defaultdict
from typing import Any, NamedTuple

from crash.harness import FAILS, IDEMPOTENT, SUCCEEDS, UNDONE, Playground, eventually

from orchestrate.embedded.auditing.verifying import Verification
from orchestrate.embedded.store import Store


class Attempt(NamedTuple):
    """One attempt as the journal has it."""

    path: str
    number: int
    status: str


class Verdict(NamedTuple):
    """Figures of one workflow, and everything that is wrong with it."""

    effects: int
    """Attempts that took effect."""
    unknown: int
    """Attempts of which the journal says that nobody knows."""
    doubled: tuple[str, ...]
    lost: tuple[str, ...]
    other: tuple[str, ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """All that is wrong, in sentences."""
        return (*self.doubled, *self.lost, *self.other)


def judge(ground: Playground, *, may_be_unknown: bool) -> Verdict:
    """Compare effects, journal and state of the workflow, which must be over."""
    events = [
        (seq, kind, path, json.loads(data))
        for seq, kind, path, data in ground.query(
            "SELECT seq, type, path, data FROM events WHERE workflow = 1 ORDER BY seq"
        )
    ]
    other = [*_store_faults(ground), *_order_faults(events)]
    attempts, more = _attempts(events)
    other += more
    skipped = {p for _, kind, p, d in events if kind == "resolved" and d["choice"] == "skip"}
    starts, ends = _effects(ground)
    doubled, lost = _effect_faults(attempts, starts, ends)
    doubled_steps, lost_steps = _step_faults(attempts, skipped)
    unknown = [attempt for attempt in attempts if attempt.status == "unknown"]
    if unknown and not may_be_unknown:
        other.append(f"unknown, although nothing that watches was killed: {unknown}")
    other += _decision_faults(events, unknown)
    other += _undo_faults(events, skipped)
    other += _process_faults(ground, attempts)
    return Verdict(
        len(starts), len(unknown), (*doubled, *doubled_steps), (*lost, *lost_steps), tuple(other)
    )


def _store_faults(ground: Playground) -> list[str]:
    faults: list[str] = []
    rows = ground.query("SELECT id, state, owner_pid FROM workflows")
    if [row[1:] for row in rows] != [("succeeded", None)]:
        faults.append(f"stuck, wrong, or more than one: {rows}")
    connection = sqlite3.connect(ground.state / "orchestrate.db", timeout=120)
    checked = connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
    if checked != [("ok",)]:
        faults.append(f"integrity: {checked}")
    store = Store(ground.state)
    faults += [f"audit: {f.kind}: {f.workflow} {f.message}" for f in Verification(store)]
    store.close()
    return faults


def _order_faults(events: list[Any]) -> list[str]:
    numbers = [event[0] for event in events]
    if numbers != list(range(1, len(numbers) + 1)):
        return [f"the journal has holes: {numbers}"]
    ends = sum(1 for event in events if event[1] == "workflow_finished")
    return [] if ends == 1 else [f"the workflow ended {ends} times"]


def _attempts(events: list[Any]) -> tuple[list[Attempt], list[str]]:
    started = [
        (d["id"], path, d["number"]) for _, kind, path, d in events if kind == "attempt_started"
    ]
    finished = defaultdict(list)
    for _, kind, path, data in events:
        if kind == "attempt_finished":
            finished[data["id"]].append((path, data["status"]))
    faults: list[str] = []
    attempts: list[Attempt] = []
    for number, path, attempt in started:
        found = finished.pop(number, [])
        if len(found) != 1:
            faults.append(f"{path} {attempt} ended {len(found)} times in the journal")
        attempts += [Attempt(path, attempt, status) for _, status in found[:1]]
    faults += [f"ended, but never began: {left}" for left in finished.values()]
    repeated = Counter((path, attempt) for _, path, attempt in started)
    faults += [f"began {n} times: {key}" for key, n in repeated.items() if n > 1]
    return attempts, faults


def _effects(ground: Playground) -> tuple[Counter[tuple[str, int]], Counter[tuple[str, int]]]:
    starts: Counter[tuple[str, int]] = Counter()
    ends: Counter[tuple[str, int]] = Counter()
    for line in ground.lines():
        path, number, what = line.rsplit(" ", 2)
        (starts if what == "start" else ends)[path, int(number)] += 1
    return starts, ends


def _effect_faults(
    attempts: list[Attempt],
    starts: Counter[tuple[str, int]],
    ends: Counter[tuple[str, int]],
) -> tuple[list[str], list[str]]:
    doubled = [f"{n} times: {key} {what}"
               for what, counter in (("start", starts), ("end", ends))
               for key, n in counter.items() if n > 1]  # fmt: skip
    known = {(attempt.path, attempt.number) for attempt in attempts}
    doubled += [f"ran, but the journal does not know: {key}" for key in {*starts} - known]
    lost: list[str] = []
    for attempt in attempts:
        key = (attempt.path, attempt.number)
        if attempt.status in ("succeeded", "failed") and (starts[key], ends[key]) != (1, 1):
            lost.append(f"{key} {attempt.status}, but its effects are {starts[key], ends[key]}")
        if attempt.status not in ("succeeded", "failed", "unknown"):
            lost.append(f"{key} {attempt.status}, which nothing asked for")
    return doubled, lost


def _step_faults(attempts: list[Attempt], skipped: set[str]) -> tuple[list[str], list[str]]:
    doubled: list[str] = []
    lost: list[str] = []
    by_path: dict[str, list[str]] = defaultdict(list)
    for attempt in attempts:
        by_path[attempt.path].append(attempt.status)
    strangers = {*by_path} - SUCCEEDS - FAILS
    doubled += [f"not a step of the playbook: {path}" for path in strangers]
    for path in SUCCEEDS | FAILS:
        good = by_path[path].count("failed" if path in FAILS else "succeeded")
        if good > 1:
            doubled.append(f"{path} counts {good} times")
        if good == 0 and path not in skipped and not _needless(path, skipped):
            lost.append(f"{path} was never done: {by_path[path]}")
        if path in SUCCEEDS and path != "flaky" and "failed" in by_path[path]:
            lost.append(f"{path} failed")
    return doubled, lost


def _needless(path: str, skipped: set[str]) -> bool:
    """The handler of a failure that somebody has declared skipped; what undoes a step that was
    skipped, or a transaction whose failure was.
    """
    if path.endswith("/compensate/undo"):
        return "move/halt" in skipped or path.removesuffix("/compensate/undo") in skipped
    return path == "broken/on_failure/mend" and "broken" in skipped


def _undo_faults(events: list[Any], skipped: set[str]) -> list[str]:
    """Each step that finished is undone, the last one first, if the transaction has failed."""
    succeeded = [
        path
        for _, kind, path, data in events
        if kind == "attempt_finished" and data["status"] == "succeeded" and path in UNDONE
    ]
    undone = [
        path.removesuffix("/compensate")
        for _, kind, path, data in events
        if kind == "step_finished" and data.get("kind") == "compensation"
    ]
    wanted = [] if "move/halt" in skipped else succeeded[::-1]
    return [] if undone == wanted else [f"undone: {undone}, instead of {wanted}"]


def _decision_faults(events: list[Any], unknown: list[Attempt]) -> list[str]:
    """An unknown end must be followed by somebody's decision, or by another run if that is safe."""
    parked = Counter(path for _, kind, path, _ in events if kind == "parked")
    faults: list[str] = []
    for path, ends in Counter(attempt.path for attempt in unknown).items():
        wanted = 0 if path in IDEMPOTENT else ends
        if parked[path] != wanted:
            faults.append(f"{path}: {ends} unknown ends, parked {parked[path]} times")
    faults += [
        f"{path} was parked without an unknown end"
        for path in parked
        if path not in {attempt.path for attempt in unknown}
    ]
    return faults


def _process_faults(ground: Playground, attempts: list[Attempt]) -> list[str]:
    """Nothing may run any more but the daemon of the attempt that succeeded, which must."""
    faults: list[str] = []
    try:
        eventually(lambda: not ground.processes("engine", "supervisor", "step"), "processes ended")
    except AssertionError:
        faults.append(f"left: {ground.processes('engine', 'supervisor', 'step')}")
    file = ground.root / "daemons"
    daemons = [line.split() for line in file.read_text().splitlines()] if file.exists() else []
    wanted = {
        int(pid)
        for number, pid in daemons
        if Attempt("server", int(number), "succeeded") in attempts and int(pid) not in ground.fallen
    }
    alive = {seen.pid for seen in ground.processes("daemon")}
    if alive != wanted:
        faults.append(f"daemons: {alive} instead of {wanted}, of {daemons}")
    return faults
