"""prune, state backup and restore: what goes, what stays, what comes back."""

import shutil

import pytest

STEP = "steps:\n  - name: say\n    shell: echo said\n"


@pytest.fixture
def two(project):
    project.playbook("say", STEP)
    project.ok("run", "--playbook", "say")
    project.ok("run", "--playbook", "say")
    return project


def ids(project) -> list[str]:
    return [which["id"] for which in project.ok("status", "--all", "--json").json]


def test_prune_lists_first_and_removes_with_yes(two) -> None:
    everything = ids(two)
    assert two.ok("prune").out.startswith("no workflow ended more than 90 days ago")
    listed = two.ok("prune", "--older-than", "0")
    assert set(listed.out.split()) == set(everything)
    assert "--yes" in listed.err
    assert ids(two) == everything
    done = two.ok("prune", "--older-than", "0", "--yes", "--json")
    assert done.json == {"removed": True, "workflows": sorted(everything)}
    assert ids(two) == []
    assert list((two.root / ".orchestrate" / "workflows").iterdir()) == []
    two.ok("run", "--playbook", "say")
    assert ids(two)[0] not in everything


def test_what_was_backed_up_comes_back_with_its_output(two) -> None:
    everything = ids(two)
    two.ok("state", "backup", "all.tar.gz")
    shutil.rmtree(two.root / ".orchestrate")
    assert ids(two) == []
    two.ok("state", "restore", "all.tar.gz")
    assert ids(two) == everything
    assert two.ok("logs", everything[0], "--step", "say").out == "said\n"
    assert two.ok("doctor").code == 0


def test_restore_over_something_takes_force(two) -> None:
    two.ok("state", "backup", "all.tar.gz")
    two.ok("run", "--playbook", "say")
    refused = two("state", "restore", "all.tar.gz")
    assert refused.code == 5
    assert "--force" in refused.err
    assert len(ids(two)) == 3
    two.ok("state", "restore", "all.tar.gz", "--force")
    assert len(ids(two)) == 2


def test_a_damaged_backup_changes_nothing(two) -> None:
    two.ok("state", "backup", "all.tar.gz")
    archive = two.root / "all.tar.gz"
    archive.write_bytes(archive.read_bytes()[:-200])
    assert two("state", "restore", "all.tar.gz", "--force").code == 1
    assert len(ids(two)) == 2
    assert two("state", "restore", "nowhere.tar.gz", "--force").code == 3
    assert two("state", "backup", "all.tar.gz").code == 5
