"""Resume at any depth: what is said beforehand, and what then really runs."""

import pytest
from workflow.resumed import LINE, Resumed, first_run

from orchestrate.errors import ConflictError, NotFoundError, UsageError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.resuming import plan_resume
from orchestrate.workflow.state import fold


def test_a_failed_step_runs_again_with_what_follows_and_nothing_else() -> None:
    scenario, before = first_run(LINE, {"b": "failed"})
    again = Resumed(scenario, before, ResumeOptions())
    assert again.ran == ["b", "b/finally/1", "c", "finally/1"]
    assert again.result.state == "succeeded"
    assert again.lines == ["reuse a", "run b", "run c"]


def test_skip_failed_records_the_failed_step_as_skipped_without_its_handlers() -> None:
    scenario, before = first_run(LINE, {"b": "failed"})
    again = Resumed(scenario, before, ResumeOptions(skip_failed=True))
    assert again.ran == ["c", "finally/1"]
    assert again.result.state == "succeeded"
    assert fold(again.events).steps["b"].state == "skipped"
    assert "skip b" in again.lines


def test_from_step_forgets_it_and_what_follows() -> None:
    scenario, before = first_run(LINE, {})
    again = Resumed(scenario, before, ResumeOptions(from_step="b"))
    assert again.ran == ["b", "b/finally/1", "c", "finally/1"]
    assert again.result.state == "succeeded"


def test_jumping_over_steps_needs_yes_and_records_them_as_skipped() -> None:
    scenario, before = first_run(LINE, {"a": "failed"})
    again = Resumed(scenario, before, ResumeOptions(from_step="c"))
    assert again.plan.needs_yes
    assert again.plan.warnings == (
        "a is failed and would be jumped over",
        "b never ran and would be jumped over",
    )
    assert again.ran == ["c", "finally/1"]


SPREAD = """
steps:
  - name: spread
    type: parallel
    branches:
      - name: left
        steps: [{name: l1, command: l1}, {name: l2, command: l2}, {name: l3, command: l3}]
      - name: right
        steps: [{name: r1, command: r1}]
    finally: [{command: clean}]
  - {name: last, command: last}
"""


def test_only_the_innermost_failure_and_what_it_cancelled_run_again() -> None:
    outcomes = {"spread/left/l2": "failed", "spread/right/r1": "for_ever"}
    scenario, before = first_run(SPREAD, outcomes)
    again = Resumed(scenario, before, ResumeOptions())
    assert again.ran == ["spread/right/r1", "spread/left/l2", "spread/left/l3",
                         "spread/finally/1", "last"]  # fmt: skip
    assert again.result.state == "succeeded"
    assert "reuse spread/left/l1" in again.lines


def test_from_step_inside_a_branch_keeps_the_parallel_sibling() -> None:
    scenario, before = first_run(SPREAD, {})
    again = Resumed(scenario, before, ResumeOptions(from_step="spread/left/l2"))
    assert again.ran == ["spread/left/l2", "spread/left/l3", "spread/finally/1", "last"]


def test_from_a_whole_branch() -> None:
    scenario, before = first_run(SPREAD, {})
    again = Resumed(scenario, before, ResumeOptions(from_step="spread/left"))
    assert again.ran == ["spread/left/l1", "spread/left/l2", "spread/left/l3",
                         "spread/finally/1", "last"]  # fmt: skip


def test_from_a_unique_name() -> None:
    scenario, before = first_run(SPREAD, {})
    again = Resumed(scenario, before, ResumeOptions(from_step="l3"))
    assert again.ran == ["spread/left/l3", "spread/finally/1", "last"]


LOOP = """
steps:
  - name: loop
    type: foreach
    items: [a, b, c]
    as: x
    fail_fast: false
    steps: [{name: one, command: "one ${x}"}, {name: two, command: "two ${x}"}]
  - {name: last, command: last}
"""


