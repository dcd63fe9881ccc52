"""The conformance suite of the port `Runtime`: what every host must do for the core.

Subclass `RuntimeSuite` in a test module and give it a fixture `host`: a `Host` that executes the
playbook steps `succeed`, `fail` (exit code 3) and `hang` (until it is stopped) for real or by a
script, and lets time pass until the execution ends.
"""

from collections.abc import Callable
from typing import NamedTuple

from orchestrate.playbook.compile import compile_playbook
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.memory import created
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.program import Program, RunOptions
from orchestrate.workflow.runtime import Runtime


class Host(NamedTuple):
    """A host under test. `words` maps succeed, fail and hang to what `command:` must say.

    `drive(execution, until)` lets time pass until `until()` holds or the execution is final.
    `journal()` are the events appended so far, `live()` the ids of attempts with a process.
    """

    runtime: Runtime
    words: dict[str, str]
    drive: Callable[[Execution, Callable[[], bool]], None]
    journal: Callable[[], list[Event]]
    live: Callable[[], set[int]]


class RuntimeSuite:
    """Every test runs one workflow."""

    def start(self, host: Host, text: str) -> Execution:
        for word, command in host.words.items():
            text = text.replace(f"<{word}>", command)
        plan = compile_playbook("playbook.yaml", text.encode(), lambda name: None)
        program = Program("WF-2026-001", plan, {}, "dev", {}, {}, "tester", RunOptions())
        first = created(program, at=host.runtime.now())
        host.runtime.append(first)
        execution = Execution(program, host.runtime, [first])
        execution.start()
        return execution

    def finish(self, host: Host, execution: Execution) -> State:
        host.drive(execution, lambda: False)
        assert execution.final is not None
        return execution.final.state

    def until(self, host: Host, execution: Execution, event_type: EventType) -> None:
        host.drive(execution, lambda: any(e.type is event_type for e in host.journal()))

    def test_an_attempt_is_performed_and_its_outcome_reported(self, host: Host) -> None:
        execution = self.start(host, 'steps: [{name: a, command: "<succeed>"}]')
        assert self.finish(host, execution) is State.SUCCEEDED

    def test_a_failure_has_its_exit_code(self, host: Host) -> None:
        execution = self.start(host, 'steps: [{name: a, command: "<fail>"}]')
        assert self.finish(host, execution) is State.FAILED
        assert execution.final is not None
        assert execution.final.error is not None
        assert execution.final.error["exit_code"] == 3

    def test_events_are_numbered_without_gaps_in_the_order_of_appending(self, host: Host) -> None:
        execution = self.start(host, 'steps: [{command: "<succeed>"}, {command: "<succeed>"}]')
        self.finish(host, execution)
        numbers = [event.seq for event in host.journal()]
        assert numbers == list(range(1, len(numbers) + 1))

    def test_an_outcome_is_never_reported_from_inside_perform(self, host: Host) -> None:
        execution = self.start(host, 'steps: [{command: "<succeed>"}]')
        types = [event.type for event in host.journal()]
        assert EventType.ATTEMPT_STARTED in types
        assert EventType.ATTEMPT_FINISHED not in types
        self.finish(host, execution)

    def test_a_stopped_attempt_is_gone_before_its_outcome(self, host: Host) -> None:
        execution = self.start(host, 'steps: [{name: a, command: "<hang>"}]')
        self.until(host, execution, EventType.ATTEMPT_STARTED)
        execution.cancel(actor="tester")
        assert self.finish(host, execution) is State.CANCELLED
        assert host.live() == set()

    def test_an_attempt_that_runs_out_of_time_is_ended(self, host: Host) -> None:
        execution = self.start(host, 'steps: [{name: a, command: "<hang>", timeout: 1}]')
        assert self.finish(host, execution) is State.FAILED
        ends = [e for e in host.journal() if e.type is EventType.ATTEMPT_FINISHED]
        assert [e.data["status"] for e in ends] == ["timed_out"]
        assert host.live() == set()

    def test_a_timer_fires(self, host: Host) -> None:
        execution = self.start(host, "steps: [{type: wait, duration: 0.2}]")
        assert self.finish(host, execution) is State.SUCCEEDED

    def test_a_timer_in_the_past_fires_at_once(self, host: Host) -> None:
        execution = self.start(
            host, 'steps: [{name: w, type: wait, until: "2020-01-01 00:00:00Z"}]'
        )
        assert self.finish(host, execution) is State.SUCCEEDED

    def test_a_cleared_timer_does_not_fire(self, host: Host) -> None:
        execution = self.start(
            host,
            """
            steps:
              - type: parallel
                timeout: 0.2
                continue_on_error: true
                branches: [{steps: [{type: wait, duration: 0.4}]}]
              - {type: wait, duration: 0.5}
            """,
        )
        assert self.finish(host, execution) is State.SUCCEEDED
        fired = [e.path for e in host.journal() if e.type is EventType.TIMER_FIRED]
        assert fired == ["1", "2"]
