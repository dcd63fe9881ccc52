"""Imports: looked at first, then everything or nothing."""

import os
from pathlib import Path

import pytest

from orchestrate.errors import ConflictError, OrchestrateError, UsageError
from orchestrate.library.archives import ArchiveRefusedError, Member
from orchestrate.library.bundles import Bundle, write_bundle
from orchestrate.library.fixing import NotWritableError
from orchestrate.library.importing import carry_out, plan_import
from orchestrate.playbook.diagnostics import PlaybookInvalidError
from orchestrate.project.model import Project

TRUE = b"name: deploy\nsteps: [{command: /bin/true}] # a comment\n"


def bundle(*files: tuple[str, bytes], main: str = "playbooks/deploy.yaml", exe: str = "") -> bytes:
    members = [Member(path, data, executable=path == exe) for path, data in files]
    if main not in dict(files):
        members.append(Member(main, TRUE, executable=False))
    return write_bundle(Bundle("deploy", None, main, tuple(members)), "zip")


def tree(root: Path) -> dict[str, bytes | None]:
    """Everything below a folder: a file's content, None for folders."""
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None
        for path in sorted(root.rglob("*"))
    }


def taken(project: Project, data: bytes, name: str = "download.yaml") -> list[tuple[str, str]]:
    wanted = plan_import(project, name, data)
    carry_out(project, wanted)
    return [(change.path, change.state) for change in wanted.changes]


def test_a_playbook_is_named_by_what_it_says_and_kept_as_it_is(project: Project) -> None:
    assert taken(project, TRUE) == [("playbooks/deploy.yaml", "new")]
    assert (project.root / "playbooks/deploy.yaml").read_bytes() == TRUE
    assert taken(project, b"steps: [{command: /bin/true}]\n", "x/down.yml") == [
        ("playbooks/down.yaml", "new")
    ]


def test_the_same_content_is_no_conflict_and_other_content_is_one(project: Project) -> None:
    taken(project, TRUE)
    assert plan_import(project, "x", TRUE).conflicts == []
    assert plan_import(project, "x", TRUE + b"\n").conflicts == ["playbooks/deploy.yaml"]
    assert taken(project, TRUE + b"\n") == [("playbooks/deploy.yaml", "differs")]
    assert (project.root / "playbooks/deploy.yaml").read_bytes() == TRUE + b"\n"
    assert [it.name for it in (project.root / "playbooks").iterdir()] == ["deploy.yaml"]


@pytest.mark.parametrize(
    "data",
    [
        b"name: x\nstep: []\n",
        b"",
        b"steps: [{command: x, comand: y}]",
        b"\xff\xfe\0a",
        b"a: b: c",
        b"- 1",
        b"x" * 5_000_001,
        b"steps: [{type: playbook, playbook: nowhere}]",
    ],
)
def test_a_playbook_with_errors_is_refused(project: Project, data: bytes) -> None:
    before = tree(project.root)
    with pytest.raises(PlaybookInvalidError):
        plan_import(project, "x.yaml", data)
    assert tree(project.root) == before


def test_a_name_that_is_no_file_name_is_refused(project: Project) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a file"):
        plan_import(project, "??.yaml", b"name: ../../x\nsteps: [{command: /bin/true}]\n")


def test_bytes_of_anything_else_are_refused(project: Project) -> None:
    with pytest.raises(ArchiveRefusedError, match="neither a playbook nor a bundle"):
        plan_import(project, "x.yaml", b"\x7fELF\0\0\0")


