"""What scenarios exercise of a playbook, and what they never do."""

from typing import Any

import pytest
from workflow.replaying import read_scenario

from orchestrate.workflow.scenarios.coverage import Coverage, Covered
from orchestrate.workflow.scenarios.playing import play

PLAYBOOK = """
parameters: [{name: full, type: boolean, default: false}, {name: items, type: list, default: []}]
steps:
  - name: check
    type: conditional
    condition: ${full}
    then: [{name: long, command: long}]
  - name: spread
    type: parallel
    branches:
      - {name: left, when: "${full}", steps: [{name: x, command: x}]}
      - {name: right, steps: [{name: y, command: y, finally: [{command: clean}]}]}
  - {name: each, type: foreach, items: "${items}", as: i, steps: [{name: one, command: "do ${i}"}]}
  - name: all
    type: transaction
    steps:
      - {name: a, command: a, compensate: [{name: undo, command: undo}]}
      - {name: b, command: b}
  - {name: extra, command: extra, when: "${full}", on_failure: [{command: sorry}]}
on_failure: [{command: tell}]
"""


def covered(*runs: dict[str, Any], **common: Any) -> Covered:
    coverage = Coverage()
    for run in runs:
        scenario = read_scenario({"playbook": PLAYBOOK, **common, **run})
        coverage.expect(scenario.plan)
        coverage.add(scenario.plan, play(scenario).events)
    (found,) = coverage.by_file()
    return found


def missed(found: Covered) -> list[str]:
    return [f"{target.kind} {target.name}" for target in found.missed]


def test_what_one_run_does_not_come_to_is_listed_by_kind() -> None:
    found = covered({})
    assert missed(found) == [
        "branch check/then",
        "step check/then/long",
        "branch spread/left",
        "step spread/left/x",
        "iteration each with an item",
        "step each/one",
        "handler all/a/compensate",
        "step all/a/compensate/undo",
        "step extra",
        "handler extra/on_failure",
        "step extra/on_failure/1",
        "handler on_failure",
        "step on_failure/1",
    ]
    counts = {kind: (count.exercised, count.total) for kind, count in found.counts.items()}
    assert counts == {"step": (8, 15), "branch": (4, 6), "handler": (1, 4), "iteration": (0, 1)}
    assert found.percent == pytest.approx(100 * 13 / 26)


def test_several_runs_together_exercise_everything() -> None:
    full = {"full": True, "items": ["p", "q"]}
    found = covered(
        {},
        {"parameters": full, "outcomes": {"extra": "failed"}},
        {"parameters": full, "outcomes": {"all/b": "failed"}},
    )
    assert missed(found) == []
    assert found.percent == 100


def test_a_step_that_was_cancelled_before_it_began_was_not_exercised() -> None:
    playbook = "steps: [{name: a, command: a}, {name: b, command: b}]"
    found = covered({"signals": [{"at": 0.5, "cancel": True}]}, playbook=playbook)
    assert missed(found) == ["step b"]


def test_both_sides_of_a_when_count() -> None:
    playbook = (
        "parameters: [{name: x, type: boolean}]\nsteps: [{name: a, command: a, when: '${x}'}]"
    )
    yes, no = {"parameters": {"x": True}}, {"parameters": {"x": False}}
    assert missed(covered(yes, playbook=playbook)) == ["branch a left out by its `when`"]
    assert missed(covered(no, playbook=playbook)) == ["step a"]
    assert missed(covered(yes, no, playbook=playbook)) == []
