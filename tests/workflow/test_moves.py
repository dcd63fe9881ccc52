"""A host gives the core a share of work for each call: what happens does not depend on it."""

from collections.abc import Callable

import pytest

from orchestrate.playbook.compile import compile_playbook
from orchestrate.workflow.creating import created, program_of
from orchestrate.workflow.engine import NewWorkflow
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.outcomes import Outcome, State, Status
from orchestrate.workflow.program import Attempt, RunOptions

INLINE = """
name: inline
variables: {seen: 0}
steps:
  - type: parallel
    branches:
      - name: left
        steps:
          - name: each
            type: foreach
            items: ${range(20)}
            as: n
            steps: [{name: check, type: assert, condition: "${n} >= 0"}]
      - name: right
        steps:
          - name: every
            type: foreach
            items: ${range(20)}
            as: n
            max_parallel: 3
            steps:
              - {name: check, type: assert, condition: "${n} < 20"}
              - {name: keep, type: set, variables: {seen: "${n}"}}
  - {name: after, type: assert, condition: "true"}
"""
CALLS = """
name: calls
steps:
  - name: each
    type: foreach
    items: ${range(30)}
    as: n
    max_parallel: 4
    steps:
      - {name: call, command: "echo ${n}"}
      - {name: check, type: assert, condition: "${call.success}"}
  - name: loop
    type: foreach
    items: ${range(30)}
    as: n
    steps: [{name: check, type: assert, condition: "${n} >= 0"}]
"""


class Host:
    """Gives shares, and ends attempts in the order in which they began."""

    def __init__(self, text: str, share: int | None, journal: list[Event] | None = None) -> None:
        plan = compile_playbook("playbook.yaml", text.encode(), lambda name: None)
        new = NewWorkflow(
            plan=plan, parameters={}, secret_values={}, environment="dev", variables={}, env={},
            actor="tester", options=RunOptions(),
        )  # fmt: skip
        first = Event(1, 1000.0, EventType.WORKFLOW_CREATED, "", created(new))
        self.journal = list(journal or [first])
        self.running: list[int] = []
        self.slices = 0
        self.share = share
        program = program_of("WF-2026-001", plan, self.journal[0])
        self.execution = Execution(program, self, list(self.journal))  # type: ignore[arg-type]

    def now(self) -> float:
        return 1000.0

    def random(self) -> float:
        return 0.5

    def append(self, event: Event) -> None:
        self.journal.append(event)

    def perform(self, attempt: Attempt) -> None:
        self.running.append(attempt.id)

    def recover(self, attempt_id: int, started: Event) -> None:
        self.running.append(attempt_id)

    def set_timer(self, path: str, subject: str, at: float) -> None:
        raise AssertionError("these playbooks set no timers")

    def call(self, what: Callable[[], object]) -> None:
        """One call, gone on with until nothing moves."""
        moves = self.execution.moves
        moves.share(self.share)
        what()
        while not moves.settled:
            self.slices += 1
            moves.share(self.share)
            moves.go_on()

    def run(self, attempts: int | None = None) -> None:
        self.call(self.execution.start)
        self.go_on(attempts)

    def go_on(self, attempts: int | None = None) -> None:
        while self.running and attempts != 0:
            first = self.running.pop(0)
            outcome = Outcome(Status.SUCCEEDED, exit_code=0)
            self.call(lambda: self.execution.attempt_finished(first, outcome))  # noqa: B023
            attempts = None if attempts is None else attempts - 1


@pytest.mark.parametrize("text", [INLINE, CALLS])
@pytest.mark.parametrize("share", [1, 2, 3, 7, 20])
def test_the_journal_is_the_same_whatever_the_share(text: str, share: int):
    whole, parts = Host(text, None), Host(text, share)
    whole.run()
    parts.run()
    assert parts.execution.state is State.SUCCEEDED
    assert parts.journal == whole.journal
    assert whole.slices == 0
    assert parts.slices > 0


@pytest.mark.parametrize("share", [1, 7])
def test_a_journal_is_replayed_in_shares_too(share: int):
    begun = Host(CALLS, None)
    begun.run(attempts=20)
    resumed = Host(CALLS, share, begun.journal)
    resumed.call(resumed.execution.start)
    assert resumed.journal == begun.journal
    assert resumed.slices > 5
    assert len(resumed.running) == 4
    resumed.go_on()
    assert resumed.execution.state is State.SUCCEEDED


def test_what_was_asked_of_the_host_is_part_of_the_share():
    host = Host(CALLS, 50)
    host.execution.moves.share(50)
    host.execution.moves.spend(49)
    host.execution.start()
    assert not host.execution.moves.settled
    assert host.execution.moves.spent
    host.share = None
    host.call(host.execution.moves.go_on)
    host.go_on()
    assert host.execution.state is State.SUCCEEDED


def test_held_back_and_no_more():
    host = Host(CALLS, None)
    host.run(attempts=0)
    host.execution.hold_back()
    host.go_on()
    assert [event.type for event in host.journal].count(EventType.ATTEMPT_STARTED) == 4
    host.execution.hold_back_no_more()
    assert len(host.running) == 4
    host.go_on()
    assert host.execution.state is State.SUCCEEDED
