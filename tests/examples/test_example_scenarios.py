"""The example's playbooks are rehearsed: all of them, and a mistake in one is found."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from webapp.daemons import PROJECT


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    keep = ("playbooks", "environments")
    for name in keep:
        shutil.copytree(PROJECT / name, tmp_path / name)
    return tmp_path


def rehearse(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "orchestrate", "test", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_every_step_branch_and_handler_is_exercised(copy: Path) -> None:
    done = rehearse(copy, "--coverage", "--fail-under", "100", "--strict")
    assert (done.returncode, done.stderr) == (0, "")
    assert "never:" not in done.stdout
    assert "playbooks/blue-green-deployment.yaml" in done.stdout


def test_a_broken_step_is_found_with_its_place(copy: Path) -> None:
    playbook = copy / "playbooks" / "blue-green-deployment.yaml"
    text = playbook.read_text()
    assert text.count("--from blue --to green --gradual") == 1
    playbook.write_text(text.replace("--from blue --to green", "--from green --to blue"))
    done = rehearse(copy)
    assert done.returncode == 1
    line = text[: text.index("--from blue")].count("\n") + 1
    assert (
        f"playbooks/blue-green-deployment.yaml:{line}:14: note[step]: this is `switch-traffic`"
        in (done.stdout)
    )
    assert "  expected  /infra switch --from blue --to green --gradual\n" in done.stdout
    assert "  was       /infra switch --from green --to blue --gradual\n" in done.stdout
