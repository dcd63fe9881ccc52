"""Where a workflow stands: a fold over its events. Nothing else is the truth."""

from collections.abc import Iterable, Mapping, Sequence

from orchestrate.playbook.plan import Json
from orchestrate.workflow import claim_views, paths
from orchestrate.workflow.approval_views import ApprovalViews
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.history import APPROVAL, UNDO, Forgetting
from orchestrate.workflow.moments import rfc3339
from orchestrate.workflow.outcomes import State, Status
from orchestrate.workflow.parking import COMPENSATION, CONFIRM
from orchestrate.workflow.views import (
    PARKED,
    RUNNING,
    WAITING,
    CheckpointView,
    ParkedView,
    StepView,
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
            handler(self, event)

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
            plain["waits_for"] = [dict(blocker) for blocker in self.waits_for]
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
        self.reason = str(event.data.get("reason", ""))
        resume_at = event.data.get("resume_at")
        self.resume_at = float(resume_at) if isinstance(resume_at, int | float) else None

    def come_to_rest(self, event: Event) -> None:
        """Nothing runs any more."""
        self.approvals.pause(event.at)
        self._pausing = True
        self.state = State.PAUSED

    def unpause(self, event: Event) -> None:
        """It goes on."""
        self.approvals.unpause(event.at)
        self._pausing = False
        if not self._ending:  # then the reason is not that of the pause
            self.reason = ""
        self.resume_at = None
        self.state = State.RUNNING
        self.rest()

    def give_reason(self, event: Event) -> None:
        """Somebody wants it to end."""
        reason = str(event.data.get("reason", ""))
        if reason or not self._ending:  # asked again without a word: the first reason holds
            self.reason = reason
        self._ending = True

    def start_attempt(self, event: Event) -> None:
        """A process is started."""
        data = event.data
        step = self.step(event.path)
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
        self.running[event.seq] = event.path

    def finish_attempt(self, event: Event) -> None:
        """A process has ended."""
        data = event.data
        attempt_id = data.get("id")
        if isinstance(attempt_id, int):
            self.running.pop(attempt_id, None)
        step = self.step(event.path)
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
        self.rest()

    def start_step(self, event: Event) -> None:
        """A step that contains steps, or waits, begins."""
        step = self.step(event.path)
        step.kind = str(event.data.get("kind", ""))
        step.started_at = event.at
        step.state = RUNNING

    def decide(self, event: Event) -> None:
        """The interpreter found something out: of a foreach, how many iterations there are."""
        value = event.data.get("value")
        if event.data["subject"] == "items" and isinstance(value, list | tuple):
            self.step(event.path).total = len(value)
        elif event.data["subject"] == UNDO and isinstance(value, Mapping):
            self.undone[event.path] = event.seq
            path = event.path if event.path in self.steps else paths.parent(event.path)
            self.step(path).undoing = str(value["because"])

    def finish_step(self, event: Event) -> None:
        """A step has ended."""
        data = event.data
        step = self.step(event.path)
        self.approvals.close(event.path)
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
        if step.kind == COMPENSATION and step.state == Status.SUCCEEDED:
            self.step(paths.parent(event.path)).undone = True
        self.rest()

    def force(self, event: Event) -> None:
        """The operator said how a step counts."""
        step = self.step(event.path)
        step.state = str(event.data["status"])
        step.message = str(event.data.get("reason", ""))
        step.finished_at = event.at

    def request_approval(self, event: Event) -> None:
        """People are asked."""
        self.approvals.request(event)
        self.step(event.path).state = WAITING
        self.rest()

    def answer_approval(self, event: Event) -> None:
        """Somebody approved or rejected."""
        if not self.approvals.answer(event):
            return
        self.step(event.path).state = RUNNING
        if event.data.get("unowned"):
            self.goes_on = True  # until somebody takes it up, it stands where it stood
        else:
            self.rest()

    def wait(self, event: Event) -> None:
        """A step waits for a moment, or people have so much time."""
        self.approvals.set_time(event)
        if event.path and "at" in event.data:
            self.step(event.path).state = WAITING
            self.rest()

    def wait_for_rate(self, event: Event) -> None:
        """An attempt waits until its command may be called again."""
        until = event.data["until"]
        assert isinstance(until, int | float)
        message = f"waits for the rate limit {event.data['limit']} until {rfc3339(until)}"
        self.step(event.path).message = message

    def end_wait(self, event: Event) -> None:
        """The moment has come."""
        if event.data["subject"] == APPROVAL:
            self.approvals.close(event.path)
        step = self.steps.get(event.path)
        if step is not None and step.state == WAITING:
            step.state = RUNNING
        self.rest()

    def park(self, event: Event) -> None:
        """Somebody must decide."""
        data = event.data
        subject, choices = str(data["subject"]), data.get("choices")
        listed = tuple(map(str, choices)) if isinstance(choices, list | tuple) else ()
        self.parked[event.path, subject] = ParkedView(
            event.path, subject, str(data.get("message", "")), listed
        )
        if event.path:
            self.step(event.path).state = PARKED
        self.rest()

    def resolve(self, event: Event) -> None:
        """Somebody has decided."""
        self.parked.pop((event.path, str(event.data["subject"])), None)
        if event.path in self.steps:
            self.steps[event.path].state = RUNNING
        self.rest()

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

    def progress(self, event: Event) -> None:
        """How far a running attempt is."""
        percent = event.data.get("percent")
        if isinstance(percent, int | float):
            self.step(event.path).progress = float(percent)


_HANDLERS = {
    **claim_views.HANDLERS,
    EventType.WORKFLOW_CREATED: WorkflowView.create,
    EventType.OWNED: WorkflowView.own,
    EventType.WORKFLOW_STARTED: WorkflowView.start,
    EventType.WORKFLOW_FINISHED: WorkflowView.finish,
    EventType.RESUMED: WorkflowView.resume,
    EventType.FORGOTTEN: WorkflowView.forget,
    EventType.FORCED: WorkflowView.force,
    EventType.ATTEMPT_STARTED: WorkflowView.start_attempt,
    EventType.ATTEMPT_FINISHED: WorkflowView.finish_attempt,
    EventType.DECIDED: WorkflowView.decide,
    EventType.STEP_STARTED: WorkflowView.start_step,
    EventType.STEP_FINISHED: WorkflowView.finish_step,
    EventType.TIMER_SET: WorkflowView.wait,
    EventType.RATE_WAITING: WorkflowView.wait_for_rate,
    EventType.TIMER_FIRED: WorkflowView.end_wait,
    EventType.CHECKPOINT: WorkflowView.add_checkpoint,
    EventType.PAUSE_REQUESTED: WorkflowView.pause,
    EventType.PAUSED: WorkflowView.come_to_rest,
    EventType.UNPAUSED: WorkflowView.unpause,
    EventType.CANCEL_REQUESTED: WorkflowView.give_reason,
    EventType.COMPLETION_REQUESTED: WorkflowView.give_reason,
    EventType.PARKED: WorkflowView.park,
    EventType.RESOLVED: WorkflowView.resolve,
    EventType.APPROVAL_REQUESTED: WorkflowView.request_approval,
    EventType.APPROVAL_GIVEN: WorkflowView.answer_approval,
    EventType.APPROVAL_REJECTED: WorkflowView.answer_approval,
    EventType.PROGRESS: WorkflowView.progress,
    EventType.WARNED: WorkflowView.warn,
}


def _map(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _names(value: Json) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def _time(value: Json, default: float) -> float:
    return float(value) if isinstance(value, int | float) else default


def fold(events: Iterable[Event], workflow: str = "") -> WorkflowView:
    """The view after all `events`."""
    view = WorkflowView(workflow)
    for event in events:
        view.apply(event)
    return view
