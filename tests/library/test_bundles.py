"""What a bundle holds, and that what was changed on the way is noticed."""

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from orchestrate.commands.registry import Registry
from orchestrate.errors import NotFoundError, UsageError
from orchestrate.library.archives import ArchiveRefusedError, Member
from orchestrate.library.bundles import MANIFEST, Bundle, read_bundle, write_bundle
from orchestrate.library.bundling import make_bundle
from orchestrate.library.listing import find_entry
from orchestrate.library.plans import load_plan
from orchestrate.project.environments import read_environment
from orchestrate.project.find import find_project
from orchestrate.project.model import Project

BUNDLE = Bundle(
    "deploy",
    "1.0",
    "playbooks/deploy.yaml",
    (
        Member("commands/infra", b"#!/bin/sh\n", executable=True),
        Member("playbooks/deploy.yaml", b"steps: [{command: /infra}]\n", executable=False),
    ),
)


def bundle_of(project: Project, name: str, *include: str) -> Bundle:
    project = find_project(project.root, {})
    registry = Registry(project, read_environment(project, "dev"), "/usr/bin:/bin")
    plan = load_plan(project, None, name).plan
    return make_bundle(project, registry, find_entry(project, name), plan, include)


def paths(bundle: Bundle) -> list[str]:
    return [member.path for member in bundle.files]


def write(project: Project, name: str, text: str, mode: int = 0o644) -> Path:
    file = project.root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)
    return file


@pytest.mark.parametrize("form", ["zip", "tar.gz"])
def test_a_bundle_comes_back_as_it_was(form: str) -> None:
    data = write_bundle(BUNDLE, form)
    assert read_bundle(data) == BUNDLE
    assert write_bundle(BUNDLE, form) == data


def test_a_bundle_has_what_the_playbook_needs(project: Project) -> None:
    write(
        project, "playbooks/db/backup.yaml", "name: backup\nsteps: [{command: ./tools/dump db}]\n"
    )
    write(project, "tools/dump", "#!/bin/sh\n", 0o755)
    write(project, "tools/note.txt", "not called")
    write(project, "tools/mapped", "#!/bin/sh\n", 0o755)
    write(project, "scripts/count.py", "print(1)\n")
    write(project, "commands/infra", "#!/bin/sh\n", 0o755)
    write(project, "orchestrate.toml", '[commands.mapped]\nargv = ["./tools/mapped"]\n')
    write(
        project,
        "playbooks/release.yaml",
        "name: release\nversion: '2'\nsteps:\n"
        "  - command: /infra deploy\n"
        "  - command: /mapped x\n"
        "  - command: /backup list\n"
        "  - shell: cat tools/note.txt; python3 scripts/count.py\n"
        "  - {type: playbook, playbook: backup}\n",
    )
    write(project, "playbooks/tests/release.yaml", "- {scenario: works, expect: {state: failed}}\n")
    write(
        project,
        "playbooks/tests/more.yaml",
        "playbook: release\nscenarios: [{scenario: works, expect: {state: failed}}]\n",
    )
    write(project, "playbooks/tests/other.yaml", "- {scenario: other, expect: {state: failed}}\n")
    bundle = bundle_of(project, "release")
    assert paths(bundle) == [
        "commands/infra",
        "playbooks/db/backup.yaml",
        "playbooks/tests/more.yaml",
        "playbooks/tests/release.yaml",
        "scripts/count.py",
        "tools/dump",
        "tools/mapped",
        "playbooks/release.yaml",
    ]
    assert [m.path for m in bundle.files if m.executable] == [
        "commands/infra",
        "tools/dump",
        "tools/mapped",
    ]
    assert (bundle.name, bundle.version, bundle.playbook) == ("release", "2", paths(bundle)[-1])


def test_more_files_can_be_included_but_none_from_outside(project: Project) -> None:
    write(project, "playbooks/a.yaml", "steps: [{command: /bin/true}]\n")
    write(project, "data/x.csv", "1")
    assert paths(bundle_of(project, "a", "data/x.csv")) == ["data/x.csv", "playbooks/a.yaml"]
    with pytest.raises(UsageError, match="outside"):
        bundle_of(project, "a", "../x")
    with pytest.raises(UsageError, match="hidden"):
        bundle_of(project, "a", ".orchestrate/x")
    with pytest.raises(NotFoundError, match="no file data/y"):
        bundle_of(project, "a", "data/y")


def test_a_script_that_a_link_brings_from_outside_stays_out(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "tool.sh"
    outside.write_text("#!/bin/sh\n")
    (project.root / "tools").symlink_to(outside.parent)
    write(project, "playbooks/a.yaml", "steps: [{shell: sh tools/tool.sh}]\n")
    assert paths(bundle_of(project, "a")) == ["playbooks/a.yaml"]


def test_a_shipped_playbook_becomes_one_of_the_project_and_its_parts_stay_where_they_are(
    project: Project,
) -> None:
    assert paths(bundle_of(project, "monthly-audit")) == [
        "playbooks/tests/monthly-audit.yaml",
        "playbooks/monthly-audit.yaml",
    ]


def changed(change: Callable[[dict[str, Any], dict[str, bytes]], object]) -> bytes:
    """The bundle after somebody worked on its manifest or its files."""
    with zipfile.ZipFile(BytesIO(write_bundle(BUNDLE, "zip"))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop(MANIFEST))
    change(manifest, files)
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(MANIFEST, json.dumps(manifest))
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


CHANGES: dict[str, tuple[Callable[[dict[str, Any], dict[str, bytes]], object], str]] = {
    "a changed file": (
        lambda _, files: files.update({"commands/infra": b"evil"}),
        "SHA-256 differs",
    ),
    "a lost file": (lambda _, files: files.pop("commands/infra"), "`commands/infra` is missing"),
    "a file too much": (lambda _, files: files.update(x=b""), "`x` is in the archive, but not in"),
    "a newer format": (lambda manifest, _: manifest.update(format=2), "has the form 2"),
    "no format": (lambda manifest, _: manifest.pop("format"), "not understood"),
    "an odd format": (lambda manifest, _: manifest.update(format="1"), "not understood"),
    "no playbook": (lambda manifest, _: manifest.update(playbook="x.yaml"), "is not in the bundle"),
    "odd files": (lambda manifest, _: manifest.update(files=7), "not understood"),
    "odd names": (lambda manifest, _: manifest.update(name=["x"]), "not understood"),
    "a path upwards": (
        lambda manifest, _: manifest["files"][0].update(path="../x"),
        "leads out of the project",
    ),
}


@pytest.mark.parametrize(("change", "problem"), CHANGES.values(), ids=list(CHANGES))
def test_a_bundle_that_is_not_what_was_made_is_refused(
    change: Callable[[dict[str, Any], dict[str, bytes]], object], problem: str
) -> None:
    with pytest.raises(ArchiveRefusedError) as caught:
        read_bundle(changed(change))
    assert problem in caught.value.message


@pytest.mark.parametrize("manifest", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b"null"])
def test_a_manifest_that_is_none_is_refused(manifest: bytes) -> None:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(MANIFEST, manifest)
    with pytest.raises(ArchiveRefusedError, match="not understood"):
        read_bundle(content.getvalue())


def test_an_archive_without_a_manifest_is_no_bundle() -> None:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("playbooks/x.yaml", "steps: []")
    with pytest.raises(ArchiveRefusedError, match="it is no bundle"):
        read_bundle(content.getvalue())
