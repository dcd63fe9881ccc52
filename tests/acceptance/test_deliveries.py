"""Deliveries: what workflows tell others, through whatever trouble, in order, each thing once."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from this_year import YEAR
from vendors.hooks import SECRET, Hooks
from vendors.serving import GARBAGE, LOSE, REFUSE, saying

from orchestrate.embedded import presence
from orchestrate.embedded.delivering.starting import LOCK

MANY = 80
CANCELLED = """
import os, sys
from orchestrate.app import open_app
from orchestrate.intake import Request, compose
from orchestrate.workflow.program import RunOptions

app = open_app()
with app.open_engine() as engine:
    new = compose(app, Request("deploy", (), None, RunOptions(), yes=True))
    for _ in range(int(sys.argv[1])):
        workflow, _ = engine.create(new)
        engine.cancel(workflow, actor="anna", reason="nobody is there")
        print(workflow, flush=True)
os._exit(0)
"""
HOOKED = """
name: deploy
tags: [web]
parameters:
  - {name: fail, default: "no"}
secrets:
  - {name: password, source: environment, variable: DEPLOY_PASSWORD}
integrations:
  - type: webhook
    url: ${HOOK_URL}
    secret: ${HOOK_SECRET}
steps:
  - name: prepare
    command: /bin/true
  - name: release
    type: deployment
    shell: |
      echo "releasing with ${secrets.password}"
      test "${fail}" != yes
