"""Recorded inputs, delivered as they were delivered when they came."""

from collections.abc import Mapping

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.history import TIMEOUT
from orchestrate.workflow.run import Run


def replay(run: Run, event: Event) -> None:
    """Deliver a recorded input."""
    match event.type:
        case EventType.ATTEMPT_FINISHED:
            run.attempts.replay(event)
        case EventType.CLAIMED | EventType.CLAIM_REFUSED:
            run.claims.replay(event)
        case EventType.TIMER_FIRED:
            _fire(run, event.path, str(event.data["subject"]))
        case EventType.WORKFLOW_TIMED_OUT:
            _fire(run, "", TIMEOUT)
        case EventType.RESOLVED:
            subject, choice = str(event.data["subject"]), str(event.data["choice"])
            if not run.parking.answer(event.path, subject, choice):
                run.parking.early.setdefault((event.path, subject), []).append(choice)
        case EventType.APPROVAL_GIVEN | EventType.APPROVAL_REJECTED:
            run.approvals.take(event)
        case EventType.EVENT_RECEIVED:
            run.event_waits.replay(event)
        case EventType.DECIDED:
            run.stop_body(event.path)
        case EventType.CANCEL_REQUESTED:
            run.ending.cancel(request_message("cancelled", event.data))
        case EventType.COMPLETION_REQUESTED:
            run.complete(request_message("completed by force", event.data))
        case _:
            raise AssertionError(f"{event.type} is no input")


def _fire(run: Run, path: str, subject: str) -> None:
    if not run.timers.fire(path, subject):
        run.timers.early.add((path, subject))


def request_message(what: str, data: Mapping[str, Json]) -> str:
    """What somebody asked for, for those who read how it ended."""
    message = f"{what} by {data['actor']}" if data.get("actor") else what
    return f"{message}: {data['reason']}" if data.get("reason") else message
