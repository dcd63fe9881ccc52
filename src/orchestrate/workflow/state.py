"""Where a workflow stands: a fold over its events. Nothing else is the truth."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event
from orchestrate.workflow.outcomes import State, Status


class StepView:
    """One step as far as it got. `state` is pending, running, waiting, parked, or a `Status`."""

    __slots__ = (
        "attempts", "exit_code", "finished_at", "kind", "label", "message", "name", "output",
        "parent", "path", "progress", "started_at", "state",
    )  # fmt: skip

    def __init__(self, path: str, name: str, parent: str) -> None:
        self.path = path
        self.name = name
        self.parent = parent
        self.kind = ""
        self.label: str | None = None
        self.state: str = "running"
        self.attempts = 0
        self.exit_code: int | None = None
        self.started_at: float | None = None
        self.finished_at: float | None = None
        self.output: Json = None
        self.message = ""
        self.progress: float | None = None


class CheckpointView(NamedTuple):
    """A checkpoint: its id, name, the step after which it was taken, its position and time."""

    id: str
    name: str
    step: str | None
    seq: int
    at: float


class ParkedView(NamedTuple):
    """Something that waits for a decision."""

    path: str
    subject: str
    message: str
    choices: tuple[str, ...]


class WorkflowView:
    """Where a workflow stands; `apply` takes one event more."""

    def __init__(self, workflow: str = "") -> None:
        self.id = workflow
        self.playbook = ""
        self.environment = ""
        self.parameters: Mapping[str, Json] = {}
        self.actor = ""
        self.state = State.QUEUED
        self.reason = ""
        self.error: Mapping[str, Json] | None = None
        self.outputs: Mapping[str, Json] = {}
        self.created_at: float | None = None
        self.started_at: float | None = None
        self.finished_at: float | None = None
        self.resume_at: float | None = None
        self.steps: dict[str, StepView] = {}
        self.checkpoints: list[CheckpointView] = []
        self.parked: dict[tuple[str, str], ParkedView] = {}
        self.warnings: list[str] = []

    def apply(self, event: Event) -> None:
        """Take the next event."""

    def to_json(self) -> dict[str, Json]:
        """The object that `status --workflow ID --json` prints."""
        return {}


def fold(events: Iterable[Event], workflow: str = "") -> WorkflowView:
    """The view after all `events`."""
    view = WorkflowView(workflow)
    for event in events:
        view.apply(event)
    return view


FINISHED = frozenset(str(status) for status in Status)
