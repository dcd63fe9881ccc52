"""The command line on a cluster, as users call it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster.conftest import Server
from cluster.preloaded import Started, orchestrate, started
from polling import eventually

DEPLOY = """
name: deploy
parameters: [{name: version, type: string}]
steps:
  - {name: build, shell: "echo image=app:${version} > $ORCHESTRATE_OUTPUT"}
  - {name: ship, pool: linux, command: "echo shipping ${build.output.image}"}
"""
LOCKED = "name: locked\nlocks: [production]\nsteps: [{command: echo hi}]\n"
HELD = "name: held\nlocks: [production]\nsteps: [{command: sleep 120}]\n"
BIG = "name: big\nsteps: [{command: echo hi, resources: {cpu: 9}}]\n"
BLOCKED = (
    "name: blocked\nsteps: [{name: asks, type: approval, message: Go on?}, {command: echo on}]\n"
)


class Verbs:
    """A project whose workflows run on a cluster."""

    def __init__(self, server: Server, root: Path) -> None:
        self.root = root
        address = server.address()
        (root / "playbooks").mkdir()
        for name, text in (
            ("deploy", DEPLOY), ("locked", LOCKED), ("blocked", BLOCKED), ("held", HELD),
            ("big", BIG),
        ):  # fmt: skip
            (root / "playbooks" / f"{name}.yaml").write_text(text)
        (root / "orchestrate.toml").write_text(
            f'[engine]\nkind = "cluster"\naddress = "{address.target}"\n'
            f'namespace = "{address.namespace}"\n'
        )
        self.workers: list[Started] = []

    def __call__(self, *words: str, fails: int = 0) -> subprocess.CompletedProcess[str]:
        done = orchestrate(words, self.root)
        assert done.returncode == fails, done.stdout + done.stderr
        return done

    def worker(self, *words: str) -> Started:
        made = started(["orchestrate", "worker", *words], self.root, os.environ)
        self.workers.append(made)
        assert made.stderr is not None
        assert "takes steps of" in made.stderr.readline()
        return made

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.communicate()


@pytest.fixture
def verbs(server: Server, tmp_path: Path) -> Iterator[Verbs]:
    made = Verbs(server, tmp_path)
    yield made
    made.close()


def test_a_playbook_runs_on_two_workers_and_can_be_looked_at(verbs: Verbs):
    first = verbs.worker("--name", "one")
    verbs.worker("--name", "two", "--pool", "linux", "--max-steps", "2")
    ran = json.loads(
        verbs("run", "--playbook", "deploy", "--parameters", "version=2", "--json").stdout
    )
    assert (ran["state"], [step["state"] for step in ran["steps"]]) == (
        "succeeded",
        ["succeeded", "succeeded"],
    )
    workflow = ran["id"]
    assert ran["steps"][0]["output"] == {"image": "app:2"}
    assert verbs("logs", workflow, "--step", "ship").stdout == "shipping app:2\n"
    listed = json.loads(verbs("status", "--all", "--json").stdout)
    assert [(one["id"], one["state"]) for one in listed] == [(workflow, "succeeded")]
    assert "one runs here already" in verbs("worker", "--name", "one", fails=5).stderr
    first.send_signal(signal.SIGTERM)
    assert first.wait(120) == 0


def test_people_are_asked_on_a_cluster_too(verbs: Verbs):
    verbs.worker()
    verbs("run", "--playbook", "blocked", fails=4)
    verbs("approve", "current", "--comment", "fine")
    shown = eventually(
        lambda: [
            one
            for one in json.loads(verbs("status", "--all", "--json").stdout)
            if one["state"] == "succeeded"
        ],
        "the end",
    )
    assert shown[0]["playbook"] == "blocked"


def test_an_interrupted_run_is_cancelled_and_cleans_up(verbs: Verbs):
    verbs.worker()
    (verbs.root / "playbooks" / "long.yaml").write_text(
        f"name: long\nsteps: [{{name: endless, shell: touch {verbs.root}/begun; exec sleep 60}}]\n"
        f"finally: [{{name: tidy, shell: touch {verbs.root}/tidied}}]\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-m", "orchestrate", "run", "--playbook", "long"],
        cwd=verbs.root, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    eventually((verbs.root / "begun").exists, "the step")
    run.send_signal(signal.SIGINT)
    told, _ = run.communicate(timeout=120)
    assert run.returncode == 130, told
    assert (verbs.root / "tidied").exists()
    listed = json.loads(verbs("status", "--all", "--json").stdout)
    assert [one["state"] for one in listed] == ["cancelled"]
    assert listed[0]["reason"].endswith("interrupted")


def test_what_a_cluster_does_not_offer_is_refused(verbs: Verbs):
    verbs.worker()
    for words, hint in (
        (("prune",), "the retention of its namespace"),
        (("state", "backup"), "Temporal's database"),
        (("state", "restore", "x.tar.gz"), "Temporal's database"),
    ):
        told = verbs(*words, fails=2).stderr
        assert "not offered where workflows run on a cluster" in told
        assert hint in told


def test_who_did_what_is_told_from_journals(verbs: Verbs):
    verbs.worker()
    verbs("run", "--playbook", "blocked", fails=4)
    verbs("approve", "current", "--comment", "fine")
    found = json.loads(verbs("audit", "--json").stdout)
    assert [one["action"] for one in found] == ["approval_given", "workflow_created"]
    assert found[0]["reason"] == "fine"
    assert "approval_given" in verbs("audit", "--workflow", found[0]["workflow"]).stdout


def test_what_workflows_share_can_be_seen(verbs: Verbs):
    settings = verbs.root / "orchestrate.toml"
    text = settings.read_text()
    settings.write_text(f"{text}max_workflows = 2\n[capacity]\ncpu = 8\n")
    verbs.worker()
    held = verbs("run", "--playbook", "held", "--detach").stdout.strip()
    lock = eventually(lambda: json.loads(verbs("locks", "--json").stdout)["locks"], "the lock")[0]
    assert (lock["name"], lock["held_by"][0]["workflow"]) == ("production", held)
    waits = verbs("run", "--playbook", "locked", "--detach", "--priority", "high").stdout.strip()
    eventually(lambda: json.loads(verbs("capacity", "--json").stdout)["queue"], "the waiter")
    shown = verbs("capacity").stdout
    assert "cpu" in shown
    assert "waits for production" in shown
    refused = verbs("locks", "--release", "production", fails=2)
    assert "--release needs --reason" in refused.stderr
    freed = verbs("locks", "--release", "production", "--reason", "stuck").stdout
    assert f"production was taken away from {held}" in freed
    eventually(lambda: state(verbs, waits) == "succeeded", "whoever waited")
    verbs("pause", "--all", "--reason", "audit")
    refused = verbs("run", "--playbook", "locked", fails=5)
    assert "holds all new workflows: audit" in refused.stderr
    verbs("resume", "--all")
    big = verbs("run", "--playbook", "big", fails=2)
    assert "asks for 9 of `cpu`; there are 8" in big.stderr
    verbs("cancel", held)
    eventually(lambda: state(verbs, held) == "cancelled", "whoever was in the background leaves")


def state(verbs: Verbs, workflow: str) -> str:
    return json.loads(verbs("status", "--workflow", workflow, "--json").stdout)["state"]


def test_a_server_that_is_not_there_is_named(verbs: Verbs):
    (verbs.root / "orchestrate.toml").write_text(
        '[engine]\nkind = "cluster"\naddress = "127.0.0.1:1"\n'
    )
    told = verbs("status", fails=1).stderr
    assert "error[cluster]: the Temporal server at 127.0.0.1:1 cannot be reached" in told
    assert "Traceback" not in told
    assert "cannot be reached" in verbs("worker", fails=1).stderr
    assert "cannot be reached" in verbs("doctor", fails=1).stdout
    assert (
        "shipping"
        in verbs("run", "--playbook", "deploy", "--parameters", "version=2", "--dry-run").stdout
    )


def test_the_doctor_looks_at_the_cluster(verbs: Verbs):
    def said() -> dict[str, tuple[str, str]]:
        found = json.loads(verbs("doctor", "--json").stdout)
        return {one["subject"]: (one["level"], one["message"]) for one in found}

    alone = said()
    assert alone["cluster"][0] == "good"
    assert alone["workers"] == ("warn", "nobody there: workflows wait")
    verbs.worker("--name", "one")
    assert said()["pool default"] == ("good", "one")


def test_a_worker_needs_a_cluster(verbs: Verbs):
    (verbs.root / "orchestrate.toml").write_text("")
    assert 'kind = "cluster"' in verbs("worker", fails=2).stderr
    (verbs.root / "orchestrate.toml").write_text('[engine]\naddress = "127.0.0.1:1"\n')
    assert "engine.address is for clusters only" in verbs("worker", fails=2).stderr
