"""The scenarios are the specification of the interpreter; each must also survive a crash after
every single event.
"""

from collections import Counter

import pytest
from workflow.replaying import continue_from, in_flight, read_all

from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.scenarios.judging import judge
from orchestrate.workflow.scenarios.playing import Played, play
from orchestrate.workflow.scenarios.reading import Scenario
from orchestrate.workflow.state import fold
from orchestrate.workflow.transitions import is_legal

ALL = dict(read_all())
EACH = pytest.mark.parametrize("scenario", ALL.values(), ids=ALL.keys())
STARTED = {name: scenario for name, scenario in ALL.items() if scenario.refusal is None}
EACH_STARTED = pytest.mark.parametrize("scenario", STARTED.values(), ids=STARTED.keys())
UNBROKEN = {name: it for name, it in STARTED.items() if "crash" not in {c.verb for c in it.cues}}
EACH_UNBROKEN = pytest.mark.parametrize("scenario", UNBROKEN.values(), ids=UNBROKEN.keys())


@EACH
def test_a_scenario_ends_as_it_says(scenario: Scenario) -> None:
    verdict = judge(scenario)
    assert (verdict.mismatches, verdict.warnings) == ((), ())


@EACH_UNBROKEN
def test_a_crash_after_any_event_changes_nothing(scenario: Scenario) -> None:
    whole = play(scenario)
    for cut in range(1, len(whole.events) + 1):
        prefix = list(whole.events[:cut])
        again = continue_from(scenario, prefix)
        assert essence(again.result) == essence(whole), f"cut after {prefix[-1]}"
        assert_performed_once(again.result.events)
        new = {attempt.id for attempt in again.runtime.performed}
        assert not new & {event.seq for event in prefix}, f"cut after {prefix[-1]}"


@EACH_UNBROKEN
def test_attempts_that_never_started_are_performed_after_a_crash(scenario: Scenario) -> None:
    whole = play(scenario)
    for cut in range(1, len(whole.events) + 1):
        prefix = list(whole.events[:cut])
        flying = frozenset(in_flight(prefix))
        if not flying or prefix[-1].type is not EventType.ATTEMPT_STARTED:
            continue
        again = continue_from(scenario, prefix, never_started=frozenset((prefix[-1].seq,)))
        assert essence(again.result) == essence(whole), f"cut after {prefix[-1]}"
        assert_performed_once(again.result.events)


@EACH_STARTED
def test_the_view_of_the_events_agrees_with_the_execution(scenario: Scenario) -> None:
    whole = play(scenario)
    view = fold(whole.events)
    assert str(view.state) == whole.state
    assert [line for line in view.running.values() if whole.state != "paused"] == []


@EACH_STARTED
def test_only_legal_transitions_happen(scenario: Scenario) -> None:
    view = fold(())
    for event in play(scenario).events:
        before = view.state
        view.apply(event)
        assert is_legal(before, view.state), f"{before} -> {view.state} by {event}"


def essence(result: Played) -> tuple[object, ...]:
    """What must be equal: the end, the outputs, what ran, and what became of each step."""
    ends = {
        (path, step.state, step.attempts, repr(step.output))
        for path, step in fold(result.events).steps.items()
    }
    return (
        result.state,
        result.error,
        repr(result.outputs),
        sorted(result.calls),
        Counter(line for line in result.trace if not line.startswith("wait ")),
        ends,
    )


def assert_performed_once(events: tuple[Event, ...]) -> None:
    started = Counter(
        (event.path, event.data["number"])
        for event in events
        if event.type is EventType.ATTEMPT_STARTED
    )
    assert [key for key, count in started.items() if count > 1] == []
