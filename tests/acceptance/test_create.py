"""`create` without questions, and `schema`: what is made, what is refused, what is left alone."""

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

TEMPLATES = ("blank", "deployment", "maintenance", "recovery")


@pytest.fixture
def fresh(project):
    """A new project, as `init` makes it."""
    (project.root / "playbooks").rmdir()
    project.ok("init")
    with (project.root / "orchestrate.toml").open("a") as settings:
        settings.write('\n[commands.monitor]\nmax_duration = "1s"\n')
    return project


def files(root: Path) -> dict[str, str]:
    return {
        str(file.relative_to(root)): file.read_text()
        for file in sorted(root.rglob("*"))
        if file.is_file() and ".orchestrate" not in file.parts
    }


def test_the_deployment_of_the_manual(fresh) -> None:
    done = fresh.ok("create", "--name", "custom-deployment", "--template", "deployment")
    assert done.out.splitlines()[:2] == [
        "made playbooks/custom-deployment.yaml",
        "made playbooks/tests/custom-deployment.yaml",
    ]
    text = (fresh.root / "playbooks/custom-deployment.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=../schemas/playbook.json\n")
    assert "name: custom-deployment\n" in text
    assert "__" not in text
    first = fresh.ok("run", "--playbook", "custom-deployment", "--parameters", "version=1.0.0")
    assert "succeeded" in first.out
    assert (fresh.root / "releases/current").readlink() == Path("1.0.0")


def test_the_security_scan_of_the_manual(fresh) -> None:
    done = fresh.ok("create", "--name", "security-scan", "--template", "blank", "--validate")
    assert done.out.splitlines()[-1] == "✓ playbooks/security-scan.yaml in dev: valid"
    fresh.ok("run", "--playbook", "security-scan")


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_valid_and_its_scenarios_pass(fresh, template: str) -> None:
    done = fresh.ok("create", "--name", "mine", "--template", template, "--validate")
    assert "✓ playbooks/mine.yaml in dev: valid" in done.out
    fresh.ok("validate", "--playbook", "mine", "--strict")
    assert re.search(r"\d+ passed", fresh.ok("test", "mine").out)


def test_a_deployment_that_fails_its_tests_goes_back(fresh) -> None:
    fresh.ok("create", "--name", "ship", "--template", "deployment")
    fresh.ok("run", "--playbook", "ship", "--parameters", "version=1.0.0")
    settings = fresh.root / "orchestrate.toml"
    settings.write_text(settings.read_text().replace('["true"]', '["false"]'))
    text = (fresh.root / "playbooks/ship.yaml").read_text()
    fresh.write("playbooks/ship.yaml", text.replace("delay: 10s", "delay: 0"))
    assert fresh("run", "--playbook", "ship", "--parameters", "version=2.0.0").code == 1
    assert (fresh.root / "releases/current").readlink() == Path("1.0.0")


def test_a_drill_recovers_beside_the_project(fresh) -> None:
    fresh.ok("create", "--name", "back", "--template", "recovery")
    fresh.ok("create", "--name", "tidy", "--template", "maintenance")
    fresh.ok("run", "--playbook", "tidy")
    fresh.ok("run", "--playbook", "back", "--parameters", "drill=true,target=./recovered")
    hello = "playbooks/hello.yaml"
    assert (fresh.root / "recovered" / hello).read_text() == (fresh.root / hello).read_text()
    assert len(list((fresh.root / "evidence").glob("back-*"))) == 1


def test_what_a_template_needs_is_added_to_the_settings_once(project) -> None:
    project.write("orchestrate.toml", "[engine]\nmax_parallel = 3\n")
    (project.root / "orchestrate.toml").chmod(0o640)
    done = project.ok("create", "--name", "one", "--template", "deployment", "--validate")
    added = [line for line in done.out.splitlines() if line.startswith("added")]
    assert added == [
        f"added [{table}] to orchestrate.toml"
        for table in ("checks.disk", "backup.sets.project", "test.suites.smoke", "notify.team")
    ]
    assert "in dev: valid" in done.out
    settings = project.root / "orchestrate.toml"
    before = settings.read_text()
    assert before.startswith("[engine]\nmax_parallel = 3\n")
    assert settings.stat().st_mode & 0o777 == 0o640
    assert "added" not in project.ok("create", "--name", "two", "--template", "recovery").out
    assert settings.read_text() == before


def test_a_project_without_settings_gets_them(project) -> None:
    project.ok("create", "--name", "one", "--template", "maintenance", "--validate")
    assert set(tomllib.loads((project.root / "orchestrate.toml").read_text())) == {
        "checks",
        "backup",
        "notify",
    }
    project.ok("run", "--playbook", "one")


def test_a_description_may_be_anything(fresh) -> None:
    text = 'back: up "all" #1\nand \\ more'
    fresh.ok("create", "--name", "odd", "--description", text, "--validate")
    line = (fresh.root / "playbooks/odd.yaml").read_text().splitlines()[5]
    assert line == 'description: "back: up \\"all\\" #1\\nand \\\\ more"'


