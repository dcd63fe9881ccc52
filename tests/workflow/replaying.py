"""Playing scenarios, and cutting them off and taking them up again."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.memory import EPOCH, Signal
from orchestrate.workflow.scenarios.compiling import Compiler
from orchestrate.workflow.scenarios.outcomes import Playback
from orchestrate.workflow.scenarios.playing import Played, ScenarioRuntime, in_flight, played
from orchestrate.workflow.scenarios.reading import Invalid, Scenario, read_scenarios
from orchestrate.workflow.scenarios.signals import Cues
from orchestrate.workflow.scenarios.sources import NoProject

SCENARIOS = Path(__file__).parent.parent / "scenarios"

SIGNAL_EVENTS = frozenset(
    (
        EventType.PAUSE_REQUESTED,
        EventType.UNPAUSED,
        EventType.CANCEL_REQUESTED,
        EventType.COMPLETION_REQUESTED,
        EventType.RESOLVED,
    )
)


__all__ = ["continue_from", "in_flight", "read_all", "read_scenario", "script_of", "signals_after"]


def read_all(part: str = "") -> Iterator[tuple[str, Scenario]]:
    for file in sorted(SCENARIOS.glob("*.yaml")):
        for scenario in read_scenarios(
            file.name, file.read_text(), Compiler(NoProject())
        ).scenarios:
            name = f"{file.stem}: {scenario.name}"
            if part in name:
                yield name, valid(scenario)


def read_scenario(data: Mapping[str, Json]) -> Scenario:
    """A scenario of the text of a playbook and what a test scripts."""
    text = json.dumps([{"scenario": "one", "expect": {"state": "succeeded"}, **data}])
    (scenario,) = read_scenarios("scenario.json", text, Compiler(NoProject())).scenarios
    return valid(scenario)


def valid(scenario: Scenario | Invalid) -> Scenario:
    assert isinstance(scenario, Scenario), "\n".join(scenario.faults)
    return scenario


def script_of(scenario: Scenario) -> Playback:
    return Playback(scenario.outcomes)


class Continued(NamedTuple):
    """A run that was cut after `cut` events and taken up again by a new engine."""

    result: Played
    runtime: ScenarioRuntime


def continue_from(
    scenario: Scenario,
    prefix: list[Event],
    *,
    never_started: frozenset[int] = frozenset(),
    lost: frozenset[int] = frozenset(),
) -> Continued:
    """What a new engine makes of a journal that ends with `prefix`."""
    playback, cues = script_of(scenario), Cues(scenario.cues)
    for event in prefix:
        if event.type is EventType.ATTEMPT_STARTED:
            playback.note_call(event.path, event.data["number"], event.data["call"])
            playback(event.path, event.data["number"])
    ahead = signals_after(cues, prefix)
    runtime = ScenarioRuntime(playback, cues, scenario.contention, now=prefix[-1].at)
    runtime.never_started = never_started
    runtime.lost = lost
    now = prefix[-1].at - EPOCH
    passed = [signal for signal in cues.timed() if signal.event is not None and signal.at < now]
    runtime.arrived = [signal.event for signal in passed if signal.event is not None]
    execution = Execution(scenario.program, runtime, prefix)
    execution.start()
    runtime.drive(execution, ahead)
    return Continued(played(execution, [*prefix, *runtime.journal]), runtime)


def signals_after(cues: Cues, prefix: list[Event]) -> list[Signal]:
    """The signals that had not come yet: those whose moment no event of theirs bears. What arrives
    may be taken by several, so it is there as long as its moment lasts.
    """
    now = prefix[-1].at - EPOCH
    came = {event.at - EPOCH for event in prefix if event.type in SIGNAL_EVENTS}
    reached = [signal for event in prefix for signal in cues.reached(event)]
    return [
        signal
        for signal in [*cues.timed(), *reached]
        if (signal.at not in came if signal.event is None else signal.at >= now)
    ]
