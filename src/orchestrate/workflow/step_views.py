"""What a view shows of steps and their attempts."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from orchestrate.playbook.plan import Json
from orchestrate.workflow import paths
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.history import UNDO
from orchestrate.workflow.moments import rfc3339
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.parking import COMPENSATION
from orchestrate.workflow.views import RUNNING

if TYPE_CHECKING:
    from orchestrate.workflow.state import WorkflowView


def start_attempt(view: "WorkflowView", event: Event) -> None:
    """A process is started."""
    data = event.data
    step = view.step(event.path)
    step.kind = step.kind or str(data.get("kind", ""))
    label, number = data.get("label"), data.get("number")
    step.label = label if isinstance(label, str) else None
    step.attempts = number if isinstance(number, int) else step.attempts + 1
    of = data.get("of")
    step.of = of if isinstance(of, int) else 1
    if step.started_at is None:
        step.started_at = event.at
    step.state = RUNNING
    step.progress = None
    view.running[event.seq] = event.path
    view.rest()


def finish_attempt(view: "WorkflowView", event: Event) -> None:
    """A process has ended."""
    data = event.data
    attempt_id = data.get("id")
    if isinstance(attempt_id, int):
        view.running.pop(attempt_id, None)
    step = view.step(event.path)
    code = data.get("exit_code")
    step.exit_code = code if isinstance(code, int) else None
    step.output = data.get("output")
    step.message = str(data.get("message", ""))
    step.left_running = _names(data.get("left_running"))
    step.survivors = _names(data.get("survivors"))
    step.progress = None
    if data.get("final"):
        step.state = str(data["status"])
        step.finished_at = _time(data.get("finished_at"), event.at)
    view.rest()


def start_step(view: "WorkflowView", event: Event) -> None:
    """A step that contains steps, or waits, begins."""
    step = view.step(event.path)
    step.kind = str(event.data.get("kind", ""))
    step.started_at = event.at
    step.state = RUNNING


def decide(view: "WorkflowView", event: Event) -> None:
    """The interpreter found something out: of a foreach, how many iterations there are."""
    value = event.data.get("value")
    if event.data["subject"] == "items" and isinstance(value, list | tuple):
        view.step(event.path).total = len(value)
    elif event.data["subject"] == UNDO and isinstance(value, Mapping):
        view.undone[event.path] = event.seq
        path = event.path if event.path in view.steps else paths.parent(event.path)
        view.step(path).undoing = str(value["because"])


def finish_step(view: "WorkflowView", event: Event) -> None:
    """A step has ended."""
    data = event.data
    step = view.step(event.path)
    view.approvals.close(event.path)
    step.kind = step.kind or str(data.get("kind", ""))
    step.state = str(data["status"])
    step.message = str(data.get("message", ""))
    step.handled = bool(data.get("handled"))
    if "output" in data:
        step.output = data["output"]
    if data.get("inline"):
        step.started_at = event.at
    step.finished_at = event.at
    step.undoing = ""
    step.waits_for = ()
    step.awaits = None
    if step.kind == COMPENSATION and step.state == Status.SUCCEEDED:
        view.step(paths.parent(event.path)).undone = True
    view.rest()


def force(view: "WorkflowView", event: Event) -> None:
    """The operator said how a step counts."""
    step = view.step(event.path)
    step.state = str(event.data["status"])
    step.message = str(event.data.get("reason", ""))
    step.finished_at = event.at


def wait_for_rate(view: "WorkflowView", event: Event) -> None:
    """An attempt waits until its command may be called again."""
    until = event.data["until"]
    assert isinstance(until, int | float)
    message = f"waits for the rate limit {event.data['limit']} until {rfc3339(until)}"
    view.step(event.path).message = message


def progress(view: "WorkflowView", event: Event) -> None:
    """How far a running attempt is."""
    percent = event.data.get("percent")
    if isinstance(percent, int | float):
        view.step(event.path).progress = float(percent)


def _names(value: Json) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def _time(value: Json, default: float) -> float:
    return float(value) if isinstance(value, int | float) else default


HANDLERS: Mapping[EventType, "Callable[[WorkflowView, Event], None]"] = {
    EventType.ATTEMPT_STARTED: start_attempt,
    EventType.ATTEMPT_FINISHED: finish_attempt,
    EventType.STEP_STARTED: start_step,
    EventType.STEP_FINISHED: finish_step,
    EventType.DECIDED: decide,
    EventType.FORCED: force,
    EventType.RATE_WAITING: wait_for_rate,
    EventType.PROGRESS: progress,
}
