"""The playbooks that come with the program: complete, described, valid, and proven by scenarios."""

from pathlib import Path

import pytest

from orchestrate.cli.init import project_files
from orchestrate.library.catalogue import find_playbook
from orchestrate.library.listing import CATEGORIES, list_library
from orchestrate.library.plans import load_plan
from orchestrate.library.scenarios import collect
from orchestrate.library.shipped import shipped_playbooks, shipped_scenarios
from orchestrate.project.find import find_project
from orchestrate.project.model import Project
from orchestrate.workflow.scenarios.expectations import mismatches
from orchestrate.workflow.scenarios.playing import play
from orchestrate.workflow.scenarios.reading import Scenario

NAMES = [file.stem for file in shipped_playbooks()]


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    for name, text in project_files().items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return find_project(tmp_path, {})


def test_the_names_that_people_are_told_are_there() -> None:
    assert {
        "deploy-web-app",
        "disaster-recovery",
        "maintenance",
        "daily-backup",
        "weekly-maintenance",
        "monthly-audit",
        "test",
    } <= set(NAMES)


def test_there_are_at_least_two_of_each_category(fresh: Project) -> None:
    shipped = [entry.category for entry in list_library(fresh) if entry.shipped]
    assert set(shipped) == set(CATEGORIES)
    assert min(shipped.count(category) for category in CATEGORIES) >= 2


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_playbook_describes_itself_and_is_commented(fresh: Project, name: str) -> None:
    file = find_playbook(fresh, name)
    plan = load_plan(fresh, None, name).plan
    assert plan.name == name
    assert plan.description
    assert plan.version
    assert plan.tags
    assert all(parameter.description for parameter in plan.parameters)
    assert not plan.warnings
    assert file.read_text().startswith("# ")


@pytest.mark.parametrize("name", NAMES)
def test_the_scenarios_of_a_shipped_playbook_come_true(fresh: Project, name: str) -> None:
    assert shipped_scenarios(name)
    for item in collect(fresh, [name]).items:
        assert isinstance(item, Scenario), item
        assert item.program is not None, item.refusal
        assert mismatches(item, play(item)) == [], item.name


def test_a_cached_plan_of_a_shipped_playbook_gives_way_to_one_of_the_project(
    fresh: Project,
) -> None:
    (fresh.root / ".orchestrate").mkdir()
    assert not load_plan(fresh, None, "monthly-audit").cached
    assert load_plan(fresh, None, "monthly-audit").cached
    own = fresh.root / "playbooks" / "secret-scan.yaml"
    own.write_text(find_playbook(fresh, "secret-scan").read_text() + "# mine\n")
    renewed = load_plan(fresh, None, "monthly-audit")
    assert not renewed.cached
    assert "playbooks/secret-scan.yaml" in [source.path for source in renewed.plan.sources]
