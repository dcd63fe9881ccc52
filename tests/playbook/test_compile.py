import json
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestrate.playbook.codec import dump_plan, load_plan
from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.diagnostics import PlaybookInvalidError
from orchestrate.playbook.plan import (
    Assert,
    Conditional,
    Expression,
    ForEach,
    Parallel,
    Plan,
    Retry,
    Script,
    Set,
    Shell,
    SubPlaybook,
    Text,
    Wait,
)

Compile = Callable[..., Plan]
Errors = Callable[..., list[tuple[str, int, str]]]


def test_the_name_is_by_default_that_of_the_file(compile_text: Compile) -> None:
    assert compile_text("steps: [{command: echo}]").name == "test"
    assert compile_playbook("a/b.c.yaml", b"steps: [{command: x}]", lambda _: None).name == "b.c"


def test_unnamed_steps_and_branches_have_positions(compile_text: Compile) -> None:
    plan = compile_text("""
steps:
  - command: a
  - {name: second, command: b}
  - type: parallel
    branches:
      - steps: [{command: c}]
      - name: right
        steps: [{command: d}]
""")
    assert [step.key for step in plan.steps] == ["1", "second", "3"]
    action = plan.steps[2].action
    assert isinstance(action, Parallel)
    assert [(branch.key, branch.name) for branch in action.branches] == [
        ("1", None),
        ("right", "right"),
    ]


@pytest.mark.parametrize(
    ("written", "retry"),
    [
        ("3", Retry(attempts=4)),
        ("0", Retry(attempts=1)),
        ("{attempts: 3}", Retry(attempts=3)),
        (
            "{attempts: 5, delay: 2s, backoff: 2, max_delay: 1m, jitter: 0.2, on_exit_codes: [7]}",
            Retry(5, 2.0, 2.0, 60.0, 0.2, (7,)),
        ),
    ],
)
def test_retry_is_a_number_of_retries_or_a_map_with_all_attempts(
    compile_text: Compile, written: str, retry: Retry
) -> None:
    assert compile_text(f"steps: [{{command: x, retry: {written}}}]").steps[0].retry == retry


def test_needs_become_keys(compile_text: Compile) -> None:
    plan = compile_text("""
steps:
  - {name: run-tests, command: x}
  - {name: lint, needs: [], command: x}
  - {name: ship, needs: [run_tests, lint], command: x}
  - {name: tell, needs: ship, command: x}
  - {name: done, command: x}
""")
    assert [step.needs for step in plan.steps] == [
        None,
        (),
        ("run-tests", "lint"),
        ("ship",),
        None,
    ]


def test_idempotence_comes_from_the_step_its_label_and_the_playbook(compile_text: Compile) -> None:
    text = """
steps:
  - {command: x}
  - {command: x, type: validation}
  - {command: x, type: test}
  - {command: x, type: test, idempotent: false}
  - {command: x, idempotent: true}
  - {type: set, variables: {a: 1}}
  - {type: assert, condition: true}
  - {type: wait, duration: 1}
  - {name: probed, type: wait, shell: x, until: "${probed.success}"}
"""
    known = [None, True, True, False, True, True, True, True]
    assert [step.idempotent for step in compile_text(text).steps] == [*known, None]
    defaulted = [step.idempotent for step in compile_text(f"idempotent: true{text}").steps]
    assert defaulted == [True, True, True, False, True, True, True, True, True]


def test_what_is_read_of_a_result_is_noted_at_its_step(compile_text: Compile) -> None:
    plan = compile_text("""
steps:
  - {name: quiet, command: x}
  - {name: loud, command: x, on_failure: [{command: "echo ${loud.stderr}"}]}
  - name: loop
    type: foreach
    items: [1]
    as: n
    steps: [{name: inner, command: x}]
  - name: unread
    type: foreach
    items: [1]
    as: n
    steps: [{name: inner, command: x}]
  - command: echo ${quiet.output} ${loud.stdout} ${loop.results[0].inner.stdout}
""")
    assert [step.reads for step in plan.steps] == [(), ("stderr", "stdout"), (), (), ()]
    loop, unread = plan.steps[2].action, plan.steps[3].action
    assert isinstance(loop, ForEach)
    assert isinstance(unread, ForEach)
    assert (loop.keep_results, unread.keep_results) == (True, False)
    assert loop.steps[0].reads == ("stdout",)


