"""Events in words: one line for each that a person wants to read."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orchestrate.cli.formats import duration
from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event, EventType

LARGE = 50
"""A loop with more items than this is told by its progress; only what goes wrong is told fully."""


class Line(NamedTuple):
    """What happened: to which path, in which state it is now, in words."""

    path: str
    state: str
    text: str


def narrate(event: Event) -> Line | None:
    """The line for an event, or None if it says nothing to a person."""
    data = event.data
    match event.type:
        case EventType.ATTEMPT_STARTED:
            return Line(event.path, "running", _attempt_started(data))
        case EventType.ATTEMPT_FINISHED:
            return Line(event.path, str(data["status"]), _attempt_finished(event))
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
            return _about_workflow(event)


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
    return f"{again}{call}".replace("\n", " ")


def _attempt_finished(event: Event) -> str:
    words = _ending(event.data)
    took = event.at - _number(event.data.get("started_at"), event.at)
    words = f"{words} ({duration(took)})"
    left = event.data.get("left_running")
    if isinstance(left, list | tuple) and left:
        words += f"; left running: {', '.join(str(process) for process in left)}"
    return words


def _ending(data: Mapping[str, Json]) -> str:
    status = str(data["status"]).replace("_", " ")
    message = str(data.get("message") or "")
    return f"{status}: {message}" if message and message != status else status


def _because(data: Mapping[str, Json]) -> str:
    return f": {data['reason']}" if data.get("reason") else ""


def _number(value: Json, default: float = 0.0) -> float:
    return float(value) if isinstance(value, int | float) else default
