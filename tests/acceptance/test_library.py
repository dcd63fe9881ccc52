"""`orchestrate library`: the examples of the manual word for word, and everything around them."""

import json
import os
import re
import shlex
import stat
import subprocess
import sys
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path

import pexpect
import pytest

RELEASE = """\
# How we release
name: release
description: Build and ship  # both
category: deployment
parameters: [{name: region, choices: [eu, us], default: eu, description: Where to}]
steps:
  - name: ship
    type: deployment
    command: /ship ${region}
    timeout: 5m
    on_failure: [{name: undo, shell: echo undone}]
"""


@pytest.fixture
def release(project):
    project.playbook("release", RELEASE)
    project.command("ship", "#!/bin/sh\necho shipped to $1\n")
    return project


@pytest.fixture
def other(project_in, tmp_path):
    return project_in(tmp_path / "other")


def tree(root: Path) -> dict[str, bytes]:
    return {str(f.relative_to(root)): f.read_bytes() for f in root.rglob("*") if f.is_file()}


def names(text: str) -> list[str]:
    return [line.split()[0] for line in text.splitlines()[1:]]


# The manual's examples.


def test_list_of_a_category(release) -> None:
    done = release.ok(*shlex.split("library --list --category deployment"))
    assert names(done.out) == ["deploy-configuration", "deploy-web-app", "release"]


def test_search(release) -> None:
    done = release.ok(*shlex.split('library --search "database"'))
    found = [line.split()[0] for line in done.out.splitlines() if not line.startswith(" ")]
    assert found == ["disaster-recovery", "maintenance", "recovery-drill"]
    assert "  tags: [database]" in done.out.splitlines()


def test_export(release) -> None:
    own = release.playbook("deploy-web-app", RELEASE.replace("release", "deploy-web-app"))
    done = release.ok(*shlex.split("library --export deploy-web-app --format yaml"))
    assert done.out == own.read_text()


# Lists and searches.


def test_the_list_has_everything_and_marks_what_is_broken(release) -> None:
    release.playbook("broken", "description: Not yet\nsteps: [{comand: x}]\n")
    done = release.ok("library")
    rows = {line.split()[0]: line for line in done.out.splitlines()}
    assert re.search(r"release +deployment +project +Build and ship$", rows["release"])
    assert re.search(r"broken +project +✗ 1 error - Not yet$", rows["broken"])
    assert re.search(r"daily-backup +maintenance +shipped ", rows["daily-backup"])
    assert "broken: playbooks/broken.yaml:2:10: a step has no key `comand`" in done.err
    listed = {entry["name"]: entry for entry in release.ok("library", "--list", "--json").json}
    assert listed["broken"]["valid"] is False
    assert listed["broken"]["errors"] == 1
    assert listed["daily-backup"]["origin"] == "shipped"
    assert set(listed["release"]) == {
        "name", "path", "origin", "category", "description", "tags", "version", "valid", "errors",
    }  # fmt: skip


def test_a_search_shows_where_and_suggests_a_name(release) -> None:
    (match,) = release.ok("library", "--search", "/ship", "--json").json
    assert match["name"] == "release"
    assert match["match"] == {"field": "commands", "text": "/ship ${region}", "spans": [[0, 5]]}
    done = release.ok("library", "--search", "relase")
    assert (done.out, done.err) == ("", "nothing fits relase; did you mean release?\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--category deploymnt", "Did you mean deployment?"),
        ("--export x --import y", "--export and --import exclude each other"),
        ("--format yaml", "--format belongs to --export"),
        ("--force --list", "--force belongs to --export or --import or --copy"),
        ("release --list", "release is one thing too much beside --list"),
        ("release --show release", "release is one thing too much beside --show"),
        ("--show ''", "--show says nothing"),
        ("--diff a b", "--diff does not say of which playbook"),
        ("--export release --format zip", "zip is for bundles"),
        ("--export release --bundle --format json", "a bundle is an archive, not json"),
        ("--export release --include x", "--include belongs to --bundle"),
        ("--export release --json", "--json tells about a file that was written"),
        ("--copy release", "release is in the project: playbooks/release.yaml"),
        ("--import .", ". is a folder"),
        ("--export release --output playbooks", "playbooks is a folder"),
    ],
)
def test_what_does_not_go_together_is_told(release, words: str, said: str) -> None:
    done = release("library", *shlex.split(words))
    assert done.code in (2, 5)
    assert said in done.err


