"""Every example of the manual for the verbs that run and control workflows, word for word (without
the slash), in the example project, each in a state in which it makes sense, with its effect.

The manual's ids are of 2025, so the clock of the test's processes is set back to that year.
"""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
EXAMPLE = HERE.parents[1] / "examples" / "webapp"
COMMANDS = (HERE / "spec" / "commands.txt").read_text().splitlines()
MID_2025 = 1_751_328_000
EARLIER = "import time\n_now = time.time\ntime.time = lambda: _now() - {}\n"
ID = "WF-2025-001"
MARK = "  - name: {0}\n    shell: echo {0} >> effects\n"

DEPLOY = "run --playbook deploy-web-app --environment production"
RECOVER = "run --playbook disaster-recovery --parallel --checkpoint"
RUNNING = "status --running"
DETAILED = "status --workflow WF-2025-001 --detailed"
HISTORY = "status --history 7 --all"
PAUSE = 'pause --workflow WF-2025-001 --reason "Manual verification required"'
PAUSE_CURRENT = "pause --workflow current --checkpoint --timeout 30"
RESUME = "resume --workflow WF-2025-001"
FROM_STEP = 'resume --workflow WF-2025-001 --from-step "deploy-frontend"'
SKIP_FAILED = "resume --workflow current --skip-failed"
CHECKPOINTS = "checkpoints --workflow WF-2025-001"
FROM_CHECKPOINT = "resume --workflow WF-2025-001 --checkpoint CP-123"
COMPLETE = "complete --workflow WF-2025-001 --force"


def test_these_are_all_examples_without_dry_run_and_debug() -> None:
    asked = {line.removeprefix("/orchestrate ") for line in COMMANDS}
    later = {line for line in asked if "--dry-run" in line or "--debug" in line}
    assert asked - later == {
        DEPLOY, RECOVER, RUNNING, DETAILED, HISTORY, PAUSE, PAUSE_CURRENT, RESUME, FROM_STEP,
        SKIP_FAILED, CHECKPOINTS, FROM_CHECKPOINT, COMPLETE,
    }  # fmt: skip


