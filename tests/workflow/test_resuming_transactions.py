"""Resuming where a transaction was undone, or is being undone: nothing is undone twice."""

import pytest
from workflow.resumed import Resumed, first_run

from orchestrate.errors import ConflictError
from orchestrate.playbook.compile import compile_playbook
from orchestrate.workflow.engine import ResumeOptions

MOVE = """
steps:
  - {name: before, command: before}
  - name: move
    type: transaction
    steps:
      - {name: a, command: a, checkpoint: inside, compensate: [{command: undo a}]}
      - {name: b, command: b, compensate: [{command: first}, {command: second}]}
      - {name: c, command: c, compensate: [{command: never}]}
    on_failure: [{command: report}]
    finally: [{command: close}]
  - {name: after, command: after}
finally: [{command: end}]
"""


def failed():
    return first_run(MOVE, {"move/c": "failed 4"})


def interrupted(playbook: str = MOVE, **outcomes):
    """Cancelled while it is being undone, and cancelled once more."""
    return first_run(
        playbook,
        {"move/c": "for_ever", "move/b/compensate/2": "for_ever", **outcomes},
        signals=[{"at": 5, "cancel": True}, {"at": 20, "cancel": True}],
    )


def test_what_was_undone_runs_again_from_its_start() -> None:
    again = Resumed(*failed(), ResumeOptions())
    assert again.lines == ["reuse before", "run move", "run after"]
    assert again.ran == ["move/a", "move/b", "move/c", "move/finally/1", "after", "finally/1"]
    assert again.result.state == "succeeded"


def test_it_may_fail_and_be_undone_again() -> None:
    again = Resumed(*failed(), ResumeOptions(), {"move/b": "failed"})
    assert again.ran == [
        "move/a", "move/b", "move/a/compensate/1", "move/on_failure/1", "move/finally/1",
        "finally/1",
    ]  # fmt: skip
    assert again.result.state == "failed"


def test_from_step_takes_its_start_only() -> None:
    again = Resumed(*failed(), ResumeOptions(from_step="move"))
    assert again.ran[0] == "move/a"
    with pytest.raises(ConflictError) as refused:
        Resumed(*failed(), ResumeOptions(from_step="move/b"))
    assert refused.value.message == (
        "move/b is in the transaction move, which was undone (move/c: exit code 4)"
    )
    assert refused.value.hint == ("its start is the only place to resume from: --from-step move")


def test_from_a_step_before_it_runs_all_of_it() -> None:
    again = Resumed(*failed(), ResumeOptions(from_step="before"))
    assert again.ran[:4] == ["before", "move/a", "move/b", "move/c"]


def test_from_a_step_after_it_jumps_over_it() -> None:
    again = Resumed(*failed(), ResumeOptions(from_step="after", jump=True))
    assert again.plan.needs_yes
    assert again.ran == ["after", "finally/1"]


def test_skip_failed_skips_the_transaction_as_a_whole() -> None:
    again = Resumed(*failed(), ResumeOptions(skip_failed=True))
    assert again.lines == ["reuse before", "skip move", "run after"]
    assert again.ran == ["after", "finally/1"]
    assert again.result.state == "succeeded"


def test_a_checkpoint_inside_what_was_undone_is_refused() -> None:
    with pytest.raises(ConflictError) as refused:
        Resumed(*failed(), ResumeOptions(checkpoint="inside"))
    assert refused.value.message == (
        "CP-1 was taken in the transaction move, which was undone (move/c: exit code 4)"
    )


def test_a_checkpoint_before_it_runs_all_of_it() -> None:
    playbook = MOVE.replace("command: before", "command: before, checkpoint: start")
    scenario, before = first_run(playbook, {"move/c": "failed"})
    again = Resumed(scenario, before, ResumeOptions(checkpoint="start"))
    assert again.ran[:3] == ["move/a", "move/b", "move/c"]


def test_inside_a_transaction_that_was_committed_any_step_will_do() -> None:
    scenario, before = first_run(MOVE, {"after": "failed"})
    again = Resumed(scenario, before, ResumeOptions(from_step="move/b"), {"move/c": "failed"})
    assert again.ran == [
        "move/b", "move/c", "move/b/compensate/1", "move/b/compensate/2", "move/a/compensate/1",
        "move/on_failure/1", "move/finally/1", "finally/1",
    ]  # fmt: skip


def test_a_changed_step_in_what_was_undone_runs_all_of_it() -> None:
    playbook = MOVE.replace("type: transaction", "type: transaction\n    continue_on_error: true")
    scenario, before = first_run(playbook, {"move/c": "failed", "after": "failed"})
    edited = compile_playbook(
        "playbook.yaml",
        playbook.replace("command: a,", "command: better,").encode(),
        lambda _: None,
    )
    again = Resumed(scenario, before, ResumeOptions(changed_plan=edited))
    assert again.ran[:3] == ["move/a", "move/b", "move/c"]
    assert again.result.state == "succeeded"


