"""Steps run in the project's files as they were when their workflow began, on any worker."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster.conftest import Server
from cluster.preloaded import orchestrate
from polling import eventually

PLAYBOOK = """
name: deploy
steps:
  - {name: waits, command: /wait}
  - {name: says, command: /say}
  - {name: names, pool: other, shell: "cat settings/name && pwd"}
"""


class Site:
    """Somebody's project, and workers that have none: only the address of the cluster."""

    def __init__(self, server: Server, root: Path) -> None:
        self.root = root / "project"
        self.places = root
        address = server.address()
        self.engine = (
            f'[engine]\nkind = "cluster"\naddress = "{address.target}"\n'
            f'namespace = "{address.namespace}"\n'
        )
        self.address = address
        self.processes: list[subprocess.Popen[str]] = []
        self.write("orchestrate.toml", self.engine)
        self.write("playbooks/deploy.yaml", PLAYBOOK)
        self.write("settings/name", "one\n")
        self.write("commands/say", "#!/bin/sh\necho old words\n")
        self.write(
            "commands/wait",
            f"#!/bin/sh\ntouch {root}/begun\nuntil test -e {root}/go; do sleep 0.05; done\n",
        )

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def start(
        self, *words: str, at: Path | None = None, env: dict[str, str] | None = None
    ) -> subprocess.Popen[str]:
        made = subprocess.Popen(
            [sys.executable, "-m", "orchestrate", *words],
            cwd=at or self.root, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, **(env or {})},
        )  # fmt: skip
        self.processes.append(made)
        return made

    def __call__(self, *words: str, fails: int = 0) -> str:
        done = orchestrate(words, self.root)
        assert done.returncode == fails, done.stdout + done.stderr
        return done.stderr if fails else done.stdout

    def worker(self, name: str, *pools: str) -> subprocess.Popen[str]:
        at = self.places / name
        at.mkdir()
        (at / "orchestrate.toml").write_text(self.engine)
        words = [word for pool in pools for word in ("--pool", pool)]
        made = self.start("worker", "--name", name, *words, at=at)
        assert made.stderr is not None
        assert "takes steps of" in made.stderr.readline()
        return made

    def stop(self, worker: subprocess.Popen[str]) -> None:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(120) == 0

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.communicate()
        for supervisor in self.places.glob("*/*/workers/*/projects"):
            for place, _, _ in os.walk(supervisor):
                Path(place).chmod(0o700)


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Iterator[Site]:
    made = Site(server, tmp_path)
    yield made
    made.close()


def test_steps_run_the_version_with_which_their_workflow_began(site: Site):
    site.worker("one", "default")
    # The other one has no project at all.
    state = site.places / "two" / "state"
    words = ("worker", "--name", "two", "--pool", "other", "--address", site.address.target)
    (site.places / "two").mkdir()
    two = site.start(
        *words, "--namespace", site.address.namespace, at=site.places / "two",
        env={"ORCHESTRATE_STATE_DIR": str(state)},
    )  # fmt: skip
    assert two.stderr is not None
    assert "takes steps of other" in two.stderr.readline()
    run = site.start("run", "--playbook", "deploy", "--json")
    eventually((site.places / "begun").exists, "the first step")
    site.write("commands/say", "#!/bin/sh\necho new words\n")
    (site.root / "settings" / "name").unlink()
    (site.places / "go").touch()
    told, problems = run.communicate(timeout=120)
    assert run.returncode == 0, told + problems
    workflow = json.loads(told)["id"]
    assert site("logs", workflow, "--step", "says") == "old words\n"
    listed = json.loads(site("workers", "--json"))
    assert [(one["name"], one["pools"], one["steps"]["max"]) for one in listed] == [
        ("one", ["default"], 20), ("two", ["other"], 20),
    ]  # fmt: skip
    heading, *lines = site("workers").splitlines()
    assert heading.split()[:4] == ["NAME", "STATE", "STEPS", "POOLS"]
    assert [line.split()[0] for line in lines] == ["one", "two"]
    name, place = site("logs", workflow, "--step", "names").splitlines()
    assert name == "one"
    assert Path(place).is_relative_to(state / "workers" / "two")
    # The next workflow takes what is there now: the file of the last step is gone.
    failed = json.loads(_failed(site, "run", "--playbook", "deploy", "--json"))
    assert site("logs", failed["id"], "--step", "says") == "new words\n"
    assert failed["steps"][-1]["state"] == "failed"
    # Resumed, it goes on with the files that it had, or with those of now.
    site.write("settings/name", "two\n")
    _failed(site, "resume", "--workflow", failed["id"])
    site("resume", "--workflow", failed["id"], "--playbook-changes", "use")
    assert site("logs", failed["id"], "--step", "names").splitlines()[-2] == "two"


def _failed(site: Site, *words: str) -> str:
    made = site.start(*words)
    told, problems = made.communicate(timeout=120)
    assert made.returncode == 1, told + problems
    return told


def test_a_worker_that_comes_back_has_the_files_that_its_steps_run_from(site: Site):
    worker = site.worker("one", "default", "other")
    run = site.start("run", "--playbook", "deploy", "--json")
    eventually((site.places / "begun").exists, "the first step")
    site.stop(worker)
    site.write("commands/say", "#!/bin/sh\nexit 1\n")
    (site.places / "one").rename(site.places / "elsewhere")
    (site.places / "elsewhere").rename(site.places / "one")
    made = site.start("worker", "--name", "one", "--pool", "default", "--pool", "other",
                      at=site.places / "one")  # fmt: skip
    assert made.stderr is not None
    assert "takes steps of" in made.stderr.readline()
    (site.places / "go").touch()
    told, problems = run.communicate(timeout=120)
    assert run.returncode == 0, told + problems


def test_a_project_whose_files_are_local_sends_nothing(site: Site):
    settings = f'{site.engine}project_files = "local"\n'
    (site.root / "orchestrate.toml").write_text(settings)
    (site.places / "go").touch()
    made = site.start("worker", "--name", "one", "--pool", "default", "--pool", "other")
    assert made.stderr is not None
    assert "takes steps of" in made.stderr.readline()
    ran = json.loads(site("run", "--playbook", "deploy", "--json"))
    assert site("logs", ran["id"], "--step", "names").splitlines() == ["one", str(site.root)]


def test_what_cannot_be_sent_is_told_before_a_workflow_is_made(site: Site):
    (site.root / "everything").symlink_to("/")
    told = site("run", "--playbook", "deploy", fails=2)
    assert "the link everything leads out of the project, to /" in told
    (site.root / ".orchestrateignore").write_text("everything\n")
    with (site.root / "image").open("wb") as file:
        file.truncate(50 << 20)
    told = site("run", "--playbook", "deploy", fails=2)
    assert "image (50.0 MiB)" in told
    (site.root / "image").unlink()
    (site.root / "orchestrate.toml").write_text(
        f'{site.engine}[notify.team]\nurl = "slack://secret/words"\n'
    )
    told = site("run", "--playbook", "deploy", fails=2)
    assert "the `url` of [notify.team] in orchestrate.toml may hold a password" in told
    assert json.loads(site("status", "--all", "--json")) == []