def test_a_failed_iteration_runs_again_while_later_ones_stay() -> None:
    scenario, before = first_run(LOOP, {"loop[b]/one": "failed"})
    again = Resumed(scenario, before, ResumeOptions())
    assert again.ran == ["loop[b]/one", "loop[b]/two", "last"]
    assert again.result.state == "succeeded"


def test_from_an_iteration() -> None:
    scenario, before = first_run(LOOP, {})
    again = Resumed(scenario, before, ResumeOptions(from_step="loop[b]"))
    assert again.ran == ["loop[b]/one", "loop[b]/two", "loop[c]/one", "loop[c]/two", "last"]


def test_from_a_step_of_an_iteration() -> None:
    scenario, before = first_run(LOOP, {})
    again = Resumed(scenario, before, ResumeOptions(from_step="loop[c]/two"))
    assert again.ran == ["loop[c]/two", "last"]


def test_a_step_of_a_loop_without_its_iteration_is_ambiguous() -> None:
    scenario, before = first_run(LOOP, {})
    with pytest.raises(UsageError, match="3 steps are meant"):
        plan_resume(scenario.program, before.events, ResumeOptions(from_step="loop/one"))


def test_an_unknown_step_is_refused_with_the_nearest_name() -> None:
    scenario, before = first_run(LOOP, {})
    with pytest.raises(NotFoundError) as caught:
        plan_resume(scenario.program, before.events, ResumeOptions(from_step="lats"))
    assert caught.value.hint == "did you mean `last`?"


def test_a_workflow_that_succeeded_has_nothing_to_resume() -> None:
    scenario, before = first_run(LOOP, {})
    with pytest.raises(ConflictError):
        plan_resume(scenario.program, before.events, ResumeOptions())


HANDLED = """
steps:
  - name: risky
    command: risky
    on_success: [{name: v1, command: v1}, {name: v2, command: v2}]
    finally: [{name: f, command: f}]
  - {name: last, command: last}
"""


def test_a_failed_handler_after_a_good_step_runs_again_without_the_step() -> None:
    scenario, before = first_run(HANDLED, {"risky/on_success/v2": "failed"})
    again = Resumed(scenario, before, ResumeOptions())
    assert again.ran == ["risky/on_success/v2", "risky/finally/f", "last"]
    assert again.result.state == "succeeded"


def test_from_a_handler_step() -> None:
    scenario, before = first_run(HANDLED, {})
    again = Resumed(scenario, before, ResumeOptions(from_step="risky/on_success/v2"))
    assert again.ran == ["risky/on_success/v2", "risky/finally/f", "last"]


def test_a_cancelled_workflow_goes_on_where_it_was_stopped() -> None:
    scenario, before = first_run(
        SPREAD, {"spread/right/r1": "for_ever"}, signals=[{"at": 2.5, "cancel": True}]
    )
    again = Resumed(scenario, before, ResumeOptions())
    assert again.ran == ["spread/right/r1", "spread/left/l3", "spread/finally/1", "last"]
    assert again.result.state == "succeeded"


def test_a_timeout_is_counted_anew() -> None:
    playbook = """
timeout: 10
steps: [{name: a, command: a}, {name: b, command: b}]
"""
    scenario, before = first_run(playbook, {"b": "for_ever"})
    assert before.state == "failed"
    again = Resumed(scenario, before, ResumeOptions(), {"b": {"takes": 9}})
    assert again.ran == ["b"]
    assert again.result.state == "succeeded"


def test_the_timeout_of_a_step_that_contains_steps_is_counted_anew() -> None:
    playbook = """
steps:
  - name: group
    type: foreach
    items: [a, b]
    as: x
    timeout: 10
    steps: [{command: "do ${x}"}]
"""
    scenario, before = first_run(playbook, {"group[b]/1": "for_ever"})
    again = Resumed(scenario, before, ResumeOptions(), {"group[b]/1": {"takes": 9}})
    assert again.ran == ["group[b]/1"]
    assert again.result.state == "succeeded"


