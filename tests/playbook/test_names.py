import pytest

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import Scalar
from orchestrate.playbook.plan import Expression, Parameter
from orchestrate.playbook.templates import compile_template

PLACE = Place("p.yaml", 9, 1)


def parameter(name, kind="string"):
    return Parameter(
        name, kind, "", True, None, None, None, None, None, False, False, Place("p.yaml", 1, 1)
    )


def playbook(parameters=(), variables=(), *, implicit=False):
    diagnostics = Diagnostics()
    declared = [parameter(name) for name in parameters]
    names = Names.playbook(diagnostics, declared, variables, [], implicit=implicit)
    return names, diagnostics


def use(names, source):
    """Compile `${source}` there; its code, or None after an error."""
    text = "${" + source + "}"
    node = Scalar(text, text, False, PLACE, (PLACE,))
    result = compile_template(node, names, names.diagnostics)
    return result.code if isinstance(result, Expression) else None


def rules(diagnostics):
    return [found.rule for found in diagnostics.found]


def test_dashes_name_the_step_if_it_exists_and_subtract_otherwise():
    names, diagnostics = playbook(["count", "step"])
    names.add_step("run-tests", "run-tests", PLACE, "command")
    assert use(names, "run-tests.success") == "run_tests.success"
    assert use(names, "run_tests.success") == "run_tests.success"
    assert diagnostics.found == []
    numbers, diagnostics = playbook(variables=["count", "step"])
    assert use(numbers, "count-step") == 'calculate_("-", count, step)'
    assert use(numbers, "count-1") == 'calculate_("-", count, 1)'
    assert diagnostics.found == []


def test_names_that_become_equal_are_an_error():
    names, diagnostics = playbook(["new-version"])
    names.add_step("new_version", "new_version", PLACE, "command")
    names.add_step("a-b", "a-b", PLACE, "command")
    names.add_step("a_b", "a_b", PLACE, "command")
    assert rules(diagnostics) == ["name-collision", "name-collision"]


@pytest.mark.parametrize(
    "name", ["env", "secrets", "run", "playbook", "error", "timestamp", "get_", "self"]
)
def test_built_ins_are_reserved(name):
    names, diagnostics = playbook([name])
    names.add_step(name, name, PLACE, "command")
    assert rules(diagnostics)[0] == "name-collision"


def test_a_declared_parameter_environment_is_the_environment():
    names, diagnostics = playbook(["environment"])
    assert use(names, "environment ~ '-x'") == 'concat_(environment, "-x")'
    assert diagnostics.found == []


def test_a_loop_variable_may_shadow_with_a_warning():
    names, diagnostics = playbook(["region"])
    assert use(names.loop("region", PLACE), "region.name") == "region.name"
    assert rules(diagnostics) == ["shadowed-name"]
    assert diagnostics.errors == []
    names.loop("run", PLACE)
    assert rules(diagnostics)[1:] == ["name-collision"]


def test_an_inner_step_may_not_have_the_name_of_a_visible_one():
    names, diagnostics = playbook()
    steps = names.sequence()
    steps.add_step("build", "build", PLACE, "command")
    steps.sequence().add_step("build", "build", PLACE, "command")
    assert rules(diagnostics) == ["name-collision"]


def test_sibling_sequences_may_use_the_same_names():
    names, diagnostics = playbook()
    names.sequence().add_step("notify", "notify", PLACE, "command")
    names.sequence().add_step("notify", "notify", PLACE, "command")
    assert diagnostics.found == []


def test_a_step_inside_another_sequence_is_not_visible():
    names, diagnostics = playbook()
    names.sequence().add_step("inner", "inner", PLACE, "command")
    assert use(names, "inner.success") is None
    assert rules(diagnostics) == ["undefined-name"]


def test_a_step_that_comes_later_has_not_run():
    names, diagnostics = playbook()
    steps = names.sequence(later=["build", "run-tests"])
    assert use(steps, "run-tests.success") is None
    assert use(steps.sequence(), "build.success") is None
    assert rules(diagnostics) == ["step-not-run", "step-not-run"]
    assert "comes later" in diagnostics.found[0].message
    steps.add_step("build", "build", PLACE, "command")
    assert use(steps, "build.success") == "build.success"


def test_branches_cannot_see_each_other():
    names, diagnostics = playbook()
    branch = names.sequence(concurrent={"left-step": "left", "left": "left"})
    assert use(branch, "left-step.success") is None
    assert rules(diagnostics) == ["step-not-run"]
    assert "at the same time, in the branch `left`" in diagnostics.found[0].message


