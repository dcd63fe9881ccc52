import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrate.errors import Place
from orchestrate.playbook.codec import dump_plan, load_plan
from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.plan import (
    Action,
    Assert,
    Branch,
    Command,
    Concurrency,
    Conditional,
    Expression,
    ForEach,
    Lock,
    Parallel,
    Parameter,
    Plan,
    Retry,
    Script,
    Secret,
    SecretRef,
    Set,
    Shell,
    SourceFile,
    Step,
    SubPlaybook,
    Text,
    Transaction,
    Wait,
)

names = st.text(min_size=1, max_size=6)
places = st.builds(
    Place, st.sampled_from(["a.yaml", "b.yaml"]), st.integers(1, 99), st.integers(1, 99)
)
expressions = st.builds(Expression, names, names, st.lists(names, max_size=2).map(tuple), places)
secret_refs = st.builds(SecretRef, names)
texts = st.builds(Text, st.lists(names | expressions | secret_refs, max_size=3).map(tuple))
literals = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
templates = st.recursive(
    literals | expressions | secret_refs | texts,
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple) | st.dictionaries(names, inner, max_size=3)
    ),
    max_leaves=5,
)
template_maps = st.dictionaries(names, templates, max_size=2)
variables = st.dictionaries(names, expressions | secret_refs, max_size=2)
numbers = st.none() | st.floats(0, 1e6) | expressions
counts = st.none() | st.integers(1, 99) | expressions
commands = st.builds(
    Command, st.lists(names | expressions | secret_refs | texts, max_size=3).map(tuple)
)
shells = st.builds(Shell, names, variables)
leaves = st.one_of(
    commands,
    shells,
    st.builds(Script, st.lists(names, min_size=1, max_size=2).map(tuple), names, variables),
    st.builds(Assert, expressions, templates),
    st.builds(Set, template_maps),
    st.builds(
        Wait,
        numbers,
        st.none() | names | expressions,
        st.none() | commands | shells,
        st.floats(0, 9) | expressions,
    ),
)
retries = st.builds(
    Retry,
    st.integers(1, 9) | expressions,
    st.floats(0, 9) | expressions,
    st.floats(1, 9),
    st.none() | st.floats(0, 9),
    st.floats(0, 1),
    st.none() | st.lists(st.integers(0, 255), max_size=2).map(tuple),
)


_PLACE = Place("a.yaml", 3, 4)
_EXPRESSION = Expression("x", "x", ("x",), _PLACE)
locks = st.sampled_from(
    [
        (),
        (Lock("db", True, None, "wait", _PLACE),),
        (Lock(Text(("db-", _EXPRESSION)), False, _EXPRESSION, "skip", _PLACE),),
    ]
)
resources = st.sampled_from([(), (("cpu", 2), ("ram", _EXPRESSION))])


def steps_of(actions: st.SearchStrategy[Action], inner: st.SearchStrategy[tuple[Step, ...]]):
    return st.builds(
        Step,
        key=names,
        name=st.none() | names,
        label=st.none() | names,
        description=st.text(max_size=3),
        place=places,
        digest=names,
        action=actions,
        when=st.none() | expressions,
        needs=st.none() | st.lists(names, max_size=2).map(tuple),
        env=template_maps,
        workdir=st.none() | names | expressions | texts,
        timeout=numbers,
        retry=st.just(Retry()) | retries,
        idempotent=st.none() | st.booleans(),
        checkpoint=st.booleans() | names,
        continue_on_error=st.booleans(),
        on_failure=inner,
        on_success=inner,
        always=inner,
        outputs=template_maps,
        reads=st.sampled_from([(), ("stdout",), ("stderr", "stdout")]),
        compensate=inner,
        compensate_on_start=st.booleans(),
        locks=locks,
        resources=resources,
        pool=st.none() | names | expressions | texts,
    )


def sequences(step: st.SearchStrategy[Step]) -> st.SearchStrategy[tuple[Step, ...]]:
    return st.lists(step, max_size=2).map(tuple)


