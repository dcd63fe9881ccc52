"""How much of which capacity a playbook asks for, claim by claim and at its peak."""

from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.plan import Plan
from orchestrate.workflow.demand import demands, known_sizes, peak
from orchestrate.workflow.values import early_values

STEP = "{{command: ./a, resources: {{cpu: {0}}}}}"


def plan_of(text: str) -> Plan:
    return compile_playbook("p.yaml", text.encode(), lambda _: None)


def test_a_claim_counts_with_those_that_are_held_around_it() -> None:
    text = """
resources: {cpu: 2}
steps:
  - name: move
    type: transaction
    resources: {cpu: 3}
    steps:
      - name: create
        command: ./create
        resources: {cpu: 4}
        compensate:
          - {command: ./delete, resources: {cpu: 1}}
"""
    found = [(each.place.line, each.amount, each.around) for each in demands(plan_of(text))]
    # What undoes `create` begins when that step has given back what it had.
    assert found == [(1, 2, 0), (4, 3, 2), (8, 4, 5), (12, 1, 5)]


def test_branches_take_at_once_what_steps_take_one_after_the_other() -> None:
    one_by_one = "steps:\n" + "".join(f"  - {STEP.format(n)}\n" for n in (1, 3, 2))
    assert peak(plan_of(one_by_one)) == {"cpu": 3}
    branches = "".join(f"      - {{name: b{n}, steps: [{STEP.format(n)}]}}\n" for n in (1, 3, 2))
    at_once = "steps:\n  - type: parallel\n    branches:\n" + branches
    assert peak(plan_of(at_once)) == {"cpu": 6}
    assert peak(plan_of(at_once + "    max_parallel: 2\n")) == {"cpu": 5}


def test_as_many_iterations_count_as_run_together() -> None:
    text = """
resources: {cpu: 1}
steps:
  - type: foreach
    items: [a, b, c]
    as: host
    steps:
      - {command: "./a ${host}", resources: {cpu: 2}}
    MORE
"""
    assert peak(plan_of(text.replace("MORE", ""))) == {"cpu": 3}
    assert peak(plan_of(text.replace("MORE", "max_parallel: 2"))) == {"cpu": 5}
    assert peak(plan_of(text.replace("MORE", "max_parallel: 9"))) == {"cpu": 7}


def test_handlers_run_while_the_step_still_has_what_it_took() -> None:
    text = "steps:\n  - command: ./a\n    resources: {cpu: 2}\n    finally:\n"
    text += f"      - {STEP.format(1)}\n"
    assert peak(plan_of(text)) == {"cpu": 3}


def test_an_amount_has_the_value_that_its_names_have() -> None:
    text = """
parameters: [{name: size, type: integer, default: 4}]
variables: {twice: "${size * 2}"}
steps:
  - {name: first, command: ./a, resources: {cpu: "${twice}"}}
  - {command: ./b, resources: {cpu: "${first.exit_code}", disk: 1}}
"""
    plan = plan_of(text)
    size = known_sizes(early_values(plan, {"size": 4}, "dev", {}, {}))
    assert peak(plan, size) == {"cpu": 8, "disk": 1}
    assert peak(plan) == {"disk": 1}
