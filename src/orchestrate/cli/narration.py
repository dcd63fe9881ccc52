"""Events in words: one line for each that a person wants to read."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

from orchestrate.cli.formats import counted, cut, duration, first_line, value
from orchestrate.playbook.plan import Json
from orchestrate.workflow import paths
from orchestrate.workflow.claim_views import said
from orchestrate.workflow.event_waits import event_of, in_words
from orchestrate.workflow.events import Event, EventType

LARGE = 50
"""A loop with more items than this is told by its progress; only what goes wrong is told fully."""


_LONGEST = 300
"""Characters of a call that are shown."""


class Line(NamedTuple):
    """What happened: to which path, in which state it is now, in words."""

    path: str
    state: str
    text: str


class Narrator:
    """Tells a journal from its beginning. It remembers what must be known to tell it well: which
    steps look again and again whether something holds, and the items behind `[0]`, `[1]`.
    """

    def __init__(self) -> None:
        self._looking: dict[str, tuple[float, int]] = {}
        """Path of a `wait`: when it began, how often it has looked."""
        self._items = Items()

    def tell(self, event: Event) -> Line | None:
        """The line for an event, or None if it says nothing to a person."""
        self._items.apply(event)
        if event.type is EventType.STEP_STARTED and event.data.get("kind") == "wait":
            self._looking[event.path] = event.at, 0
        line = self._look(event) if event.path in self._looking else narrate(event)
        if line is None or not line.path:
            return line
        item = self._items.of(line.path)
        return line._replace(text=f"({item}) {line.text}") if item else line

    def _look(self, event: Event) -> Line | None:
        """A step that waits is told twice: when it begins, and when it ends."""
        began, looks = self._looking[event.path]
        if event.type is EventType.ATTEMPT_STARTED:
            self._looking[event.path] = began, looks + 1
            return None
        if event.type is EventType.ATTEMPT_FINISHED and not event.data.get("final"):
            return None
        line = narrate(event)
        if line is None or event.type is not EventType.STEP_FINISHED:
            return line
        del self._looking[event.path]
        looked = f"; looked {counted(looks, 'time')}" if looks else ""
        return line._replace(text=f"{line.text} ({duration(event.at - began)}{looked})")


class Items:
    """The items of loops whose iterations are numbered, because an item cannot be part of a
    path: what stands behind `[0]`.
    """

    def __init__(self) -> None:
        self._loops: dict[str, Sequence[Json]] = {}

    def apply(self, event: Event) -> None:
        """Take an event."""
        if items_of(event) is not None:
            items = cast("Sequence[Json]", event.data["value"])
            if len(items) <= LARGE and paths.iteration_keys(items)[:1] != [str(items[0])]:
                self._loops[event.path] = items

    def of(self, path: str) -> str:
        """The item of the innermost numbered iteration that the path is in, else ""."""
        if not self._loops:
            return ""
        for ancestor in paths.ancestors(path):
            loop, bracket, key = ancestor.removesuffix("]").rpartition("[")
            items = self._loops.get(loop) if bracket else None
            if items is not None and key.isdigit() and int(key) < len(items):
                return cut(value(items[int(key)]), 40)
        return ""


def narrate(event: Event) -> Line | None:
    """The line for one event by itself, or None if it says nothing to a person."""
    data = event.data
    match event.type:
        case EventType.ATTEMPT_STARTED:
            return Line(event.path, "running", _attempt_started(data))
        case EventType.ATTEMPT_FINISHED:
            return Line(event.path, str(data["status"]), _attempt_finished(event))
        case EventType.STEP_STARTED if data.get("kind") == "compensation":
            return Line(event.path, "running", "undoing")
        case EventType.DECIDED if data.get("subject") == "undo":
            return Line(event.path, "cancelled", _undoing(data["value"]))
        case EventType.STEP_STARTED:
            return Line(event.path, "running", str(data.get("kind") or ""))
        case EventType.DECIDED if (items_of(event) or 0) > LARGE:
            return Line(event.path, "running", f"{items_of(event)} items")
        case EventType.STEP_FINISHED:
            return Line(event.path, str(data["status"]), _ending(data))
        case EventType.FORCED:
            return Line(event.path, str(data["status"]), f"{data['status']} by {data['actor']}")
        case EventType.PARKED if data.get("subject") == "confirm":
            return None
        case EventType.PARKED:
            return Line(event.path, "needs_attention", f"needs attention: {data['message']}")
        case EventType.RESOLVED:
            return Line(event.path, "running", f"decided by {data['actor']}: {data['choice']}")
        case EventType.WARNED:
            return Line(event.path, "unknown", f"warning: {data['message']}")
        case _:
            return _waiting(event) or _about_workflow(event)


def _waiting(event: Event) -> Line | None:
    """What a step waits for, and that it has come."""
    data = event.data
    match event.type:
        case EventType.APPROVAL_REQUESTED:
            asked = f"waits for approval (`orchestrate approve`): {data['message']}"
            return Line(event.path, "waiting", asked)
        case EventType.APPROVAL_GIVEN:
            return Line(event.path, "running", f"approved by {data['actor']}{_saying(data)}")
        case EventType.APPROVAL_REJECTED:
            return Line(event.path, "failed", f"rejected by {data['actor']}{_because(data)}")
        case EventType.EVENT_AWAITED:
            return Line(event.path, "waiting", f"waits for the event {in_words(data)}")
        case EventType.EVENT_RECEIVED:
            arrived = event_of(event)
            what = f"{arrived['type']} arrived from {arrived['source']} ({arrived['id']})"
            return Line(event.path, "running", what)
        case EventType.CLAIM_WAITING:
            return Line(event.path, "waiting", f"waits for {_blockers(data)}")
        case EventType.CLAIMED if float(str(data.get("waited", 0))) >= 0.1:
            waited = duration(float(str(data["waited"])))
            return Line(event.path, "running", f"has what it waited for ({waited})")
        case EventType.LOCK_BROKEN:
            text = f"{data['actor']} took the lock {data['lock']} away{_because(data)}"
            return Line(event.path, "unknown", text)
        case EventType.RATE_WAITING:
            until = float(str(event.data["until"]))
            text = f"waits {duration(until - event.at)} for the rate limit {event.data['limit']}"
            return Line(event.path, "waiting", text)
        case _:
            return None


def _blockers(data: Mapping[str, Json]) -> str:
    blockers = data.get("blockers")
    listed = blockers if isinstance(blockers, list | tuple) else ()
    shown = [said(blocker) for blocker in listed if isinstance(blocker, Mapping)]
    more = f", and {len(shown) - 3} more" if len(shown) > 3 else ""
    return "; ".join(shown[:3]) + more


def _undoing(decision: Json) -> str:
    assert isinstance(decision, Mapping)
    count, because = decision.get("steps"), decision.get("because")
    what = counted(count, "step") if isinstance(count, int) and count else "nothing"
    return f"undoing {what}: {because}"


def items_of(event: Event) -> int | None:
    """How many items a loop has, if this event says so."""
    if event.type is not EventType.DECIDED or event.data.get("subject") != "items":
        return None
    value = event.data["value"]
    return len(value) if isinstance(value, Sequence) and not isinstance(value, str) else None


def _about_workflow(event: Event) -> Line | None:
    data = event.data
    match event.type:
        case EventType.CHECKPOINT:
            after = f" after {data['step']}" if data.get("step") else ""
            return Line("", "succeeded", f"checkpoint {data['id']}{after}")
        case EventType.PAUSE_REQUESTED:
            return Line("", "paused", f"pausing for {data['actor']}{_because(data)}")
        case EventType.PAUSED:
            return Line("", "paused", "paused")
        case EventType.UNPAUSED:
            by = "the pause is over" if data.get("automatic") else f"resumed by {data['actor']}"
            return Line("", "running", by)
        case EventType.RESUMED:
            return Line("", "running", f"resumed by {data['actor']}")
        case EventType.CANCEL_REQUESTED:
            return Line("", "cancelled", f"cancelled by {data['actor']}{_because(data)}")
        case EventType.COMPLETION_REQUESTED:
            return Line("", "completed", f"completed by {data['actor']}{_because(data)}")
        case EventType.WORKFLOW_TIMED_OUT:
            return Line("", "timed_out", f"timed out{_after(data)}")
        case _:
            return None


def _after(data: Mapping[str, Json]) -> str:
    after = data.get("after")
    return f" after {duration(float(after))}" if isinstance(after, int | float) else ""


def _attempt_started(data: Mapping[str, Json]) -> str:
    call = str(data.get("call", ""))
    number, total = data.get("number", 1), data.get("of", 1)
    again = f"attempt {number} of {total}: " if number != 1 else ""
    return f"{again}{cut(first_line(call), _LONGEST)}"


def _attempt_finished(event: Event) -> str:
    words = _ending(event.data)
    ended = _number(event.data.get("finished_at"), event.at)
    took = ended - _number(event.data.get("started_at"), ended)
    words = f"{words} ({duration(took)})"
    left = event.data.get("left_running")
    if isinstance(left, list | tuple) and left:
        words += f"; {left_running(left)}"
    return words


def left_running(processes: Sequence[Json]) -> str:
    """How many processes a step left behind, and which."""
    words = [str(process).split() for process in processes]
    pids = [first for first, *_ in words if first.isdigit()]
    unlisted = [int(rest[0]) for first, *rest in words if first == "and"]  # and 7 more
    shown = ", ".join(pids[:5]) + (", …" if len(pids) > 5 or unlisted else "")
    return f"left running: {len(pids) + sum(unlisted)} (pid {shown})"


def _ending(data: Mapping[str, Json]) -> str:
    status = str(data["status"]).replace("_", " ")
    message = str(data.get("message") or "")
    return f"{status}: {message}" if message and message != status else status


def _because(data: Mapping[str, Json]) -> str:
    return f": {data['reason']}" if data.get("reason") else ""


def _saying(data: Mapping[str, Json]) -> str:
    return f": {data['comment']}" if data.get("comment") else ""


def _number(value: Json, default: float = 0.0) -> float:
    return float(value) if isinstance(value, int | float) else default
