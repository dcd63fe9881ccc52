"""Events in rehearsals: what is waited for arrives, or comes too late."""

from collections.abc import Callable

from orchestrate.workflow.program import Program
from orchestrate.workflow.rehearsal.dry_run import dry_run
from orchestrate.workflow.rehearsal.failures import failure_matrix
from orchestrate.workflow.rehearsal.walk import walk

Make = Callable[..., Program]

LISTENING = """
- name: built
  type: wait
  event: build-*
  source: ci
  filter: ${event.data.level} > 2
  timeout: 60
  on_failure: [{name: tell, command: tell}]
- name: short
  when: ${built.output.data.size < 3}
  command: short
- name: deploy
  command: deploy ${built.output.data.version} ${built.output.type} ${built.output.source}
"""


def test_a_dry_run_goes_on_after_the_event_of_which_only_the_source_is_known(program: Make) -> None:
    planned = dry_run(program(LISTENING))
    assert [(step.state, step.path, step.waits, step.shown) for step in planned.steps] == [
        ("runs", "built", "event", "build-* from ci with ${event.data.level} > 2"),
        ("undecided", "short", "", "short"),
        ("runs", "deploy", "", "deploy <built.output.data.version> <built.output.type> ci"),
    ]
    assert planned.state == "succeeded"
    assert planned.complete


def test_walks_do_not_ask_whether_the_filter_holds(program: Make) -> None:
    walked = walk(program(LISTENING))
    assert walked.states == {"succeeded": 2}


def test_what_can_happen_to_a_wait_for_an_event(program: Make) -> None:
    found = failure_matrix(program(LISTENING), lambda _: False)
    rows = {str(row.mishap): row for row in found.rows if row.path == "built"}
    assert {mishap: row.state for mishap, row in rows.items()} == {
        "engine_dies_before": "succeeded",
        "engine_dies_during": "succeeded",
        "times_out": "failed",
        "cancelled": "cancelled",
    }
    assert rows["times_out"].handlers == ("built/on_failure/tell",)
    assert rows["times_out"].resume.runs == ("built",)
    assert found.notes == ()
