"""A valid playbook gets declarations and names; its meaning stays."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrate.playbook.compile import Compilation, check_playbook, compile_playbook
from orchestrate.playbook.fixing.meaning import same_meaning
from orchestrate.playbook.fixing.repairing import MeaningChangedError, Repaired, repair
from orchestrate.playbook.plan import Plan, Shell

Repairing = Callable[..., str]
ROOT = Path(__file__).parents[3]
PLAYBOOKS = sorted(
    path
    for folder in ("examples", "tests", "src/orchestrate/library")
    for path in (ROOT / folder).rglob("*.yaml")
    if ".orchestrate" not in path.parts
)


def plan_of(text: str) -> Plan:
    return compile_playbook("t.yaml", text.encode(), lambda _: None)


def test_undeclared_parameters_are_declared_in_order_of_use(repaired: Repairing) -> None:
    text = """\
# Deploys.
name: deploy
description: >
  One
  two

# The steps.
steps:
- name: a
  command: x ${region} ${version}

on_failure:
- {name: b, command: "y ${version} ${reason}"}
"""
    assert (
        repaired(text)
        == """\
# Deploys.
name: deploy
description: >
  One
  two

parameters:
- name: region
  type: string
  required: true
- name: version
  type: string
  required: true
- name: reason
  type: string
  required: true

# The steps.
steps:
- name: a
  command: x ${region} ${version}

on_failure:
- {name: b, command: "y ${version} ${reason}"}
"""
    )


def test_a_playbook_in_one_line_stays_one(repaired: Repairing) -> None:
    assert repaired("{steps: [{command: 'x ${who}'}]}") == (
        "{parameters: [{name: who, type: string, required: true}],"
        " steps: [{name: x, command: 'x ${who}'}]}"
    )


def test_what_another_environment_defines_is_not_declared(repaired: Repairing) -> None:
    text = "steps: [{name: a, command: 'x ${region} ${who}'}]\n"
    assert repaired(text, defined=frozenset({"region"})) == text


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ("command: /infra deploy --component api", "infra-deploy"),
        ("command: /monitor --comprehensive", "monitor"),
        ("command: ./bin/Deploy.sh --now", "deploy"),
        ("command: /bin/true", "run-true"),
        ("command: 7z x a.7z", "call"),
        ("command: ${env.TOOL} x", "call"),
        ("command: git pull", "git-pull"),
        ("shell: ls -1 | wc -l", "ls"),
        ("shell: A=1 make", "call"),
        ("script: {interpreter: python3, text: pass}", "script"),
        ("{type: wait, duration: 1s}", "wait"),
        ("{type: assert, condition: 1 == 1}", "assert"),
        ("{type: set, variables: {target: x}}", "set-target"),
        ("{type: foreach, items: [a], as: it, steps: [{name: z, command: x}]}", "each-it"),
    ],
)
def test_steps_are_named_after_what_they_do(
    repair_text: Callable[..., Repaired], step: str, name: str
) -> None:
    done = repair_text(f"steps:\n  - {step}\n")
    assert done.compilation.plan is not None
    assert done.compilation.plan.steps[0].name == name


def test_names_are_unique_and_mean_nothing_else(repaired: Repairing) -> None:
    text = """\
parameters: [{name: curl, default: x}]
steps:
  - command: make all
  - command: make all
    on_failure:
      - command: make all
  - command: echo ${make_all.success}
"""
    assert repaired(text) == text
    text = text.replace("make_all.success", "curl").replace("- command: echo", "- command: curl")
    assert (
        repaired(text)
        == """\
parameters: [{name: curl, default: x}]
steps:
  - name: make-all
    command: make all
  - name: make-all-2
    command: make all
    on_failure:
      - name: make-all-3
        command: make all
  - name: curl-2
    command: curl ${curl}
"""
    )


def test_steps_that_are_repeated_by_an_alias_have_no_names(repaired: Repairing) -> None:
    text = """\
steps:
  - &tell
    command: /notify ops
  - *tell
  - <<: *tell
    timeout: 5