def test_with_needs_only_what_is_needed_is_visible():
    names, diagnostics = playbook()
    outer = names.sequence()
    outer.add_step("before", "before", PLACE, "command")
    steps = outer.sequence()
    assert use(steps.visible_for(()), "before.success") == "before.success"
    steps.add_step("a", "a", PLACE, "command", needs=())
    steps.add_step("b", "b", PLACE, "command", needs=("a",))
    steps.add_step("c", "c", PLACE, "command", needs=())
    at = steps.visible_for(("b",))
    assert use(at, "a.success and b.success") is not None
    assert use(at.sequence(), "before.success") == "before.success"
    assert diagnostics.found == []
    assert use(at, "c.success") is None
    assert rules(diagnostics) == ["step-not-run"]
    assert diagnostics.found[0].hint == "add `c` to `needs`"


def test_a_step_without_needs_stands_for_everything_before_it():
    names, diagnostics = playbook()
    steps = names.sequence()
    steps.add_step("a", "a", PLACE, "command")
    steps.add_step("b", "b", PLACE, "command")
    assert use(steps.visible_for(("b",)), "a.success") == "a.success"
    assert diagnostics.found == []


def test_error_is_visible_in_handlers_only():
    names, diagnostics = playbook()
    handler = names.with_error()
    assert use(handler.sequence(), "error.message") == "error.message"
    assert use(names, "error.message") is None
    assert use(handler, "error.mesage") is None
    assert rules(diagnostics) == ["error-outside-handler", "unknown-attribute"]


def test_without_a_parameters_block_a_plain_name_is_a_parameter():
    names, diagnostics = playbook(implicit=True)
    assert use(names, "new_version") == "new_version"
    assert use(names, "new_version ~ 'x'") == 'concat_(new_version, "x")'
    assert names.implicit_parameters() == [("new_version", PLACE._replace(column=3))]
    assert rules(diagnostics) == ["implicit-parameter"]


@pytest.mark.parametrize("source", ["deploy.output", "enviroment", "a-b", "x | default('y')"])
def test_dotted_or_nearly_known_names_are_never_parameters(source):
    names, diagnostics = playbook(implicit=True)
    assert use(names, source) is None
    assert rules(diagnostics) == ["undefined-name"]


def test_a_step_cannot_take_the_name_of_a_value_that_was_used_before():
    names, diagnostics = playbook(implicit=True)
    use(names, "build")
    names.add_step("build", "build", PLACE, "command")
    assert rules(diagnostics) == ["implicit-parameter", "name-collision"]


def test_upper_case_names_are_environment_variables():
    names, diagnostics = playbook(["REGION"])
    assert use(names, "HOME") == "env.HOME"
    assert use(names, "env.PATH ~ HOME") == 'concat_(get_(env, "PATH"), get_(env, "HOME"))'
    assert use(names, "REGION") == "REGION"
    assert names.env_names() == ["HOME", "PATH"]
    assert diagnostics.found == []


def test_what_is_read_of_a_result_is_remembered():
    names, _ = playbook()
    known = names.add_step("build", "build", PLACE, "command")
    use(names, "build.success")
    assert known.reads == set()
    use(names, "build.stdout | trim")
    assert known.reads == {"stdout"}
    use(names, "build")
    assert known.reads == {"stdout", "stderr"}


def test_a_parallel_step_exposes_its_branches():
    names, diagnostics = playbook()
    inner = names.sequence().add_step("step-1", "step-1", PLACE, "command")
    branch = names.sequence().add_step("left", "left", PLACE, "branch", {"step-1": inner})
    names.add_step("spread", "spread", PLACE, "parallel", {"left": branch})
    assert use(names, "spread.left['step-1'].stdout") == "spread.left.step_1.stdout"
    assert use(names, "spread.left.step_1.output.x") == "spread.left.step_1.output.x"
    assert inner.reads == {"stdout"}
    assert diagnostics.found == []
    assert use(names, "spread.lefft") is None
    assert diagnostics.found[0].hint == "did you mean `left`?"


def test_a_loop_exposes_its_results():
    names, diagnostics = playbook()
    inner = names.sequence().add_step("deploy", "deploy", PLACE, "command")
    loop = names.add_step("each", "each", PLACE, "foreach", {"deploy": inner})
    use(names, "each.success")
    assert loop.results_read is False
    assert use(names, "each.results[0].deploy.stdout | trim") is not None
    assert loop.results_read is True
    assert inner.reads == {"stdout"}
    assert use(names, "each.results | map(attribute='deploy.success')") is not None
    assert diagnostics.found == []
    assert use(names, "each.deploy") is None
    assert use(names, "each.results.deploy") is None
    assert use(names, "each.results[0].nope") is None
    assert rules(diagnostics) == ["unknown-attribute"] * 3


def test_set_variables_are_visible_afterwards_and_may_overwrite():
    names, diagnostics = playbook(variables=["level"])
    steps = names.sequence()
    steps.set_variables(["level", "fresh"], PLACE)
    assert use(steps, "level ~ fresh") == "concat_(level, fresh)"
    assert diagnostics.found == []
    names.add_step("taken", "taken", PLACE, "command")
    steps.set_variables(["taken"], PLACE)
    assert rules(diagnostics) == ["name-collision"]
