"""What is recorded is for its user alone, whatever the umask is and whatever steps do."""

import os
import stat
from pathlib import Path

import pytest
from tests.acceptance.conftest import Project, wait_until

PLAYBOOK = """\
name: private
finally:
  - {name: tidy, command: /bin/true}
steps:
  - {name: says, shell: echo something; echo else >&2}
  - name: hands-over
    shell: echo k=v >> "$ORCHESTRATE_OUTPUT"
  - {name: waits, shell: touch begun; until test -e go; do sleep 0.05; done}
"""
SHARED = stat.S_IRWXG | stat.S_IRWXO


def shared(folder: Path) -> list[str]:
    """Everything below that anybody but its owner could use; links are not followed."""
    found: list[str] = []
    for place, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            path = Path(place, name)
            if path.lstat().st_mode & SHARED and not path.is_symlink():
                found.append(f"{path} {stat.filemode(path.lstat().st_mode)}")
    return found


def test_whatever_the_umask_nobody_else_can_look(project: Project) -> None:
    project.playbook("private", PLAYBOOK)
    before = os.umask(0)
    try:
        workflow = project.start("run", "--playbook", "private")
        wait_until((project.root / "begun").exists, "the step")
        state = project.root / ".orchestrate"
        assert shared(state) == []
        assert [one for one in state.rglob("*") if stat.S_ISSOCK(one.lstat().st_mode)]
        (project.root / "go").touch()
        assert workflow.wait(120) == 0
    finally:
        os.umask(before)
    assert shared(state) == []


@pytest.mark.parametrize("verb", [["run", "--playbook", "private"], ["status"]])
def test_a_state_directory_that_is_open_to_everybody_is_refused(
    project: Project, verb: list[str]
) -> None:
    project.playbook("private", "steps:\n  - command: /bin/true\n")
    assert project("run", "--playbook", "private").code == 0
    state = project.root / ".orchestrate"
    state.chmod(0o777)
    done = project(*verb)
    assert done.code == 1
    assert f"anybody on this machine may write into {state}" in done.err
    assert f"chmod o-w {state}" in done.err
    state.chmod(0o700)
    assert project(*verb).code == 0
