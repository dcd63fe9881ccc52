"""What a new engine does about attempts and records that do not simply fit."""

from workflow.replaying import continue_from, in_flight, read_scenario, script_of

from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.memory import MemoryRuntime
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.scenarios.playing import play
from orchestrate.workflow.scenarios.reading import Scenario

TWO = "steps: [{name: a, command: a}, {name: b, command: b}]"


def scenario(playbook: str, **keys: object) -> Scenario:
    return read_scenario({"playbook": playbook, **keys})  # type: ignore[dict-item]


def running(which: Scenario, path: str = "a") -> list[Event]:
    """The journal up to the start of an attempt of `path`."""
    events = list(play(which).events)
    at = next(
        index
        for index, event in enumerate(events)
        if event.type is EventType.ATTEMPT_STARTED and event.path == path
    )
    return events[: at + 1]


def test_an_attempt_that_went_on_is_attached_and_not_performed_again() -> None:
    prefix = running(scenario(TWO))
    again = continue_from(scenario(TWO), prefix)
    assert again.result.state == "succeeded"
    assert again.runtime.recovered == in_flight(prefix)
    assert [attempt.path for attempt in again.runtime.performed] == ["b"]


def test_an_attempt_that_nobody_knows_of_is_parked() -> None:
    prefix = running(scenario(TWO))
    again = continue_from(scenario(TWO), prefix, lost=frozenset(in_flight(prefix)))
    assert again.result.state == "needs_attention"
    assert again.runtime.performed == []


def test_an_idempotent_step_that_nobody_knows_of_runs_again() -> None:
    playbook = "steps: [{name: a, command: a, idempotent: true}]"
    prefix = running(scenario(playbook))
    again = continue_from(scenario(playbook), prefix, lost=frozenset(in_flight(prefix)))
    assert again.result.state == "succeeded"
    assert [(a.path, a.number) for a in again.runtime.performed] == [("a", 2)]


def test_another_definition_of_a_started_step_parks_it() -> None:
    changed = scenario(TWO.replace("command: a}", "command: other}"))
    again = continue_from(changed, running(scenario(TWO)))
    assert again.result.state == "needs_attention"
    assert again.result.trace[-1] == "parked a: mismatch"
    assert again.runtime.performed == []


def test_other_values_of_a_started_call_park_it() -> None:
    playbook = "parameters: [{name: v}]\nsteps: [{name: a, command: 'a ${v}'}]"
    prefix = running(scenario(playbook, parameters={"v": "1"}))
    again = continue_from(scenario(playbook, parameters={"v": "2"}), prefix)
    assert again.result.trace[-1] == "parked a: mismatch"


def test_a_record_that_does_not_fit_can_be_kept() -> None:
    changed = scenario(TWO.replace("command: a}", "command: other}"))
    runtime = MemoryRuntime(script_of(changed), now=running(scenario(TWO))[-1].at)
    execution = Execution(changed.program, runtime, running(scenario(TWO)))
    execution.start()
    execution.resolve("a", "keep", actor="tester")
    runtime.drive(execution)
    assert execution.state is State.SUCCEEDED
    assert [attempt.path for attempt in runtime.performed] == ["b"]


def test_outcomes_that_the_playbook_does_not_lead_to_park_the_workflow() -> None:
    events = [e for e in play(scenario(TWO)).events if e.type is not EventType.WORKFLOW_FINISHED]
    other = scenario("steps: [{name: c, command: c}]")
    runtime = MemoryRuntime(script_of(other), now=events[-1].at)
    execution = Execution(other.program, runtime, events)
    execution.start()
    assert execution.state is State.NEEDS_ATTENTION
    assert runtime.performed == []


def test_reports_of_an_end_that_is_known_are_ignored() -> None:
    which = scenario(TWO)
    whole = play(which)
    runtime = MemoryRuntime(script_of(which), now=whole.events[-1].at)
    execution = Execution(which.program, runtime, whole.events)
    execution.start()
    execution.attempt_finished(3, runtime._script("a", 1).outcome)
    assert runtime.journal == []
    assert execution.state is State.SUCCEEDED


def test_results_are_dropped_after_each_iteration_unless_somebody_reads_them() -> None:
    playbook = """
parameters: [{name: items, type: list}]
steps:
  - {name: loop, type: foreach, items: "${items}", as: n, steps: [{name: s, command: "do ${n}"}]}
"""
    which = scenario(playbook, parameters={"items": list(range(500))})
    runtime = MemoryRuntime(script_of(which))
    execution = Execution(which.program, runtime, [])
    execution.start()
    runtime.drive(execution)
    assert execution.state is State.SUCCEEDED
    assert runtime._processes == {}
    assert execution._run.attempts._flights == {}
