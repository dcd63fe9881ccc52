"""Approvals through the command: left waiting, approved while somebody waits, refused, too late."""

import getpass
import grp
import os
import re
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pexpect
import pytest
from tests.acceptance.conftest import wait_until
from this_year import YEAR

ME = getpass.getuser()
MY_GROUP = grp.getgrgid(os.getgid()).gr_name
GATED = """
steps:
  - name: gate
    type: approval
    message: Release to ${environment}?
    inputs:
      - {name: window, type: integer, min: 1, description: hours}
  - name: deploy
    shell: echo ${gate.output.window} ${gate.output.approver} >> effects
"""


def effects(project) -> list[str]:
    file = project.root / "effects"
    return file.read_text().splitlines() if file.exists() else []


def test_left_waiting_approved_and_resumed(project) -> None:
    project.playbook("release", GATED)
    left = project("run", "--playbook", "release")
    assert left.code == 4
    assert f"approve: orchestrate approve WF-{YEAR}-001 --step gate" in left.out
    shown = project.ok("approve", "--list").out
    assert f"WF-{YEAR}-001 gate  release in dev" in shown
    assert "input window (integer, required): hours" in shown

    said = project.ok("approve", "--input", "window=3", "--comment", "fine").out
    assert f"nobody runs it; go on: orchestrate resume --workflow WF-{YEAR}-001" in said
    asked = project.workflow()
    assert asked["state"] == "waiting"
    answer = asked["approvals"][0]["answers"][0]
    assert (answer["actor"], answer["answer"], answer["comment"]) == (ME, "approved", "fine")
    assert effects(project) == []
    resume = f"orchestrate resume --workflow WF-{YEAR}-001"
    shown = project.ok("status", "--workflow", f"WF-{YEAR}-001").out
    assert f"{ME} asked to approve gate: it waits until somebody runs the workflow" in shown
    assert f"go on: {resume}" in shown
    (left_over,) = asked["requests"]
    assert (left_over["request"], left_over["path"]) == ("approve", "gate")
    assert (left_over["actor"], left_over["command"]) == (ME, resume)

    assert project.ok("approve", "--list").out == "nothing waits for approval\n"
    late = project("approve", f"WF-{YEAR}-001", "--reject")
    assert late.code == 5
    assert f"gate does not wait for approval any more: {ME} approved it at" in late.err

    project.ok("resume", "--workflow", "current")
    assert effects(project) == [f"3 {ME}"]
    assert "requests" not in project.workflow()
    assert project.step("gate")["output"]["window"] == 3


def test_inputs_are_checked_before_anything_is_recorded(project) -> None:
    project.playbook("release", GATED)
    project("run", "--playbook", "release")
    missing = project("approve")
    assert (missing.code, "the input `window` is missing: hours" in missing.err) == (2, True)
    wrong = project("approve", "--input", "windw=3", "--input", "window=soon")
    assert wrong.code == 2
    assert "there is no input `windw`; did you mean `window`?" in wrong.err
    assert "the input `window` must be a whole number, not `soon`" in wrong.err
    assert project("approve", "--step", "nowhere").code == 3
    assert project("approve", "--reason", "no").code == 2
    assert project("approve", "--reject", "--input", "window=1").code == 2
    assert project("approve", "--list", "--comment", "x").code == 2
    assert project.workflow()["approvals"][0]["answers"] == []


def test_a_rejection_says_who_and_why(project) -> None:
    project.playbook("release", GATED)
    project("run", "--playbook", "release")
    project.ok("approve", "--reject", "--reason", "not today")
    ended = project("resume", "--workflow", "current")
    assert ended.code == 1
    assert f"gate: rejected by {ME}: not today" in ended.out
    again = project("approve", f"WF-{YEAR}-001")
    assert again.code == 5
    assert f"{ME} rejected it at" in again.err


def test_only_approvers_may(project) -> None:
    for name, who in (("theirs", "nobody-else"), ("mine", ME), ("ours", f"group:{MY_GROUP}")):
        project.playbook(
            name, f"steps: [{{name: gate, type: approval, message: Go?, approvers: ['{who}']}}]"
        )
        assert project("run", "--playbook", name).code == 4
    refused = project("approve", f"WF-{YEAR}-001")
    assert refused.code == 5
    assert f"{ME} may not answer gate" in refused.err
    assert "Those who may: nobody-else." in refused.err
    assert project("approve", f"WF-{YEAR}-001", "--reject").code == 5
    project.ok("approve", f"WF-{YEAR}-002", "--run")
    assert project.workflow(f"WF-{YEAR}-002")["state"] == "succeeded"
    project.ok("approve", "--workflow", f"WF-{YEAR}-003")


