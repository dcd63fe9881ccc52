import fcntl
import io
import json
import os
import signal
import subprocess
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest

SETTINGS = """
[backup.sets.data]
paths = ["data", "config/app.toml"]
exclude = ["*.tmp"]

[backup.targets.dr-site]
directory = "dr"
"""


@pytest.fixture
def with_data(project: Any) -> Any:
    project.settings(SETTINGS)
    project.write("data/users.db", "version 1")
    project.write("data/deep/tree/leaf", "leaf")
    project.write("data/scratch.tmp", "not kept")
    project.write("config/app.toml", "a = 1")
    (project.root / "data" / "current").symlink_to("deep/tree")
    (project.root / "data" / "users.db").chmod(0o640)
    (project.root / "data" / "empty").mkdir()
    return project


def contents(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): path.read_text()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def test_what_was_backed_up_comes_back(with_data: Any) -> None:
    made = with_data.call("backup", "create", "--name", "pre-deploy-20261122T163000Z")
    assert made.code == 0, made.stderr
    assert made.output["name"] == "pre-deploy-20261122T163000Z"
    assert made.output["files"] == 3
    root = with_data.root
    os.utime(root / "data" / "users.db", (1_600_000_000, 1_600_000_000))
    (root / "data" / "users.db").write_text("version 2")
    (root / "data" / "deep" / "tree" / "leaf").unlink()
    (root / "data" / "newer").write_text("made later")
    (root / "config" / "app.toml").unlink()
    restored = with_data.call("backup", "restore", "--name", "latest")
    assert restored.code == 0, restored.stderr
    assert contents(root / "data") == {"users.db": "version 1", "deep/tree/leaf": "leaf"}
    assert (root / "config" / "app.toml").read_text() == "a = 1"
    assert (root / "data" / "current").readlink() == Path("deep/tree")
    assert (root / "data" / "users.db").stat().st_mode & 0o777 == 0o640
    assert (root / "data" / "empty").is_dir()
    assert restored.output["name"] == "pre-deploy-20261122T163000Z"
    assert not list(root.rglob(".restoring-*"))


def test_restore_to_another_place_leaves_the_original_alone(with_data: Any) -> None:
    with_data.call("backup", "create", "--name", "one")
    with_data.write("data/users.db", "version 2")
    done = with_data.call("backup", "restore", "--name", "latest", "--target", "dr-site")
    assert done.code == 0, done.stderr
    assert (with_data.root / "dr/data/users.db").read_text() == "version 1"
    assert (with_data.root / "dr/config/app.toml").read_text() == "a = 1"
    assert (with_data.root / "data/users.db").read_text() == "version 2"


def test_a_target_keeps_backups_elsewhere(with_data: Any) -> None:
    assert with_data.call("backup", "create", "--name", "one", "--target", "dr-site").code == 0
    assert (with_data.root / "dr" / "one" / "manifest.json").is_file()
    with_data.write("data/users.db", "version 2")
    assert with_data.call("backup", "restore", "--from", "dr-site").code == 0
    assert (with_data.root / "data/users.db").read_text() == "version 1"
    unknown = with_data.call("backup", "create", "--target", "dr-sitte")
    assert unknown.code == 2
    assert "Did you mean `dr-site`?" in unknown.stderr


def test_latest_is_the_newest(with_data: Any) -> None:
    for number in ("1", "2"):
        with_data.write("data/users.db", f"version {number}")
        assert with_data.call("backup", "create", "--name", f"b{number}").code == 0
    with_data.write("data/users.db", "broken")
    with_data.call("backup", "restore")
    assert (with_data.root / "data/users.db").read_text() == "version 2"
    listed = with_data.call("backup", "list")
    assert listed.output["backups"] == ["b2", "b1"]
    assert listed.output["latest"] == "b2"


def test_the_same_name_again_is_refused_but_for_the_same_step(with_data: Any) -> None:
    key = {"ORCHESTRATE_IDEMPOTENCY_KEY": "WF-2026-001/backup"}
    assert with_data.call("backup", "create", "--name", "one", **key).code == 0
    manifest = with_data.state / "backups" / "one" / "manifest.json"
    before = manifest.read_bytes()
    again = with_data.call("backup", "create", "--name", "one", **key)
    assert again.code == 0
    assert "made by an earlier attempt" in again.stdout
    assert again.output["name"] == "one"
    assert manifest.read_bytes() == before
    other = with_data.call(
        "backup", "create", "--name", "one", ORCHESTRATE_IDEMPOTENCY_KEY="WF-2026-002/backup"
    )
    assert other.code == 5
    assert "there is a backup `one` already" in other.stderr
    assert with_data.call("backup", "create", "--name", "one").code == 5


