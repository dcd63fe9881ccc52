"""What a view of a workflow consists of: steps, checkpoints, what is parked."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.workflow import paths
from orchestrate.workflow.moments import rfc3339
from orchestrate.workflow.outcomes import Status

RUNNING = "running"
WAITING = "waiting"
PARKED = "parked"
FINISHED = frozenset(str(status) for status in Status)
"""States of a step that has an outcome."""


def blocker_json(blocker: Mapping[str, Json]) -> dict[str, Json]:
    """A blocker as `--json` prints it."""
    since = blocker.get("since")
    when = {"since": rfc3339(float(since))} if isinstance(since, int | float) else {}
    return {**blocker, **when}


class StepView:
    """One step as far as it got. `state` is running, waiting (for a retry, a moment, an event, an
    approval), parked, or the outcome: a `Status`. Times are seconds since the epoch.
    """

    __slots__ = (
        "attempts", "awaits", "exit_code", "finished_at", "handled", "kind", "label",
        "left_running", "message", "name", "of", "output", "parent", "path", "progress",
        "started_at", "state", "survivors", "total", "undoing", "undone", "waits_for",
    )  # fmt: skip

    def __init__(self, path: str) -> None:
        self.path = path
        self.name = path.rpartition("/")[2]
        self.parent = paths.parent(path)
        self.kind = ""
        self.label: str | None = None
        self.state: str = RUNNING
        self.attempts = 0
        self.of = 1
        """How many attempts there may be."""
        self.exit_code: int | None = None
        self.started_at: float | None = None
        self.finished_at: float | None = None
        self.output: Json = None
        self.message = ""
        self.handled = False
        """It failed, and its `on_failure` ran to the end."""
        self.left_running: tuple[str, ...] = ()
        """Processes that it left behind on purpose when it succeeded: "4711 nginx: master"."""
        self.survivors: tuple[str, ...] = ()
        """Processes of it that could not be ended."""
        self.progress: float | None = None
        self.total: int | None = None
        """Of a foreach: how many iterations there are."""
        self.waits_for: Sequence[Mapping[str, Json]] = ()
        """Who has what it claims: {lock or resource, workflow, step, since}."""
        self.awaits: Mapping[str, Json] | None = None
        """The event that it waits for: {event, source?, filter?, since}."""
        self.undoing = ""
        """Of a transaction that is being undone: why."""
        self.undone = False
        """What it did was undone by its compensation."""

    @property
    def finished(self) -> bool:
        """Whether it has an outcome."""
        return self.state in FINISHED

    @property
    def duration(self) -> float | None:
        """Seconds from its first start to its end."""
        if self.started_at is None or self.finished_at is None:
            return None
        return self.finished_at - self.started_at

    def to_json(self) -> dict[str, Json]:
        """As in `status --json`."""
        duration = self.duration
        plain: dict[str, Json] = {
            "path": self.path,
            "name": self.name,
            "kind": self.kind,
            "label": self.label,
            "state": self.state,
            "attempts": self.attempts,
            "exit_code": self.exit_code,
            "started_at": rfc3339(self.started_at),
            "finished_at": rfc3339(self.finished_at),
            "duration": round(duration, 6) if duration is not None else None,
            "output": self.output,
        }
        if self.message:
            plain["message"] = self.message
        for key in ("left_running", "survivors"):
            if names := getattr(self, key):
                plain[key] = list(names)
        if self.progress is not None:
            plain["progress"] = self.progress
        if self.waits_for:
            plain["waits_for"] = [blocker_json(blocker) for blocker in self.waits_for]
        if self.awaits is not None:
            plain["awaits"] = {"source": None, "filter": None, **self.awaits}
        if self.undoing:
            plain["undoing"] = self.undoing
        if self.undone:
            plain["undone"] = True
        return plain


class CheckpointView(NamedTuple):
    """A checkpoint: its id, name, the step after which it was taken, its position and time."""

    id: str
    name: str
    step: str | None
    seq: int
    at: float

    def to_json(self) -> dict[str, Json]:
        """As in `status --json`."""
        return {"id": self.id, "name": self.name, "step": self.step, "at": rfc3339(self.at)}


class ParkedView(NamedTuple):
    """Something that waits for a decision."""

    path: str
    subject: str
    message: str
    choices: tuple[str, ...]

    def to_json(self) -> dict[str, Json]:
        """As in `status --json`."""
        return {**self._asdict(), "choices": list(self.choices)}