def test_a_bundle_brings_its_parts_and_they_fit_together(project: Project) -> None:
    data = bundle(
        ("commands/infra", b"#!/bin/sh\n"),
        ("playbooks/db/backup.yaml", b"steps: [{command: /infra}]\n"),
        ("playbooks/deploy.yaml", b"steps: [{type: playbook, playbook: backup}]\n"),
        exe="commands/infra",
    )
    assert taken(project, data) == [
        ("commands/infra", "new"),
        ("playbooks/db/backup.yaml", "new"),
        ("playbooks/deploy.yaml", "new"),
    ]
    assert os.access(project.root / "commands/infra", os.X_OK)
    assert not os.access(project.root / "playbooks/deploy.yaml", os.X_OK)
    assert [state for _, state in taken(project, data)] == ["same", "same", "same"]


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        (".git/hooks/post-commit", "hidden"),
        ("playbooks/.hidden.yaml", "hidden"),
        ("orchestrate.toml", "settings"),
        ("environments/production.yaml", "settings"),
        ("linked/tool", "through a link"),
        ("playbooks", "folder in this project"),
        ("file/below", "is a file"),
        ("pipe", "special file"),
        ("playbooks/readme.txt", "no playbook"),
    ],
)
def test_a_bundle_writes_only_where_playbooks_and_scripts_belong(
    project: Project, tmp_path_factory: pytest.TempPathFactory, path: str, problem: str
) -> None:
    (project.root / "linked").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    (project.root / "file").write_text("x")
    os.mkfifo(project.root / "pipe")
    main = "first.yaml"  # outside of playbooks/, so that `playbooks` itself can be asked for
    before = sorted(str(found) for found in project.root.rglob("*"))
    with pytest.raises(ArchiveRefusedError) as caught:
        plan_import(project, "x.zip", bundle((path, b"x"), main=main))
    assert problem in caught.value.message
    assert "nothing was imported" in caught.value.message
    assert sorted(str(found) for found in project.root.rglob("*")) == before


def test_a_state_directory_inside_the_project_is_left_alone(project: Project) -> None:
    moved = project._replace(state_dir=project.root / "state")
    with pytest.raises(ArchiveRefusedError, match="state directory"):
        plan_import(moved, "x.zip", bundle(("state/orchestrate.db", b"x")))


def test_a_twin_in_another_letter_case_is_refused(project: Project) -> None:
    (project.root / "playbooks/Deploy.yaml").write_bytes(TRUE)
    with pytest.raises(ConflictError, match="only in upper and lower case"):
        plan_import(project, "x.yaml", TRUE)


def test_an_import_that_cannot_be_finished_leaves_everything_as_it_was(project: Project) -> None:
    (project.root / "playbooks/deploy.yaml").write_text("old")
    (project.root / "commands").mkdir()
    (project.root / "commands/one").write_text("old")
    data = bundle(("commands/one", b"new"), ("tools/deep/two", b"new"), ("zzz/three", b"new"))
    wanted = plan_import(project, "x.zip", data)
    # What stands in the way comes after the look: the last file cannot take its place.
    (project.root / "playbooks/deploy.yaml").unlink()
    (project.root / "playbooks/deploy.yaml").mkdir()
    before = tree(project.root)
    with pytest.raises(NotWritableError, match="playbooks cannot be written to"):
        carry_out(project, wanted)
    assert tree(project.root) == before


def test_whoever_imports_is_told_what_changes_its_meaning(project: Project) -> None:
    data = bundle(("commands/backup", b"#!/bin/sh\n"), ("playbooks/test.yaml", TRUE),
                  main="playbooks/test.yaml")  # fmt: skip
    (project.root / "playbooks/other.yaml").write_bytes(TRUE)
    assert plan_import(project, "x.zip", data).remarks == (
        "test is used instead of the shipped playbook of that name",
        "commands/backup takes the place of the built-in command /backup",
        "playbooks/other.yaml is called deploy, too",
    )


def test_every_playbook_of_a_bundle_is_checked_and_so_are_its_scenario_files(
    project: Project,
) -> None:
    for path in ("playbooks/more.yaml", "playbooks/tests/deploy.yaml"):
        with pytest.raises(OrchestrateError) as caught:
            plan_import(project, "x.zip", bundle((path, b"a: [")))
        assert path in caught.value.message
