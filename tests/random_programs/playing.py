"""Programs in memory: a virtual clock, people who answer, and engines that die at any event."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from random_programs.case import EVERY, PONDERS, Case
from random_programs.facts import open_questions

from orchestrate.errors import OrchestrateError
from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.plan import Plan
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.memory import EPOCH, FOR_EVER, MemoryRuntime, Scripted, Signal, created
from orchestrate.workflow.outcomes import Outcome, Status
from orchestrate.workflow.program import Program, RunOptions

HORIZON = 2000.0
"""Seconds in which events arrive."""
MOMENTS = 20_000
"""More is taken for a program without an end."""


class Pause(NamedTuple):
    """Somebody pauses the workflow for a while."""

    at: float
    seconds: float
    now: bool


class Kill(NamedTuple):
    """An engine dies with that share of its journal written; `lost`: its machine with it."""

    share: float
    lost: bool


class Course(NamedTuple):
    """What happens to one play of a program."""

    pauses: Sequence[Pause] = ()
    kills: Sequence[Kill] = ()


def course(case: Case, play: int) -> Course:
    """What happens in a play of a program; nothing in the first one."""
    if play == 0:
        return Course()
    chance = case.chance("course", play)
    kills = [Kill(chance.random(), chance.random() < 0.4) for _ in range(chance.randint(1, 2))]
    if case.racing:
        return Course(kills=[kill._replace(lost=False) for kill in kills])
    pauses: list[Pause] = []
    at = 0.0
    for _ in range(chance.randint(0, 2)):
        at += chance.uniform(0.1, 12.0)
        pauses.append(Pause(at, chance.uniform(0.5, 8.0), chance.random() < 0.4))
        at += pauses[-1].seconds
    return Course(pauses, kills)


class Played(NamedTuple):
    """What came of a play."""

    events: Sequence[Event]
    lost: frozenset[tuple[str, int]]
    """Attempts that were lost with a machine."""
    ended: bool


def plan_of(case: Case) -> Plan:
    """The checked plan of a program."""

    def load(name: str) -> tuple[str, bytes] | None:
        return (f"{name}.yaml", case.text(name).encode()) if name in case.playbooks else None

    return compile_playbook("program.yaml", case.text().encode(), load)


def program_of(case: Case, plan: Plan) -> Program:
    """The plan with its values."""
    timeout = case.stop.at if case.stop and case.stop.verb == "timeout" else None
    parameters = {one["name"]: one["default"] for one in case.program["parameters"]}
    options = RunOptions(max_parallel=case.options["max_parallel"], timeout=timeout)
    return Program("WF-2026-001", plan, parameters, "dev", {}, {}, "tester", options)


def play(case: Case, program: Program, happens: Course) -> Played:
    """Play it to its end, or until nothing moves any more."""
    stage = _Stage(case, program, happens.pauses)
    events = stage.engine([created(program)], first=True)
    for kill in happens.kills:
        cut = max(1, round(kill.share * len(events)))
        events = stage.engine(events[:cut], lost=kill.lost)
    return Played(events, frozenset(stage.lost), stage.ended)


class _Stage:
    """One workflow, and its engines one after another."""

    def __init__(self, case: Case, program: Program, pauses: Sequence[Pause]) -> None:
        self._case = case
        self._program = program
        self._pauses = pauses
        self.lost: set[tuple[str, int]] = set()
        self.ended = False

    def engine(
        self, history: list[Event], *, first: bool = False, lost: bool = False
    ) -> list[Event]:
        """What the journal is after an engine has gone on with it."""
        runtime = _Runtime(self._case, history)
        if first:
            runtime.journal += history
            history = []
        elif lost:
            running = _in_flight(history)
            runtime.lost = frozenset(running)
            self.lost = {key for key in self.lost if key in _started(history)}
            self.lost |= set(running.values())
        else:
            self.lost = {key for key in self.lost if key in _started(history)}
        self._schedule(runtime, _received(history))
        execution = Execution(self._program, runtime, history or runtime.journal[:1])
        execution.start()
        runtime.drive(execution, moments=MOMENTS)
        self.ended = execution.final is not None
        return [*history, *runtime.journal]

    def _schedule(self, runtime: "_Runtime", had: set[str]) -> None:
        now = runtime.now() - EPOCH
        stop = self._case.stop
        if stop and stop.verb != "timeout" and stop.at > now:
            apply = _cancel if stop.verb == "cancel" else _complete
            runtime.schedule(Signal(stop.at, apply))
        for pause in self._pauses:
            if pause.at > now:
                runtime.schedule(Signal(pause.at, _pause(now=pause.now)))
            if pause.at + pause.seconds > now:
                runtime.schedule(Signal(pause.at + pause.seconds, _unpause))
        for name in _awaited(self._case):
            at = self._case.arrives(name)
            number = 0
            while at is not None and at < HORIZON:
                number += 1
                if at >= now and f"{name}-{number}" not in had:
                    event = {"id": f"{name}-{number}", "source": "test", "type": name, "data": {}}
                    runtime.schedule(Signal(at, _nothing, event))
                at += EVERY


class _Runtime(MemoryRuntime):
    """Attempts end as the program says; somebody answers what is asked."""

    def __init__(self, case: Case, history: Sequence[Event]) -> None:
        super().__init__(self._end, now=history[-1].at)
        self._case = case
        self._asked: Counter[str] = Counter()
        self.claims.capacity = {"cpu": 2}
        for lock in ("taken-1", "taken-2"):
            self.hold(lock, FOR_EVER)
        for event in history:
            if event.type is EventType.PARKED:
                self._asked[event.path] += 1
        for event in open_questions(history):
            self._ask(event)

    def append(self, event: Event) -> None:
        """Durable at once; whoever is asked has heard it."""
        super().append(event)
        if event.type is EventType.PARKED:
            self._asked[event.path] += 1
        if event.type in (EventType.PARKED, EventType.APPROVAL_REQUESTED):
            self._ask(event)

    def _end(self, path: str, number: int) -> Scripted:
        end = self._case.end(path, number)
        status = Status.FAILED if end.code else Status.SUCCEEDED
        output = None if end.output is None else {"x": end.output}
        return Scripted(Outcome(status, end.code, output), end.takes)

    def _ask(self, event: Event) -> None:
        at, path = event.at - EPOCH, event.path
        if event.type is EventType.PARKED:
            subject = str(event.data["subject"])
            choices = event.data["choices"]
            assert isinstance(choices, list | tuple)
            about = f"{subject} {self._asked[path]}"
            choice = self._case.decision(path, about, tuple(map(str, choices)))
            apply = _quiet(lambda execution: execution.resolve(path, choice, actor="tester"))
            self.schedule(Signal(max(at + PONDERS, self.now() - EPOCH), apply))
            return
        answer = self._case.answer(path.rpartition("/")[2])
        if answer is None or at + answer[1] < self.now() - EPOCH:
            return
        if answer[0] == "approve":
            apply = _quiet(lambda execution: execution.approve(path, actor="tester", inputs={}))
        else:
            apply = _quiet(lambda execution: execution.reject(path, actor="tester"))
        self.schedule(Signal(at + answer[1], apply))


Apply = Callable[[Execution], object]


def _quiet(apply: Apply) -> Apply:
    """Whoever comes too late is told so; that is no failure."""

    def tried(execution: Execution) -> None:
        try:
            apply(execution)
        except OrchestrateError:
            return

    return tried


_cancel = _quiet(lambda execution: execution.cancel(actor="tester"))
_complete = _quiet(lambda execution: execution.complete(actor="tester"))
_unpause = _quiet(lambda execution: execution.unpause(actor="tester"))


def _pause(*, now: bool) -> Apply:
    return _quiet(lambda execution: execution.pause(actor="tester", now=now))


def _nothing(execution: Execution) -> None:
    """Only an event arrives."""


def _awaited(case: Case) -> list[str]:
    """The events that its steps wait for."""
    found: list[str] = []
    ahead: list[object] = [*case.playbooks.values()]
    while ahead:
        one = ahead.pop()
        if isinstance(one, dict):
            found += [one["event"]] if "event" in one else []
            ahead += one.values()
        elif isinstance(one, list):
            ahead += one
    return sorted(found)


def _received(events: Sequence[Event]) -> set[str]:
    """Events that came to whoever waited for them: they do not come again."""
    found = [event.data["event"] for event in events if event.type is EventType.EVENT_RECEIVED]
    return {str(event["id"]) for event in found if isinstance(event, Mapping)}


def _started(events: Sequence[Event]) -> set[tuple[str, int]]:
    return {
        (event.path, int(str(event.data["number"])))
        for event in events
        if event.type is EventType.ATTEMPT_STARTED
    }


def _in_flight(events: Sequence[Event]) -> dict[int, tuple[str, int]]:
    """Attempts that were started and have not ended, by their ids."""
    running: dict[int, tuple[str, int]] = {}
    for event in events:
        if event.type is EventType.ATTEMPT_STARTED:
            running[event.seq] = event.path, int(str(event.data["number"]))
        elif event.type is EventType.ATTEMPT_FINISHED:
            running.pop(int(str(event.data["id"])), None)
    return running
