import io
from collections.abc import Sequence

import pytest

from orchestrate.cli.console import Stream
from orchestrate.errors import NotFoundError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.engine import Filter, Summary
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State


class Written(Stream):
    """A stream whose text a test can read."""

    def __init__(self) -> None:
        self.buffer = io.StringIO()
        super().__init__(self.buffer)

    @property
    def lines(self) -> list[str]:
        return self.buffer.getvalue().splitlines()


class Journal:
    """Events with rising numbers and times."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, type_: EventType, path: str = "", **data: Json) -> Event:
        event = Event(len(self.events) + 1, 1000.0 + len(self.events), type_, path, data)
        self.events.append(event)
        return event

    def start(self, path: str, **data: Json) -> Event:
        given: dict[str, Json] = {"id": len(self.events) + 1, "number": 1, "of": 1}
        given |= {"kind": "command", "call": "/bin/true", **data}
        return self.add(EventType.ATTEMPT_STARTED, path, **given)

    def finish(self, path: str, status: str = "succeeded", **data: Json) -> Event:
        given: dict[str, Json] = {"id": 1, "number": 1, "status": status, "final": True}
        given |= {"started_at": 999.0 + len(self.events), **data}
        return self.add(EventType.ATTEMPT_FINISHED, path, **given)


class Shelf:
    """The reading part of the port over a fixed list of workflows, newest first."""

    def __init__(self, *found: Summary) -> None:
        self._found = found

    def get(self, workflow: str) -> Summary:
        for which in self._found:
            if which.id == workflow:
                return which
        raise NotFoundError(f"there is no workflow {workflow}")

    def find(self, which: Filter) -> Sequence[Summary]:
        ids = [one.id for one in self._found]
        start = 0 if which.before is None else ids.index(which.before) + 1
        fitting = [
            one for one in self._found[start:] if which.states is None or one.state in which.states
        ]
        return fitting[: which.limit]


def summary(number: int, state: State, *, owner_lost: bool = False) -> Summary:
    return Summary(
        id=f"WF-2026-{number:03}",
        playbook="deploy",
        state=state,
        owner_lost=owner_lost,
        environment="dev",
        parameters={},
        created_at=float(number),
        started_at=float(number),
        finished_at=None,
        actor="ada",
        reason="",
        resume_at=None,
    )


@pytest.fixture
def written() -> Written:
    return Written()


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def shelf() -> type[Shelf]:
    return Shelf


@pytest.fixture
def workflow_summary():  # type: ignore[no-untyped-def]
    return summary