def plans_of(steps: st.SearchStrategy[tuple[Step, ...]]) -> st.SearchStrategy[Plan]:
    parameters = st.builds(
        Parameter,
        name=names,
        type=names,
        description=names,
        required=st.booleans(),
        default=literals | st.lists(literals, max_size=2),
        choices=st.none() | st.lists(literals, max_size=2).map(tuple),
        pattern=st.none() | names,
        minimum=st.none() | st.floats(0, 9),
        maximum=st.none() | st.floats(0, 9),
        secret=st.booleans(),
        implicit=st.booleans(),
        place=places,
    )
    return st.builds(
        Plan,
        name=names,
        description=names,
        version=st.none() | names,
        category=st.none() | names,
        tags=st.lists(names, max_size=2).map(tuple),
        parameters=st.lists(parameters, max_size=2).map(tuple),
        variables=template_maps,
        secrets=st.lists(
            st.builds(Secret, names, names, st.dictionaries(names, names, max_size=1), places),
            max_size=1,
        ).map(tuple),
        environments=st.none() | st.lists(names, max_size=2).map(tuple),
        timeout=numbers,
        cleanup_timeout=st.floats(0, 9) | expressions,
        checkpoint=st.booleans(),
        steps=steps,
        on_failure=steps,
        on_success=steps,
        always=steps,
        outputs=template_maps,
        env_names=st.lists(names, max_size=2).map(tuple),
        digest=names,
        sources=st.lists(st.builds(SourceFile, names, names), max_size=2).map(tuple),
        warnings=st.lists(names, max_size=1).map(tuple),
        priority=names,
        concurrency=st.none() | st.builds(Concurrency, templates, names),
        require_success_in=st.lists(names, max_size=2).map(tuple),
        locks=locks,
        resources=resources,
        triggers=st.just(()),
    )


def nest(inner: st.SearchStrategy[tuple[Step, ...]]) -> st.SearchStrategy[tuple[Step, ...]]:
    branch = st.builds(Branch, names, st.none() | names, st.none() | expressions, inner, places)
    actions = st.one_of(
        st.builds(Parallel, st.lists(branch, max_size=2).map(tuple), counts, st.booleans()),
        st.builds(Conditional, expressions, inner, inner),
        st.builds(ForEach, templates, names, inner, counts, st.booleans(), st.booleans()),
        st.builds(Transaction, inner),
        st.builds(SubPlaybook, plans_of(inner), template_maps),
    )
    return sequences(steps_of(actions, inner))


empty: st.SearchStrategy[tuple[Step, ...]] = st.just(())
all_steps = st.recursive(sequences(steps_of(leaves, empty)), nest, max_leaves=3)


# Whole plans take long to draw, however little of them is needed.
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(plans_of(all_steps))
def test_a_plan_survives_the_way_to_json_and_back(plan: Plan) -> None:
    text = dump_plan(plan)
    again = load_plan(text)
    assert again == plan
    assert dump_plan(again) == text


def test_a_compiled_plan_with_everything_survives(compile_text: Callable[..., Plan]) -> None:
    here = Path(__file__).parent
    for path in (here / "spec").glob("*.yaml"):
        plan = compile_playbook(path.name, path.read_bytes(), lambda _: None)
        assert load_plan(dump_plan(plan)) == plan
    text = """
    parameters: [{name: regions, type: list, default: [eu, us], choices: [[eu, us], [us]]}]
    steps:
      - type: playbook
        playbook: other
        parameters: {names: [a, "${regions[0]}"], count: 3}
      - {name: ready, type: wait, shell: "true", until: "${ready.success}", checkpoint: up}
    """
    other = """
    parameters: [{name: names, type: list}, {name: count, type: integer}]
    steps: [{script: {interpreter: python3, text: print()}, retry: {attempts: 2, delay: 1s}}]
    """
    plan = compile_text(text, {"other": other})
    assert load_plan(dump_plan(plan)) == plan


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        "null",
        "{}",
        '{"format": 0}',
        '{"format": 1, "files": [], "plan": {}}',
        "[" * 99999,
    ],
)
def test_what_is_no_plan_is_refused_as_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        load_plan(text)


def test_loading_a_plan_needs_neither_yaml_nor_pydantic(compile_text: Callable[..., Plan]) -> None:
    text = dump_plan(compile_text("steps: [{command: echo}]"))
    code = (
        "import sys; from orchestrate.playbook.codec import load_plan;"
        "plan = load_plan(sys.stdin.read());"
        "from orchestrate.playbook.parameters import bind; bind(plan, {}, 'dev');"
        "heavy = {'yaml', 'pydantic', 'rich', 'asyncio', 'dataclasses', 'difflib'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=text, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