def test_a_damaged_archive_is_found_and_never_restored(with_data: Any) -> None:
    with_data.call("backup", "create", "--name", "one")
    with_data.call("backup", "create", "--name", "two")
    archive = with_data.state / "backups" / "one" / "0-data.tar.gz"
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)
    checked = with_data.call("backup", "verify")
    assert checked.code == 1
    assert checked.output == {"verified": 2, "damaged": ["one"]}
    with_data.write("data/users.db", "live")
    refused = with_data.call("backup", "restore", "--name", "one")
    assert refused.code == 1
    assert "its checksum is not the recorded one" in refused.stderr
    assert (with_data.root / "data/users.db").read_text() == "live"
    assert with_data.call("backup", "verify", "--name", "two").code == 0


def test_prune_keeps_the_newest(with_data: Any) -> None:
    for name in ("a", "b", "c"):
        with_data.call("backup", "create", "--name", name)
    assert with_data.call("backup", "prune", "--older-than", "1d").output["removed"] == []
    pruned = with_data.call("backup", "prune", "--keep", "1")
    assert pruned.output == {"removed": ["b", "a"], "kept": 1}
    assert with_data.call("backup", "list").output["backups"] == ["c"]
    assert with_data.call("backup", "prune").code == 2


def test_what_is_missing_or_unknown_is_told(with_data: Any) -> None:
    nothing = with_data.call("backup", "restore")
    assert nothing.code == 3
    assert "there is no backup in" in nothing.stderr
    with_data.call("backup", "create", "--name", "pre-deploy")
    near = with_data.call("backup", "restore", "--name", "pre-deply")
    assert near.code == 3
    assert "Did you mean `pre-deploy`?" in near.stderr
    unknown = with_data.call("backup", "create", "--set", "dta")
    assert unknown.code == 2
    assert "Did you mean `data`?" in unknown.stderr
    for name in ("../evil", "latest", "a/b", ""):
        assert with_data.call("backup", "create", f"--name={name}").code == 2
    (with_data.root / "config" / "app.toml").unlink()
    missing = with_data.call("backup", "create", "--name", "three")
    assert missing.code == 3
    assert "config/app.toml of the backup set `data` does not exist" in missing.stderr
    assert with_data.call("backup", "list").output["backups"] == ["pre-deploy"]
    assert not list((with_data.state / "backups").glob(".making-*"))


def test_without_any_set_nothing_is_pretended(project: Any) -> None:
    done = project.call("backup", "create")
    assert done.code == 2
    assert "[backup.sets.NAME]" in done.stderr


def test_a_link_that_leads_outside_is_not_backed_up(with_data: Any) -> None:
    (with_data.root / "data" / "etc").symlink_to("/etc")
    done = with_data.call("backup", "create", "--name", "one")
    assert done.code == 1
    assert "is a link that leads outside" in done.stderr
    assert with_data.call("backup", "list").output["count"] == 0


def planted(project: Any, *members: tarfile.TarInfo) -> None:
    """Replace the archive of backup `one` by one with these members, checksum and all."""
    directory = project.state / "backups" / "one"
    archive = directory / "0-data.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for member in members:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    import hashlib

    manifest = json.loads((directory / "manifest.json").read_text())
    manifest["sets"]["data"]["sha256"] = hashlib.sha256(archive.read_bytes()).hexdigest()
    (directory / "manifest.json").write_text(json.dumps(manifest))


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> Any:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, size
    return info


@pytest.mark.parametrize(
    "members",
    [
        [member("../../escaped", size=1)],
        [member("/escaped", size=1)],
        [member("0-data", tarfile.DIRTYPE), member("0-data/l", tarfile.SYMTYPE, "/etc")],
        [member("0-data", tarfile.DIRTYPE), member("0-data/l", tarfile.SYMTYPE, "../../..")],
        [
            member("0-data", tarfile.SYMTYPE, ".."),
            member("0-data/escaped", size=1),
        ],
        [
            member("0-data", tarfile.DIRTYPE),
            member("0-data/a", tarfile.DIRTYPE),
            member("0-data/a/b", tarfile.SYMTYPE, ".."),
            member("0-data/c", tarfile.SYMTYPE, "a/b/../.."),
        ],
        [member("0-data", tarfile.LNKTYPE, "../../../users")],
        [member("0-data", tarfile.CHRTYPE)],
        [member("0-data", tarfile.FIFOTYPE)],
    ],
)
def test_an_archive_that_would_escape_is_refused_whole(with_data: Any, members: list[Any]) -> None:
    with_data.call("backup", "create", "--name", "one")
    planted(with_data, *members)
    before = contents(with_data.root / "data")
    done = with_data.call("backup", "restore", "--name", "one")
    assert done.code == 1, done.stdout
    assert "Traceback" not in done.stderr
    assert contents(with_data.root / "data") == before
    assert not list(with_data.root.parent.rglob("escaped"))
    assert not list(with_data.root.rglob(".restoring-*"))