def test_undoing_that_was_stopped_goes_on_where_it_was() -> None:
    scenario, before = interrupted()
    assert before.state == "needs_attention"
    assert before.calls == ("before", "a", "b", "c", "first", "second")
    again = Resumed(scenario, before, ResumeOptions())
    assert again.lines == [
        "reuse before", "undo move/b/compensate", "undo move/a/compensate",
    ]  # fmt: skip
    assert again.ran == [
        "move/b/compensate/2", "move/a/compensate/1", "move/on_failure/1", "move/finally/1",
        "finally/1",
    ]  # fmt: skip
    assert again.result.state == "failed"
    assert again.result.error == {
        "step": "move", "message": "cancelled by tester", "exit_code": None, "timed_out": False,
    }  # fmt: skip


def test_and_after_that_it_runs_again_from_its_start() -> None:
    scenario, before = interrupted()
    once = Resumed(scenario, before, ResumeOptions())
    again = Resumed(scenario, once.result, ResumeOptions())
    assert again.ran == ["move/a", "move/b", "move/c", "move/finally/1", "after", "finally/1"]
    assert again.result.state == "succeeded"


def test_stopped_before_anything_was_undone() -> None:
    scenario, before = first_run(
        MOVE,
        {"move/c": {"takes": "for_ever", "stops_in": 30}},
        signals=[{"at": 5, "cancel": True}, {"at": 10, "cancel": True}],
    )
    assert before.state == "needs_attention"
    again = Resumed(scenario, before, ResumeOptions())
    assert again.ran[:3] == ["move/b/compensate/1", "move/b/compensate/2", "move/a/compensate/1"]
    assert again.result.state == "failed"


@pytest.mark.parametrize(
    "options",
    [
        ResumeOptions(skip_failed=True),
        ResumeOptions(from_step="move"),
        ResumeOptions(from_step="move/a"),
        ResumeOptions(from_step="before"),
        ResumeOptions(from_step="after", jump=True),
    ],
    ids=["skip-failed", "its start", "inside", "before", "after"],
)
def test_what_is_half_undone_is_not_run_or_jumped_over(options: ResumeOptions) -> None:
    with pytest.raises(ConflictError) as refused:
        Resumed(*interrupted(), options)
    assert refused.value.message == "the transaction move is half undone (cancelled by tester)"
    assert refused.value.hint.startswith("resume without options first")


def test_steps_that_were_about_to_run_when_it_was_stopped_do_not_run_now() -> None:
    playbook = """
    steps:
      - name: move
        type: transaction
        steps:
          - name: spread
            type: parallel
            branches:
              - name: l
                steps:
                  - {name: a, command: a, compensate: [{command: undo a}]}
                  - {name: s, type: set, variables: {x: 1}, compensate: [{command: never}]}
                  - {name: n, command: never, compensate: [{command: never}]}
              - name: r
                steps: [{type: wait, duration: 1h}, {command: never}]
    """
    scenario, before = first_run(
        playbook,
        {
            "move/spread/l/a": {"takes": 5.5, "stops_in": 3},
            "move/spread/l/a/compensate/1": "for_ever",
        },
        signals=[{"at": 5, "cancel": True}, {"at": 9, "cancel": True}],
    )
    assert before.state == "needs_attention"
    again = Resumed(scenario, before, ResumeOptions())
    assert "never" not in again.result.calls
    assert again.ran == ["move/spread/l/a/compensate/1"]
    assert again.result.state == "failed"


def test_a_sibling_that_failed_runs_again_while_undoing_goes_on() -> None:
    playbook = """
    steps:
      - name: spread
        type: parallel
        branches:
          - name: l
            steps:
              - name: move
                type: transaction
                steps:
                  - {name: a, command: a, compensate: [{command: undo a}]}
                  - {name: b, command: b}
          - {name: r, steps: [{name: x, command: x}]}
    """
    scenario, before = first_run(
        playbook,
        {
            "spread/l/move/b": "for_ever",
            "spread/r/x": {"status": "failed", "takes": 3},
            "spread/l/move/a/compensate/1": "for_ever",
        },
        signals=[{"at": 5, "cancel": True}, {"at": 9, "cancel": True}],
    )
    again = Resumed(scenario, before, ResumeOptions())
    assert sorted(again.ran) == ["spread/l/move/a/compensate/1", "spread/r/x"]
    assert again.result.state == "failed"
    assert again.result.error["step"] == "spread/l/move"


def test_inner_and_outer_go_on_from_the_inside() -> None:
    playbook = """
    steps:
      - name: outer
        type: transaction
        steps:
          - {name: a, command: a, compensate: [{command: undo a}]}
          - name: move
            type: transaction
            steps:
              - {name: b, command: b, compensate: [{command: undo b}]}
              - {name: c, command: c, compensate: [{command: undo c}]}
              - {name: d, command: d}
    """
    scenario, before = first_run(
        playbook,
        {"outer/move/d": "failed", "outer/move/b/compensate/1": "for_ever"},
        signals=[{"at": 10, "cancel": True}, {"at": 20, "cancel": True}],
    )
    assert before.calls == ("a", "b", "c", "d", "undo c", "undo b")
    again = Resumed(scenario, before, ResumeOptions())
    assert again.ran == ["outer/move/b/compensate/1", "outer/a/compensate/1"]
    assert again.result.error["step"] == "outer/move/d"
    third = Resumed(scenario, again.result, ResumeOptions())
    assert third.ran == ["outer/a", "outer/move/b", "outer/move/c", "outer/move/d"]