"""
    assert repaired(text) == text


def test_names_are_left_out_where_positions_are_referred_to(repaired: Repairing) -> None:
    text = "steps: [{command: x}]\n"
    assert repaired(text, naming=False) == text


def test_a_valid_playbook_stays_byte_for_byte(repaired: Repairing) -> None:
    text = "steps:  # odd   \n  -   {'name': \"a\" , command:   x}\r\n"
    assert repaired(text) == text


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_playbook_of_the_project_changes_its_meaning(path: Path) -> None:
    def load(name: str) -> tuple[str, bytes] | None:
        beside = path.parent / f"{name}.yaml"
        return (beside.name, beside.read_bytes()) if beside.is_file() else None

    def check(text: bytes) -> Compilation:
        return check_playbook(path.name, text, load)

    text = path.read_bytes()
    before = check(text)
    done = repair(path.name, text, check)
    assert repair(path.name, done.text, check).text == done.text
    if before.plan is not None:
        assert done.compilation.plan is not None
        assert same_meaning(before.plan, done.compilation.plan)


names = st.sampled_from(["alpha", "beta", "make", "echo", "host"])
commands = st.sampled_from(
    ["make", "echo ${alpha}", "echo ${beta} ${run.id}", "'a b' ${host}", "/x deploy", "./a-b/c"]
)


def block(lines: list[str], indent: int) -> list[str]:
    return [" " * indent + line for line in lines]


@st.composite
def step(draw: st.DrawFn, depth: int) -> list[str]:
    """The lines of a step, some named, some in flow style, some with comments."""
    counter = draw(st.integers(0, 99))
    named = [f"name: {draw(names)}-{counter}"] if draw(st.booleans()) else []
    command = f"command: {draw(commands)}"
    kind = draw(st.sampled_from(["call", "flow", "parallel", "foreach", "handler", "comment"]))
    if depth == 0 or kind == "call":
        return [*named, command]
    inside = block(draw(sequences(depth - 1)), 2)
    match kind:
        case "flow":
            return [f"{{{', '.join([*named, 'shell: echo x'])}}}"]
        case "parallel":
            return [*named, "type: parallel", "branches:", "  - steps:", *block(inside, 4)]
        case "foreach":
            return [*named, "type: foreach", "items: [1, 2]", "as: item", "steps:", *inside]
        case "handler":
            return [*named, command, "on_failure:", *inside]
        case _:
            return [f"{command}  # why", *named, "# and that"]


@st.composite
def sequences(draw: st.DrawFn, depth: int) -> list[str]:
    steps = draw(st.lists(step(depth), min_size=1, max_size=3))
    return [
        ("- " if position == 0 else "  ") + line
        for lines in steps
        for position, line in enumerate(lines)
    ]


@settings(max_examples=150, deadline=None)
@given(sequences(2), st.booleans(), st.booleans())
def test_repairs_of_valid_playbooks_keep_their_meaning(
    lines: list[str], crlf: bool, declared: bool
) -> None:
    head = ["# top", "description: x"]
    head += ["parameters: [{name: alpha}, {name: beta}, {name: host}]"] if declared else []
    text = "\n".join([*head, "steps:", *lines, ""])
    content = (text.replace("\n", "\r\n") if crlf else text).encode()

    def check(given_text: bytes) -> Compilation:
        return check_playbook("t.yaml", given_text, lambda _: None)

    before = check(content)
    if before.plan is None:
        return
    done = repair("t.yaml", content, check)
    assert done.compilation.plan is not None
    assert same_meaning(before.plan, done.compilation.plan)
    assert not any(each.implicit for each in done.compilation.plan.parameters)
    # All that was there is there still, in the same order.
    rest = iter(done.text.splitlines(keepends=True))
    for line in content.splitlines(keepends=True):
        word = line.strip().removeprefix(b"- ").removeprefix(b"{")
        assert any(word in other for other in rest), line


def test_plans_differ_where_they_do_something_else() -> None:
    texts = [
        "steps: [{name: a, command: x}]",
        "steps: [{name: b, command: x}]",
        "steps: [{name: a, command: y}]",
        "steps: [{name: a, command: x, timeout: 5}]",
        "steps: [{name: a, shell: x}]",
        "steps: [{name: a, command: x}, {name: b, command: x}]",
        "parameters: [{name: p}]\nsteps: [{name: a, command: x}]",
        "parameters: [{name: p, type: integer}]\nsteps: [{name: a, command: x}]",
        "steps: [{name: a, command: x, env: {A: 1}}]",
        "steps: [{name: a, command: x, env: {A: true}}]",
        "steps: [{name: a, type: assert, condition: 1 == 1}]",
    ]
    for one, other in itertools.combinations(texts, 2):
        assert not same_meaning(plan_of(one), plan_of(other)), (one, other)
    for text in texts:
        assert same_meaning(plan_of(text), plan_of(f"# moved\n{text}"))


def test_a_repair_that_would_change_the_meaning_is_refused() -> None:
    """The check takes the repaired text for another program."""
    seen: list[bytes] = []

    def check(text: bytes) -> Compilation:
        seen.append(text)
        compilation = check_playbook("t.yaml", text, lambda _: None)
        if len(seen) == 1 or compilation.plan is None:
            return compilation
        step = compilation.plan.steps[0]._replace(action=Shell("rm", {}, "rm"))
        return compilation._replace(plan=compilation.plan._replace(steps=(step,)))

    with pytest.raises(MeaningChangedError) as refused:
        repair("t.yaml", b"steps: [{command: x}]\n", check)
    assert refused.value.message == "t.yaml was not changed: repaired it would do something else"
    assert refused.value.exit_code == 2
