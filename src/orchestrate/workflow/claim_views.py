"""What a view shows of locks and capacity: who holds what, and who waits for whom."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.moments import rfc3339
from orchestrate.workflow.views import FINISHED, RUNNING, WAITING

if TYPE_CHECKING:
    from orchestrate.workflow.state import StepView, WorkflowView


def wait(view: "WorkflowView", event: Event) -> None:
    """A claim has to wait."""
    blockers = event.data.get("blockers")
    listed = blockers if isinstance(blockers, list | tuple) else ()
    shown = tuple(entry for entry in listed if isinstance(entry, Mapping))
    if not event.path:
        view.waits_for = shown
    else:
        step = view.step(event.path)
        step.waits_for = shown
        if step.state not in FINISHED:
            step.state = WAITING
    view.rest()


def end(view: "WorkflowView", event: Event) -> None:
    """A claim was granted or refused."""
    if event.type is EventType.CLAIMED:
        parts = (event.data.get("tokens"), event.data.get("resources"))
        view.holds[event.path] = {n for part in parts if isinstance(part, Mapping) for n in part}
    if not event.path:
        view.waits_for = ()
    step = view.steps.get(event.path)
    if step is not None:
        step.waits_for = ()
        if step.state == WAITING:
            step.state = RUNNING
    view.rest()


def release(view: "WorkflowView", event: Event) -> None:
    """What was claimed is given back."""
    view.holds.pop(event.path, None)
    view.rest()


def waits_for_itself(view: "WorkflowView", path: str, step: "StepView") -> bool:
    """Whether it waits for what another step of the same workflow holds."""
    from orchestrate.workflow.granting import covers

    wanted = {str(blocker.get("lock") or blocker.get("resource")) for blocker in step.waits_for}
    return any(wanted & names for holder, names in view.holds.items() if not covers(holder, path))


HANDLERS: Mapping[EventType, "Callable[[WorkflowView, Event], None]"] = {
    EventType.CLAIM_WAITING: wait,
    EventType.CLAIMED: end,
    EventType.CLAIM_REFUSED: end,
    EventType.CLAIM_RELEASED: release,
}


def said(blocker: Mapping[str, Json]) -> str:
    """A blocker for a person: what is waited for, and who has it since when."""
    what = blocker.get("lock") or f"{blocker.get('resource')} (capacity)"
    who = str(blocker.get("workflow", ""))
    if blocker.get("step"):
        who = f"{who} ({blocker['step']})"
    since = blocker.get("since")
    when = f" since {rfc3339(float(since))}" if isinstance(since, int | float) else ""
    if blocker.get("waits"):
        return f"{what}: {who} came first and waits{when}"
    return f"{what}: held by {who}{when}"