def test_both_branches_of_a_conditional_may_name_a_step_alike(compile_text: Compile) -> None:
    plan = compile_text("""
steps:
  - name: choose
    type: conditional
    condition: ${environment} == "dev"
    then: [{name: deploy, command: a}]
    else: [{name: deploy, command: b}]
  - command: echo ${choose.deploy.stdout}
""")
    action = plan.steps[0].action
    assert isinstance(action, Conditional)
    assert action.then[0].reads == ("stdout",)
    assert action.otherwise[0].reads == ("stdout",)


def test_a_steps_own_result_is_seen_by_its_outputs_and_handlers(compile_text: Compile) -> None:
    plan = compile_text("""
steps:
  - name: build
    command: make
    on_success: [{command: "echo ${build.exit_code}"}]
    finally: [{command: "echo ${error.message} ${build.status}"}]
    outputs: {artifact: "${build.output.path}"}
  - {name: needing, needs: [build], command: x, outputs: {a: "${needing.output}"}}
""")
    assert list(plan.steps[0].outputs) == ["artifact"]


def test_branches_do_not_see_each_other(errors_of: Errors) -> None:
    (error,) = errors_of("""
steps:
  - name: spread
    type: parallel
    branches:
      - {name: left, steps: [{name: build, command: x}]}
      - {name: right, steps: [{command: "echo ${build.output}"}]}
""")
    assert error[:2] == ("step-not-run", 7)


def test_a_loop_variable_is_seen_inside_only(errors_of: Errors) -> None:
    (error,) = errors_of("""
parameters: []
steps:
  - type: foreach
    items: [1]
    as: number
    steps: [{command: "echo ${number}"}]
  - command: echo ${number}
""")
    assert error[:2] == ("undefined-name", 8)


def test_variables_may_use_those_before_them(compile_text: Compile) -> None:
    plan = compile_text("""
parameters: [{name: region}]
variables:
  host: ${region}.example.com
  url: https://${host}/
steps:
  - {type: set, variables: {full: "${url}a", fuller: "${full}b"}}
  - command: curl ${fuller}
""")
    assert isinstance(plan.variables["url"], Text)
    action = plan.steps[0].action
    assert isinstance(action, Set)
    assert list(action.variables) == ["full", "fuller"]


def test_variables_of_the_environment_file_are_known(compile_text: Compile) -> None:
    text = "parameters: []\nsteps: [{command: 'echo ${replicas}'}]"
    assert compile_text(text, environment_variables={"replicas": 3}).steps
    with pytest.raises(PlaybookInvalidError):
        compile_text(text)


def test_variables_of_the_environment_file_replace_those_of_the_playbook(
    compile_text: Compile,
) -> None:
    text = "variables: {size: small, place: '${size}-${zone}'}\nsteps: [{command: 'echo ${place}'}]"
    plan = compile_text(text, environment_variables={"size": "large", "zone": "a"})
    assert list(plan.variables) == ["size", "place"]
    assert not plan.warnings


@pytest.mark.parametrize(
    "playbook",
    [
        "variables: {size: small, siz-e: 1, siz_e: 2}",
        "variables: {si_ze: 1}",
        "parameters: [{name: size, default: a}]\nvariables: {size: small}",
    ],
)
def test_other_collisions_of_variables_stay_errors(compile_text: Compile, playbook: str) -> None:
    with pytest.raises(PlaybookInvalidError, match="name of"):
        compile_text(
            f"{playbook}\nsteps: [{{command: x}}]",
            environment_variables={"size": "large", "si-ze": 2},
        )


def test_environment_variables_keep_what_was_written(compile_text: Compile) -> None:
    env = compile_text("steps: [{command: x, env: {V: 1.10, B: true, N: 0x10}}]").steps[0].env
    assert env == {"V": "1.10", "B": "true", "N": "0x10"}


