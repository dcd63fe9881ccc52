"""Plays scenarios on a virtual clock: nothing is executed, no time passes."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.memory import EPOCH, MemoryRuntime, created
from orchestrate.workflow.program import Program
from orchestrate.workflow.scenarios.outcomes import Playback, Unused
from orchestrate.workflow.scenarios.reading import Contention, Scenario
from orchestrate.workflow.scenarios.signals import Crashed, Cue, Cues, Refused
from orchestrate.workflow.trace import trace

MOST_LOOKS = 10_000
"""Attempts of one step, and looks of one wait; more is taken for a loop without an end."""


class EndlessError(Exception):
    """A scenario that does not come to an end. No OrchestrateError, which the interpreter would
    take for the failure of a step.
    """

    def __init__(self, path: str) -> None:
        super().__init__(
            f"`{path}` was tried {MOST_LOOKS:,} times, and there is no end in sight; "
            "script an outcome that ends it, or give the step a `timeout`"
        )


class Played(NamedTuple):
    """What came of it. `calls` are as a person would type them, in the order of their starts."""

    events: tuple[Event, ...]
    state: str
    error: Json
    outputs: Json
    trace: tuple[str, ...]
    calls: tuple[str, ...]
    duration: float
    """Virtual seconds from the beginning to the last event."""
    idle: bool


_STANDING = {"succeeded": "has succeeded", "failed": "has failed"}


def standing(state: str) -> str:
    """The state as the end of a sentence about the workflow."""
    return _STANDING.get(state, f"is {state}").replace("is needs_", "needs ")


class Leftovers(NamedTuple):
    """What of a scenario did not take part."""

    outcomes: tuple[Unused, ...]
    cues: tuple[Cue, ...]
    """Signals that were never given, because the workflow had ended."""
    refused: tuple[Refused, ...]
    """Signals that could not be given."""


class ScenarioRuntime(MemoryRuntime):
    """The memory's runtime; it tells outcomes what is called, and signals what happens."""

    def __init__(
        self, playback: Playback, cues: Cues, contention: Contention, *, now: float = EPOCH
    ) -> None:
        super().__init__(playback, now=now)
        self.claims.capacity = contention.capacity
        for lock, seconds in contention.held.items():
            if EPOCH + seconds > now:
                self.hold(lock, EPOCH + seconds - now)
        self._playback = playback
        self._cues = cues

    def append(self, event: Event) -> None:
        """Durable at once, seen by all who wait for it."""
        super().append(event)
        _tell(self._playback, event)
        for signal in self._cues.reached(event):
            self.schedule(signal)


def _tell(playback: Playback, event: Event) -> None:
    if event.type is EventType.ATTEMPT_STARTED:
        number = event.data["number"]
        assert isinstance(number, int)
        if number > MOST_LOOKS:
            raise EndlessError(event.path)
        playback.note_call(event.path, number, str(event.data["call"]))
    elif event.type is EventType.DECIDED and event.data["subject"] == f"until-{MOST_LOOKS}":
        raise EndlessError(event.path)


def play(scenario: Scenario) -> Played:
    """Run it to its end, or until nothing moves any more. It must not be one that is refused."""
    return play_out(scenario)[0]


def play_out(scenario: Scenario) -> tuple[Played, Leftovers]:
    """The same, and what did not take part."""
    assert scenario.program is not None
    cues = Cues(scenario.cues)
    playback = Playback(scenario.outcomes)
    stage = _Stage(scenario.program, playback, cues, scenario.contention)
    result = stage.run()
    left = Leftovers(tuple(playback.unused()), tuple(cues.never_given()), tuple(cues.refused))
    return result, left


class _Stage:
    """A workflow and its engines, one after another."""

    def __init__(
        self, program: Program, playback: Playback, cues: Cues, contention: Contention
    ) -> None:
        self._contention = contention
        self._program = program
        self._playback = playback
        self._cues = cues
        self._history: list[Event] = []

    def run(self) -> Played:
        runtime = ScenarioRuntime(self._playback, self._cues, self._contention)
        for signal in self._cues.timed():
            runtime.schedule(signal)
        first = created(self._program)
        runtime.append(first)
        execution = Execution(self._program, runtime, [first])
        while True:
            try:
                execution.start()
                runtime.drive(execution)
            except Crashed as crash:
                self._history += runtime.journal
                runtime = self._after(crash, runtime)
                execution = Execution(self._program, runtime, self._history)
            else:
                return played(execution, [*self._history, *runtime.journal])

    def _after(self, crash: Crashed, old: ScenarioRuntime) -> ScenarioRuntime:
        """The runtime of the next engine: what ran goes on, unless it was lost."""
        runtime = ScenarioRuntime(
            self._playback, self._cues, self._contention, now=old.now() + crash.downtime
        )
        for signal in old.ahead:
            runtime.schedule(signal)
        runtime.arrived = old.arrived
        if crash.lost:
            runtime.lost = frozenset(in_flight(self._history))
        return runtime


def in_flight(events: Iterable[Event]) -> list[int]:
    """Attempts that were started and have not ended."""
    running: dict[Json, int] = {}
    for event in events:
        if event.type is EventType.ATTEMPT_STARTED:
            running[event.seq] = event.seq
        elif event.type is EventType.ATTEMPT_FINISHED:
            running.pop(event.data["id"], None)
    return list(running.values())


def played(execution: Execution, events: Sequence[Event]) -> Played:
    """What came of an execution whose whole journal is `events`."""
    final = execution.final
    calls = tuple(str(event.data["call"]) for event in events if event.type == "attempt_started")
    return Played(
        tuple(events),
        str(execution.state),
        final.error if final else None,
        final.outputs if final else {},
        tuple(trace(events)),
        calls,
        events[-1].at - EPOCH,
        execution.idle,
    )