def test_nothing_is_overwritten_without_force(fresh) -> None:
    fresh.ok("create", "--name", "mine")
    fresh.write("playbooks/mine.yaml", "# my own\n")
    before = files(fresh.root)
    refused = fresh("create", "--name", "mine", "--template", "deployment")
    assert refused.code == 5
    assert "playbooks/mine.yaml exists already" in refused.err
    assert "--force" in refused.err
    assert files(fresh.root) == before
    (fresh.root / "playbooks/mine.yaml").chmod(0o600)
    fresh.ok("create", "--name", "mine", "--template", "deployment", "--force")
    assert "category: deployment" in (fresh.root / "playbooks/mine.yaml").read_text()
    assert (fresh.root / "playbooks/mine.yaml").stat().st_mode & 0o777 == 0o600


def test_scenarios_that_exist_are_not_overwritten_either(fresh) -> None:
    fresh.write("playbooks/tests/mine.yaml", "- scenario: mine\n")
    before = files(fresh.root)
    refused = fresh("create", "--name", "mine")
    assert refused.code == 5
    assert files(fresh.root) == before


def test_a_second_playbook_of_that_name_elsewhere_is_refused(fresh) -> None:
    fresh.write("playbooks/db/mine.yaml", "steps: [{command: /bin/true}]\n")
    refused = fresh("create", "--name", "mine")
    assert refused.code == 5
    assert "playbooks/db/mine.yaml" in refused.err


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("my playbook", "my-playbook"),
        ("../../etc/passwd", "etc-passwd"),
        ("1st", "st"),
        ("a/b.yaml", "a-b"),
        ("a" * 200, "a" * 100),
        ("", ""),
        ("$(id)", "id"),
    ],
)
def test_a_bad_name_is_refused_with_a_good_one(fresh, name: str, meant: str) -> None:
    before = files(fresh.root)
    refused = fresh("create", "--name", name)
    assert refused.code == 2
    assert "cannot be the name of a playbook" in refused.err
    assert f"`{meant}`" in refused.err or not meant
    assert files(fresh.root) == before


def test_a_name_is_needed(fresh) -> None:
    refused = fresh("create", "--template", "blank")
    assert refused.code == 2
    assert "orchestrate create --name" in refused.err


def test_outside_of_a_project_init_is_the_way(project, tmp_path: Path) -> None:
    refused = project("create", "--name", "mine", cwd=tmp_path)
    assert refused.code == 3
    assert "orchestrate init" in refused.err


def test_what_cannot_be_written_leaves_nothing_behind(fresh) -> None:
    fresh.write("playbooks/tests", "a file where the folder of scenarios should be\n")
    before = files(fresh.root)
    refused = fresh("create", "--name", "mine", "--template", "recovery")
    assert refused.code in (1, 5)
    assert "Nothing was written" in refused.err
    assert "Traceback" not in refused.err
    assert files(fresh.root) == before


def test_files_say_where_their_schema_is(fresh) -> None:
    fresh.ok("create", "--name", "mine")
    for file, text in files(fresh.root).items():
        found = re.match(r"# yaml-language-server: \$schema=(.*)\n|#:schema (.*)\n", text)
        if file.endswith((".yaml", ".toml")):
            assert found, file
            schema = (fresh.root / file).parent / (found[1] or found[2])
            jsonschema.Draft7Validator.check_schema(json.loads(schema.read_text()))


@pytest.mark.parametrize("kind", ["playbook", "environment", "scenario", "settings"])
def test_a_schema_is_printed_or_written(fresh, kind: str) -> None:
    printed = fresh.ok("schema", kind)
    assert fresh.ok("schema", kind, "--output", "-").out == printed.out
    assert not (fresh.root / "-").exists()
    assert json.loads(printed.out)["$schema"] == "http://json-schema.org/draft-07/schema#"
    written = fresh.ok("schema", kind, "--output", "here.json")
    assert (written.out, written.err) == ("", "here.json is written\n")
    assert (fresh.root / "here.json").read_text() == printed.out
    assert (fresh.root / f"schemas/{kind}.json").read_text() == printed.out


def test_schemas_of_a_project_are_brought_up_to_date(fresh) -> None:
    assert fresh.ok("schema").out == "schemas/ is up to date\n"
    old = fresh.root / "schemas/playbook.json"
    old.write_text(old.read_text().replace("A playbook", "An older playbook"))
    fresh.write("schemas/scenario.json", '{"title": "a schema of my own"}\n')
    assert fresh.ok("schema").out == "made schemas/playbook.json\n"
    assert old.read_text() == fresh.ok("schema", "playbook").out
    assert "my own" in (fresh.root / "schemas/scenario.json").read_text()


def test_a_schema_that_cannot_be_written_or_does_not_exist(fresh) -> None:
    refused = fresh("schema", "playbook", "--output", "no/such/folder/x.json")
    assert refused.code == 2
    assert "cannot be written" in refused.err
    assert fresh("schema", "playbok").code == 2
    assert fresh("schema", "--output", "x.json").code == 2