@pytest.mark.parametrize("words", ["relase", "--export relase", "--copy relase", "--import x.zip"])
def test_what_is_not_there_is_told(release, words: str) -> None:
    done = release("library", *words.split())
    assert done.code == 3
    assert "Did you mean release?" in done.err or "there is no file x.zip" in done.err


# One playbook.


def test_one_playbook_with_all_that_is_known(release) -> None:
    release.ok("run", "--playbook", "release")
    done = release.ok("library", "release")
    for line in (
        "release  deployment project",
        "  Build and ship",
        "region  string  eu       Where to (eu, us)",
        "ship                /ship ${region}  (deployment, timeout 5m)",
        "  on_failure: undo  echo undone",
        "/ship  commands/ship",
    ):
        assert line in done.out.splitlines()
    assert re.search(r"WF-\d{4}-001  succeeded  dev ", done.out)
    assert re.search(r"[0-9a-f]{12} +file +1 time +\d{4}-", done.out)
    data = release.ok("library", "--show", "release", "--json").json
    assert [step["path"] for step in data["steps"]] == ["ship", "ship/on_failure/undo"]
    assert data["parameters"][0]["choices"] == ["eu", "us"]
    assert [len(data["workflows"]), len(data["versions"])] == [1, 1]
    assert data["usual_duration"] > 0


def test_a_broken_playbook_shows_what_is_known(release) -> None:
    release.playbook("broken", "description: Not yet\nsteps: [{comand: x}]\n")
    done = release.ok("library", "broken")
    assert "✗ 1 error: playbooks/broken.yaml:2:10: a step has no key `comand`" in done.out
    assert "orchestrate validate --playbook broken" in done.out


def test_the_difference_between_what_ran_and_what_is_there_now(release) -> None:
    release.ok("run", "--playbook", "release")
    release.playbook("release", RELEASE.replace("5m", "10m"))
    former = release.ok("library", "release", "--json").json["versions"][1]
    assert former["current"] is False
    done = release.ok("library", "release", "--diff", former["digest"][:8], "current")
    assert "-ship: /ship ${region} [deployment] [timeout 5m]" in done.out.splitlines()
    assert "+ship: /ship ${region} [deployment] [timeout 10m]" in done.out.splitlines()
    assert "their steps are compared" in done.err
    same = release.ok("library", "release", "--diff", "current", "current")
    assert same.out == ""
    assert "are the same" in same.err


# Out and in again.


def test_an_export_can_be_a_file_which_is_not_overwritten(release) -> None:
    done = release.ok("library", "--export", "release", "--output", "out.json", "--json")
    assert done.json["file"] == "out.json"
    assert json.loads((release.root / "out.json").read_text())["name"] == "release"
    release.ok("library", "--export", "release", "--output", "out.json")
    release.write("out.json", "mine")
    refused = release("library", "--export", "release", "--output", "out.json")
    assert refused.code == 5
    assert (release.root / "out.json").read_text() == "mine"
    release.ok("library", "--export", "release", "--output", "out.json", "--force")
    assert (release.root / "out.json").read_text() != "mine"


def test_an_export_replaces_regular_files_alone(release) -> None:
    os.mkfifo(release.root / "pipe")
    done = release("library", "--export", "release", "--output", "pipe", "--force")
    assert (done.code, done.out) == (2, "")
    assert "pipe is no regular file" in done.err
    assert (release.root / "pipe").is_fifo()


@pytest.mark.parametrize("name", ["bundle.zip", "bundle.tar.gz"])
def test_a_bundle_runs_where_it_is_imported(release, other, name: str) -> None:
    release.ok("library", "--export", "release", "--bundle", "--output", name)
    done = other.ok("library", "--import", str(release.root / name))
    assert done.out.splitlines() == [
        "added commands/ship",
        "added playbooks/release.yaml",
        "try it: orchestrate run --playbook release",
    ]
    assert (other.root / "playbooks/release.yaml").read_text() == RELEASE
    assert stat.S_IMODE((other.root / "commands/ship").stat().st_mode) & 0o111
    other.ok("run", "--playbook", "release")
    again = other.ok("library", "--import", str(release.root / name), "--json").json
    assert {file["action"] for file in again["files"]} == {"unchanged"}


def test_a_bundle_through_a_pipe(release, other) -> None:
    give = release.words("library", "--export", "release", "--bundle", "--output", "-")
    take = other.words("library", "--import", "-")
    bundle = subprocess.run(give, cwd=release.root, capture_output=True, check=True).stdout
    subprocess.run(take, cwd=other.root, input=bundle, capture_output=True, check=True)
    assert (other.root / "commands/ship").exists()


