"""Journals with chosen times."""

from typing import Any

import pytest

from orchestrate.observe.timeline import Timeline, timeline_of
from orchestrate.workflow.events import Event, EventType


class Journal:
    """Events of one workflow; times are seconds after its creation."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.add(0, EventType.WORKFLOW_CREATED, playbook="deploy", environment="dev", actor="ada")

    def add(self, moment: float, type_: EventType, path: str = "", **data: Any) -> int:
        seq = len(self.events) + 1
        self.events.append(Event(seq, 1000.0 + moment, type_, path, data))
        return seq

    def start(self, at: float = 0) -> None:
        self.add(at, EventType.OWNED, epoch=1)
        self.add(at, EventType.WORKFLOW_STARTED)

    def attempt(self, start: float, end: float, path: str, status: str = "succeeded", **data: Any):
        """An attempt that begins and ends with nothing in between."""
        self.end(end, path, self.begin(start, path, data.pop("number", 1)), start, status, **data)

    def begin(self, at: float, path: str, number: int = 1) -> int:
        seq = len(self.events) + 1
        return self.add(at, EventType.ATTEMPT_STARTED, path, id=seq, number=number, kind="command")

    def end(self, at: float, path: str, id_: int, start: float, status: str, **data: Any) -> None:
        data = {"number": 1, "final": True, **data}
        times = {"started_at": 1000.0 + start, "finished_at": 1000.0 + at}
        self.add(at, EventType.ATTEMPT_FINISHED, path, id=id_, status=status, **times, **data)

    def finish(self, at: float, state: str = "succeeded") -> None:
        self.add(at, EventType.WORKFLOW_FINISHED, state=state)

    @property
    def timeline(self) -> Timeline:
        return timeline_of("WF-2026-001", self.events)


@pytest.fixture
def journal() -> Journal:
    return Journal()
