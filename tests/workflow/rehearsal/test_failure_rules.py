"""Rules that every failure of a playbook must keep."""

from collections.abc import Callable

import pytest

from orchestrate.errors import UsageError
from orchestrate.workflow.program import Program
from orchestrate.workflow.rehearsal.failures import failure_matrix
from orchestrate.workflow.rehearsal.rules import breaches, vacuous

Make = Callable[..., Program]


def broken(program: Program, *rules: str) -> list[str]:
    matrix = failure_matrix(program, lambda words: False)
    return [f"{found.row.path} {found.row.mishap}" for found in breaches(matrix, rules)]


def test_rollback_holds_from_the_first_deployment_on(program: Make) -> None:
    steps = """
    - {name: build, command: build}
    - {name: deploy, type: deployment, command: deploy, timeout: 5}
    - {name: verify, command: verify}
    """
    assert broken(program(steps), "rollback") == [
        "deploy fails",
        "deploy times_out",
        "verify fails",
    ]


def test_a_rollback_of_the_playbook_is_enough(program: Make) -> None:
    steps = "- {name: deploy, type: deployment, command: deploy}\n- {name: verify, command: verify}"
    assert broken(program(steps, head="on_failure: [{command: back}]\n"), "rollback") == []


def test_who_is_only_told_rolls_nothing_back(program: Make) -> None:
    steps = "- {name: deploy, type: deployment, command: d, on_failure: [{command: /notify us}]}"
    assert broken(program(steps), "rollback") == ["deploy fails"]


def test_what_always_runs_is_no_rollback(program: Make) -> None:
    steps = "- {name: deploy, type: deployment, command: deploy}"
    always = "finally: [{command: clean}]\n"
    assert broken(program(steps, head=always), "rollback") == ["deploy fails"]
    back = "finally: [{command: back, when: '${error.step} != \"\"'}]\n"
    assert broken(program(steps, head=back), "rollback") == []


def test_the_time_of_the_workflow_is_a_failure_too(program: Make) -> None:
    steps = "- {name: deploy, type: deployment, command: d, on_failure: [{command: back}]}"
    assert broken(program(steps, head="timeout: 1h\n"), "rollback") == ["deploy workflow_times_out"]


def test_a_compensation_is_a_rollback(program: Make) -> None:
    steps = """
    - name: move
      type: transaction
      steps:
        - {name: deploy, type: deployment, command: d, compensate: [{command: back}]}
        - {name: verify, command: v}
    """
    assert broken(program(steps), "rollback") == ["move/deploy fails"]


def test_a_tolerated_failure_needs_no_rollback(program: Make) -> None:
    steps = "- {name: deploy, type: deployment, command: d, continue_on_error: true}"
    assert broken(program(steps), "rollback") == []


def test_notify_wants_somebody_to_be_told(program: Make) -> None:
    steps = """
    - {name: a, command: a}
    - name: b
      command: b
      on_failure: [{name: undo, command: undo}, {name: tell, command: /notify team}]
    """
    assert broken(program(steps), "notify") == [
        "a fails",
        "b/on_failure/undo fails",
    ]
    told = "finally: [{command: /notify team}]\n"
    assert broken(program("- {name: a, command: a}", head=told), "notify") == []


def test_no_leftovers_wants_everything_undone(program: Make) -> None:
    steps = """
    - {name: a, command: a}
    - {name: b, command: b, on_failure: [{name: undo, command: undo}]}
    """
    matrix = failure_matrix(program(steps), lambda words: False)
    found = breaches(matrix, ["no-leftovers"])
    assert [(breach.row.path, breach.why) for breach in found] == [
        ("a", "nothing undoes a"),
        ("b", "nothing undoes a"),
        ("b/on_failure/undo", "nothing undoes a, b"),
    ]


def test_no_needs_attention_wants_nobody_to_be_asked(program: Make) -> None:
    steps = "- {name: a, command: a}\n- {name: b, command: b, idempotent: true}"
    assert broken(program(steps), "no-needs-attention") == ["a host_dies"]


def test_several_rules_are_told_one_after_another(program: Make) -> None:
    steps = "- {name: deploy, type: deployment, command: d, idempotent: true}"
    assert broken(program(steps), "rollback", "notify", "rollback") == [
        "deploy fails",
        "deploy fails",
    ]


def test_a_rule_without_anything_to_check_says_so(program: Make) -> None:
    matrix = failure_matrix(program("- {name: a, command: a}"), lambda words: False)
    assert breaches(matrix, ["rollback"]) == []
    assert vacuous(matrix, ["rollback"]) == {
        "rollback": "nothing to check, no step has the type deployment; give it to those that "
        "change what people use"
    }


def test_a_rule_that_there_is_not(program: Make) -> None:
    with pytest.raises(UsageError) as error:
        broken(program("- {command: a}"), "rolback")
    assert error.value.message == "--require rolback: there is no such rule"
    assert error.value.hint.startswith("did you mean `rollback`?")
