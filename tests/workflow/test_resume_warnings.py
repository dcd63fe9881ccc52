"""What a resume warns of before it does anything."""

from workflow.replaying import read_scenario

from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.resuming import plan_resume
from orchestrate.workflow.scenarios.playing import play

LOOP = """
steps:
  - name: work
    type: foreach
    items: [1, 2, 3]
    as: number
    steps: [{name: apply, command: "apply ${number}"}]
    on_failure: [{name: undo, command: undo}]
"""
WHOLE = """
steps:
  - {name: one, command: one}
  - {name: two, command: two}
on_failure: [{command: undo}]
"""
OWN = """
steps:
  - {name: one, command: one, on_failure: [{command: undo}]}
"""


def warnings(playbook: str, failing: str) -> tuple[str, ...]:
    scenario = read_scenario({"playbook": playbook, "outcomes": {failing: "failed 1"}})
    plan, _ = plan_resume(scenario.program, play(scenario).events, ResumeOptions(actor="me"))
    return plan.warnings


def test_a_rollback_of_something_larger_may_have_undone_what_is_reused() -> None:
    assert warnings(LOOP, "work[3]/apply") == (
        (
            "work/on_failure ran and may have undone steps that are reused; "
            "--from-step work runs all of it again"
        ),
    )
    assert warnings(WHOLE, "two") == (
        (
            "the playbook's on_failure ran and may have undone steps that are reused; "
            "--from-step or `rerun` run them again"
        ),
    )


def test_a_rollback_of_what_runs_again_anyway_is_nothing_to_warn_of() -> None:
    assert warnings(OWN, "one") == ()
