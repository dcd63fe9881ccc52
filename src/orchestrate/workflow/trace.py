"""Events as short lines, for scenarios and for people who compare runs."""

from collections.abc import Iterable, Mapping

from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.history import UNDO


def trace(events: Iterable[Event]) -> list[str]:
    """One line for each event that says what happened; bookkeeping is left out."""
    return [line for line in map(trace_line, events) if line is not None]


def trace_line(event: Event) -> str | None:
    """The line of an event, such as `failed deploy (exit 3)`; None for bookkeeping."""
    path, data = event.path, event.data
    match event.type:
        case EventType.ATTEMPT_STARTED:
            return f"start {path}{_number(event)}"
        case EventType.ATTEMPT_FINISHED:
            return _ended(event)
        case EventType.STEP_STARTED:
            return f"enter {path}"
        case EventType.STEP_FINISHED:
            handled = " handled" if data.get("handled") else ""
            return f"{data['status']} {path}{handled}"
        case EventType.DECIDED if data["subject"] == "cancelled":
            return f"cancel others in {path}: {data['value']}"
        case EventType.DECIDED if data["subject"] == UNDO and isinstance(data["value"], Mapping):
            return f"undo {path}: {data['value']['because']}"
        case EventType.TIMER_SET if "at" in data:
            return f"wait {path} {data['subject']}"
        case EventType.CLAIMED | EventType.CLAIM_RELEASED | EventType.CLAIM_REFUSED:
            return _claim(event)
        case EventType.CHECKPOINT:
            return f"{data['id']} {data['name']}"
        case EventType.PARKED:
            return f"parked {path or 'workflow'}: {data['subject']}"
        case EventType.RESOLVED:
            return f"resolved {path or 'workflow'}: {data['choice']}"
        case EventType.APPROVAL_REQUESTED:
            return f"asked {path}: {data['message']}"
        case EventType.APPROVAL_GIVEN:
            return f"approved {path} by {data['actor']}"
        case EventType.APPROVAL_REJECTED:
            return f"rejected {path} by {data['actor']}"
        case EventType.EVENT_AWAITED:
            return f"await {path}: {data['event']}"
        case EventType.EVENT_RECEIVED if isinstance(data["event"], Mapping):
            return f"received {path}: {data['event']['type']} from {data['event']['source']}"
        case EventType.WARNED:
            return f"warning {path}: {data['message']}" if path else f"warning: {data['message']}"
        case _:
            return _lifecycle(event)


def _lifecycle(event: Event) -> str | None:
    match event.type:
        case EventType.PAUSE_REQUESTED:
            return "pause requested"
        case EventType.PAUSED:
            return "paused"
        case EventType.UNPAUSED:
            return "unpaused" if not event.data.get("automatic") else "unpaused by itself"
        case EventType.CANCEL_REQUESTED:
            return "cancel requested" + (" again" if event.data.get("hard") else "")
        case EventType.COMPLETION_REQUESTED:
            return "completion requested"
        case EventType.WORKFLOW_TIMED_OUT:
            return "workflow timed out"
        case EventType.FORCED:
            return f"forced {event.path}: {event.data['status']}"
        case EventType.WORKFLOW_FINISHED:
            return f"workflow {event.data['state']}"
        case _:
            return None


def _claim(event: Event) -> str:
    data, where = event.data, event.path or "workflow"
    if event.type is EventType.CLAIM_REFUSED:
        return f"refused {where}: {data['reason']}"
    tokens, resources = data.get("tokens"), data.get("resources")
    had: list[str] = []
    if isinstance(tokens, Mapping):
        had += tokens
    if isinstance(resources, Mapping):
        had += [f"{amount} {name}" for name, amount in resources.items()]
    verb = "claimed" if event.type is EventType.CLAIMED else "released"
    return f"{verb} {where}: {', '.join(had)}"


def _number(event: Event) -> str:
    number = event.data["number"]
    return "" if number == 1 else f" #{number}"


def _ended(event: Event) -> str:
    data = event.data
    line = f"{data['status']} {event.path}{_number(event)}"
    if data.get("exit_code"):
        line += f" (exit {data['exit_code']})"
    return line + (" for the pause" if data.get("again") else "")
