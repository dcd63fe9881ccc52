"""The playbooks of the manual compile as they are written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.plan import Command, Conditional, Expression, ForEach, Parallel, Plan

SPEC = Path(__file__).parent / "spec"


def plan_of(name: str) -> Plan:
    path = SPEC / f"{name}.yaml"
    return compile_playbook(path.name, path.read_bytes(), lambda _: None)


@pytest.mark.parametrize("path", sorted(SPEC.glob("*.yaml")), ids=lambda path: path.stem)
def test_it_compiles(path: Path) -> None:
    assert compile_playbook(path.name, path.read_bytes(), lambda _: None).steps


def test_basic_playbook() -> None:
    plan = plan_of("basic-playbook")
    assert plan.name == "deploy-web-app"
    assert plan.version == "1.0.0"
    assert [(p.name, p.required, p.default) for p in plan.parameters] == [
        ("environment", False, "staging"),
        ("version", True, None),
    ]
    assert [step.label for step in plan.steps] == ["validation", "backup", "deployment"]
    assert [step.idempotent for step in plan.steps] == [True, None, None]
    deploy = plan.steps[2]
    assert deploy.retry.attempts == 4
    assert deploy.timeout == 300.0
    assert isinstance(deploy.action, Command)
    assert deploy.action.words[:5] == ("/infra", "deploy", "--component", "backend", "--version")


def test_parallel_and_conditional_and_loop() -> None:
    spread = plan_of("parallel-execution").steps[0].action
    assert isinstance(spread, Parallel)
    assert [branch.key for branch in spread.branches] == [
        "deploy-frontend",
        "deploy-api",
        "deploy-workers",
    ]
    choice = plan_of("conditional-logic").steps[0].action
    assert isinstance(choice, Conditional)
    assert [step.name for step in choice.then] == ["production-checks"]
    assert [step.name for step in choice.otherwise] == ["dev-deployment"]
    loop = plan_of("loops-and-iterations").steps[0].action
    assert isinstance(loop, ForEach)
    assert loop.items == ("us-east-1", "eu-west-1", "ap-southeast-1")
    assert loop.variable == "region"


def test_an_undeclared_name_is_a_required_parameter_with_a_warning() -> None:
    plan = plan_of("blue-green-deployment")
    assert [(p.name, p.required, p.implicit) for p in plan.parameters] == [
        ("new_version", True, True)
    ]
    assert len(plan.warnings) == 1
    assert "warning[implicit-parameter]" in plan.warnings[0]


def test_variables_may_stand_where_numbers_do() -> None:
    step = plan_of("variables-and-secrets").steps[0]
    assert isinstance(step.timeout, Expression)
    assert isinstance(step.retry.attempts, Expression)
    assert step.retry.attempts.code == "(max_retries) + 1"


def test_a_name_that_the_environment_file_gives_is_not_misspelt(
    compile_text: Callable[..., Plan],
) -> None:
    text = "steps:\n  - command: deploy ${new_version}\n"
    assert compile_text(text, environment_parameters=("new_version",)).parameters[0].implicit
