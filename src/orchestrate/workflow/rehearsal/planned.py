"""What would happen to each step, read from the journal of a rehearsal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from orchestrate.playbook.plan import Json, Step
from orchestrate.playbook.undecided import plain
from orchestrate.workflow import paths
from orchestrate.workflow.event_waits import in_words
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.history import CLAIM
from orchestrate.workflow.program import Attempt, Call
from orchestrate.workflow.rehearsal.parts import Part
from orchestrate.workflow.rehearsal.reasons import Reason

RUNS = "runs"
UNDECIDED = "undecided"
"""It depends on what is known only when the playbook runs."""
SKIPPED = "skipped"
FAILS = "fails"
"""It cannot even be started: the message says why."""
NOT_REACHED = "not_reached"

_FAILED = frozenset(("failed", "timed_out"))


class Problem(NamedTuple):
    """Something that would go wrong whatever the steps give. `suppositions`: in this case."""

    path: str
    message: str
    suppositions: tuple[str, ...]


class Claimed(NamedTuple):
    """What is held: locks, each with whether it is shared, and so much of each resource."""

    locks: Mapping[str, bool]
    resources: Mapping[str, int]


class Planned:
    """What would happen to one step. Times are seconds; `begins_at` counts from the start."""

    __slots__ = (
        "attempts", "begins_at", "call", "checkpoint", "claimed", "depends_on", "items", "kind",
        "message", "output", "path", "reasons", "seconds", "shown", "state", "step", "timeout",
        "waits",
    )  # fmt: skip

    def __init__(self, path: str, step: Step | None) -> None:
        self.path = path
        self.step = step
        """None for a branch of a parallel or conditional step."""
        self.kind = ""
        self.state = RUNS
        self.message = ""
        self.reasons: list[Reason] = []
        self.depends_on: tuple[str, ...] = ()
        """In which case it runs, if that is not the usual one."""
        self.call: Call | None = None
        self.shown = ""
        """The call as a person would type it."""
        self.attempts = 1
        """How many there may be."""
        self.timeout: float | None = None
        self.items: tuple[str, ...] | None = None
        """The keys of a loop's iterations."""
        self.waits: str = ""
        """duration, until, approval, event: what it waits for."""
        self.checkpoint = ""
        self.claimed: Claimed | None = None
        """What it holds while it runs; of a sub-playbook, what that holds."""
        self.output: Json = None
        """The variables that a `set` step sets."""
        self.begins_at = 0.0
        self.seconds: float | None = None


class Steps:
    """The steps of one rehearsal by path, in the order in which they came up."""

    def __init__(self, parts: Mapping[str, Part], attempts: Iterable[Attempt]) -> None:
        self._parts = parts
        self._attempts = {attempt.id: attempt for attempt in attempts}
        self.found: dict[str, Planned] = {}
        self.warnings: list[str] = []
        self.claimed: Claimed | None = None
        """What the whole playbook holds."""

    def read(self, events: Iterable[Event], reasons: Mapping[tuple[str, str], Reason]) -> None:
        """Read a whole journal, and why things were decided as they were."""
        start = 0.0
        for event in events:
            start = start or event.at
            self._read(event, start)
        for (path, _), reason in reasons.items():
            self._step(path).reasons.append(reason)

    def _step(self, path: str) -> Planned:
        found = self.found.get(path)
        if found is None:
            part = self._parts.get(paths.static(path))
            found = self.found[path] = Planned(path, part.step if part is not None else None)
        return found

    def _read(self, event: Event, start: float) -> None:
        data = event.data
        match event.type:
            case EventType.ATTEMPT_STARTED:
                self._read_attempt(event, start)
            case EventType.STEP_STARTED:
                step = self._step(event.path)
                step.kind = str(data["kind"])
                step.begins_at = event.at - start
            case EventType.ATTEMPT_FINISHED:
                self._end(event, start)
            case EventType.STEP_FINISHED:
                self._end(event, start)
            case EventType.DECIDED:
                self._read_decision(event)
            case EventType.TIMER_SET if event.path and "at" in data:
                subject = str(data["subject"])
                if not subject.startswith(("retry", "look")):
                    self._step(event.path).waits = subject
            case EventType.APPROVAL_REQUESTED:
                step = self._step(event.path)
                step.waits, step.shown = "approval", plain(str(data["message"]))
            case EventType.EVENT_AWAITED:
                step = self._step(event.path)
                step.waits, step.shown = "event", plain(in_words(data))
            case EventType.CHECKPOINT if event.path:
                self._step(event.path).checkpoint = str(data.get("name") or data["id"])
            case EventType.WARNED:
                message = plain(str(data["message"]))
                self.warnings.append(f"{event.path}: {message}" if event.path else message)
            case _:
                pass

    def _read_attempt(self, event: Event, start: float) -> None:
        step = self._step(event.path)
        if step.call is not None:
            return
        data = event.data
        attempt = self._attempts[event.seq]
        step.kind = step.kind or attempt.call.kind
        step.call = attempt.call
        step.shown = plain(str(data["call"]))
        of = data["of"]
        step.attempts = of if isinstance(of, int) else 1
        step.timeout = attempt.timeout
        step.begins_at = event.at - start

    def _end(self, event: Event, start: float) -> None:
        data = event.data
        step = self._step(event.path)
        step.kind = step.kind or str(data.get("kind", ""))
        status = str(data["status"])
        if status == "skipped":
            step.state = SKIPPED
            step.message = plain(str(data.get("message", "")))
        elif data.get("inline"):
            step.begins_at = event.at - start
            step.output = data.get("output")
            if status in _FAILED:
                step.state, step.message = FAILS, plain(str(data.get("message", "")))
        step.seconds = event.at - start - step.begins_at

    def _read_decision(self, event: Event) -> None:
        value = event.data["value"]
        if event.data["subject"] == CLAIM and isinstance(value, Mapping):
            self._read_claim(event.path, value)
        elif event.data["subject"] == "items" and isinstance(value, list | tuple):
            keys = paths.iteration_keys(value)
            self._step(event.path).items = tuple(keys)
        elif (
            event.data["subject"] == "outcome"
            and isinstance(value, Mapping)
            and str(value["status"]) in _FAILED
        ):
            step = self._step(event.path)
            step.state, step.message = FAILS, plain(str(value.get("message", "")))

    def _read_claim(self, path: str, value: Mapping[str, Json]) -> None:
        locks, resources = value["locks"], value["resources"]
        assert isinstance(locks, Mapping)
        assert isinstance(resources, Mapping)
        claimed = Claimed(
            {
                name: isinstance(wanted, Sequence) and wanted[0] is True
                for name, wanted in locks.items()
            },
            {name: int(str(amount)) for name, amount in resources.items()},
        )
        if paths.last(path) == paths.PLAYBOOK:
            path = paths.parent(path)
        if not path:
            self.claimed = claimed
            return
        step = self._step(path)
        own = step.claimed or Claimed({}, {})
        both = {**own.resources, **claimed.resources}
        added = {n: own.resources.get(n, 0) + claimed.resources.get(n, 0) for n in both}
        step.claimed = Claimed({**own.locks, **claimed.locks}, added)


def problems(steps: Mapping[str, Planned], suppositions: tuple[str, ...]) -> list[Problem]:
    """What goes wrong for sure: expressions without a value, assertions over known values."""
    return [
        Problem(step.path, step.message, suppositions)
        for step in steps.values()
        if step.state == FAILS
        and not (step.kind == "assert" and any(reason.undecided for reason in step.reasons))
    ]
