"""The script of a scenario knows which other ways faults may lead it, and which they may not."""

from faulty.campaign import playable
from faulty.script import End, Script

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event, EventType

PAUSED = "cancelling: a cancelled workflow leaves a paused state to clean up"


def paused_while_a_runs(*then: Event) -> Script:
    script = Script(next(case for case in playable() if case.name == PAUSED))
    script.see((
        event(EventType.ATTEMPT_STARTED, "a", number=1),
        event(EventType.PAUSE_REQUESTED),
        *then,
        event(EventType.ATTEMPT_FINISHED, "a", number=1, status="succeeded"),
        event(EventType.ATTEMPT_STARTED, "b", number=1),
    ))  # fmt: skip
    return script


def event(kind: EventType, path: str = "", **data: Json) -> Event:
    return Event(0, 0.0, kind, path, {"actor": "tester", **data})


def test_a_pause_that_whoever_followed_has_ended_is_another_way_to_the_end():
    script = paused_while_a_runs(event(EventType.UNPAUSED))
    assert script.is_off
    assert End("b", 1, {}) in script.due(can_ask=False)


def test_the_end_of_an_attempt_does_not_stand_for_that_of_another():
    script = paused_while_a_runs()
    script.see((
        event(EventType.CANCEL_REQUESTED),
        event(EventType.UNPAUSED),
        event(EventType.ATTEMPT_FINISHED, "b", number=1, status="cancelled"),
        event(EventType.ATTEMPT_STARTED, "finally/1", number=1),
    ))  # fmt: skip
    ends = [due[:2] for due in script.due(can_ask=False)]
    assert ends == [("finally/1", 1)]


def test_what_begins_in_spite_of_a_pause_that_nobody_ended_is_told():
    assert not paused_while_a_runs().is_off
