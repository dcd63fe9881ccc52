"""What the events of a workflow count for in metrics: a fold that can stop after any event.

What an event does not say itself is asked of the journal before it (`Past`): the start of a step,
the label of an attempt. So nothing has to be remembered between two looks at a journal.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from orchestrate.playbook.plan import Json
from orchestrate.workflow import metrics
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.metrics import Tally
from orchestrate.workflow.outcomes import State

_CONTAINERS = frozenset({"parallel", "conditional", "foreach", "transaction", "playbook"})
_WITH_PROCESS = frozenset({"command", "shell", "script"})
_UNLABELLED = "command"


class About(NamedTuple):
    """The workflow whose events are counted."""

    playbook: str
    created_at: float


class Past(Protocol):
    """The journal of the workflow."""

    def at(self, seq: int) -> Event:
        """An event by its number."""
        ...

    def last(
        self, before: int, types: frozenset[EventType], path: str | None = None
    ) -> Event | None:
        """The last event before that number that is one of `types` (and has that path)."""
        ...


class Tallying:
    """Counts the events of one workflow into a tally."""

    def __init__(self, tally: Tally, about: About, past: Past) -> None:
        self._tally = tally
        self._about = about
        self._past = past
        self._begun: dict[str, float] = {}
        """When the first attempt of each step that lasts began."""
        self._labels: dict[int, str] = {}

    def take(self, event: Event) -> None:
        """Count one event."""
        self._tally.add(metrics.EVENTS)
        match event.type:
            case EventType.WORKFLOW_CREATED:
                self._tally.add(metrics.CREATED, self._about.playbook)
            case EventType.WORKFLOW_STARTED:
                self._wait("queue", event.at - self._about.created_at)
            case EventType.OWNED:
                self._owned(event)
            case EventType.ATTEMPT_STARTED:
                self._attempt_started(event)
            case EventType.ATTEMPT_FINISHED:
                self._attempt_finished(event)
            case EventType.STEP_FINISHED:
                self._step_finished(event)
            case EventType.CLAIMED:
                waited = event.data.get("waited")
                self._wait("claim", float(waited) if isinstance(waited, int | float) else 0.0)
            case EventType.APPROVAL_GIVEN | EventType.APPROVAL_REJECTED:
                self._answered(event)
            case EventType.WORKFLOW_FINISHED:
                self._finished(event)
            case _:
                pass

    def _wait(self, reason: str, seconds: float) -> None:
        self._tally.observe(metrics.WAIT_DURATION, seconds, reason)

    def _owned(self, event: Event) -> None:
        """Whoever ran it before has either let it go, or is gone."""
        if event.data.get("epoch") == 1:
            return
        before = self._past.last(event.seq, frozenset({EventType.OWNED, EventType.RELEASED}))
        if before is not None and before.type is EventType.OWNED:
            self._tally.add(metrics.OWNERS_LOST)

    def _attempt_started(self, event: Event) -> None:
        label = event.data.get("label")
        self._labels[event.seq] = label if isinstance(label, str) and label else _UNLABELLED
        if event.data.get("number") == 1:
            self._begun[event.path] = event.at
        else:
            self._tally.add(metrics.RETRIES, self._about.playbook)

    def _attempt_finished(self, event: Event) -> None:
        if event.data.get("final"):
            identity = event.data["id"]
            assert isinstance(identity, int)
            finished = _moment(event.data, "finished_at", event.at)
            self._step(event, str(event.data["status"]), finished, identity)

    def _step_finished(self, event: Event) -> None:
        status, kind = str(event.data["status"]), event.data.get("kind")
        if kind in _CONTAINERS:
            return
        if status == "skipped" or kind not in _WITH_PROCESS:
            self._tally.add(metrics.STEPS, self._about.playbook, status)
            return
        started = self._past.last(event.seq, _STARTS, event.path)
        attempt = None if started is None else started.seq
        self._step(event, status, event.at, attempt)

    def _step(self, event: Event, status: str, finished: float, attempt: int | None) -> None:
        playbook = self._about.playbook
        self._tally.add(metrics.STEPS, playbook, status)
        begun = self._begun.pop(event.path, None) or self._looked_up(event)
        if attempt is not None and begun is not None:
            label = self._labels.pop(attempt, None) or self._label(attempt)
            self._tally.observe(metrics.STEP_DURATION, finished - begun, playbook, label)

    def _looked_up(self, event: Event) -> float | None:
        """When the step began, if that was before this look at the journal."""
        before = event.seq
        while True:
            started = self._past.last(before, _STARTS, event.path)
            if started is None:
                return None
            if started.data.get("number") == 1:
                return started.at
            before = started.seq

    def _label(self, attempt: int) -> str:
        label = self._past.at(attempt).data.get("label")
        return label if isinstance(label, str) and label else _UNLABELLED

    def _answered(self, event: Event) -> None:
        asked = self._past.last(event.seq, frozenset({EventType.APPROVAL_REQUESTED}), event.path)
        if asked is not None:
            self._wait("approval", event.at - asked.at)

    def _finished(self, event: Event) -> None:
        playbook, state = self._about.playbook, str(event.data["state"])
        self._tally.add(metrics.FINISHED, playbook, state)
        self._tally.reach(metrics.LAST_FINISHED, event.at, playbook, state)
        if state == State.SUCCEEDED:
            ended = self._past.last(event.seq, frozenset({EventType.WORKFLOW_FINISHED}))
            if ended is None:
                began = self._past.last(event.seq, frozenset({EventType.WORKFLOW_STARTED}))
            else:
                began = self._past.last(event.seq, frozenset({EventType.RESUMED}))
            if began is not None:
                self._tally.observe(metrics.WORKFLOW_DURATION, event.at - began.at, playbook)


_STARTS = frozenset({EventType.ATTEMPT_STARTED})


def _moment(data: Mapping[str, Json], key: str, otherwise: float) -> float:
    value = data.get(key)
    return float(value) if isinstance(value, int | float) else otherwise
