from pathlib import Path

import pytest

from orchestrate.errors import NotFoundError
from orchestrate.project.find import find_project, find_root


def test_nearest_parent_with_a_settings_file_is_the_root(tmp_path: Path) -> None:
    (tmp_path / "orchestrate.toml").write_text("")
    inner = tmp_path / "services" / "web"
    inner.mkdir(parents=True)
    project = find_project(inner, {})
    assert project.root == tmp_path
    assert project.state_dir == tmp_path / ".orchestrate"


def test_a_directory_of_playbooks_makes_a_root_too(tmp_path: Path) -> None:
    (tmp_path / "orchestrate.toml").write_text("")
    inner = tmp_path / "inner"
    (inner / "playbooks").mkdir(parents=True)
    assert find_root(inner / "playbooks") == inner


def test_a_file_named_playbooks_does_not(tmp_path: Path) -> None:
    (tmp_path / "playbooks").write_text("")
    assert find_root(tmp_path) is None


def test_the_state_directory_can_be_moved(tmp_path: Path) -> None:
    (tmp_path / "playbooks").mkdir()
    env = {"ORCHESTRATE_STATE_DIR": "/var/lib/state"}
    assert find_project(tmp_path, env).state_dir == Path("/var/lib/state")
    relative = {"ORCHESTRATE_STATE_DIR": "state"}
    assert find_project(tmp_path / "playbooks", relative).state_dir == (
        tmp_path / "playbooks" / "state"
    )


def test_outside_of_a_project_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        find_project(tmp_path, {})
    assert "is not in a project" in caught.value.message
    assert "orchestrate init" in caught.value.hint
    assert caught.value.exit_code == 3
