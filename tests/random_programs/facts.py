"""What a journal says by itself, read without the product's own views: what must hold in every
journal, what is open, and whether a workflow is stuck.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from orchestrate.workflow.events import Event, EventType

Journal = Sequence[Any]
"""Events, whose data is looked into without further questions."""
_DEADLINES = ("timeout", "cleanup")


class Attempt(NamedTuple):
    """An attempt that ended."""

    path: str
    number: int
    status: str
    started: float
    ended: float
    call: str
    again: bool


def end_of(events: Journal) -> Event | None:
    """How the workflow ended; after that there may be a word about its owner."""
    return next((e for e in reversed(events) if e.type is EventType.WORKFLOW_FINISHED), None)


def attempts(events: Journal) -> list[Attempt]:
    """All that ended, by the order of their starts."""
    started = {e.seq: e for e in events if e.type is EventType.ATTEMPT_STARTED}
    found: dict[int, Attempt] = {}
    for event in events:
        if event.type is EventType.ATTEMPT_FINISHED:
            number = int(str(event.data["id"]))
            begun = started[number]
            found[number] = Attempt(
                event.path,
                int(str(begun.data["number"])),
                str(event.data["status"]),
                begun.at,
                event.at,
                str(begun.data["call"]),
                bool(event.data.get("again")),
            )
    return [found[number] for number in sorted(found)]


def ends(events: Journal) -> list[tuple[str, str]]:
    """Path and status of all that ended, in the order of the journal."""
    return [(event.path, str(event.data["status"])) for event in events if _is_end(event)]


def _is_end(event: Event) -> bool:
    final = event.type is EventType.ATTEMPT_FINISHED and event.data.get("final")
    return event.type is EventType.STEP_FINISHED or bool(final)


def rolled_back(events: Journal) -> list[tuple[str, bool]]:
    """What transactions say about themselves."""
    return [
        (event.path, event.data["output"]["rolled_back"])
        for event in events
        if event.type is EventType.STEP_FINISHED
        and event.data["kind"] == "transaction"
        and "output" in event.data
    ]


def undone(events: Journal) -> list[str]:
    """The steps whose undoing began, in that order."""
    return [
        event.path.removesuffix("/compensate")
        for event in events
        if event.type is EventType.STEP_STARTED and event.data.get("kind") == "compensation"
    ]


def faults(events: Journal) -> Iterator[str]:
    """What is wrong with a journal, whatever the playbook."""
    if [event.seq for event in events] != list(range(1, len(events) + 1)):
        yield f"the numbers have holes: {[event.seq for event in events]}"
    yield from _attempt_faults(events)
    yield from _nesting_faults(events)
    yield from _lock_faults(events)
    for key, count in Counter(path for path, _ in ends(events)).items():
        if count > 1:
            yield f"{key} ended {count} times"
    for earlier, later in pairwise(events):
        if later.at < earlier.at - 0.001:
            yield f"time goes back at {later.seq}"
    finished = [e.seq for e in events if e.type is EventType.WORKFLOW_FINISHED]
    if len(finished) > 1:
        yield f"the workflow ended {len(finished)} times"


def _attempt_faults(events: Journal) -> Iterator[str]:
    open_: dict[int, Event] = {}
    numbers: dict[str, int] = defaultdict(int)
    for event in events:
        if event.type is EventType.ATTEMPT_STARTED:
            if event.data["id"] != event.seq:
                yield f"attempt {event.seq} is called {event.data['id']}"
            if any(other.path == event.path for other in open_.values()):
                yield f"two attempts of {event.path} at once"
            if event.data["number"] != numbers[event.path] + 1:
                yield f"{event.path}: attempt {event.data['number']} after {numbers[event.path]}"
            numbers[event.path] = int(str(event.data["number"]))
            open_[event.seq] = event
        elif event.type is EventType.ATTEMPT_FINISHED:
            begun = open_.pop(int(str(event.data["id"])), None)
            if begun is None or begun.path != event.path:
                yield f"{event.path} ended at {event.seq}, which did not run"
    if open_ and end_of(events) is not None:
        yield f"still running when the workflow ended: {[e.path for e in open_.values()]}"


def _nesting_faults(events: Journal) -> Iterator[str]:
    """Nothing happens inside of what has ended."""
    over: dict[str, int] = {}
    for event in events:
        above = event.path
        while above and event.type in (EventType.ATTEMPT_STARTED, EventType.STEP_STARTED):
            above = _around(above)
            if above in over and not _follows(event.path, above):
                yield f"{event.path} begins at {event.seq}, {above} was over at {over[above]}"
        if _is_end(event):
            over[event.path] = event.seq


def _around(path: str) -> str:
    if path.endswith("]"):
        return path[: path.rindex("[")]
    return path.rpartition("/")[0]


def _follows(path: str, above: str) -> bool:
    """What undoes a step comes after it, with all that it is made of."""
    below = path[len(above) :]
    return "/compensate" in below or (below.startswith("[retry ") and "/compensate/" in above)


def _lock_faults(events: Journal) -> Iterator[str]:
    """A lock has one holder, unless all that have it share it; all are given back."""
    shares: dict[tuple[str, str], bool] = {}
    held: dict[str, dict[str, bool]] = defaultdict(dict)
    for event in events:
        path, data = event.path, event.data
        if event.type is EventType.DECIDED and data["subject"] == "claim":
            for lock, (shared, *_) in data["value"]["locks"].items():
                shares[path, lock] = shared
        elif event.type is EventType.CLAIMED:
            for lock in data["tokens"]:
                others = [share for other, share in held[lock].items() if not _in(path, other)]
                held[lock][path] = shares[path, lock]
                if others and not (all(others) and held[lock][path]):
                    yield f"{lock} has several holders at {event.seq}: {list(held[lock])}"
        elif event.type is EventType.CLAIM_RELEASED:
            for lock in data["tokens"]:
                held[lock].pop(path, None)
    left = {lock: list(paths) for lock, paths in held.items() if paths}
    if left and end_of(events) is not None:
        yield f"still held when the workflow ended: {left}"


def _in(path: str, above: str) -> bool:
    """Whether a step is the other one or inside it: what that one holds it simply has."""
    return path == above or path.startswith((f"{above}/", f"{above}["))


def token_faults(events: Journal) -> Iterator[str]:
    """The tokens of a lock rise, where one store gives them all."""
    last: dict[str, int] = defaultdict(int)
    for event in events:
        if event.type is EventType.CLAIMED:
            for lock, token in event.data["tokens"].items():
                if token < last[lock]:
                    yield f"{lock}: token {token} after {last[lock]}"
                last[lock] = max(last[lock], token)


# What is open


def open_questions(events: Journal) -> list[Event]:
    """What people are asked, and have not answered."""
    asked: dict[str, Event] = {}
    for event in events:
        if event.type in (EventType.PARKED, EventType.APPROVAL_REQUESTED):
            asked[event.path] = event
        elif event.type in _ANSWERS or _is_end(event):
            asked.pop(event.path, None)
    return list(asked.values())


_ANSWERS = (EventType.RESOLVED, EventType.APPROVAL_GIVEN, EventType.APPROVAL_REJECTED)


def stuck(events: Journal) -> str:
    """Why nothing of this workflow can ever move again by itself, by an answer, or by an event; ""
    if something can, or if it has ended.

    Looked at when a commit is complete: no attempt runs, no moment is waited for, nobody is asked,
    no event and no lock is awaited, it is not paused, and it has not ended.
    """
    waits: dict[tuple[str, str], str] = {}
    begun = paused = False
    for event in events:
        path = event.path
        match event.type:
            case EventType.WORKFLOW_FINISHED:
                return ""
            case EventType.WORKFLOW_STARTED:
                begun = True
            case EventType.ATTEMPT_STARTED:
                waits["attempt", path] = "runs"
            case EventType.ATTEMPT_FINISHED:
                waits.pop(("attempt", path), None)
            case EventType.TIMER_SET if event.data["subject"] not in _DEADLINES:
                waits["timer", f"{path} {event.data['subject']}"] = "waits"
            case EventType.TIMER_FIRED:
                waits.pop(("timer", f"{path} {event.data['subject']}"), None)
            case EventType.PARKED | EventType.APPROVAL_REQUESTED:
                waits["answer", path] = "asks"
            case EventType.CLAIM_WAITING:
                waits["claim", path] = "wants"
            case EventType.CLAIMED | EventType.CLAIM_REFUSED:
                waits.pop(("claim", path), None)
            case EventType.EVENT_AWAITED:
                waits["event", path] = "listens"
            case EventType.PAUSE_REQUESTED:
                paused = True
            case EventType.UNPAUSED:
                paused = False
            case _:
                pass
        if event.type in _ANSWERS or event.type is EventType.EVENT_RECEIVED or _is_end(event):
            waits = {key: why for key, why in waits.items() if key[1].partition(" ")[0] != path}
    if waits or paused or not begun:
        return ""
    return f"nothing runs, waits or asks after {events[-1].seq} {events[-1].type}"
