"""Scenarios for real: what a scenario scripts is done by little processes, on a real engine, in the
order in which it happened on the virtual clock; then the same must have come of it.

Left out is what only a virtual clock can show in a moment: timers that fire, attempts that run out
of time, machines that are lost, and what somebody else holds.
"""

import json
import queue
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from workflow.replaying import valid

from orchestrate.commands.model import Resolved
from orchestrate.library.scenarios import collect
from orchestrate.project.find import find_project
from orchestrate.workflow.approvals import Answer, Approver
from orchestrate.workflow.engine import Engine, NewWorkflow, ResumeOptions
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.scenarios.compiling import Compiler
from orchestrate.workflow.scenarios.playing import Played, play
from orchestrate.workflow.scenarios.reading import Scenario, read_scenarios
from orchestrate.workflow.scenarios.sources import NoProject
from orchestrate.workflow.state import fold

TESTS = Path(__file__).parents[1]
PATIENCE = 120.0
ACTOR = """
name=$(printf %s "$ORCHESTRATE_WORKFLOW-$ORCHESTRATE_STEP-$ORCHESTRATE_ATTEMPT" | tr / %)
at="$ROOT/verdicts/$name"
until test -e "$at"; do sleep 0.05; done
. "$at"
"""
VARYING = re.compile(r"\d{8}T\d{6}Z|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|WF-\d{4}-\d+")
"""What tells when something happened, and the ids of workflows."""
ENDS = ("succeeded", "failed", "cancelled", "completed")
INPUTS = (
    EventType.ATTEMPT_FINISHED,
    EventType.PAUSE_REQUESTED,
    EventType.UNPAUSED,
    EventType.CANCEL_REQUESTED,
    EventType.COMPLETION_REQUESTED,
    EventType.APPROVAL_GIVEN,
    EventType.APPROVAL_REJECTED,
)
NOT_FOR_REAL = (
    EventType.TIMER_FIRED,
    EventType.WORKFLOW_TIMED_OUT,
    EventType.PARKED,
    EventType.CLAIM_WAITING,
    EventType.CLAIM_REFUSED,
    EventType.EVENT_AWAITED,
)
_OF_A_MOMENT = ("cancelling: a cancel during fail-fast wins over the failure",)
"""Something is asked for while a process stops; a real one has stopped by then."""


class Actor:
    """Every command is the same program; what it does depends on the step."""

    def __init__(self, root: Path) -> None:
        self._program = root / "actor"
        self._program.write_text(ACTOR)

    def resolve(self, words: object) -> Resolved:
        return Resolved(("/bin/sh", str(self._program)), "actor", read_only=False, env={})


class Case(NamedTuple):
    """A scenario, and what came of it on the virtual clock."""

    name: str
    scenario: Scenario
    played: Played


def cases() -> Iterator[Case]:
    """Those that can be done for real: of the tests, and of the example."""
    for file in sorted((TESTS / "scenarios").glob("*.yaml")):
        read = read_scenarios(file.name, file.read_text(), Compiler(NoProject()))
        for scenario in read.scenarios:
            yield from _case(f"{file.stem}: {scenario.name}", valid(scenario))
    project = find_project(TESTS.parent / "examples" / "webapp", {})
    for scenario in collect(project, ()).items:
        yield from _case(f"webapp: {scenario.name}", valid(scenario))


def _case(name: str, scenario: Scenario) -> Iterator[Case]:
    if scenario.refusal is not None or any(cue.verb == "crash" for cue in scenario.cues):
        return
    if scenario.contention.capacity or scenario.contention.held or name in _OF_A_MOMENT:
        return
    played = play(scenario)
    if _takes_a_pause_back(played.events):
        return
    if played.state in ENDS and len(played.events) < 400 and all(map(_is_real, played.events)):
        yield Case(name, scenario, played)


def _takes_a_pause_back(events: Iterable[Event]) -> bool:
    """Whether a pause ends before it began: by then it is not asked for on the command line."""
    last = None
    for event in events:
        if event.type is EventType.UNPAUSED and last is EventType.PAUSE_REQUESTED:
            return True
        if event.type in (EventType.PAUSE_REQUESTED, EventType.PAUSED, EventType.UNPAUSED):
            last = event.type
    return False


def _is_real(event: Event) -> bool:
    data = event.data
    if event.type is EventType.ATTEMPT_FINISHED:
        return data["status"] in ENDS and not data.get("survivors")
    if event.type is EventType.ATTEMPT_STARTED:
        return data["kind"] == "command" and not data.get("secrets")
    return event.type not in NOT_FOR_REAL and not data.get("automatic")


def play_for_real(case: Case, running: Engine, asking: Engine, root: Path) -> list[Event]:
    """Its journal on a real engine. `asking` is another one on the same state."""
    verdicts = root / "verdicts"
    verdicts.mkdir(exist_ok=True)
    workflow, _ = asking.create(_new(case.scenario))
    told: queue.Queue[Event | None] = queue.Queue()

    def run() -> None:
        seen = 0

        def tell(event: Event) -> None:
            nonlocal seen
            seen = event.seq
            told.put(event)

        try:
            ended = running.run(workflow, tell)
            if str(ended.state) not in ENDS:  # it waits for people, and goes on without us
                for event in running.follow(workflow, seen):
                    tell(event)
        finally:
            told.put(None)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    _Director(case, workflow, asking, verdicts).direct(lambda: told.get(timeout=PATIENCE))
    thread.join(PATIENCE)
    return list(asking.events(workflow))