def test_a_restore_that_fails_half_way_changes_nothing(with_data: Any) -> None:
    with_data.call("backup", "create", "--name", "one")
    with_data.write("data/users.db", "live")
    (with_data.root / "config" / "app.toml").unlink()
    (with_data.root / "config").rmdir()
    (with_data.root / "config").write_text("in the way")
    done = with_data.call("backup", "restore")
    assert done.code == 1
    assert "Traceback" not in done.stderr
    assert (with_data.root / "data/users.db").read_text() == "live"
    assert not list(with_data.root.rglob(".restoring-*"))


def test_a_restore_that_was_killed_half_way_is_undone(with_data: Any) -> None:
    with_data.call("backup", "create", "--name", "one")
    root = with_data.root
    workplace = root / ".restoring-x"
    (workplace / "new").mkdir(parents=True)
    (root / "data").rename(workplace / "old")
    record = with_data.state / "backup-restore.json"
    swap = [str(workplace / "new"), str(root / "data"), str(workplace / "old")]
    record.write_text(json.dumps({"swaps": [swap], "workplaces": [str(workplace)]}))
    done = with_data.call("backup", "create", "--name", "two")
    assert done.code == 0, done.stderr
    assert "undid an earlier restore" in done.stdout
    assert contents(root / "data")["users.db"] == "version 1"
    assert not workplace.exists()
    assert not record.exists()


def test_two_at_once_wait_for_each_other(with_data: Any) -> None:
    place = with_data.state / "backups"
    place.mkdir(parents=True)
    with (place / ".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = subprocess.Popen(
            with_data.argv("backup", "create", "--name", "one"),
            cwd=with_data.root,
            env=with_data.env({}),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline().startswith("waiting for another process")
        assert not (place / "one").exists()
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert (place / "one").is_dir()


def test_a_backup_that_is_terminated_leaves_nothing(with_data: Any) -> None:
    place = with_data.state / "backups"
    big = with_data.root / "data" / "big"
    with big.open("wb") as file:
        for _ in range(64):
            file.write(os.urandom(1024 * 1024))
    process = subprocess.Popen(
        with_data.argv("backup", "create", "--name", "one"),
        cwd=with_data.root,
        env=with_data.env({}),
        stderr=subprocess.PIPE,
    )
    pause = threading.Event()
    while not list(place.glob(".making-*/0-data.tar.gz")):
        assert process.poll() is None
        pause.wait(0.005)
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 143, stderr
    assert [path.name for path in place.iterdir()] == [".lock"]


def test_a_restore_that_is_killed_leaves_the_data_whole(with_data: Any) -> None:
    for number in range(300):
        with_data.write(f"data/many/{number}", "v1")
    with_data.call("backup", "create", "--name", "one")
    for number in range(300):
        with_data.write(f"data/many/{number}", "v2")
    process = subprocess.Popen(
        with_data.argv("backup", "restore"), cwd=with_data.root, env=with_data.env({})
    )
    record = with_data.state / "backup-restore.json"
    pause = threading.Event()
    while not record.exists() and process.poll() is None:
        pause.wait(0.001)
    process.kill()
    process.wait(120)
    # The next one first undoes what was left half way, then does all of it.
    done = with_data.call("backup", "restore")
    assert done.code == 0, done.stderr
    assert set(contents(with_data.root / "data" / "many").values()) == {"v1"}
    assert not list(with_data.root.rglob(".restoring-*"))
    assert not record.exists()


def test_a_set_that_may_be_absent(project: Any) -> None:
    project.settings('[backup.sets.cache]\npaths = ["cache", "kept"]\noptional = true\n')
    project.write("kept", "x")
    assert project.call("backup", "create", "--name", "one").output["files"] == 1
    project.write("cache/later", "stays")
    assert project.call("backup", "restore").code == 0
    assert (project.root / "cache/later").read_text() == "stays"


def test_swaps_that_were_made_are_undone_when_a_later_one_fails(with_data: Any) -> None:
    from orchestrate.commands.builtin.backup_restore import restore_set

    with_data.call("backup", "create", "--name", "one")
    root = with_data.root
    with_data.write("data/users.db", "live")
    archive = with_data.state / "backups" / "one" / "0-data.tar.gz"
    record = with_data.state / "backup-restore.json"
    destinations = {"0-data": root / "data", "1-app.toml": root / ("n" * 300)}
    before = contents(root / "data")
    with pytest.raises(OSError, match="name too long"):
        restore_set(archive, destinations, record)
    assert contents(root / "data") == before
    assert not record.exists()
    assert not list(root.rglob(".restoring-*"))


def test_paths_of_a_set_must_not_overlap(with_data: Any) -> None:
    with_data.settings('[backup.sets.data]\npaths = ["data", "./data/deep"]\n')
    done = with_data.call("backup", "create")
    assert done.code == 2
    assert "./data/deep lies in data" in done.stderr
