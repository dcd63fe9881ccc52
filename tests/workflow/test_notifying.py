"""Which events others are told of, and as what."""

import pytest

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.notifying import TOLD, kind_for, kind_of


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        (EventType.WORKFLOW_STARTED, {}, "start"),
        (EventType.WORKFLOW_FINISHED, {"state": "succeeded"}, "success"),
        (EventType.WORKFLOW_FINISHED, {"state": "completed"}, "success"),
        (EventType.WORKFLOW_FINISHED, {"state": "failed"}, "failure"),
        (EventType.WORKFLOW_FINISHED, {"state": "cancelled"}, "failure"),
        (EventType.WORKFLOW_FINISHED, {"state": "needs_attention"}, "failure"),
        (EventType.PAUSED, {}, "pause"),
        (EventType.PARKED, {"subject": "unknown"}, "pause"),
        (EventType.PARKED, {"subject": "confirm"}, None),
        (EventType.APPROVAL_REQUESTED, {}, "approval"),
        (EventType.STEP_FINISHED, {"status": "failed"}, None),
    ],
)
def test_each_event_is_told_as_one_thing(
    kind: EventType, data: dict[str, Json], told: str | None
) -> None:
    assert kind_of(Event(1, 0.0, kind, "", data)) == told
    assert told is None or kind in TOLD


@pytest.mark.parametrize(
    ("events", "recovered", "told"),
    [
        (("success",), False, "success"),
        (("success",), True, "success"),
        (("success", "recovery"), True, "recovery"),
        (("recovery",), True, "recovery"),
        (("recovery",), False, None),
        (("failure",), True, None),
    ],
)
def test_a_recovery_is_told_once(
    events: tuple[str, ...], recovered: bool, told: str | None
) -> None:
    assert kind_for("success", events, recovered=recovered) == told
