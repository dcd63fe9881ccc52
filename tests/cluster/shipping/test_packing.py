"""What of a project is sent to workers, and that the same files are the same bytes."""

import os
from pathlib import Path

import pytest

from orchestrate.cluster.shipping.ignoring import Rules
from orchestrate.cluster.shipping.packing import Packer, digest_of
from orchestrate.cluster.shipping.unpacking import remove, unpack
from orchestrate.errors import UsageError


def project(root: Path) -> Path:
    for name, text in (
        ("orchestrate.toml", ""),
        ("playbooks/deploy.yaml", "steps: []\n"),
        ("commands/infra", "#!/bin/sh\n"),
        ("environments/production.yaml", "variables: {}\n"),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "commands" / "infra").chmod(0o755)
    return root


def packer(root: Path, **more: object) -> Packer:
    return Packer(root, root / ".orchestrate" / "cache", **more)


def unpacked(root: Path, to: Path) -> list[str]:
    archive = packer(root).pack().archive
    assert archive is not None
    unpack(archive, to)
    return sorted(str(path.relative_to(to)) for path in to.rglob("*"))


def aged(root: Path) -> None:
    """As if everything had been written a while ago: also what the clock of inodes says."""
    for path in root.rglob("*"):
        os.utime(path, (1, 1), follow_symlinks=False)


def test_the_same_files_are_the_same_version_wherever_they_lie(tmp_path: Path):
    one, two = project(tmp_path / "one"), project(tmp_path / "two")
    aged(two)
    (two / "playbooks" / "deploy.yaml").chmod(0o664)
    assert packer(one).look().digest == packer(two).look().digest
    (two / "commands" / "infra").chmod(0o644)
    assert packer(one).look().digest != packer(two).look().digest


def test_what_is_unpacked_is_what_was_packed_and_nobody_writes_to_it(tmp_path: Path):
    root = project(tmp_path / "root")
    (root / "empty").mkdir()
    (root / "current").symlink_to("commands")
    (root / "commands" / "again").symlink_to(root / "commands" / "infra")
    assert unpacked(root, tmp_path / "to") == [
        "commands", "commands/again", "commands/infra", "current", "empty", "environments",
        "environments/production.yaml", "orchestrate.toml", "playbooks", "playbooks/deploy.yaml",
    ]  # fmt: skip
    to = tmp_path / "to"
    assert (to / "commands" / "again").readlink() == Path("infra")
    assert (to / "commands" / "infra").stat().st_mode & 0o777 == 0o555
    assert (to / "playbooks" / "deploy.yaml").stat().st_mode & 0o777 == 0o444
    assert (to / "playbooks").stat().st_mode & 0o777 == 0o555
    assert digest_of(to) == packer(root).look().digest
    remove(to)
    assert not to.exists()


def test_an_unchanged_project_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    root = project(tmp_path)
    (root / ".orchestrate").mkdir()
    monkeypatch.setattr("orchestrate.cluster.shipping.packing._SETTLED", -(10**18))
    first = packer(root).look()
    assert first.archive is not None
    assert packer(root).look() == first._replace(archive=None)
    (root / "commands" / "infra").write_text("#!/bin/sh\nexit 1\n")
    second = packer(root).look()
    assert second.archive is not None
    assert second.digest != first.digest


def test_what_was_just_written_is_read_again(tmp_path: Path):
    root = project(tmp_path)
    (root / ".orchestrate").mkdir()
    assert packer(root).look().archive is not None
    assert packer(root).look().archive is not None


def test_what_is_secret_or_made_anew_stays(tmp_path: Path):
    root = project(tmp_path / "root")
    for name in (".git/HEAD", ".orchestrate/db", "secrets/token", ".env", "tls/client.key",
                 "lib/__pycache__/a.pyc", "state/db", "lib/secrets/rotate.py"):  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    archive = packer(root, left_out=["state"]).pack().archive
    assert archive is not None
    unpack(archive, tmp_path / "to")
    found = {str(path.relative_to(tmp_path / "to")) for path in (tmp_path / "to").rglob("*")}
    assert found & {"lib", "tls", "state", "secrets", ".env", ".git", ".orchestrate"} == {
        "lib", "tls",
    }  # fmt: skip
    assert "lib/secrets/rotate.py" in found
    assert "tls/client.key" not in found


def test_a_project_says_itself_what_stays(tmp_path: Path):
    root = project(tmp_path / "root")
    (root / "data").mkdir()
    (root / "ca.pem").write_text("public")
    (root / ".gitignore").write_text("environments/\n")
    assert "environments" not in unpacked(root, tmp_path / "git")
    (root / ".orchestrateignore").write_text("# not needed\n/data/\n!ca.pem\n")
    found = unpacked(root, tmp_path / "own")
    assert {"environments", "ca.pem"} <= set(found)
    assert "data" not in found


@pytest.mark.parametrize(
    ("rule", "path", "ignored"),
    [
        ("*.log", "a/b.log", True),
        ("/*.log", "a/b.log", False),
        ("a/*.log", "a/b.log", True),
        ("a/*.log", "a/c/b.log", False),
        ("a/**/b.log", "a/c/d/b.log", True),
        ("a/**/b.log", "a/b.log", True),
        ("a/**", "a/c/d", True),
        ("a/**", "a", False),
        ("**/build", "x/y/build", True),
        ("[ab].txt", "b.txt", True),
        ("[!ab].txt", "b.txt", False),
        ("folder/", "x/folder", False),
        (r"\#odd", "#odd", True),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("name  ", "name", True),
        ("", "name", False),
    ],
)
def test_rules_mean_what_they_mean_to_git(rule: str, path: str, ignored: bool):
    assert Rules([rule]).ignores(path, is_folder=False) is ignored


def test_the_last_rule_decides_except_over_what_never_leaves():
    rules = Rules(["*.key", "!public.key", "!.git"], left_out=["id.key"])
    assert rules.ignores("a.key", is_folder=False)
    assert not rules.ignores("x/public.key", is_folder=False)
    assert rules.ignores(".git", is_folder=True)
    assert Rules(["folder/"]).ignores("x/folder", is_folder=True)
    assert Rules(["!id.key"], left_out=["id.key"]).ignores("id.key", is_folder=False)


@pytest.mark.parametrize("target", ["/etc/hostname", "../elsewhere", "commands/../../elsewhere"])
def test_links_that_leave_the_project_are_refused(tmp_path: Path, target: str):
    root = project(tmp_path / "root")
    (root / "link").symlink_to(target)
    with pytest.raises(UsageError, match="the link link leads out of the project") as refused:
        packer(root).look()
    assert ".orchestrateignore" in refused.value.hint
    (root / ".orchestrateignore").write_text("link\n")
    assert packer(root).look().digest


def test_a_link_through_another_one_that_leaves_is_refused(tmp_path: Path):
    root = project(tmp_path / "root")
    (root / ".orchestrateignore").write_text("/away\n")
    (root / "away").symlink_to("/etc")
    (root / "host").symlink_to("away/hostname")
    with pytest.raises(UsageError, match="the link host leads out of the project"):
        packer(root).look()


def test_what_is_too_large_is_refused_by_name(tmp_path: Path):
    root = project(tmp_path / "root")
    with (root / "image.iso").open("wb") as file:
        file.truncate(40 << 20)
    with pytest.raises(UsageError, match=r"40\.0 MiB, and at most 32\.0 MiB.*image\.iso \(40"):
        packer(root).look()
