"""What a view shows of what a workflow waits for: people, decisions, moments."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.history import APPROVAL
from orchestrate.workflow.views import PARKED, RUNNING, WAITING, ParkedView

if TYPE_CHECKING:
    from orchestrate.workflow.state import WorkflowView


def request_approval(view: "WorkflowView", event: Event) -> None:
    """People are asked."""
    view.approvals.request(event)
    view.step(event.path).state = WAITING
    view.rest()


def answer_approval(view: "WorkflowView", event: Event) -> None:
    """Somebody approved or rejected."""
    if not view.approvals.answer(event):
        return
    view.step(event.path).state = RUNNING
    if event.data.get("unowned"):
        view.goes_on = True  # until somebody takes it up, it stands where it stood
        view.requests.apply(event)
    else:
        view.rest()


def await_event(view: "WorkflowView", event: Event) -> None:
    """A step waits for an event."""
    step = view.step(event.path)
    step.state, step.awaits = WAITING, event.data
    view.rest()


def receive_event(view: "WorkflowView", event: Event) -> None:
    """It came."""
    step = view.step(event.path)
    step.state, step.awaits = RUNNING, None
    view.rest()


def wait(view: "WorkflowView", event: Event) -> None:
    """A step waits for a moment, or people have so much time."""
    view.approvals.set_time(event)
    if event.path and "at" in event.data:
        view.step(event.path).state = WAITING
        view.rest()


def end_wait(view: "WorkflowView", event: Event) -> None:
    """The moment has come."""
    if event.data["subject"] == APPROVAL:
        view.approvals.close(event.path)
    step = view.steps.get(event.path)
    if step is not None and step.state == WAITING:
        step.state = RUNNING
    view.rest()


def park(view: "WorkflowView", event: Event) -> None:
    """Somebody must decide."""
    data = event.data
    subject, choices = str(data["subject"]), data.get("choices")
    listed = tuple(map(str, choices)) if isinstance(choices, list | tuple) else ()
    view.parked[event.path, subject] = ParkedView(
        event.path, subject, str(data.get("message", "")), listed
    )
    if event.path:
        view.step(event.path).state = PARKED
    view.rest()


def resolve(view: "WorkflowView", event: Event) -> None:
    """Somebody has decided."""
    view.parked.pop((event.path, str(event.data["subject"])), None)
    if event.path in view.steps:
        view.steps[event.path].state = RUNNING
    view.rest()


HANDLERS: Mapping[EventType, "Callable[[WorkflowView, Event], None]"] = {
    EventType.TIMER_SET: wait,
    EventType.TIMER_FIRED: end_wait,
    EventType.PARKED: park,
    EventType.RESOLVED: resolve,
    EventType.APPROVAL_REQUESTED: request_approval,
    EventType.APPROVAL_GIVEN: answer_approval,
    EventType.APPROVAL_REJECTED: answer_approval,
    EventType.EVENT_AWAITED: await_event,
    EventType.EVENT_RECEIVED: receive_event,
}
