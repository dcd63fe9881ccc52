"""Where a workflow stands: a fold over its events. Nothing else is the truth."""

from collections.abc import Iterable, Mapping, Sequence

from orchestrate.playbook.plan import Json
from orchestrate.workflow import claim_views, paths, step_views, waiting_views
from orchestrate.workflow.approval_views import ApprovalViews
from orchestrate.workflow.damage import DAMAGE, damaged
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.history import Forgetting
from orchestrate.workflow.left_requests import LeftRequests
from orchestrate.workflow.moments import rfc3339
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.parking import CONFIRM
from orchestrate.workflow.views import (
    RUNNING,
    WAITING,
    CheckpointView,
    ParkedView,
    StepView,
    blocker_json,
)


class WorkflowView:
    """Where a workflow stands; `apply` takes one event more.

    Events know nothing of steps that were never reached: these are not in `steps`.
    """

    def __init__(self, workflow: str = "") -> None:
        self.id = workflow
        self.playbook = ""
        self.environment = ""
        self.parameters: Mapping[str, Json] = {}
        self.actor = ""
        self.state = State.QUEUED
        self.reason = ""
        """Of the pause, the failure, the cancellation or the forced completion."""
        self.error: Mapping[str, Json] | None = None
        self.outputs: Mapping[str, Json] = {}
        self.created_at: float | None = None
        self.started_at: float | None = None
        self.finished_at: float | None = None
        self.resume_at: float | None = None
        self.steps: dict[str, StepView] = {}
        self.waits_for: Sequence[Mapping[str, Json]] = ()
        """Who has what the whole playbook claims."""
        self.holds: dict[str, set[str]] = {}
        """Names of locks and resources that are held, by the path that claimed them."""
        self.running: dict[int, str] = {}
        """Attempts in flight: id -> path."""
        self.checkpoints: list[CheckpointView] = []
        self.parked: dict[tuple[str, str], ParkedView] = {}
        self.approvals = ApprovalViews()
        self.goes_on = False
        """It was left waiting, and what it waited for has come: whoever takes it up goes on."""
        self.requests = LeftRequests()
        """What was asked for and may not be done yet."""
        self.warnings: list[str] = []
        self.undone: dict[str, int] = {}
        """Tries of transactions whose undoing has begun, each with the position of that."""
        self.last_seq = 0
        self._pausing = False
        self._ending = False

    @property
    def timed_out(self) -> bool:
        """Whether the workflow's own timeout ended it."""
        return bool(self.error and self.error.get("timed_out"))

    def apply(self, event: Event) -> None:
        """Take the next event."""
        self.last_seq = event.seq
        handler = _HANDLERS.get(event.type)
        if handler is not None:
            try:
                handler(self, event)
            except DAMAGE as error:
                raise damaged(event, error) from error

    def step(self, path: str) -> StepView:
        """The view of a step, made at its first event."""
        view = self.steps.get(path)
        if view is None:
            view = self.steps[path] = StepView(path)
        return view

    def to_json(self, *, steps: bool = True) -> dict[str, Json]:
        """The object that `status --workflow ID --json` prints; in lists without `steps`."""
        plain: dict[str, Json] = {
            "id": self.id,
            "playbook": self.playbook,
            "state": str(self.state),
            "environment": self.environment,
            "parameters": self.parameters,
            "actor": self.actor,
            "reason": self.reason,
            "created_at": rfc3339(self.created_at),
            "started_at": rfc3339(self.started_at),
            "finished_at": rfc3339(self.finished_at),
            "error": self.error,
            "outputs": self.outputs,
        }
        if self.waits_for:
            plain["waits_for"] = [blocker_json(blocker) for blocker in self.waits_for]
        if self.resume_at is not None:
            plain["resume_at"] = rfc3339(self.resume_at)
        if steps:
            plain["steps"] = [step.to_json() for step in self.steps.values()]
            plain["checkpoints"] = [entry.to_json() for entry in self.checkpoints]
            plain["parked"] = [entry.to_json() for entry in self.parked.values()]
            if self.approvals:
                plain["approvals"] = [entry.to_json() for entry in self.approvals.values()]
            plain["warnings"] = list(self.warnings)
        return plain

    def rest(self) -> None:
        """Derive the state from what runs, unless the workflow has ended."""
        if self.finished_at is not None or self.state is State.QUEUED:
            return
        if self._pausing:
            return
        self.state = State.RUNNING
        asks = self.parked or (self.approvals and self.approvals.awaited)
        if asks and not self.running and not self._waits():
            confirmations = all(subject == CONFIRM for _, subject in self.parked)
            self.state = State.WAITING if confirmations else State.NEEDS_ATTENTION

    def _waits(self) -> bool:
        return any(
            step.state == WAITING
            and not self.approvals.waits(path)
            and not (step.waits_for and claim_views.waits_for_itself(self, path, step))
            for path, step in self.steps.items()
        )

    def own(self, _: Event) -> None:
        """Somebody runs it."""
        if self.state is State.QUEUED:
            self.state = State.RUNNING

    def start(self, event: Event) -> None:
        """It runs."""
        if self.started_at is None:
            self.started_at = event.at
        self.state = State.RUNNING

    def create(self, event: Event) -> None:
        """It exists."""
        data = event.data
        self.created_at = event.at
        self.playbook = str(data.get("playbook", ""))
        self.environment = str(data.get("environment", ""))
        self.parameters = _map(data.get("parameters"))
        self.actor = str(data.get("actor", ""))

    def resume(self, event: Event) -> None:
        """It goes on after an end, a crash, or a decision."""
        self.requests.apply(event)
        self.finished_at = None
        self.error = None
        self.outputs = {}
        self.reason = ""
        self._ending = False
        self.goes_on = False
        if self.state is not State.QUEUED:
            self.state = State.RUNNING
        changed = _map(event.data.get("parameters"))
        if changed:
            self.parameters = {**self.parameters, **changed}
        self.rest()

    def finish(self, event: Event) -> None:
        """It has ended."""
        self.requests.apply(event)
        data = event.data
        self.finished_at = event.at
        self.state = State(str(data["state"]))
        error = data.get("error")
        self.error = error if isinstance(error, Mapping) else None
        if self.error:
            step, message = self.error.get("step"), self.error.get("message")
            self.reason = f"{step}: {message}" if step else str(message)
        self.outputs = _map(data.get("outputs"))
        self.resume_at = None
        self.waits_for = ()
        self.parked.clear()
        self.approvals.close_all()
        self._pausing = False

    def pause(self, event: Event) -> None:
        """Nothing more is to start."""
        self.requests.apply(event)
        self.reason = str(event.data.get("reason", ""))
        resume_at = event.data.get("resume_at")
        self.resume_at = float(resume_at) if isinstance(resume_at, int | float) else None

    def come_to_rest(self, event: Event) -> None:
        """Nothing runs any more."""
        self.requests.apply(event)
        self.approvals.pause(event.at)
        self._pausing = True
        self.state = State.PAUSED

    def unpause(self, event: Event) -> None:
        """It goes on."""
        self.requests.apply(event)
        self.approvals.unpause(event.at)
        self._pausing = False
        if not self._ending:  # then the reason is not that of the pause
            self.reason = ""
        self.resume_at = None
        self.state = State.RUNNING
        self.rest()

    def give_reason(self, event: Event) -> None:
        """Somebody wants it to end."""
        self.requests.apply(event)
        reason = str(event.data.get("reason", ""))
        if reason or not self._ending:  # asked again without a word: the first reason holds
            self.reason = reason
        self._ending = True

    def forget(self, event: Event) -> None:
        """What was recorded for some steps no longer counts."""
        forgetting = Forgetting(event.data)
        self.steps = {
            forgetting.moved(path): step
            for path, step in self.steps.items()
            if not forgetting.covers(path)
        }
        for path, step in self.steps.items():
            if step.path != path:
                step.path, step.name = path, path.rpartition("/")[2]
                step.parent = paths.parent(path)
            if path in forgetting.reopen:
                step.state, step.finished_at, step.message = RUNNING, None, ""
        self.parked = {k: v for k, v in self.parked.items() if not forgetting.covers(k[0])}
        self.approvals.forget(forgetting)
        self.undone = {
            forgetting.moved(path): seq
            for path, seq in self.undone.items()
            if not forgetting.covers(path)
        }
        self.checkpoints = [
            entry
            for entry in self.checkpoints
            if not (entry.step and forgetting.covers(entry.step))
        ]
        self.running = {k: p for k, p in self.running.items() if not forgetting.covers(p)}

    def add_checkpoint(self, event: Event) -> None:
        """A named position."""
        data = event.data
        step = data.get("step")
        self.checkpoints.append(
            CheckpointView(
                str(data["id"]),
                str(data.get("name", "")),
                step if isinstance(step, str) else None,
                event.seq,
                event.at,
            )
        )

    def warn(self, event: Event) -> None:
        """Something that does not stop the run."""
        message = str(event.data.get("message", ""))
        self.warnings.append(f"{event.path}: {message}" if event.path else message)


_HANDLERS = {
    **step_views.HANDLERS,
    **waiting_views.HANDLERS,
    **claim_views.HANDLERS,
    EventType.WORKFLOW_CREATED: WorkflowView.create,
    EventType.OWNED: WorkflowView.own,
    EventType.WORKFLOW_STARTED: WorkflowView.start,
    EventType.WORKFLOW_FINISHED: WorkflowView.finish,
    EventType.RESUMED: WorkflowView.resume,
    EventType.FORGOTTEN: WorkflowView.forget,
    EventType.CHECKPOINT: WorkflowView.add_checkpoint,
    EventType.PAUSE_REQUESTED: WorkflowView.pause,
    EventType.PAUSED: WorkflowView.come_to_rest,
    EventType.UNPAUSED: WorkflowView.unpause,
    EventType.CANCEL_REQUESTED: WorkflowView.give_reason,
    EventType.COMPLETION_REQUESTED: WorkflowView.give_reason,
    EventType.WARNED: WorkflowView.warn,
}


def _map(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def fold(events: Iterable[Event], workflow: str = "") -> WorkflowView:
    """The view after all `events`."""
    view = WorkflowView(workflow)
    for event in events:
        view.apply(event)
    return view
