"""Which scenarios are meant, and what they get from the project."""

from pathlib import Path

import pytest

from orchestrate.errors import NotFoundError
from orchestrate.library.scenarios import collect, plans_to_cover
from orchestrate.project.model import Project
from orchestrate.workflow.scenarios.judging import judge
from orchestrate.workflow.scenarios.reading import Invalid, Scenario

DEPLOY = """
parameters: [{name: region, default: nowhere}]
steps: [{name: up, command: "up ${region}"}]
"""


@pytest.fixture
def shop(project: Project) -> Project:
    write(project, "playbooks/deploy.yaml", DEPLOY)
    write(project, "playbooks/db/backup.yaml", "steps: [{command: dump}]\n")
    write(project, "playbooks/other.yaml", "name: second\nsteps: [{command: go}]\n")
    write(project, "playbooks/tests/deploy.yaml", named("one", "two"))
    write(project, "playbooks/tests/db/backup.yaml", named("saved"))
    write(
        project,
        "playbooks/tests/more.yaml",
        "- {scenario: third, playbook: deploy, expect: {state: succeeded}}\n"
        "- {scenario: fourth, playbook: second, expect: {state: succeeded}}\n",
    )
    return project


def write(project: Project, name: str, text: str) -> Path:
    file = project.root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def named(*names: str) -> str:
    return "".join(f"- {{scenario: {name}, expect: {{state: succeeded}}}}\n" for name in names)


def ids(project: Project, *asked: str) -> list[str]:
    return [it.id.removeprefix("playbooks/tests/") for it in collect(project, asked).items]


def test_without_names_it_is_everything(shop: Project) -> None:
    assert ids(shop) == [
        "deploy.yaml::one",
        "deploy.yaml::two",
        "more.yaml::third",
        "more.yaml::fourth",
        "db/backup.yaml::saved",
    ]


def test_a_playbook_has_the_scenarios_that_are_about_it_wherever_they_stand(shop: Project) -> None:
    assert ids(shop, "deploy") == ["deploy.yaml::one", "deploy.yaml::two", "more.yaml::third"]
    assert ids(shop, "second") == ["more.yaml::fourth"]
    assert ids(shop, "db/backup") == ["db/backup.yaml::saved"]


def test_a_path_is_a_scenario_file_a_folder_or_a_playbook(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.root)
    assert ids(shop, "playbooks/tests/more.yaml") == ["more.yaml::third", "more.yaml::fourth"]
    assert ids(shop, "playbooks/tests/db") == ["db/backup.yaml::saved"]
    assert ids(shop, "playbooks/other.yaml") == ["more.yaml::fourth"]
    assert ids(shop, ".") == ids(shop)


def test_what_is_not_there_is_named(shop: Project) -> None:
    with pytest.raises(NotFoundError, match="there is no playbook deplo"):
        collect(shop, ["deplo"])
    write(shop, "playbooks/lonely.yaml", "steps: [{command: a}]\n")
    with pytest.raises(NotFoundError, match="there are no scenarios for lonely") as caught:
        collect(shop, ["lonely"])
    assert "playbooks/tests/lonely.yaml" in caught.value.hint


def test_environment_files_apply(shop: Project) -> None:
    text = "parameters: {region: eu}\nvariables: {speed: fast}\n"
    write(shop, "environments/production.yaml", text)
    write(shop, "environments/dev.yaml", "variables: {speed: slow}\n")
    write(shop, "playbooks/deploy.yaml", DEPLOY.replace("${region}", "${region} ${speed}"))
    write(
        shop,
        "playbooks/tests/deploy.yaml",
        "- scenario: there\n  environment: production\n  expect: {calls: [up eu fast]}\n"
        "- scenario: here\n  expect: {calls: [up nowhere slow]}\n"
        "- scenario: own values win\n  environment: production\n"
        "  parameters: {region: us}\n  expect: {calls: [up us fast]}\n"
        "- scenario: no such place\n  environment: prodution\n  expect: {calls: []}\n",
    )
    there, here, own, nowhere = collect(shop, ["deploy"]).items[:4]
    for scenario in (there, here, own):
        assert isinstance(scenario, Scenario)
        assert judge(scenario).mismatches == ()
    assert isinstance(nowhere, Invalid)
    assert nowhere.faults[0].startswith(
        "playbooks/tests/deploy.yaml:11:16: error[not-found]: there is no environment `prodution`"
    )


def test_the_playbook_says_in_which_environment_it_is_by_default(shop: Project) -> None:
    write(shop, "environments/staging.yaml", "variables: {speed: steady}\n")
    write(shop, "environments/dev.yaml", "variables: {speed: slow}\n")
    write(
        shop,
        "playbooks/deploy.yaml",
        "parameters: [{name: environment, default: staging}]\n"
        "steps: [{command: 'up ${environment} ${speed}'}]\n",
    )
    text = "- {scenario: one, expect: {calls: [up staging steady]}}\n"
    write(shop, "playbooks/tests/deploy.yaml", text)
    (shop.root / "playbooks/tests/more.yaml").unlink()
    (scenario,) = collect(shop, ["deploy"]).items
    assert isinstance(scenario, Scenario)
    assert judge(scenario).mismatches == ()


def test_sub_playbooks_are_those_of_the_project_or_stand_ins(shop: Project) -> None:
    write(
        shop,
        "playbooks/all.yaml",
        "steps: [{name: save, type: playbook, playbook: db/backup}]\n",
    )
    write(
        shop,
        "playbooks/tests/all.yaml",
        "- {scenario: real, expect: {calls: [dump]}}\n"
        "- scenario: stand-in\n"
        "  playbooks: {db/backup: 'steps: [{command: pretend}]'}\n"
        "  expect: {calls: [pretend]}\n",
    )
    collected = collect(shop, ["all"])
    assert [judge(it).mismatches for it in collected.items if isinstance(it, Scenario)] == [(), ()]
    assert [file for file, _ in plans_to_cover(shop, collected)] == ["playbooks/all.yaml"]


def test_shipped_playbooks_have_scenarios_too(shop: Project) -> None:
    items = collect(shop, ["daily-backup"]).items
    assert items
    assert all(isinstance(item, Scenario) for item in items)
