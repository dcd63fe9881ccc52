"""Requests in any interleaving leave one legal state, and a crash anywhere changes nothing."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from workflow.replaying import continue_from, read_scenario, script_of, signals_after

from orchestrate.workflow.events import EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.memory import created
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.scenarios.playing import ScenarioRuntime, played
from orchestrate.workflow.scenarios.signals import Cues
from orchestrate.workflow.state import fold
from orchestrate.workflow.transitions import is_legal

PLAYBOOK = """
timeout: 60
steps:
  - {name: a, command: a, retry: {attempts: 2, delay: 3s}, finally: [{command: clean a}]}
  - name: spread
    type: parallel
    timeout: 20
    branches:
      - {name: l, steps: [{name: x, command: x}, {name: y, command: y}]}
      - {name: r, steps: [{type: wait, duration: 4}, {name: z, command: z}]}
    on_failure: [{command: undo}]
    finally: [{command: clean}]
  - {name: last, command: last}
on_failure: [{command: report}]
finally: [{name: close, command: close}]
"""
ENDINGS = ["succeeded", "failed 2", "unknown", "for_ever"]
TAKES = st.sampled_from([1, 2.5, 7])
VERBS: list[dict[str, Any]] = [
    {"pause": True},
    {"pause": {"now": True}},
    {"pause": {"for": 3.25, "checkpoint": True}},
    {"resume": True},
    {"cancel": True},
    {"complete": True},
    {"resolve": {"path": "a", "choice": "rerun"}},
    {"resolve": {"path": "spread/l/x", "choice": "skip"}},
    {"resolve": {"path": "spread/r/z", "choice": "fail"}},
]


def outcome(status: str, takes: float) -> Any:
    if status == "for_ever":
        return "for_ever"
    word, _, code = status.partition(" ")
    found: dict[str, Any] = {"status": word, "takes": takes}
    return {**found, "exit_code": int(code)} if code else found


OUTCOMES = st.builds(outcome, st.sampled_from(ENDINGS), TAKES)
SIGNALS = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(VERBS)), max_size=6, unique_by=lambda s: s[0]
)
STEPS = ("a", "spread/l/x", "spread/l/y", "spread/r/z", "last", "finally/close", "spread/finally/1")


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(STEPS), OUTCOMES, max_size=4), SIGNALS)
def test_any_interleaving_of_requests_is_legal_and_survives_a_crash_anywhere(
    outcomes: dict[str, Any], requests: list[tuple[int, dict[str, Any]]]
) -> None:
    signals = [{"at": at + 0.125, **verb} for at, verb in requests]
    scenario = read_scenario({"playbook": PLAYBOOK, "outcomes": outcomes, "signals": signals})
    cues = Cues(scenario.cues)  # a request that is refused is refused; nothing else may happen
    runtime = ScenarioRuntime(script_of(scenario), cues, scenario.contention)
    first = created(scenario.program)
    runtime.append(first)
    execution = Execution(scenario.program, runtime, [first])
    execution.start()
    runtime.drive(execution, cues.timed())
    whole = played(execution, runtime.journal)
    assert_legal(whole.events)
    view = fold(whole.events)
    assert view.state is State(whole.state)
    assert execution.final is not None or execution.idle or outcomes
    for cut in range(1, len(whole.events) + 1):
        prefix = list(whole.events[:cut])
        if refused_between(scenario, prefix):
            continue
        again = continue_from(scenario, prefix).result
        assert (again.state, again.error, sorted(again.calls)) == (
            whole.state,
            whole.error,
            sorted(whole.calls),
        ), f"cut after {prefix[-1]}"


def refused_between(scenario: Any, prefix: list[Any]) -> bool:
    """A refused request leaves no trace: whether it came before the cut cannot be seen."""
    at = prefix[-1].at - prefix[0].at
    return any(signal.at <= at for signal in signals_after(Cues(scenario.cues), prefix))


def assert_legal(events: Any) -> None:
    view = fold(())
    started: set[tuple[str, object]] = set()
    for event in events:
        before = view.state
        view.apply(event)
        assert is_legal(before, view.state), f"{before} -> {view.state} by {event}"
        if event.type is EventType.ATTEMPT_STARTED:
            key = event.path, event.data["number"]
            assert key not in started
            started.add(key)
