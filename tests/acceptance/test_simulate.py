"""`validate --simulate`: every way through a playbook is walked, and nothing is executed."""

import shlex
import shutil
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "webapp"
RECOVERY = "validate --playbook disaster-recovery --dependencies --simulate"

PLAYBOOK = """
name: ship
description: Build and ship.
parameters:
  - {name: version, required: true}
  - {name: size, required: true, choices: [small, large]}
  - {name: full, type: boolean, default: false}
steps:
  - name: check
    command: ./probe check ${version}
  - name: build
    when: ${check.output.ready}
    command: ./probe build
  - name: extra
    when: ${full} and ${size} == "large"
    command: ./probe extra
  - name: careful
    when: ${environment} == "production"
    command: ./probe careful
  - name: pause
    type: wait
    duration: 30
    when: ${check.output.slow}
  - name: use
    command: ./probe use ${IMAGE}
"""


@pytest.fixture
def site(project):
    project.write("probe", "#!/bin/sh\necho $@ >> called\n").chmod(0o755)
    return project


def test_the_example_of_the_manual(project) -> None:
    shutil.rmtree(project.root)
    shutil.copytree(EXAMPLE, project.root, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    before = {path: path.stat().st_mtime for path in project.root.rglob("*") if path.is_file()}
    done = project(*shlex.split(RECOVERY))
    assert "ways through it: " in done.out
    assert "usually: assess-damage, initiate-failover, restore-data, validate-recovery" in done.out
    after = {path: path.stat().st_mtime for path in project.root.rglob("*") if path.is_file()}
    assert after == before


def test_a_sound_playbook_has_its_ways_counted(site) -> None:
    site.playbook("ship", PLAYBOOK.replace("${IMAGE}", "${build.output.image | default('none')}"))
    done = site.ok("validate", "--playbook", "ship", "--simulate", "--environment", "production")
    # ready, slow, full and size: two answers each.
    assert "16 ways through it: 16 succeeded" in done.out
    assert "usually: check, build, careful, use" in done.out
    assert "takes 0.0 s to 30 s" in done.out
    assert not (site.root / "called").exists()
    assert not (site.root / ".orchestrate").exists()


def test_an_expression_that_fails_on_one_way_is_an_error_with_its_case(site) -> None:
    site.playbook("ship", PLAYBOOK.replace("${IMAGE}", "${build.output.image}"))
    done = site("validate", "--playbook", "ship", "--simulate")
    assert done.code == 2
    assert (
        "playbooks/ship.yaml:24:5: error[fails-in-simulation]: "
        "use: `build.output.image`: there is no `image`: `output` is null"
    ) in done.out
    assert "= this happens if check.output.ready is false" in done.out
    assert (
        'note[never-reached]: careful is never reached: not true: ${environment} == "production"'
    ) in done.out


def test_as_json(site) -> None:
    site.playbook("ship", PLAYBOOK.replace("${IMAGE}", "${build.output.image}"))
    report = site("validate", "--playbook", "ship", "--simulate", "--json").json["playbooks"][0]
    simulation = report["simulation"]
    assert simulation["walks"] == 16
    assert simulation["left"] == 0
    assert simulation["states"] == {"succeeded": 8, "failed": 8}
    assert simulation["order"] == ["check", "build", "use"]
    assert simulation["unreached"] == [
        {"path": "careful", "why": 'not true: ${environment} == "production"'}
    ]
    assert simulation["problems"] == [
        {
            "path": "use",
            "message": "`build.output.image`: there is no `image`: `output` is null",
            "only_if": ["check.output.ready is false"],
        }
    ]
    assert (simulation["shortest"], simulation["longest"]) == (0.0, 30.0)


def test_a_playbook_with_errors_is_not_simulated(site) -> None:
    site.playbook("broken", "steps:\n  - comand: x\n")
    done = site("validate", "--playbook", "broken", "--simulate", "--json")
    assert done.code == 2
    assert "simulation" not in done.json["playbooks"][0]
