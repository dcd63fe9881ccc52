"""Every playbook of the example is right in every environment, and all it calls exists."""

from pathlib import Path

import pytest
from webapp.daemons import PROJECT

from orchestrate.commands.registry import Registry
from orchestrate.library.plans import load_plan
from orchestrate.playbook.parameters import bind, missing
from orchestrate.project.find import find_project

NAMES = (
    "blue-green-deployment",
    "canary-release",
    "conditional-deployment",
    "deploy-web-app",
    "disaster-recovery",
    "maintenance",
    "multi-region-deploy",
    "parallel-deployment",
    "risky-operation",
    "ten-thousand",
)


def test_these_are_all_there_are() -> None:
    assert tuple(sorted(path.stem for path in (PROJECT / "playbooks").glob("*.yaml"))) == NAMES


@pytest.mark.parametrize("environment", ["dev", "staging", "production"])
@pytest.mark.parametrize("name", NAMES)
def test_a_playbook_is_complete(name: str, environment: str, tmp_path: Path) -> None:
    project = find_project(PROJECT, {"ORCHESTRATE_STATE_DIR": str(tmp_path)})

    loaded = load_plan(project, environment, name, use_cache=False)

    registry = Registry(project, loaded.environment, "/usr/bin:/bin")
    assert registry.check(loaded.plan) == []
    supplied = {
        key: value
        for key, value in loaded.environment.parameters.items()
        if key in [parameter.name for parameter in loaded.plan.parameters]
    }
    assert missing(loaded.plan, supplied) == ()
    assert bind(loaded.plan, supplied, environment).items() >= supplied.items()
    assert (loaded.plan.description, loaded.plan.version) != ("", None)