def _new(scenario: Scenario) -> NewWorkflow:
    program = scenario.program
    assert program is not None
    return NewWorkflow(
        plan=program.plan,
        parameters=program.parameters,
        secret_values={},
        environment=program.environment,
        variables=program.variables,
        env=program.env,
        actor=program.actor,
        options=program.options,
    )


class _Director:
    """Lets inputs happen one by one, as they did on the virtual clock."""

    def __init__(self, case: Case, workflow: str, engine: Engine, verdicts: Path) -> None:
        self._inputs = [event for event in case.played.events if event.type in INPUTS]
        self._workflow = workflow
        self._engine = engine
        self._verdicts = verdicts
        self._started: set[tuple[str, object]] = set()
        self._asked: set[str] = set()
        self._done: Counter[EventType] = Counter()
        self._rests = 0
        self._next = 0
        self._acted = False

    def direct(self, told: Callable[[], Event | None]) -> None:
        """Until nothing more is told."""
        while (event := told()) is not None:
            if event.type is EventType.ATTEMPT_STARTED:
                self._started.add((event.path, event.data["number"]))
            elif event.type is EventType.APPROVAL_REQUESTED:
                self._asked.add(event.path)
            elif event.type is EventType.PAUSED:
                self._rests += 1
            elif event.type in INPUTS:
                self._done[event.type] += 1
            self._go_on()

    def _go_on(self) -> None:
        while self._next < len(self._inputs):
            wanted = self._inputs[self._next]
            before = Counter(e.type for e in self._inputs[: self._next + 1])
            if self._acted and self._done[wanted.type] >= before[wanted.type]:
                self._next += 1
                self._acted = False
            elif self._acted or not self._can(wanted):
                return
            else:
                self._acted = True
                self._act(wanted)

    def _can(self, wanted: Event) -> bool:
        if wanted.type is EventType.UNPAUSED and wanted.data.get("actor"):
            before = self._inputs[: self._next]
            pauses = sum(1 for event in before if event.type is EventType.PAUSE_REQUESTED)
            return self._rests >= pauses
        if wanted.type is EventType.ATTEMPT_FINISHED:
            return (wanted.path, wanted.data["number"]) in self._started
        if wanted.type in (EventType.APPROVAL_GIVEN, EventType.APPROVAL_REJECTED):
            return wanted.path in self._asked
        return True

    def _act(self, wanted: Event) -> None:
        data, engine, workflow = wanted.data, self._engine, self._workflow
        actor, reason = str(data.get("actor", "")), str(data.get("reason", ""))
        match wanted.type:
            case EventType.ATTEMPT_FINISHED if data["status"] != "cancelled":
                self._end(wanted)
            case EventType.PAUSE_REQUESTED:
                engine.pause(
                    workflow, actor=actor, reason=reason, now=bool(data["now"]),
                    checkpoint=bool(data["checkpoint"]),
                )  # fmt: skip
            case EventType.UNPAUSED if actor:  # else whatever ended it was asked for
                engine.resume(workflow, ResumeOptions(actor=actor))
            case EventType.CANCEL_REQUESTED:
                engine.cancel(workflow, actor=actor, reason=reason)
            case EventType.COMPLETION_REQUESTED:
                engine.complete(workflow, actor=actor, force=True, reason=reason)
            case EventType.APPROVAL_GIVEN:
                answer = Answer(inputs=data["inputs"], reason=str(data.get("comment", "")))
                engine.answer(workflow, wanted.path, answer, Approver(actor))
            case EventType.APPROVAL_REJECTED:
                answer = Answer(rejects=True, reason=reason)
                engine.answer(workflow, wanted.path, answer, Approver(actor))

    def _end(self, wanted: Event) -> None:
        """Have the process end as the scenario says."""
        data = wanted.data
        name = f"{self._workflow}-{wanted.path.replace('/', '%')}-{data['number']}"
        lines = []
        for key, to in (("stdout", ""), ("stderr", " >&2")):
            if data.get(key):
                (self._verdicts / f"{name}.{key}").write_text(str(data[key]))
                lines.append(f'cat "$at.{key}"{to}')
        if data.get("output") is not None:
            (self._verdicts / f"{name}.output").write_text(json.dumps(data["output"]))
            lines.append('cat "$at.output" > "$ORCHESTRATE_OUTPUT"')
        lines.append(f"exit {data.get('exit_code', 0)}\n")
        fresh = self._verdicts / f"{name}.new"
        fresh.write_text("\n".join(lines))
        fresh.rename(self._verdicts / name)


def essence(events: list[Event] | tuple[Event, ...]) -> tuple[object, ...]:
    """What must be equal: the end, the outputs, what ran, and what became of each step."""
    view = fold(events)
    ends = {
        (path, step.state, step.attempts, VARYING.sub("IT", repr(step.output)))
        for path, step in view.steps.items()
    }
    calls = sorted(
        VARYING.sub("IT", str(e.data["call"]))
        for e in events
        if e.type is EventType.ATTEMPT_STARTED
    )
    error = dict(view.error or {})
    return str(view.state), error, repr(view.outputs), calls, ends