def test_environment_names_are_gathered_through_sub_playbooks(compile_text: Compile) -> None:
    plan = compile_text(
        "steps: [{command: 'echo ${HOME}'}, {type: playbook, playbook: sub}]",
        {"sub": "parameters: []\nsteps: [{command: 'echo ${REGION_NAME}'}]"},
    )
    assert plan.env_names == ("HOME", "REGION_NAME")
    assert [source.path for source in plan.sources] == ["test.yaml", "sub.yaml"]


def test_secrets_are_gathered_through_sub_playbooks(
    compile_text: Compile, errors_of: Errors
) -> None:
    key = "secrets: [{name: key, source: environment, variable: %s}]\n"
    sub = key % "API_KEY" + "steps: [{command: x, env: {K: '${secrets.key}'}}]"
    steps = "steps: [{type: playbook, playbook: sub}]"
    (secret,) = compile_text(steps, {"sub": sub}).secrets
    assert (secret.name, secret.options) == ("key", {"variable": "API_KEY"})
    assert len(compile_text(key % "API_KEY" + steps, {"sub": sub}).secrets) == 1
    ((rule, line, _),) = errors_of(key % "OTHER_KEY" + steps, {"sub": sub})
    assert (rule, line) == ("name-collision", 2)


def test_variables_of_the_environment_file_reach_sub_playbooks(compile_text: Compile) -> None:
    sub = "parameters: []\nsteps: [{command: 'echo ${replicas}'}]"
    steps = "steps: [{type: playbook, playbook: sub}]"
    assert compile_text(steps, {"sub": sub}, environment_variables={"replicas": 3}).steps


def test_a_sub_playbook_is_compiled_in_with_its_parameters(compile_text: Compile) -> None:
    plan = compile_text(
        """
steps:
  - type: playbook
    playbook: sub
    parameters: {version: 1.10, count: "7", at: "${environment}"}
""",
        {
            "sub": """
parameters: [{name: version}, {name: count, type: integer}, {name: at}, {name: environment}]
steps: [{command: "deploy ${version}"}]
outputs: {done: true}
"""
        },
    )
    action = plan.steps[0].action
    assert isinstance(action, SubPlaybook)
    assert action.parameters["version"] == "1.10"
    assert action.parameters["count"] == 7
    assert isinstance(action.parameters["at"], Expression)
    assert action.plan.outputs == {"done": True}


def test_errors_of_a_sub_playbook_are_reported_once_and_with_its_file(
    compile_text: Compile,
) -> None:
    with pytest.raises(PlaybookInvalidError) as error:
        compile_text(
            "steps: [{type: playbook, playbook: sub}, {type: playbook, playbook: sub}]",
            {"sub": "steps: [{comand: x}]"},
        )
    (found,) = error.value.diagnostics.errors
    assert str(found.place) == "sub.yaml:1:10"


def test_playbooks_that_include_each_other_are_refused(errors_of: Errors) -> None:
    others = {
        "b": "steps: [{type: playbook, playbook: c}]",
        "c": "steps: [{type: playbook, playbook: b}]",
    }
    assert [e[0] for e in errors_of("steps: [{type: playbook, playbook: b}]", others)] == [
        "recursive-playbook"
    ]


def test_playbooks_that_multiply_are_refused(errors_of: Errors) -> None:
    many = ", ".join(["{type: playbook, playbook: NEXT}"] * 10)
    others = {f"p{n}": f"steps: [{many}]".replace("NEXT", f"p{n + 1}") for n in range(6)}
    others["p6"] = "steps: [{command: x}]"
    rules = {e[0] for e in errors_of("steps: [{type: playbook, playbook: p0}]", others)}
    assert rules == {"too-many-steps"}


def nested(depth: int) -> str:
    text = "steps:\n"
    indent = "  "
    for _ in range(depth - 1):
        text += f"{indent}- type: parallel\n{indent}  branches:\n{indent}    - steps:\n"
        indent += "      "
    return f"{text}{indent}- command: /bin/true\n"