CHECKPOINTS = """
steps:
  - {name: a, command: a, checkpoint: first}
  - name: spread
    type: parallel
    branches:
      - name: left
        steps: [{name: l1, command: l1, checkpoint: inner}, {name: l2, command: l2}]
      - name: right
        steps: [{name: r1, command: r1}]
  - {name: last, command: last}
"""


def test_from_a_checkpoint_everything_later_runs_again() -> None:
    scenario, before = first_run(CHECKPOINTS, {})
    again = Resumed(scenario, before, ResumeOptions(checkpoint="CP-1"))
    assert again.ran == ["spread/left/l1", "spread/right/r1", "spread/left/l2", "last"]
    assert again.result.state == "succeeded"
    assert again.plan.warnings == ("the effects of 4 steps that came after CP-1 are not undone",)


def test_from_a_checkpoint_inside_a_branch_what_had_not_ended_runs_again() -> None:
    scenario, before = first_run(CHECKPOINTS, {"spread/right/r1": {"takes": 5}})
    again = Resumed(scenario, before, ResumeOptions(checkpoint="inner"))
    assert sorted(again.ran) == ["last", "spread/left/l2", "spread/right/r1"]
    assert again.result.state == "succeeded"


def test_an_unknown_checkpoint_lists_those_that_exist() -> None:
    scenario, before = first_run(CHECKPOINTS, {})
    with pytest.raises(NotFoundError) as caught:
        plan_resume(scenario.program, before.events, ResumeOptions(checkpoint="CP-9"))
    assert caught.value.hint == "there are: CP-1, CP-2"


PARAMETERS = """
parameters: [{name: version, default: "1"}, {name: other, default: x}]
variables: {tag: "v${version}"}
steps:
  - {name: a, command: "a ${version}"}
  - {name: b, command: "b ${other}"}
  - {name: c, command: "c ${tag}"}
  - {name: d, command: "d ${version}"}
"""


def test_changed_parameters_affect_what_is_not_recorded_and_name_what_is() -> None:
    scenario, before = first_run(PARAMETERS, {"d": "failed"})
    again = Resumed(scenario, before, ResumeOptions(parameters={"version": "2"}))
    assert again.ran == ["d"]
    assert again.result.calls[-1] == "d 2"
    assert again.plan.warnings == (
        "a was run with the old value of version",
        "c was run with the old value of version",
    )


def test_what_is_parked_is_decided_by_the_option() -> None:
    scenario, before = first_run(LINE, {"a": "unknown"})
    assert before.state == "needs_attention"
    rerun = Resumed(scenario, before, ResumeOptions(unknown="rerun"))
    assert rerun.ran == ["a", "b", "b/finally/1", "c", "finally/1"]
    skip = Resumed(scenario, before, ResumeOptions(unknown="skip"))
    assert skip.ran == ["b", "b/finally/1", "c", "finally/1"]
    fail = Resumed(scenario, before, ResumeOptions(unknown="fail"))
    assert fail.ran == ["on_failure/1", "finally/1"]
    assert fail.result.state == "failed"


@pytest.mark.parametrize("answer", ["fail", None])
def test_what_nobody_could_tell_is_asked_again_by_a_resume(answer: str | None) -> None:
    signals: list[Json] = [{"at": 5, "cancel": True}, {"at": 6, "cancel": True}]
    if answer is not None:
        signals = [{"at": 5, "resolve": {"path": "a", "choice": answer}}]
    scenario, before = first_run(LINE, {"a": "unknown"}, signals=signals)
    again = Resumed(scenario, before, ResumeOptions())
    assert again.result.state == "needs_attention"
    view = fold(again.events)
    assert view.state == "needs_attention"
    assert [(path, subject) for path, subject in view.parked] == [("a", "unknown")]
    assert again.ran == []
