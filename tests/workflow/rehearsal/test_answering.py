"""Approvals in rehearsals: people approve, reject, or take too long."""

from collections.abc import Callable

from orchestrate.workflow.program import Program
from orchestrate.workflow.rehearsal.dry_run import dry_run
from orchestrate.workflow.rehearsal.failures import failure_matrix
from orchestrate.workflow.rehearsal.walk import walk

Make = Callable[..., Program]

GATED = """
- name: gate
  type: approval
  message: Release?
  timeout: 60
  minimum: 2
  inputs: [{name: window, type: integer}]
  on_failure: [{name: tell, command: tell}]
- name: short
  when: ${gate.output.window < 3}
  command: short
- name: deploy
  command: deploy ${gate.output.window} ${gate.output.at}
"""


def test_a_dry_run_goes_on_after_approvals_and_shows_what_a_rejection_leads_to(
    program: Make,
) -> None:
    planned = dry_run(program(GATED))
    assert [(step.state, step.path, step.shown) for step in planned.steps] == [
        ("runs", "gate", "Release?"),
        ("undecided", "gate/on_failure/tell", "tell"),
        ("undecided", "short", "short"),
        ("runs", "deploy", "deploy <gate.output.window> <gate.output.at>"),
    ]
    assert planned.steps[1].depends_on == ("gate is rejected",)
    assert planned.state == "succeeded"
    assert planned.complete


def test_walks_go_both_ways_at_an_approval(program: Make) -> None:
    walked = walk(program(GATED))
    assert walked.states == {"succeeded": 2, "failed": 1}
    assert walked.unreached == ()


def test_what_can_happen_to_an_approval(program: Make) -> None:
    found = failure_matrix(program(GATED), lambda _: False)
    rows = {str(row.mishap): row for row in found.rows if row.path == "gate"}
    assert {mishap: row.state for mishap, row in rows.items()} == {
        "engine_dies_before": "succeeded",
        "engine_dies_during": "succeeded",
        "fails": "failed",
        "times_out": "failed",
        "cancelled": "cancelled",
    }
    assert rows["fails"].handlers == rows["times_out"].handlers == ("gate/on_failure/tell",)
    assert rows["fails"].resume.runs == ("gate",)
    assert found.notes == ()