def test_fifty_levels_are_compiled_and_kept(compile_text: Compile) -> None:
    plan = compile_text(nested(50))
    assert load_plan(dump_plan(plan)) == plan


def test_fifty_one_levels_are_refused_also_through_sub_playbooks(errors_of: Errors) -> None:
    assert [e[0] for e in errors_of(nested(51))] == ["nesting-too-deep"]
    others = {"sub": nested(50)}
    text = "steps: [{type: playbook, playbook: sub}]"
    assert [e[0] for e in errors_of(text, others)] == ["nesting-too-deep"]


def test_digests_leave_out_names_places_and_descriptions(compile_text: Compile) -> None:
    def digest(text: str) -> str:
        return compile_text(f"steps:\n{text}").steps[0].digest

    plain = digest("  - command: make ${environment}\n    env: {A: b}")
    moved = "\n\n  - name: n\n    env: {A: b}\n    description: d\n    command: make ${environment}"
    assert digest(moved) == plain
    assert digest("  - command: make ${environment}\n    env: {A: c}") != plain
    inner = "  - {type: conditional, condition: true, then: [{command: a}]}"
    assert digest(inner) != digest(inner.replace("command: a", "command: b"))
    assert digest(inner) == digest(inner.replace("command: a", "command: a, description: x"))


def test_the_plans_digest_is_that_of_all_its_sources(compile_text: Compile) -> None:
    text = "steps: [{type: playbook, playbook: sub}]"
    first = compile_text(text, {"sub": "steps: [{command: a}]"}).digest
    assert compile_text(text, {"sub": "steps: [{command: a}]"}).digest == first
    assert compile_text(text, {"sub": "steps: [{command: b}]"}).digest != first


def test_scripts(compile_text: Compile) -> None:
    plan = compile_text("""
steps:
  - script: echo ${environment}
  - script: {interpreter: bash -eu, text: "echo ${environment}"}
  - script: {interpreter: [/usr/bin/env, python3, -I], text: "print('${x}')"}
""")
    first, second, third = (step.action for step in plan.steps)
    assert isinstance(first, Script)
    assert isinstance(second, Script)
    assert isinstance(third, Script)
    assert first.interpreter == ("/bin/sh",)
    assert len(first.variables) == 1
    assert second.interpreter == ("bash", "-eu")
    assert len(second.variables) == 1
    assert third.interpreter == ("/usr/bin/env", "python3", "-I")
    assert third.text == "print('${x}')"
    assert third.variables == {}
    assert len(plan.warnings) == 1
    assert "warning[expression-in-script]" in plan.warnings[0]


def test_waits(compile_text: Compile) -> None:
    plan = compile_text("""
parameters: [{name: moment}]
steps:
  - {type: wait, duration: 1h}
  - {type: wait, until: 2026-11-22T16:30:00Z}
  - {type: wait, until: "${moment}"}
  - {name: ready, type: wait, shell: curl x, until: ready.success and environment == 'dev'}
""")
    actions = [step.action for step in plan.steps]
    assert all(isinstance(action, Wait) for action in actions)
    assert actions[0] == Wait(3600.0, None, None, 5.0)
    assert actions[1] == Wait(None, "2026-11-22T16:30:00Z", None, 5.0)
    moment, ready = actions[2], actions[3]
    assert isinstance(moment, Wait)
    assert isinstance(moment.until, Expression)
    assert isinstance(ready, Wait)
    assert isinstance(ready.probe, Shell)
    assert isinstance(ready.until, Expression)
    assert set(ready.until.names) == {"ready", "environment"}


def test_a_condition_may_be_a_plain_truth(compile_text: Compile) -> None:
    action = compile_text("steps: [{type: assert, condition: true, message: 1.10}]").steps[0].action
    assert isinstance(action, Assert)
    assert action.message == "1.10"


def test_a_checkpoint_may_have_a_name(compile_text: Compile) -> None:
    text = "steps: [{command: x, checkpoint: true}, {command: x, checkpoint: up}, {command: x}]"
    assert [step.checkpoint for step in compile_text(text).steps] == [True, "up", False]


