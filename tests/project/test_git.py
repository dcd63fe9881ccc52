import subprocess
from pathlib import Path

import pytest

from orchestrate.project.git import GitState


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    done = subprocess.run(
        ["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "file").write_text("one")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    return tmp_path / "project"


def test_a_clean_tree(tree: Path) -> None:
    state = GitState(tree)
    assert state.commit == git(tree, "rev-parse", "HEAD")
    assert state.dirty() is False


def test_a_dirty_tree(tree: Path) -> None:
    (tree / "new").write_text("two")
    state = GitState(tree)
    assert state.dirty() is True
    assert state.dirty() is None


def test_packed_refs_and_detached_heads(tree: Path) -> None:
    commit = git(tree, "rev-parse", "HEAD")
    git(tree, "pack-refs", "--all")
    packed = GitState(tree)
    assert packed.commit == commit
    packed.close()
    git(tree, "checkout", "-q", "--detach")
    detached = GitState(tree)
    assert detached.commit == commit
    detached.close()


def test_a_worktree(tree: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    git(tree, "worktree", "add", "-q", "-b", "side", str(other))
    (other / "more").write_text("x")
    git(other, "add", ".")
    git(other, "commit", "-qm", "two")
    state = GitState(other)
    assert state.commit == git(other, "rev-parse", "HEAD")
    assert state.dirty() is False


def test_before_the_first_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    state = GitState(tmp_path)
    assert state.commit is None
    state.close()
