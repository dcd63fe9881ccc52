import json
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrate.errors import NotFoundError
from orchestrate.library.plans import Loaded, load_plan
from orchestrate.playbook.diagnostics import PlaybookInvalidError
from orchestrate.project.model import Project

HELLO = """\
parameters:
  - name: who
    default: world
steps:
  - name: greet
    command: /bin/echo ${who}
"""


@pytest.fixture
def hello(project: Project) -> Path:
    file = project.root / "playbooks" / "hello.yaml"
    file.write_text(HELLO)
    return file


def load(project: Project, environment: str | None = None) -> Loaded:
    return load_plan(project, environment, "hello")


def entries(project: Project) -> list[Path]:
    return sorted((project.state_dir / "cache").iterdir())


def test_the_second_load_comes_from_the_cache_and_is_equal(project: Project, hello: Path) -> None:
    first, second = load(project), load(project)
    assert (first.cached, second.cached) == (False, True)
    assert second.plan == first.plan
    assert second.environment == first.environment
    assert second.environment.name == "dev"


def test_an_edited_playbook_is_compiled_again(project: Project, hello: Path) -> None:
    load(project)
    hello.write_text(HELLO.replace("greet", "salute"))
    again = load(project)
    assert not again.cached
    assert again.plan.steps[0].key == "salute"


def test_an_environment_file_that_appears_changes_or_goes_away_counts(
    project: Project, hello: Path
) -> None:
    file = project.root / "environments" / "staging.yaml"
    file.parent.mkdir()
    load(project, "staging")
    file.write_text("parameters: {who: staging}\n")
    assert load(project, "staging").environment.parameters == {"who": "staging"}
    assert load(project, "staging").cached
    file.write_text("parameters: {who: other}\nprotected: true\n")
    changed = load(project, "staging")
    assert changed.environment.parameters == {"who": "other"}
    assert changed.environment.protected
    cached = load(project, "staging")
    assert cached.cached
    assert cached.environment == changed.environment
    file.unlink()
    assert load(project, "staging").environment.parameters == {}


def test_an_edited_sub_playbook_counts(project: Project, hello: Path) -> None:
    sub = project.root / "playbooks" / "sub.yaml"
    sub.write_text("steps:\n  - name: one\n    command: /bin/true\n")
    hello.write_text("steps:\n  - name: inner\n    type: playbook\n    playbook: sub\n")
    load(project)
    assert load(project).cached
    sub.write_text("steps:\n  - name: two\n    command: /bin/true\n")
    assert not load(project).cached


def test_a_name_that_leads_elsewhere_now_counts(project: Project, hello: Path) -> None:
    deep = project.root / "playbooks" / "deep" / "sub.yaml"
    deep.parent.mkdir()
    deep.write_text("steps:\n  - name: deep\n    command: /bin/true\n")
    hello.write_text("steps:\n  - name: inner\n    type: playbook\n    playbook: sub\n")
    load(project)
    assert load(project).cached
    (project.root / "playbooks" / "sub.yaml").write_text("steps:\n  - command: /bin/true\n")
    assert not load(project).cached


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\xff\xfe\x00", None])
def test_a_damaged_entry_is_ignored_and_written_again(
    project: Project, hello: Path, damage: bytes | None
) -> None:
    load(project)
    (entry,) = entries(project)
    whole = entry.read_bytes()
    entry.write_bytes(whole[:-20] if damage is None else damage)
    assert not load(project).cached
    assert entries(project) == [entry]
    assert load(project).cached


def test_an_entry_that_does_not_match_its_seal_is_ignored(project: Project, hello: Path) -> None:
    load(project)
    (entry,) = entries(project)
    entry.write_bytes(entry.read_bytes().replace(b"greet", b"evil!"))
    assert load(project).plan.steps[0].key == "greet"


def test_without_a_place_for_the_cache_all_works(project: Project, hello: Path) -> None:
    project.state_dir.rmdir()
    assert not load(project).cached
    assert not load(project).cached
    assert not project.state_dir.exists()


def test_the_default_of_the_parameter_environment_is_the_environment(
    project: Project, hello: Path
) -> None:
    hello.write_text(f"parameters:\n  - name: environment\n    default: staging\n{HELLO[12:]}")
    file = project.root / "environments" / "staging.yaml"
    file.parent.mkdir()
    file.write_text("variables: {region: north}\n")
    hello.write_text(hello.read_text() + "  - command: /bin/echo ${region}\n")
    assert load(project).environment.name == "staging"
    cached = load(project)
    assert cached.cached
    assert cached.environment.name == "staging"


def test_an_invalid_playbook_is_never_kept(project: Project, hello: Path) -> None:
    hello.write_text("stepz: []\n")
    for _ in range(2):
        with pytest.raises(PlaybookInvalidError):
            load(project)


def test_an_unknown_playbook_is_not_found(project: Project) -> None:
    with pytest.raises(NotFoundError):
        load(project)


def test_a_cached_load_needs_neither_yaml_nor_pydantic(project: Project, hello: Path) -> None:
    load(project)
    program = (
        "import json, sys; from pathlib import Path\n"
        "from orchestrate.project.find import find_project\n"
        "from orchestrate.library.plans import load_plan\n"
        "loaded = load_plan(find_project(Path.cwd(), {}), None, 'hello')\n"
        "print(json.dumps([loaded.cached, sorted(sys.modules)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=project.root, capture_output=True, check=True
    )
    cached, modules = json.loads(done.stdout)
    assert cached
    heavy = {"yaml", "pydantic", "rich", "asyncio", "subprocess", "dataclasses", "logging"}
    assert heavy.isdisjoint(modules)