def test_without_a_name_a_bundle_is_called_like_the_playbook(release) -> None:
    release.ok("library", "--export", "release", "--bundle")
    release.ok("library", "--export", "release", "--bundle", "--format", "zip")
    with tarfile.open(release.root / "release.tar.gz") as archive:
        assert archive.getnames()[0] == "orchestrate-bundle.json"
    with zipfile.ZipFile(release.root / "release.zip") as archive:
        assert archive.namelist()[-1] == "playbooks/release.yaml"


def test_json_can_be_imported_too(release, other) -> None:
    release.ok("library", "--export", "release", "--output", "release.json")
    other.command("ship", "#!/bin/sh\n")
    other.ok("library", "--import", str(release.root / "release.json"))
    other.ok("run", "--playbook", "release", "--parameters", "region=us")


def test_a_command_that_is_not_here_is_told(release, other) -> None:
    done = other.ok("library", "--import", str(release.root / "playbooks/release.yaml"))
    assert "there is no command `/ship`" in done.err


def test_what_is_there_and_differs_is_a_conflict(release, other) -> None:
    other.playbook("release", "steps: [{command: /bin/true}]\n")
    before = tree(other.root)
    file = str(release.root / "playbooks/release.yaml")
    refused = other("library", "--import", file)
    assert refused.code == 5
    assert "this file is in the project already, and differs: playbooks/release.yaml" in refused.err
    assert "--force" in refused.err
    assert tree(other.root) == before
    done = other.ok("library", "--import", file, "--force")
    assert "replaced playbooks/release.yaml" in done.out


@pytest.mark.parametrize(("answer", "text"), [("y", RELEASE), ("n", "steps: [{command: ls}]\n")])
def test_on_a_terminal_a_conflict_is_asked_about(release, other, answer: str, text: str) -> None:
    other.playbook("release", "steps: [{command: ls}]\n")
    child = pexpect.spawn(
        sys.executable,
        ["-m", "orchestrate", "library", "--import", str(release.root / "playbooks/release.yaml")],
        cwd=str(other.root),
        env={**other.env, "TERM": "xterm"},
        encoding="utf-8",
        timeout=120,
    )
    child.expect("playbooks/release.yaml")
    child.expect(r"Replace\?")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == (0 if answer == "y" else 5)
    assert (other.root / "playbooks/release.yaml").read_text() == text


def test_what_is_wrong_is_refused_and_nothing_is_written(release, tmp_path: Path) -> None:
    climbing = BytesIO()
    with zipfile.ZipFile(climbing, "w") as archive:
        archive.writestr("../../evil", "x")
    linked = BytesIO()
    with tarfile.open(fileobj=linked, mode="w:gz") as archive:
        info = tarfile.TarInfo("playbooks/x.yaml")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    bad = {
        "climbing.zip": (climbing.getvalue(), "leads out of the project"),
        "linked.tgz": (linked.getvalue(), "is a link"),
        "broken.yaml": (b"steps: [{comand: x}]\n", "a step has no key `comand`"),
        "noise": (b"\0\1\2", "neither a playbook nor a bundle"),
        "empty": (b"", "the file is empty"),
    }
    before = tree(release.root)
    for name, (data, said) in bad.items():
        (tmp_path / name).write_bytes(data)
        done = release("library", "--import", str(tmp_path / name))
        assert done.code == 2, name
        assert said in done.err
        assert "Traceback" not in done.err
    assert tree(release.root) == before
    assert not list(tmp_path.rglob("evil"))


def test_a_shipped_playbook_is_copied_with_its_scenarios_to_be_changed(project) -> None:
    done = project.ok("library", "--copy", "daily-backup")
    assert done.out.splitlines()[:2] == [
        "added playbooks/tests/daily-backup.yaml",
        "added playbooks/daily-backup.yaml",
    ]
    assert "is used instead of the shipped playbook" in done.err
    copy = project.root / "playbooks/daily-backup.yaml"
    copy.write_text(copy.read_text() + "# ours\n")
    assert project.ok("library", "daily-backup", "--json").json["origin"] == "project"
    refused = project("library", "--copy", "daily-backup")
    assert refused.code == 5
    assert copy.read_text().endswith("# ours\n")


def test_what_was_copied_is_tested_and_reaches_everything(project) -> None:
    names = ("deploy-web-app", "maintenance", "monthly-audit")
    for name in names:
        project.ok("library", "--copy", name)
    done = project.ok("test", "--coverage")
    covered = [line.split()[-2] for line in done.out.splitlines() if line.startswith("playbooks/")]
    assert covered[-len(names) :] == ["100", "100", "100"]