"""


@pytest.fixture
def hooks(project, until) -> Iterator[Hooks]:
    """A receiver, and a project whose playbook `deploy` tells it everything."""
    server = Hooks()
    server.start()
    project.playbook("deploy", HOOKED)
    project.env |= {"HOOK_URL": f"{server.address}/hook?key=canary-of-an-address",
                    "HOOK_SECRET": SECRET, "DEPLOY_PASSWORD": "canary-of-a-step"}  # fmt: skip
    yield server
    _end_courier(project, until)
    server.stop()


def _courier(project) -> list[int]:
    """The processes that deliver for this project."""
    wanted = f"ORCHESTRATE_STATE_DIR={state(project)}".encode()
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            if b"courier" in words and wanted in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
        except OSError:
            continue
    return found


def _end_courier(project, until) -> None:
    for pid in _courier(project):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not presence.is_present(state(project), LOCK), "the end of the courier")


def state(project) -> Path:
    return project.root / ".orchestrate"


def deliveries(project, *words: str) -> Any:
    return project.ok("deliveries", *words, "--json").json


def settled(project) -> bool:
    return not [one for one in deliveries(project) if one["state"] == "waiting"]


def told_all(project) -> bool:
    """Whether all is delivered; if not, it is due now, and a courier is there."""
    project("deliveries", "--retry", "all")
    return settled(project)


def everything_in(folder: Path) -> bytes:
    files = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return b"".join(file.read_bytes() for file in files)


def test_what_is_told_and_what_never_is(project, hooks, until) -> None:
    assert project("run", "--playbook", "deploy", "--parameters", "fail=yes").code == 1
    project.ok("run", "--playbook", "deploy")
    until(lambda: settled(project), "all deliveries")
    start, failure, _, recovery = hooks.seen.values()
    assert [body["event"] for body in hooks.seen.values()] == [
        "start",
        "failure",
        "start",
        "recovery",
    ]
    assert (start["state"], start["parameters"]) == ("running", {"fail": "yes"})
    assert failure["labels"] == ["web"]
    assert failure["failed"] == {
        "path": "release",
        "attempt": 1,
        "exit_code": 1,
        "message": "exit code 1",
        "output": "releasing with ***",
    }
    assert failure["metrics"]["steps"] == {"succeeded": 1, "failed": 1}
    assert failure["metrics"]["slowest"][0]["state"] in ("failed", "succeeded")
    assert (recovery["recovered"], recovery["failed"]) == (True, None)
    sent = b"".join(request.body for request in hooks.asked)
    kept = everything_in(state(project))
    for canary in (b"canary-of-a-step", b"canary-of-an-address", SECRET.encode()):
        assert canary not in sent
        assert canary not in kept


def test_an_integration_without_its_variable_is_off(project, hooks, until) -> None:
    del project.env["HOOK_SECRET"]
    done = project.ok("run", "--playbook", "deploy")
    assert "warning: the integration `webhook` is off: HOOK_SECRET is not set" in done.err
    assert deliveries(project, "--all") == []
    assert hooks.asked == []


def test_trouble_of_the_receiver_changes_neither_order_nor_number(project, hooks, until) -> None:
    hooks.troubles = [saying(500), None, REFUSE, saying(429, "", {"Retry-After": "1"}), LOSE]
    for _ in range(3):
        project.ok("run", "--playbook", "deploy")
    until(lambda: told_all(project), "all deliveries")
    ids = [f"WF-{YEAR}-00{number}" for number in (1, 2, 3)]
    assert hooks.told == [(each, event) for each in ids for event in ("start", "success")]
    assert len(hooks.repeated) == 1  # taken, but the answer was lost: the key tells
    assert [one["state"] for one in deliveries(project, "--all")] == ["delivered"] * 6


def test_a_receiver_that_is_down_is_told_when_it_is_back(project, hooks, until) -> None:
    hooks.troubles = [saying(503, "back soon")] * 1000
    project.ok("run", "--playbook", "deploy")
    first = until(lambda: [one for one in deliveries(project) if one["error"]], "an attempt")[0]
    assert first["error"] == "the receiver answered 503 Service Unavailable: back soon"
    assert (first["state"], first["event"], first["settled_at"]) == ("waiting", "start", None)
    named = project.ok("doctor").out
    assert f"{first['key']} waits, next attempt" in named
    assert project.ok("deliveries", "--retry", first["key"]).out == "1 tried now\n"
    hooks.troubles.clear()
    until(lambda: settled(project), "all deliveries")
    assert hooks.told == [(f"WF-{YEAR}-001", "start"), (f"WF-{YEAR}-001", "success")]


def test_what_is_refused_is_listed_and_can_be_tried_again(project, hooks, until) -> None:
    hooks.troubles = [saying(404, "no such hook")]
    project.ok("run", "--playbook", "deploy")
    until(lambda: settled(project), "the end of all deliveries")
    [refused] = deliveries(project)
    assert (refused["state"], refused["event"]) == ("refused", "start")
    assert "404 Not Found: no such hook" in project.ok("deliveries").out
    assert f"{refused['key']} was not delivered" in project.ok("doctor").out
    project.ok("deliveries", "--retry", refused["key"])
    until(lambda: deliveries(project) == [], "the delivery")
    assert hooks.told == [(f"WF-{YEAR}-001", "success"), (f"WF-{YEAR}-001", "start")]
    assert project("deliveries", "--drop", refused["key"]).code == 5


def test_people_are_told_that_they_are_waited_for(project, hooks, until) -> None:
    project.playbook(
        "deploy",
        HOOKED.replace("steps:\n", "steps:\n  - {name: ask, type: approval, message: Go on?}\n"),
    )
    assert project("run", "--playbook", "deploy").code == 4
    until(lambda: len(hooks.seen) == 2, "the question")
    asked = list(hooks.seen.values())[1]
    assert (asked["event"], asked["approval"]["message"]) == ("approval", "Go on?")
    assert asked["approval"]["command"] == f"orchestrate approve WF-{YEAR}-001 --step ask"
    project.ok("approve", f"WF-{YEAR}-001", "--run")
    until(lambda: len(hooks.seen) == 3, "the end")
    assert [event for _, event in hooks.told] == ["start", "approval", "success"]


def test_a_daemon_delivers_what_is_due_again(project, hooks, until) -> None:
    hooks.troubles = [saying(503)]
    project.ok("run", "--playbook", "deploy")
    until(lambda: [one for one in deliveries(project) if one["error"]], "an attempt")
    _end_courier(project, until)
    serving = project.start("serve")
    until(lambda: settled(project), "all deliveries")
    assert hooks.told == [(f"WF-{YEAR}-001", "start"), (f"WF-{YEAR}-001", "success")]
    serving.send_signal(signal.SIGTERM)
    assert project.finish(serving).code == 0


def test_garbage_in_an_answer_of_success_is_none_of_our_business(project, hooks, until) -> None:
    hooks.troubles = [GARBAGE, GARBAGE]
    project.ok("run", "--playbook", "deploy")
    until(lambda: settled(project), "all deliveries")
    assert [one["state"] for one in deliveries(project, "--all")] == ["delivered"] * 2


@pytest.mark.parametrize("point", ["deliver.before:1", "deliver.after:1"])
def test_a_courier_that_is_killed_loses_nothing(project, hooks, until, point: str) -> None:
    project.env["ORCHESTRATE_CRASH_AT"] = point
    project.ok("run", "--playbook", "deploy")
    del project.env["ORCHESTRATE_CRASH_AT"]
    until(lambda: told_all(project), "all deliveries")
    assert hooks.told == [(f"WF-{YEAR}-001", "start"), (f"WF-{YEAR}-001", "success")]
    assert {one["state"] for one in deliveries(project, "--all")} == {"delivered"}


@pytest.mark.parametrize("point", ["turn.before:2", "commit.after:4", "release.before:1"])
def test_a_run_that_is_killed_tells_each_event_once(project, hooks, until, point: str) -> None:
    project.env["ORCHESTRATE_CRASH_AT"] = point
    assert project("run", "--playbook", "deploy").code == -signal.SIGKILL
    del project.env["ORCHESTRATE_CRASH_AT"]
    if project.workflow(f"WF-{YEAR}-001")["state"] != "succeeded":
        project.ok("resume", "--workflow", f"WF-{YEAR}-001")
    until(lambda: told_all(project), "all deliveries")
    assert hooks.told == [(f"WF-{YEAR}-001", "start"), (f"WF-{YEAR}-001", "success")]
    assert hooks.repeated == []


def test_many_that_wait_are_told_in_order_when_the_receiver_is_back(project, hooks, until) -> None:
    """Measured in full size by `benchmarks/outage.py`."""
    hooks.troubles = [saying(503)] * 100_000
    words = [sys.executable, "-c", CANCELLED, str(MANY)]
    made = subprocess.check_output(words, env=project.env, cwd=project.root, text=True).split()
    until(lambda: [one for one in deliveries(project) if one["error"]], "an attempt")
    hooks.troubles.clear()
    project.ok("deliveries", "--retry", "all")
    until(lambda: settled(project), "all deliveries")
    assert hooks.told == [(workflow, "failure") for workflow in made]
    assert hooks.repeated == []


def test_a_project_tells_of_all_its_playbooks(project, hooks, until) -> None:
    project.playbook("bare", "name: bare\nsteps:\n  - command: /bin/false\n")
    project.write(
        "orchestrate.toml",
        "[integrations]\nlink = 'https://ops.example/{id}'\n"
        "[integrations.webhook]\nurl = '${HOOK_URL}'\nsecret = '${HOOK_SECRET}'\n"
        "every_playbook = true\nevents = ['failure']\n",
    )
    assert project("run", "--playbook", "bare").code == 1
    until(lambda: settled(project), "all deliveries")
    [body] = hooks.seen.values()
    assert (body["playbook"], body["link"]) == ("bare", f"https://ops.example/WF-{YEAR}-001")


def test_one_project_starts_playbooks_of_another(project, project_in, tmp_path, until) -> None:
    """What a webhook sends is what a webhook trigger takes."""
    other = project_in(tmp_path / "other")
    other.playbook(
        "follow-up",
        "name: follow-up\n"
        "parameters:\n  - {name: after}\n"
        "secrets:\n  - {name: hook, source: environment, variable: HOOK_SECRET}\n"
        "triggers:\n  - type: webhook\n    url: /deployed\n    secret: ${secrets.hook}\n"
        "    filter: body.event == 'success'\n    parameters: {after: '${body.workflow}'}\n"
        "steps:\n  - shell: echo ${after} > followed\n",
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    for one in (project, other):
        one.env |= {"HOOK_SECRET": SECRET, "HOOK_URL": f"http://{address}/deployed",
                    "DEPLOY_PASSWORD": "canary"}  # fmt: skip
    project.playbook("deploy", HOOKED)
    serving = other.start("serve", "--listen", address)
    try:
        project.ok("run", "--playbook", "deploy")
        until(lambda: told_all(project), "all deliveries")
        until(lambda: (other.root / "followed").exists(), "the playbook that follows")
        assert (other.root / "followed").read_text() == f"WF-{YEAR}-001\n"
        assert len(other.ok("status", "--all", "--json").json) == 1
    finally:
        serving.send_signal(signal.SIGTERM)
        assert other.finish(serving).code == 0
        _end_courier(project, until)
