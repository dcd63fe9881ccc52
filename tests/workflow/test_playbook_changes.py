"""`--playbook-changes use`: what is found again in an edited playbook, and what runs."""

import pytest
from workflow.resumed import LINE, Resumed, first_run

from orchestrate.playbook.compile import compile_playbook
from orchestrate.workflow.engine import ResumeOptions


def edited(playbook: str) -> ResumeOptions:
    plan = compile_playbook("playbook.yaml", playbook.encode(), lambda name: None)
    return ResumeOptions(changed_plan=plan)


def test_a_changed_playbook_reruns_what_changed_and_what_follows() -> None:
    scenario, before = first_run(LINE, {"c": "failed"})
    again = Resumed(scenario, before, edited(LINE.replace("command: b,", "command: b2,")))
    assert again.ran == ["b", "b/finally/1", "c", "finally/1"]
    assert again.result.calls[-4:] == ("b2", "clean", "c", "close")
    assert again.result.state == "succeeded"


def test_a_changed_playbook_keeps_what_did_not_change() -> None:
    scenario, before = first_run(LINE, {"c": "failed"})
    again = Resumed(scenario, before, edited(LINE.replace("command: c}", "command: c2}")))
    assert again.ran == ["c", "finally/1"]
    assert again.result.calls[-2:] == ("c2", "close")


def test_an_unnamed_step_that_moved_is_found_by_its_definition() -> None:
    old = "steps: [{command: a}, {command: b}, {command: c}]\n"
    new = "steps: [{command: b}, {command: c}]\n"
    scenario, before = first_run(old, {"3": "failed"})
    again = Resumed(scenario, before, edited(new))
    assert again.ran == ["2"]
    assert again.result.calls[-1] == "c"
    assert again.result.state == "succeeded"


def test_a_step_that_is_new_reruns_what_follows_it() -> None:
    new = LINE.replace("  - {name: b,", "  - {name: n, command: n}\n  - {name: b,")
    scenario, before = first_run(LINE, {"c": "failed"})
    again = Resumed(scenario, before, edited(new))
    assert again.ran == ["n", "b", "b/finally/1", "c", "finally/1"]


def edited_to(old: str, new: str) -> ResumeOptions:
    assert NESTED.count(old) == 1
    return edited(NESTED.replace(old, new))


NESTED = """
steps:
  - {name: a, command: a}
  - name: loop
    type: foreach
    items: [x, y]
    as: i
    steps: [{name: one, command: "one ${i}"}, {name: two, command: "two ${i}"}]
  - name: spread
    type: parallel
    branches:
      - {name: left, steps: [{name: l, command: l}]}
      - {name: right, steps: [{name: r, command: r}]}
  - {name: last, command: last}
"""


@pytest.mark.parametrize(
    ("old", "new", "lines", "said"),
    [
        ("name: a,", "name: b,", ["reuse b", "reuse loop", "reuse spread"], "a is now b"),
        ("name: loop", "name: each", ["reuse a", "reuse each", "reuse spread"], "loop is now each"),
        (
            "name: spread",
            "name: fan",
            ["reuse a", "reuse loop", "reuse fan"],
            "spread is now fan",
        ),
        (
            "name: left",
            "name: west",
            ["reuse a", "reuse loop", "reuse spread"],
            "spread/left is now spread/west",
        ),
    ],
)
def test_what_only_has_another_name_is_reused(
    old: str, new: str, lines: list[str], said: str
) -> None:
    scenario, before = first_run(NESTED, {"last": "failed"})
    again = Resumed(scenario, before, edited_to(old, new))
    assert again.ran == ["last"]
    assert again.lines == [*lines, "run last"]
    assert again.plan.warnings == (said,)
    assert again.result.state == "succeeded"


def test_what_is_no_longer_in_the_playbook_is_said_and_what_followed_stays() -> None:
    scenario, before = first_run(NESTED, {"last": "failed"})
    again = Resumed(scenario, before, edited_to("  - {name: a, command: a}\n", ""))
    assert again.ran == ["last"]
    assert again.lines == ["reuse loop", "reuse spread", "run last", "drop a"]
    assert again.plan.warnings == ("a is no longer in the playbook, what it did is not undone",)


def test_lines_stand_in_the_order_of_the_playbook() -> None:
    scenario, before = first_run(NESTED, {"loop[x]/two": "failed"})
    again = Resumed(scenario, before, ResumeOptions(from_step="loop[x]/two"))
    assert again.lines == [
        "reuse a",
        "reuse loop[x]/one",
        "run loop[x]/two",
        "run spread",
        "run last",
    ]
    scenario, before = first_run(NESTED, {})
    again = Resumed(scenario, before, ResumeOptions(from_step="spread/left"))
    assert again.lines == [
        "reuse a",
        "reuse loop",
        "run spread/left",
        "reuse spread/right/r",
        "run last",
    ]
    again = Resumed(scenario, before, ResumeOptions(from_step="loop[x]/two"))
    assert again.lines == [
        "reuse a",
        "reuse loop[x]/one",
        "run loop[x]/two",
        "run loop[y]",
        "run spread",
        "run last",
    ]
