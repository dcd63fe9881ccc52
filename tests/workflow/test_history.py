"""What a journal says about a pause."""

from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.history import History

ASKED = [
    Event(1, 1.0, EventType.WORKFLOW_CREATED, "", {}),
    Event(2, 1.0, EventType.WORKFLOW_STARTED, "", {}),
    Event(3, 2.0, EventType.PAUSE_REQUESTED, "", {"now": True, "checkpoint": False}),
]


def test_a_pause_that_was_asked_for_stands_until_its_end() -> None:
    unpaused = Event(4, 3.0, EventType.UNPAUSED, "", {"actor": "ada", "automatic": False})
    assert History(ASKED).pause == ASKED[-1]
    assert History([*ASKED, unpaused]).pause is None


def test_a_workflow_that_ended_before_its_pause_came_is_resumed_without_one() -> None:
    failed = Event(4, 3.0, EventType.WORKFLOW_FINISHED, "", {"state": "failed"})
    resumed = Event(5, 4.0, EventType.RESUMED, "", {"actor": "ada"})
    assert History([*ASKED, failed, resumed]).pause is None
