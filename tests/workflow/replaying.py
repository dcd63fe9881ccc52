"""Playing scenarios, and cutting them off and taking them up again."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.memory import EPOCH, MemoryRuntime, Signal
from orchestrate.workflow.scenario import Played, Scenario, played, read_scenario

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


def read_all(part: str = "") -> Iterator[tuple[str, Scenario]]:
    for file in sorted(SCENARIOS.glob("*.yaml")):
        for data in yaml.safe_load(file.read_text()):
            name = f"{file.stem}: {data['scenario']}"
            if part in name:
                yield name, read_scenario(data)


class Continued(NamedTuple):
    """A run that was cut after `cut` events and taken up again by a new engine."""

    result: Played
    runtime: MemoryRuntime


def continue_from(
    scenario: Scenario,
    prefix: list[Event],
    *,
    never_started: frozenset[int] = frozenset(),
    lost: frozenset[int] = frozenset(),
) -> Continued:
    """What a new engine makes of a journal that ends with `prefix`."""
    runtime = MemoryRuntime(scenario.script, now=prefix[-1].at)
    runtime.never_started = never_started
    runtime.lost = lost
    execution = Execution(scenario.program, runtime, prefix)
    execution.start()
    runtime.drive(execution, signals_after(scenario, prefix))
    return Continued(played(execution, [*prefix, *runtime.journal]), runtime)


def signals_after(scenario: Scenario, prefix: list[Event]) -> list[Signal]:
    """The signals that had not come yet: those whose moment no event of theirs bears."""
    came = {event.at - EPOCH for event in prefix if event.type in SIGNAL_EVENTS}
    return [signal for signal in scenario.signals if signal.at not in came]


def in_flight(events: list[Event]) -> list[int]:
    """Attempts that were started and not finished."""
    started = {event.seq: None for event in events if event.type is EventType.ATTEMPT_STARTED}
    for event in events:
        if event.type is EventType.ATTEMPT_FINISHED:
            started.pop(event.data["id"], None)
    return list(started)
