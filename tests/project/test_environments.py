import json
from pathlib import Path

import pytest

from orchestrate.errors import NotFoundError, UsageError
from orchestrate.playbook.diagnostics import PlaybookInvalidError
from orchestrate.project.environments import list_environments, read_environment
from orchestrate.project.fields import SettingsError
from orchestrate.project.find import find_project
from orchestrate.project.model import Environment, Project

PRODUCTION = """\
description: Where the customers are
protected: true
parameters:
  version: 1.10
  regions: [eu, us]
variables:
  deployment_timeout: 600
commands:
  infra:
    argv: [/opt/infra, --site, main]
  monitor:
    max_duration: 3s
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "playbooks").mkdir()
    return find_project(tmp_path, {})


def write(project: Project, name: str, text: str) -> None:
    directory = project.root / "environments"
    directory.mkdir(exist_ok=True)
    (directory / name).write_text(text)


def test_a_file_is_read_and_typed(project: Project) -> None:
    write(project, "production.yaml", PRODUCTION)
    environment = read_environment(project, "production")
    assert environment.protected is True
    assert environment.description == "Where the customers are"
    assert environment.parameters["regions"] == ["eu", "us"]
    assert environment.variables == {"deployment_timeout": 600}
    assert environment.commands["infra"].argv == ("/opt/infra", "--site", "main")
    assert environment.commands["infra"].origin == "environments/production.yaml:9"
    assert environment.commands["monitor"].options == {"max_duration": 3.0}


def test_it_survives_json(project: Project) -> None:
    write(project, "production.yml", PRODUCTION)
    environment = read_environment(project, "production")
    copy = Environment.from_json(json.loads(json.dumps(environment.to_json())))
    assert copy == environment


def test_without_any_file_every_name_is_an_environment(project: Project) -> None:
    environment = read_environment(project, "green")
    assert environment.path is None
    assert environment.protected is False
    assert environment.parameters == {}
    assert Environment.from_json(environment.to_json()) == environment


def test_beside_other_files_only_the_usual_names_need_none(project: Project) -> None:
    write(project, "qualification.yaml", "")
    assert list_environments(project) == ("qualification",)
    assert read_environment(project, "staging").path is None
    assert read_environment(project, "qualification").path is not None
    with pytest.raises(NotFoundError) as caught:
        read_environment(project, "prodution")
    assert caught.value.message == ("there is no environment `prodution`; known are qualification")
    assert caught.value.hint == (
        "Did you mean `production`? To make it one, add environments/prodution.yaml."
    )


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a b"])
def test_a_name_stays_a_name(project: Project, name: str) -> None:
    with pytest.raises(UsageError):
        read_environment(project, name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "protectd: true\n",
            "environments/dev.yaml:1:1: unknown key `protectd` Did you mean `protected`?",
        ),
        (
            "description: x\nprotected: yes\n",
            'environments/dev.yaml:2:1: protected must be true or false, not "yes"',
        ),
        (
            "commands:\n  infra:\n    argvs: [a]\n",
            "environments/dev.yaml:3:5: unknown key `commands.infra.argvs` Did you mean `argv`?",
        ),
        ("- a\n", "environments/dev.yaml:1:1: an environment file is a mapping of keys"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(project: Project, text: str, expected: str) -> None:
    write(project, "dev.yaml", text)
    with pytest.raises(SettingsError) as caught:
        read_environment(project, "dev")
    assert expected in [
        f"{problem.place}: {problem.message} {problem.hint}".rstrip()
        for problem in caught.value.problems
    ]


def test_broken_yaml_is_shown_with_its_line(project: Project) -> None:
    write(project, "dev.yaml", "parameters:\n  a: 1\n  a: 2\n")
    with pytest.raises(PlaybookInvalidError) as caught:
        read_environment(project, "dev")
    assert "environments/dev.yaml:3:3" in caught.value.message
