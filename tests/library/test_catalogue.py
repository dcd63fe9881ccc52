import os
from pathlib import Path

import pytest

from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.library.catalogue import declared_name, find_playbook, playbook_files
from orchestrate.project.model import Project

STEP = "steps:\n  - command: /bin/true\n"


def write(project: Project, name: str, text: str = STEP) -> Path:
    file = project.root / "playbooks" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_a_name_is_the_stem_of_a_file_at_any_depth(project: Project) -> None:
    top = write(project, "deploy.yaml")
    deep = write(project, "db/nightly/backup.yml")
    assert find_playbook(project, "deploy") == top
    assert find_playbook(project, "backup") == deep
    assert find_playbook(project, "db/nightly/backup") == deep


def test_a_file_directly_in_playbooks_wins(project: Project) -> None:
    top = write(project, "deploy.yaml")
    write(project, "old/deploy.yaml")
    assert find_playbook(project, "deploy") == top


def test_several_files_of_one_name_are_listed(project: Project) -> None:
    write(project, "a/deploy.yaml")
    write(project, "b/deploy.yaml")
    with pytest.raises(ConflictError) as caught:
        find_playbook(project, "deploy")
    assert "playbooks/a/deploy.yaml" in caught.value.hint
    assert "playbooks/b/deploy.yaml" in caught.value.hint


@pytest.mark.parametrize(
    "line", ["name: release", "name: 'release'", 'name:  "release"  # the big one']
)
def test_a_playbook_is_found_by_the_name_that_it_gives_itself(project: Project, line: str) -> None:
    file = write(project, "x.yaml", f"{line}\n{STEP}")
    assert declared_name(file) == "release"
    assert find_playbook(project, "release") == file


def test_an_unknown_name_suggests_the_nearest(project: Project) -> None:
    write(project, "deploy-web-app.yaml")
    with pytest.raises(NotFoundError) as caught:
        find_playbook(project, "deploy-web-ap")
    assert caught.value.hint == "Did you mean deploy-web-app?"


def test_without_any_playbook_the_hint_says_how_to_begin(project: Project) -> None:
    with pytest.raises(NotFoundError) as caught:
        find_playbook(project, "zebra")
    assert "orchestrate init" in caught.value.hint
    assert "orchestrate library" in caught.value.hint


def test_paths_are_looked_up_beside_then_in_the_project(project: Project) -> None:
    inner = write(project, "db/backup.yaml")
    assert find_playbook(project, str(inner)) == inner
    assert find_playbook(project, "playbooks/db/backup.yaml", beside=Path("/")) == inner
    assert find_playbook(project, "db/backup.yaml", beside=Path("/")) == inner
    assert find_playbook(project, "./backup.yaml", beside=inner.parent) == inner
    with pytest.raises(NotFoundError):
        find_playbook(project, "./nowhere.yaml")


def test_hidden_files_and_folders_are_left_out(project: Project) -> None:
    write(project, ".git/config.yaml")
    write(project, ".draft.yaml")
    seen = write(project, "seen.yaml")
    assert list(playbook_files(project)) == [seen]


def test_scenario_files_are_no_playbooks(project: Project) -> None:
    write(project, "tests/deploy.yaml")
    deep = write(project, "db/tests/deploy.yaml")
    assert list(playbook_files(project)) == [deep]


def test_a_pipe_among_the_playbooks_holds_nobody_up(project: Project) -> None:
    os.mkfifo(project.root / "playbooks" / "pipe.yaml")
    write(project, "x.yaml", f"name: release\n{STEP}")
    assert find_playbook(project, "release") == project.root / "playbooks/x.yaml"


def test_what_the_project_does_not_have_is_looked_for_among_the_shipped(project: Project) -> None:
    shipped = find_playbook(project, "daily-backup")
    assert shipped.name == "daily-backup.yaml"
    assert not shipped.is_relative_to(project.root)
    own = write(project, "deep/x.yaml", f"name: daily-backup\n{STEP}")
    assert find_playbook(project, "daily-backup") == own


def test_a_shipped_playbook_is_suggested_too(project: Project) -> None:
    with pytest.raises(NotFoundError) as caught:
        find_playbook(project, "daily-bakup")
    assert caught.value.hint == "Did you mean daily-backup?"
