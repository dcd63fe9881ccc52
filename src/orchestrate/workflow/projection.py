"""What is kept beside a journal so that lists need not read it: state, reason, a few moments."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State


class Projection(NamedTuple):
    """What lists show of a workflow that changes while it runs. Times are epoch seconds."""

    state: State
    reason: str | None
    """None leaves it as it is."""
    started_at: float | None
    finished_at: float | None
    resume_at: float | None


class Fold:
    """Follows the events of one workflow, batch by batch, from where its row stands."""

    def __init__(
        self,
        started_at: float | None = None,
        finished_at: float | None = None,
        resume_at: float | None = None,
    ) -> None:
        self._started_at = started_at
        self._finished_at = finished_at
        self._resume_at = resume_at
        self._ending = False
        self._before: Projection | None = None

    def forget(self) -> None:
        """The row may hold something else by now: the next projection is written in any case."""
        self._before = None

    def project(self, events: Sequence[Event], state: State) -> Projection | None:
        """The projection after `events`, None if it has not changed; `state` is what the core
        says.
        """
        reason: str | None = None
        for event in events:
            match event.type:
                case EventType.WORKFLOW_STARTED if self._started_at is None:
                    self._started_at = event.at
                case EventType.PAUSE_REQUESTED:
                    reason = _text(event.data.get("reason"))
                    moment = event.data.get("resume_at")
                    self._resume_at = float(moment) if isinstance(moment, int | float) else None
                case EventType.RESUMED:
                    reason, self._ending = "", False
                    self._finished_at = self._resume_at = None
                case EventType.UNPAUSED:
                    self._resume_at = None
                    if not self._ending:  # then the reason is not that of the pause
                        reason = ""
                case EventType.CANCEL_REQUESTED | EventType.COMPLETION_REQUESTED:
                    given = _text(event.data.get("reason"))
                    if given or not self._ending:  # asked again without a word: the first holds
                        reason = given
                    self._resume_at, self._ending = None, True
                case EventType.WORKFLOW_FINISHED:
                    self._finished_at, self._resume_at = event.at, None
                    reason = _failure(event.data) or reason
                case _:
                    pass
        found = Projection(state, reason, self._started_at, self._finished_at, self._resume_at)
        before, self._before = self._before, found
        return None if found == before else found


def _failure(data: Mapping[str, Json]) -> str | None:
    error = data.get("error")
    return _text(error.get("message")) if isinstance(error, Mapping) else None


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
