"""Scenarios: a playbook, scripted outcomes and what must come of them, as plain data.

Pure functions over data that was parsed elsewhere (YAML or JSON). The keys of a scenario:

    scenario     its name
    playbook     the text of the playbook
    playbooks    name -> text, those that it includes
    parameters   name -> value
    environment  name of the environment (default: dev)
    options      parallel, max_parallel, checkpoint_each, timeout, only, skip, step_by_step
    outcomes     path -> one outcome, or a list with one for each attempt
    signals      list of {at: seconds} with one of pause, resume, cancel, complete, resolve
    expect       state, and any of error, trace, calls, outputs, ends_at, idle, variables

An outcome is `succeeded`, `failed`, `failed 3` (the exit code), `timed_out`, `unknown`, `for_ever`,
or a map with status, exit_code, output, stdout, stderr, message, takes, stops_in, survivors,
read_only. Attempts that no outcome is given for succeed after one second.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from orchestrate.errors import UsageError
from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.parameters import bind
from orchestrate.playbook.plan import Json, Plan
from orchestrate.workflow.events import Event
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.memory import (
    EPOCH,
    FOR_EVER,
    MemoryRuntime,
    Script,
    Scripted,
    Signal,
    created,
    scripted,
)
from orchestrate.workflow.outcomes import Outcome, Status
from orchestrate.workflow.program import Program, RunOptions
from orchestrate.workflow.trace import trace

Data = Mapping[str, Json]
_KEYS = frozenset(
    (
        "scenario",
        "playbook",
        "playbooks",
        "parameters",
        "environment",
        "options",
        "outcomes",
        "signals",
        "expect",
    )
)


class Scenario(NamedTuple):
    """A scenario, ready to be played."""

    name: str
    program: Program
    script: Script
    signals: tuple[Signal, ...]
    expected: Data


class Played(NamedTuple):
    """What came of it. `calls` are as a person would type them, in the order of their starts."""

    events: tuple[Event, ...]
    state: str
    error: Json
    outputs: Data
    trace: tuple[str, ...]
    calls: tuple[str, ...]
    ends_at: float
    """Virtual seconds from the beginning to the last event."""
    idle: bool


def read_scenario(data: Data) -> Scenario:
    """A scenario from parsed data. Raises UsageError for what it does not understand, and
    PlaybookInvalidError for a broken playbook.
    """
    name = str(data.get("scenario", "scenario"))
    unknown = sorted(set(data) - _KEYS)
    if unknown:
        raise UsageError(
            f"scenario {name!r}: unknown key {unknown[0]!r}",
            hint=f"the keys are {', '.join(sorted(_KEYS))}",
        )
    program = _program(data)
    listed = _map(data.get("outcomes"))
    outcomes = {path: _script_of(value) for path, value in listed.items()}
    signals = tuple(_signal(_map(entry)) for entry in _list(data.get("signals")))
    return Scenario(name, program, scripted(outcomes), signals, _map(data.get("expect")))


def _program(data: Data) -> Program:
    included = _map(data.get("playbooks"))

    def load(wanted: str) -> tuple[str, bytes] | None:
        text = included.get(wanted)
        return (f"{wanted}.yaml", str(text).encode()) if text is not None else None

    plan = compile_playbook("playbook.yaml", str(data["playbook"]).encode(), load)
    environment = str(data.get("environment", "dev"))
    return Program(
        "WF-2026-001",
        plan,
        _bound(plan, _map(data.get("parameters")), environment),
        environment,
        {},
        {},
        "tester",
        _options(_map(data.get("options"))),
    )


def _bound(plan: Plan, supplied: Data, environment: str) -> Data:
    values = bind(plan, supplied, environment)
    secret = {parameter.name for parameter in plan.parameters if parameter.secret}
    return {name: value for name, value in values.items() if name not in secret}


def _options(data: Data) -> RunOptions:
    values = dict(data)
    for key in ("only", "skip"):
        values[key] = tuple(str(entry) for entry in _list(values.get(key)))
    return RunOptions()._replace(**values)


def _script_of(value: Json) -> list[Scripted]:
    if isinstance(value, str | Mapping):
        return [read_outcome(value)]
    return [read_outcome(entry) for entry in _list(value)]


def read_outcome(value: Json) -> Scripted:
    """An outcome from its short or its long form. Raises UsageError."""
    if isinstance(value, str):
        word, _, code = value.partition(" ")
        if word == "for_ever":
            return Scripted(takes=FOR_EVER)
        return Scripted(_outcome(word, int(code) if code else None, {}))
    data = _map(value)
    takes, stops_in = data.get("takes", 1.0), data.get("stops_in", 0.0)
    code = data.get("exit_code")
    outcome = _outcome(
        str(data.get("status", "succeeded")), code if isinstance(code, int) else None, data
    )
    survivors = tuple(str(entry) for entry in _list(data.get("survivors")))
    return Scripted(outcome, _seconds(takes), _seconds(stops_in), survivors)


def _seconds(value: Json) -> float:
    if value == "for_ever":
        return FOR_EVER
    assert isinstance(value, int | float)
    return float(value)


def _outcome(word: str, code: int | None, data: Data) -> Outcome:
    try:
        status = Status(word)
    except ValueError:
        raise UsageError(
            f"{word!r} is no outcome",
            hint="use succeeded, failed, failed 3, timed_out, unknown or for_ever",
        ) from None
    if code is None and status is Status.FAILED:
        code = 1
    if code is None and status is Status.SUCCEEDED:
        code = 0
    default = f"exit code {code}" if status is Status.FAILED else ""
    return Outcome(
        status,
        code,
        data.get("output"),
        str(data.get("stdout", "")),
        str(data.get("stderr", "")),
        str(data.get("message", default)),
        read_only=bool(data.get("read_only")),
    )


def _signal(data: Data) -> Signal:
    at = data["at"]
    assert isinstance(at, int | float)
    ((verb, value),) = ((key, value) for key, value in data.items() if key != "at")
    return Signal(float(at), _SIGNALS[verb](_map(value) if value is not True else {}))


def _pause(data: Data) -> Callable[[Execution], object]:
    after = data.get("for")
    resume_at = None

    def apply(execution: Execution) -> object:
        nonlocal resume_at
        if isinstance(after, int | float):
            resume_at = execution.now() + after
        return execution.pause(
            actor="tester",
            reason=str(data.get("reason", "")),
            now=bool(data.get("now")),
            checkpoint=bool(data.get("checkpoint")),
            resume_at=resume_at,
        )

    return apply


def _resolve(data: Data) -> Callable[[Execution], object]:
    path, choice = str(data.get("path", "")), str(data["choice"])
    return lambda execution: execution.resolve(path, choice, actor="tester")


_SIGNALS: Mapping[str, Callable[[Data], Callable[[Execution], object]]] = {
    "pause": _pause,
    "resume": lambda _: lambda execution: execution.unpause(actor="tester"),
    "cancel": lambda data: (
        lambda execution: execution.cancel(actor="tester", reason=str(data.get("reason", "")))
    ),
    "complete": lambda data: (
        lambda execution: execution.complete(actor="tester", reason=str(data.get("reason", "")))
    ),
    "resolve": _resolve,
}


def play(scenario: Scenario) -> Played:
    """Run it on a virtual clock."""
    runtime = MemoryRuntime(scenario.script)
    first = created(scenario.program)
    runtime.append(first)
    execution = Execution(scenario.program, runtime, [first])
    execution.start()
    runtime.drive(execution, scenario.signals)
    return played(execution, runtime.journal)


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


def differences(scenario: Scenario, result: Played) -> list[str]:
    """How `result` differs from what the scenario expects; empty if it does not."""
    found: list[str] = []
    for key, expected in scenario.expected.items():
        actual = _actual(key, result)
        if key == "trace":
            expected = _lines(expected)
        if key == "error" and isinstance(expected, Mapping) and isinstance(actual, Mapping):
            actual = {name: actual.get(name) for name in expected}
        if actual != expected:
            found.append(f"{key}: expected {expected!r}, was {actual!r}")
    return found


def _actual(key: str, result: Played) -> Json:
    match key:
        case "state":
            return result.state
        case "error":
            return result.error
        case "trace":
            return list(result.trace)
        case "calls":
            return list(result.calls)
        case "outputs":
            return result.outputs
        case "ends_at":
            return result.ends_at
        case "idle":
            return result.idle
        case _:
            raise UsageError(
                f"a scenario cannot expect {key!r}",
                hint="it can expect state, error, trace, calls, outputs, ends_at and idle",
            )


def _lines(expected: Json) -> list[Json]:
    if isinstance(expected, str):
        return [line for line in expected.splitlines() if line.strip()]
    return list(_list(expected))


def _map(value: Json) -> Data:
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    raise UsageError(f"expected a map, not {value!r}", hint="see the keys of a scenario")


def _list(value: Json) -> Sequence[Json]:
    if value is None:
        return ()
    if isinstance(value, list | tuple):
        return value
    raise UsageError(f"expected a list, not {value!r}", hint="see the keys of a scenario")