def test_a_compensation_of_which_nobody_knows_is_asked_about_again() -> None:
    scenario, before = first_run(
        MOVE,
        {"move/c": "failed", "move/b/compensate/2": "unknown"},
        signals=[{"at": 50, "cancel": True}, {"at": 60, "cancel": True}],
    )
    assert before.state == "needs_attention"
    again = Resumed(scenario, before, ResumeOptions())
    assert again.result.state == "needs_attention"
    assert again.ran == []
    decided = Resumed(scenario, before, ResumeOptions(unknown="rerun"))
    assert decided.ran[:2] == ["move/b/compensate/2", "move/a/compensate/1"]


def test_failed_compensations_are_decided_by_the_resume() -> None:
    scenario, before = first_run(MOVE, {"move/c": "failed", "move/b/compensate/1": "failed 7"})
    assert before.state == "needs_attention"
    asked = Resumed(scenario, before, ResumeOptions(unknown="rerun"))
    assert asked.lines == [
        "reuse before", "decide move/b/compensate", "undo move/a/compensate",
    ]  # fmt: skip
    assert asked.ran == []
    accepted = Resumed(scenario, before, ResumeOptions(compensation="accept"))
    assert accepted.lines[1] == "accept move/b/compensate"
    assert accepted.ran[0] == "move/a/compensate/1"
    retried = Resumed(scenario, before, ResumeOptions(compensation="retry"))
    assert retried.ran[:3] == [
        "move/b/compensate/1[retry 2]", "move/b/compensate/2", "move/a/compensate/1",
    ]  # fmt: skip


def test_a_failed_compensation_that_was_open_when_all_was_stopped_runs_again() -> None:
    scenario, before = first_run(
        MOVE,
        {"move/c": "failed", "move/b/compensate/2": "failed 7"},
        signals=[
            {"at": 30, "resolve": {"path": "move/b/compensate", "choice": "retry"}},
            {"at": 50, "cancel": True},
            {"at": 60, "cancel": True},
        ],
    )
    assert before.state == "needs_attention"
    again = Resumed(scenario, before, ResumeOptions())
    assert again.ran[:2] == ["move/b/compensate/2", "move/a/compensate/1"]
    assert again.result.state == "failed"


def test_a_transaction_completed_by_force_goes_on_where_it_was() -> None:
    scenario, before = first_run(
        MOVE, {"move/b": "for_ever"}, signals=[{"at": 5, "complete": {"reason": "by hand"}}]
    )
    assert before.state == "completed"
    again = Resumed(scenario, before, ResumeOptions(from_step="move/b"))
    assert again.ran[:2] == ["move/b", "move/c"]


RETRIED = MOVE.replace("type: transaction", "type: transaction\n    retry: 1")


def test_a_try_that_was_undone_is_history_once_there_was_another() -> None:
    scenario, before = first_run(
        RETRIED, {"move/c": "failed", "move[retry 2]/c": "succeeded", "after": "failed"}
    )
    again = Resumed(scenario, before, ResumeOptions(from_step="move[retry 2]/b"))
    assert again.ran == ["move[retry 2]/b", "move[retry 2]/c", "move/finally/1", "after",
                         "finally/1"]  # fmt: skip


def test_a_first_try_that_failed_is_not_run_again() -> None:
    scenario, before = first_run(
        RETRIED, {"move/c": "failed", "move[retry 2]/c": "succeeded", "after": "failed"}
    )
    assert Resumed(scenario, before, ResumeOptions()).ran == ["after", "finally/1"]


def test_the_second_try_is_undone_to_its_end() -> None:
    scenario, before = first_run(
        RETRIED,
        {"move/c": "failed", "move[retry 2]/b/compensate/2": "for_ever"},
        signals=[{"at": 30, "cancel": True}, {"at": 40, "cancel": True}],
    )
    assert before.state == "needs_attention"
    again = Resumed(scenario, before, ResumeOptions())
    assert again.lines == [
        "reuse before", "undo move[retry 2]/b/compensate", "undo move[retry 2]/a/compensate",
    ]  # fmt: skip
    assert again.ran[:2] == ["move[retry 2]/b/compensate/2", "move[retry 2]/a/compensate/1"]
    assert again.result.state == "failed"


def test_the_second_try_runs_after_the_first_was_undone_to_its_end() -> None:
    scenario, before = first_run(
        RETRIED,
        {"move/c": "failed", "move/b/compensate/2": "for_ever"},
        signals=[{"at": 30, "cancel": True}, {"at": 40, "cancel": True}],
    )
    again = Resumed(scenario, before, ResumeOptions())
    assert again.ran[:4] == [
        "move/b/compensate/2", "move/a/compensate/1", "move[retry 2]/a", "move[retry 2]/b",
    ]  # fmt: skip
    assert again.result.state == "succeeded"