class Site:
    """A copy of the example project, and what its programs say."""

    def __init__(self, project) -> None:
        self.project = project
        self.env = project.env

    def infra(self, *words: str) -> str:
        done = subprocess.run(
            [self.project.root / "commands" / "infra", *words],
            cwd=self.project.root,
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    @property
    def pools(self) -> dict[str, Any]:
        return json.loads(self.infra("status", "--json"))["pools"]

    def __call__(self, line: str):
        return self.project(*shlex.split(line))

    def ok(self, line: str):
        return self.project.ok(*shlex.split(line))


@pytest.fixture
def site(tmp_path: Path, project_in) -> Iterator[Site]:
    root = tmp_path / "project"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("__pycache__", ".orchestrate"))
    shutil.rmtree(root / "run", ignore_errors=True)
    (tmp_path / "clock").mkdir()
    back = EARLIER.format(time.time() - MID_2025)
    (tmp_path / "clock" / "sitecustomize.py").write_text(back)
    project = project_in(root)
    project.env |= {
        "PYTHONPATH": str(tmp_path / "clock"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "WEBAPP_SWITCH_INTERVAL": "0.05",
    }
    made = Site(project)
    yield made
    project.touch("slow.go")
    project.close()
    made.infra("down")


@pytest.fixture
def running(site: Site, waiting):
    """WF-2025-001 runs a step that waits for the file slow.go."""
    site.project.playbook("long", "steps:\n" + waiting("slow") + MARK.format("after"))
    process = site.project.start("run", "--playbook", "long")
    site.project.wait_for_file("slow.started")
    return process


def test_run_deploys_the_version_of_the_environment(site: Site) -> None:
    site.infra("up", "--version", "1.0")
    site.ok(DEPLOY)
    assert site.project.workflow(ID)["environment"] == "production"
    backend = site.pools["backend"]
    assert backend["version"] == "1.1"
    assert all(each["alive"] for each in backend["instances"])
    backups = site.project.root / "run" / "backups"
    assert any("pre-deploy-2025" in file.name for file in backups.rglob("*"))


def test_run_moves_to_the_recovery_site_with_checkpoints(site: Site) -> None:
    site.infra("up", "--version", "1.0")
    site.ok(DEPLOY)
    site.ok(RECOVER)
    found = site.ok("checkpoints --workflow WF-2025-002 --json").json
    assert [one["id"] for one in found] == ["CP-1", "CP-2", "CP-3", "CP-4"]
    assert site.pools["disaster-recovery-site"]["weight"] > 0


def test_status_of_what_runs(site: Site, running) -> None:
    shown = site.ok(RUNNING).out
    assert ID in shown
    assert "running" in shown


def test_status_in_detail(site: Site, running) -> None:
    site.project.touch("slow.go")
    site.project.finish(running)
    shown = site.ok(DETAILED).out
    assert shown.startswith(f"{ID} long  succeeded")
    assert "after succeeded" in shown


def test_status_of_the_last_days(site: Site, running) -> None:
    site.project.touch("slow.go")
    site.project.finish(running)
    assert ID in site.ok(HISTORY).out


def test_pause_with_a_reason_then_resume(site: Site, running) -> None:
    site.ok(PAUSE)
    site.project.touch("slow.go")
    site.project.wait_for_state("paused", ID)
    assert site.project.workflow(ID)["reason"] == "Manual verification required"
    assert site.project.lines("effects") == ["slow"]
    site.ok(RESUME)
    assert site.project.finish(running).code == 0
    assert site.project.lines("effects") == ["slow", "after"]


def test_pause_of_current_with_checkpoint_and_timeout(site: Site, running) -> None:
    assert "checkpoint CP-1" in site.ok(PAUSE_CURRENT).out
    site.project.touch("slow.go")
    site.project.wait_for_state("paused", ID)
    found = site.project.workflow(ID)
    assert found["resume_at"].startswith("2025-07-01T00:3")
    assert "CP-1" in site.ok(CHECKPOINTS).out


def test_resume_from_a_branch_leaves_its_siblings_alone(site: Site) -> None:
    site.infra("up", "--version", "1.0")
    site.ok("run --playbook parallel-deployment")
    before = site.project.workflow(ID)
    done = site.ok(FROM_STEP)
    assert done.out.count(" /infra deploy --component frontend") == 1
    assert " /infra deploy --component api" not in done.out
    after = site.project.workflow(ID)
    assert after["state"] == "succeeded"
    kept = [step for step in after["steps"] if "deploy-api" in step["path"]]
    assert kept == [step for step in before["steps"] if "deploy-api" in step["path"]]


def test_resume_over_a_failed_step(site: Site) -> None:
    site.infra("up", "--version", "1.0")
    site.ok(DEPLOY)
    for pool in site.pools.values():
        for each in pool["instances"]:
            os.kill(each["pid"], signal.SIGKILL)
    failed = site("run --playbook disaster-recovery")
    assert failed.code == 1, failed
    site.ok(SKIP_FAILED)
    states = site.project.states("WF-2025-002")
    assert states["assess-damage"] == "skipped"
    assert states["validate-recovery"] == "succeeded"
    assert site.pools["disaster-recovery-site"]["weight"] > 0


def test_resume_from_a_far_checkpoint(site: Site) -> None:
    steps = "".join(f"  - name: step-{n}\n    type: set\n    variables: {{v: {n}}}\n"
                    for n in range(1, 124))  # fmt: skip
    site.project.playbook("long", f"steps:\n{steps}{MARK.format('last')}")
    site.ok("run --playbook long --checkpoint")
    assert site.project.lines("effects") == ["last"]
    site.ok(FROM_CHECKPOINT)
    assert site.project.lines("effects") == ["last", "last"]


def test_complete_by_force(site: Site, running) -> None:
    site.ok(COMPLETE)
    assert site.project.finish(running).code == 0
    assert site.project.workflow(ID)["state"] == "completed"
    assert site.project.lines("effects") == []
