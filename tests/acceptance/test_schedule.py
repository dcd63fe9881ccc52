"""`orchestrate schedule`: the examples of the manual, word for word, and what else can be asked."""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PLAYBOOK = """\
name: {0}
description: For a schedule.
parameters:
  - {{name: target, default: all}}
steps:
  - shell: echo {0} ${{target}} >> effects
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "playbooks").mkdir()
    for name in ("daily-backup", "weekly-maintenance", "monthly-audit"):
        (tmp_path / "playbooks" / f"{name}.yaml").write_text(PLAYBOOK.format(name))
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "production.yaml").write_text("protected: true\n")
    return tmp_path


def orchestrate(project: Path, words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "orchestrate", *shlex.split(words)]
    return subprocess.run(
        command, cwd=project, capture_output=True, text=True, check=False, timeout=120,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def schedules(project: Path) -> list[dict[str, Any]]:
    return json.loads(orchestrate(project, "schedule --list --json").stdout)


def test_a_schedule_that_is_enabled_at_once_says_when_it_comes(project: Path) -> None:
    done = orchestrate(project, 'schedule --playbook daily-backup --cron "0 2 * * *" --enabled')
    assert done.returncode == 0
    first, following = done.stdout.splitlines()
    assert first.startswith("daily-backup is scheduled: daily-backup at `0 2 * * *` (")
    assert following.startswith("next: ")
    assert following.endswith("02:00:00")
    assert "`orchestrate serve`" in done.stderr
    (made,) = schedules(project)
    assert (made["name"], made["enabled"], made["cron"]) == ("daily-backup", True, "0 2 * * *")
    assert made["next_at"] is not None


def test_a_schedule_that_is_not_enabled_says_how(project: Path) -> None:
    done = orchestrate(project, 'schedule --playbook weekly-maintenance --cron "0 3 * * SUN"')
    assert done.returncode == 0
    assert "`orchestrate schedule weekly-maintenance --enable`" in done.stdout
    (made,) = schedules(project)
    assert (made["enabled"], made["next_at"]) == (False, None)
    assert orchestrate(project, "schedule weekly-maintenance --enable").returncode == 0
    assert schedules(project)[0]["enabled"] is True


def test_a_schedule_has_the_name_that_it_is_given(project: Path) -> None:
    words = 'schedule --playbook monthly-audit --cron "0 0 1 * *" --name audit-schedule'
    assert orchestrate(project, words).returncode == 0
    (made,) = schedules(project)
    assert (made["name"], made["playbook"]) == ("audit-schedule", "monthly-audit")
    shown = orchestrate(project, "schedule audit-schedule").stdout
    assert shown.startswith("audit-schedule: monthly-audit at `0 0 1 * *`")


def test_preview_shows_both_changes_of_the_clock_and_makes_nothing(project: Path) -> None:
    words = 'schedule --cron "30 2 * * *" --time-zone Europe/Berlin --preview 1000'
    lines = orchestrate(project, words).stdout.splitlines()
    assert len(lines) == 1000
    assert any("02:30 does not exist on this day" in line for line in lines)
    assert any("this time comes twice" in line for line in lines)
    twice = orchestrate(project, words + " --dst run-twice --json").stdout
    assert any(slot["remark"] == "the second time" for slot in json.loads(twice))
    assert schedules(project) == []


def test_run_now_starts_it_in_between(project: Path) -> None:
    words = 'schedule --playbook daily-backup --cron "0 2 * * *" --parameters target=disks'
    orchestrate(project, words)
    started = orchestrate(project, "schedule daily-backup --run-now").stdout.strip()
    followed = orchestrate(project, f"logs {started} --follow")
    assert (followed.returncode, followed.stderr) == (0, "")
    assert (project / "effects").read_text() == "daily-backup disks\n"


def test_removal_and_disabling(project: Path) -> None:
    orchestrate(project, 'schedule --playbook daily-backup --cron "@daily" --enabled')
    assert orchestrate(project, "schedule daily-backup --disable").stdout == (
        "daily-backup is disabled\n"
    )
    assert orchestrate(project, "schedule daily-backup --remove").returncode == 0
    assert schedules(project) == []


CASES = [
    ('--playbook nope --cron "0 2 * * *"', 3, "there is no playbook nope"),
    ('--playbook daily-backup --cron "0 0 2 * * *"', 2, "without the first field: `0 2 * * *`"),
    ("--playbook daily-backup", 2, "a schedule needs --cron"),
    ('--cron "0 2 * * *"', 2, "a schedule needs --playbook"),
    ('--playbook daily-backup --cron "@daily" --time-zone Mars', 2, "no time zone Mars"),
    ('--playbook daily-backup --cron "@daily" --parameters tarjet=x', 2, "did you mean `target`"),
    ('--playbook daily-backup --cron "@daily" --environment production', 5, "protected"),
    ('--playbook daily-backup --cron "@daily" --remove', 2, "several things at once"),
    ('--playbook daily-backup --cron "@daily" --jitter soon', 2, "soon"),
    ("nothing --enable", 3, "there is no schedule nothing"),
    ("--enable", 2, "name a schedule"),
]


@pytest.mark.parametrize(("words", "code", "said"), CASES)
def test_what_is_wrong_is_said_before_anything_is_kept(
    project: Path, words: str, code: int, said: str
) -> None:
    done = orchestrate(project, f"schedule {words}")
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert schedules(project) == []


def test_another_schedule_of_the_same_name_is_a_conflict(project: Path) -> None:
    orchestrate(project, 'schedule --playbook daily-backup --cron "0 2 * * *"')
    done = orchestrate(project, 'schedule --playbook daily-backup --cron "0 3 * * *"')
    assert (done.returncode, "--replace" in done.stderr) == (5, True)
    words = 'schedule --playbook daily-backup --cron "0 3 * * *" --replace'
    assert orchestrate(project, words).returncode == 0
    assert schedules(project)[0]["cron"] == "0 3 * * *"
