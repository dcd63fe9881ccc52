"""Whether a workflow that is over did what its playbook says, each step once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from soak.playbooks import Expected


class Noted(NamedTuple):
    """An event as the journal has it."""

    seq: int
    type: str
    path: str
    data: Mapping[str, Any]


class _Attempt(NamedTuple):
    path: str
    number: int
    status: str


def faults_of(
    expected: Expected, state: str, journal: Sequence[Noted], effects: Iterable[str]
) -> list[str]:
    """Everything that is wrong with it. `effects`: lines `PATH ATTEMPT start|end`."""
    faults = [] if state == expected.state else [f"{state} instead of {expected.state}"]
    numbers = [event.seq for event in journal]
    if numbers != list(range(1, len(numbers) + 1)):
        faults.append("the journal has holes")
    ends = sum(event.type == "workflow_finished" for event in journal)
    if ends != 1:
        faults.append(f"it ended {ends} times")
    attempts = _attempts(journal, faults)
    faults += _effect_faults(attempts, effects)
    faults += _step_faults(expected, attempts)
    faults += _undo_faults(expected, journal)
    return faults


def _attempts(journal: Sequence[Noted], faults: list[str]) -> list[_Attempt]:
    ended: dict[int, list[str]] = defaultdict(list)
    for event in journal:
        if event.type == "attempt_finished":
            ended[event.data["id"]].append(event.data["status"])
    found: list[_Attempt] = []
    for event in journal:
        if event.type != "attempt_started":
            continue
        statuses = ended.pop(event.data["id"], [])
        if len(statuses) != 1:
            faults.append(f"{event.path} {event.data['number']} ended {len(statuses)} times")
        found += [_Attempt(event.path, event.data["number"], status) for status in statuses[:1]]
    faults += [f"attempt {number} ended, but never began" for number in ended]
    return found


def _effect_faults(attempts: Sequence[_Attempt], effects: Iterable[str]) -> list[str]:
    counts = Counter(tuple(line.rsplit(" ", 2)) for line in effects)
    faults = [f"doubled: {n} times {' '.join(key)}" for key, n in counts.items() if n > 1]
    known = {(attempt.path, str(attempt.number)) for attempt in attempts}
    faults += [
        f"doubled: {key} ran, but the journal does not know of it"
        for key in {(path, number) for path, number, _ in counts} - known
    ]
    for attempt in attempts:
        took = tuple(counts[attempt.path, str(attempt.number), w] for w in ("start", "end"))
        if attempt.status in ("succeeded", "failed") and took != (1, 1):
            faults.append(f"lost: {attempt} has the effects {took}")
        if attempt.status not in ("succeeded", "failed", "unknown"):
            faults.append(f"{attempt}, which nothing asked for")
    return faults


def _step_faults(expected: Expected, attempts: Sequence[_Attempt]) -> list[str]:
    statuses: dict[str, list[str]] = defaultdict(list)
    for attempt in attempts:
        statuses[attempt.path].append(attempt.status)
    wanted = dict.fromkeys(expected.succeeds, "succeeded")
    wanted |= dict.fromkeys(expected.fails, "failed")
    faults = [f"not to be done: {path}" for path in statuses.keys() - wanted.keys()]
    for path, status in wanted.items():
        times = statuses[path].count(status)
        if times != 1:
            faults.append(f"{'lost' if times == 0 else 'doubled'}: {path} {status} {times} times")
        if status == "succeeded" and "failed" in statuses[path] and path not in expected.flaky:
            faults.append(f"{path} failed")
    return faults


def _undo_faults(expected: Expected, journal: Sequence[Noted]) -> list[str]:
    undone = tuple(
        event.path.removesuffix("/compensate")
        for event in journal
        if event.type == "step_finished" and event.data.get("kind") == "compensation"
    )
    return [] if undone == expected.undone else [f"undone: {undone} instead of {expected.undone}"]