def test_whoever_waits_at_a_terminal_goes_on_when_it_is_approved_elsewhere(project) -> None:
    project.playbook("release", GATED)
    child = pexpect.spawn(
        sys.executable, ["-m", "orchestrate", "run", "--playbook", "release"],
        cwd=str(project.root), env={**project.env, "TERM": "xterm-256color"},
        dimensions=(24, 100), encoding="utf-8", timeout=120,
    )  # fmt: skip
    try:
        child.expect(f"approve: orchestrate approve WF-{YEAR}-001")
        project.ok("approve", "--input", "window=2")
        child.expect(pexpect.EOF)
    finally:
        child.close(force=True)
    assert child.exitstatus == 0
    assert effects(project) == [f"2 {ME}"]


def test_of_twenty_approvals_at_once_one_counts(project) -> None:
    project.playbook("release", GATED)
    project.ok("run", "--playbook", "release", "--detach")
    project.wait_for_state("waiting", f"WF-{YEAR}-001")

    def ask(number: int) -> tuple[int, str]:
        done = project("approve", f"WF-{YEAR}-001", "--input", f"window={number}")
        return done.code, done.err

    with ThreadPoolExecutor(8) as pool:
        ended = list(pool.map(ask, range(1, 21)))
    assert sorted(code for code, _ in ended) == [0] + [5] * 19
    assert all("approved it at" in err for code, err in ended if code == 5)
    project.wait_for_state("succeeded", f"WF-{YEAR}-001")
    winner = next(number for number, (code, _) in enumerate(ended, 1) if code == 0)
    assert effects(project) == [f"{winner} {ME}"]


def test_the_owner_is_killed_while_it_waits(project) -> None:
    project.playbook("release", GATED)
    project.ok("run", "--playbook", "release", "--detach")
    project.wait_for_state("waiting", f"WF-{YEAR}-001")
    owned = project.ok("status", "--workflow", f"WF-{YEAR}-001", "--json", "--detailed").json
    pid = next(e["data"]["pid"] for e in owned["events"] if e["type"] == "owned")
    os.kill(pid, signal.SIGKILL)
    project.ok("approve", "--input", "window=4")
    # Recorded, and again nobody is there: the answer outlives that, too.
    project.ok("resume", "--workflow", "current")
    assert effects(project) == [f"4 {ME}"]


def test_a_cancel_ends_what_waits(project) -> None:
    project.playbook("release", GATED)
    project("run", "--playbook", "release")
    project.ok("cancel", "--workflow", "current")
    late = project("approve", f"WF-{YEAR}-001", "--input", "window=1")
    assert late.code == 5
    assert re.search("gate does not wait for approval any more", late.err)


def test_time_that_is_over_is_over_although_nobody_was_there_to_see_it(project) -> None:
    project.playbook(
        "release",
        "steps:\n"
        "  - {name: gate, type: approval, message: Go?, timeout: 3, on_timeout: continue}\n"
        "  - shell: echo went on >> effects\n",
    )
    for _ in range(5):  # it may be over before its owner has left, if the machine stands still
        if project("run", "--playbook", "release").code == 4:
            break
        (project.root / "effects").unlink()
    over = time.time() + 3
    wait_until(lambda: time.time() > over, "the end of its time")
    late = project("approve", project.newest())
    assert late.code == 5
    assert "its time was over" in late.err
    project.ok("resume", "--workflow", "current")
    assert effects(project) == ["went on"]


@pytest.mark.parametrize("point", ["turn.before:2", "launch.before", "launch.after"])
def test_the_owner_is_killed_between_the_approval_and_the_next_step(project, point) -> None:
    project.playbook("release", GATED)
    crashing = {"ORCHESTRATE_CRASH_AT": point}
    started = project("run", "--playbook", "release", "--detach", env=crashing)
    assert started.code == 0, started.err
    project.wait_for_state("waiting", f"WF-{YEAR}-001")
    events = project.ok("status", "--workflow", f"WF-{YEAR}-001", "--json", "--detailed").json
    pid = next(e["data"]["pid"] for e in events["events"] if e["type"] == "owned")

    project.ok("approve", "--input", "window=5")
    wait_until(lambda: not is_alive(pid), "the end of the owner")
    ended = project("resume", "--workflow", "current")
    assert ended.code == 0, ended.out + ended.err
    assert effects(project) == [f"5 {ME}"]
    answers = project.workflow()["approvals"][0]["answers"]
    assert [(one["actor"], one["answer"]) for one in answers] == [(ME, "approved")]


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
