"""Where recording is impossible: a clear message, an exit code, no traceback, an intact journal."""

import itertools
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from crash.harness import processes_of
from polling import eventually

STEP = 'steps:\n  - name: one\n    shell: echo one >> "$EFFECTS"\n'


@pytest.fixture
def one(project, tmp_path):
    project.playbook("one", STEP)
    project.env["EFFECTS"] = str(tmp_path / "effects")
    return project


def refused(done, *words: str) -> None:
    assert done.code == 1, done
    assert "Traceback" not in done.err
    assert "error[" in done.err
    for word in words:
        assert word in done.err


def as_ordinary_user(words: list[str]) -> list[str]:
    """The call without the powers of root, if we have them."""
    if os.geteuid() != 0:
        return words
    setpriv = shutil.which("setpriv")
    assert setpriv is not None
    return [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", *words]


def open_the_way(folder: Path) -> None:
    """Let an ordinary user reach a folder below pytest's private ones."""
    for parent in (folder, *folder.parents):
        if parent == Path("/tmp") or parent.stat().st_uid != os.geteuid():
            return
        parent.chmod(parent.stat().st_mode | 0o055)


@pytest.mark.parametrize("made_before", [False, True])
def test_a_state_directory_that_cannot_be_written(one, made_before) -> None:
    state = one.root / ".orchestrate"
    if made_before:
        one.ok("run", "--playbook", "one")
    open_the_way(one.root)
    holder = state if made_before else one.root
    mode = holder.stat().st_mode
    holder.chmod(0o555)
    try:
        done = subprocess.run(
            as_ordinary_user(one.words("run", "--playbook", "one")),
            cwd=one.root,
            env={**one.env, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    finally:
        holder.chmod(mode)
    assert done.returncode == 1, done
    assert "error[state-directory]" in done.stderr
    assert "ORCHESTRATE_STATE_DIR" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_in_the_way_of_the_state_directory(one) -> None:
    (one.root / ".orchestrate").write_text("")
    refused(one("run", "--playbook", "one"), "error[state-directory]")


def test_a_corrupt_database(one) -> None:
    one.ok("run", "--playbook", "one")
    database = one.root / ".orchestrate" / "orchestrate.db"
    for suffix in ("-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
    database.write_bytes(b"this is no database" * 1000)
    for words in (("run", "--playbook", "one"), ("status",)):
        refused(one(*words), "error[store]", "orchestrate state restore")
    doctor = one("doctor")
    assert doctor.code == 1
    assert "damaged" in doctor.out
    assert database.read_bytes() == b"this is no database" * 1000


def test_a_store_of_a_newer_program(one) -> None:
    one.ok("run", "--playbook", "one")
    connection = sqlite3.connect(one.root / ".orchestrate" / "orchestrate.db")
    connection.execute("PRAGMA user_version=4711")
    connection.commit()
    connection.close()
    for words in (("run", "--playbook", "one"), ("status",)):
        refused(one(*words), "newer program", "Upgrade")


LIMITED = """
import resource, runpy, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.argv[1:] = sys.argv[2:]
runpy.run_module("orchestrate", run_name="__main__")
"""


def test_files_that_may_not_grow_are_reported(one) -> None:
    """What a quota does, without needing one: every file of the process is limited."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, "8192", "run", "--playbook", "one"],
        cwd=one.root,
        env={**one.env, "PYTHONDONTWRITEBYTECODE": "1"},  # or it would leave half of a module
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    assert "error[" in done.stderr
    assert not Path(one.env["EFFECTS"]).exists()
    one.ok("run", "--playbook", "one")


def test_outside_of_a_project(one, tmp_path) -> None:
    done = one("status", cwd=tmp_path)
    assert done.code == 3
    assert "orchestrate init" in done.err


def test_broken_settings_are_shown_with_their_place(one) -> None:
    one.write("orchestrate.toml", "[engine]\nmax_paralel = 3\n")
    done = one("run", "--playbook", "one")
    assert done.code == 2
    assert "orchestrate.toml:2:1" in done.err
    assert "max_parallel" in done.err


def test_doctor_finds_nothing_wrong_with_a_new_project(project) -> None:
    shutil.rmtree(project.root / "playbooks")
    project.ok("init")
    done = project("doctor")
    assert done.code == 0, done
    project.ok("run", "--playbook", "hello")
    done = project.ok("doctor", "--json")
    findings = {finding["subject"]: finding["level"] for finding in done.json}
    assert findings["store"] == "good"
    assert findings["supervisors"] == "good"
    assert findings["workflows"] == "good"


def test_init_makes_a_project_that_runs_and_refuses_to_overwrite(project) -> None:
    project.ok("init", "fresh")
    fresh = project.root / "fresh"
    done = project("run", "--playbook", "hello", "--parameters", "who=ada", cwd=fresh)
    assert done.code == 0, done
    assert "Hello, ada!" in project("logs", "current", "--step", "greet", cwd=fresh).out
    before = (fresh / "playbooks" / "hello.yaml").read_bytes()
    assert project("init", "fresh").code == 5
    assert (fresh / "playbooks" / "hello.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("stauts",), "orchestrate status"),
        (("run", "--plabook", "x"), "--playbook"),
        (("--plabook", "x"), "--playbook"),
    ],
)
def test_a_misspelt_verb_or_option_names_the_nearest(project, words, near) -> None:
    done = project(*words)
    assert done.code == 2
    assert f"Did you mean `{near}`?" in done.err


def test_a_reader_that_goes_away_is_no_error(one) -> None:
    for _ in range(3):
        one.ok("run", "--playbook", "one")
    process = subprocess.Popen(
        one.words("status", "--all"),
        cwd=one.root,
        env=one.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=120) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()


def test_a_run_whose_reader_goes_away_ends_well(one) -> None:
    one.playbook("many", "steps:\n" + "".join("  - command: /bin/true\n" for _ in range(30)))
    process = one.start("run", "--playbook", "many")
    assert process.stdout is not None
    one.read_until(process, "many")
    process.stdout.close()
    assert process.wait(timeout=120) == 0
    assert one.workflow(one.newest())["state"] == "succeeded"


@pytest.fixture
def small_disk(tmp_path: Path):
    """A file system of 3 MB where we may mount one; None where we may not."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=3m,mode=700", "tmpfs", str(place)]
    mounted = os.geteuid() == 0 and subprocess.run(words, check=False).returncode == 0
    yield place if mounted else None
    if mounted:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    filler = place / "filler"
    with filler.open("wb", buffering=0) as stream, pytest.raises(OSError, match="No space"):
        stream.writelines(itertools.repeat(b"x" * 4096))
    return filler


def test_a_full_disk_is_said_and_the_journal_stays_whole(one, small_disk) -> None:
    if small_disk is None:  # then the limit on files above is all that can be shown
        return
    state = {"ORCHESTRATE_STATE_DIR": str(small_disk / "state")}
    first = one("run", "--playbook", "one", env=state)
    assert first.code == 0, first
    # What it removed is freed when nobody has it open any more.
    eventually(lambda: not processes_of(small_disk), "the first one to leave nothing to be freed")
    filler = fill(small_disk)
    refused(one("run", "--playbook", "one", env=state), "full")
    filler.unlink()
    again = one("run", "--playbook", "one", env=state)
    assert again.code == 0, again
    assert one("doctor", env=state).code == 0
    states = {which["state"] for which in one("status", "--all", "--json", env=state).json}
    assert "succeeded" in states