def test_ten_thousand_steps(compile_text: Compile) -> None:
    lines = [
        f"  - {{name: step-{n}, command: 'deploy --to ${{environment}} {n}', timeout: 5m}}\n"
        for n in range(10_000)
    ]
    plan = compile_text("steps:\n" + "".join(lines))
    assert len(plan.steps) == 10_000
    assert load_plan(dump_plan(plan)) == plan


def test_ten_thousand_mistakes_are_all_found(errors_of: Errors) -> None:
    text = "parameters: []\nsteps:\n" + "  - command: echo ${nothing}\n    colour: red\n" * 5_000
    assert len(errors_of(text)) == 10_000


VALID = """
name: everything
parameters: [{name: version, type: string, default: "1"}]
variables: {a: 1, b: "${a}"}
steps:
  - name: first
    command: echo "${version}" ${a}
    retry: {attempts: 2, delay: 1s}
  - name: spread
    type: parallel
    branches:
      - {name: left, steps: [{name: in, shell: "echo '$x' ${b}"}]}
  - type: conditional
    condition: ${first.success} and ${spread.left.in.exit_code} == 0
    then: [{type: set, variables: {c: "${first.output}"}}]
    else: [{type: wait, duration: 5m}]
  - type: foreach
    items: ["x", "y"]
    as: item
    steps: [{script: {interpreter: sh, text: "echo ${item}"}}]
finally:
  - command: echo ${first.status}
"""


@settings(max_examples=300, deadline=None)
@example(at=VALID.index("    branches:"), removed=12, added="")
@given(
    at=st.integers(0, len(VALID)),
    removed=st.integers(0, 12),
    added=st.text(alphabet="ab${}[]:-'\"| \n\t&*!#<>%@,.0~\\", max_size=6),
)
def test_a_damaged_playbook_is_compiled_or_refused(at: int, removed: int, added: str) -> None:
    text = VALID[:at] + added + VALID[at + removed :]
    try:
        plan = compile_playbook("t.yaml", text.encode(), lambda _: None)
    except PlaybookInvalidError as error:
        refused = error
    else:
        assert load_plan(dump_plan(plan)) == plan
        return
    assert refused.diagnostics.errors
    assert refused.message


KEYS = """
name type command shell script steps branches then else condition items as needs env retry timeout
parameters variables secrets outputs on_failure finally playbook until duration source variable
default choices interpreter text attempts when
"""
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(["x", "${x}", "${first.success}", "parallel", "5m", "a b", "", "${"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS.split()),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=400, deadline=None)
@given(values)
def test_any_value_is_compiled_or_refused(value: object) -> None:
    text = json.dumps({"steps": [value], "parameters": [{"name": "x"}]})
    try:
        compile_playbook("t.yaml", text.encode(), lambda _: ("sub.yaml", b"steps: [{command: x}]"))
    except PlaybookInvalidError as error:
        refused = error
    else:
        return
    assert refused.diagnostics.errors
    assert refused.message


def test_a_secret_is_no_argument_by_way_of_another_playbook() -> None:
    inner = (
        "parameters: [{name: code, secret: true, allow_in_arguments: true}]\n"
        "steps: [{command: 'act ${code}'}]\n"
    )
    outer = (
        "secrets: [{name: key, source: environment, variable: KEY%s}]\n"
        "steps: [{type: playbook, playbook: inner, parameters: {code: '${secrets.key}'}}]\n"
    )
    load = {"inner": ("inner.yaml", inner.encode())}.get
    with pytest.raises(PlaybookInvalidError) as refused:
        compile_playbook("outer.yaml", (outer % "").encode(), load)
    assert [found.message for found in refused.value.diagnostics.errors] == [
        "inner makes its `code` an argument of a command, which the secret `key` may not be"
    ]
    allowed = outer % ", allow_in_arguments: true"
    assert compile_playbook("outer.yaml", allowed.encode(), load).steps
