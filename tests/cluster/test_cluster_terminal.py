"""A cluster from a terminal: questions before steps, and waiting for people."""

import json
import sys
from collections.abc import Callable, Iterator

import pexpect
import pytest
from cluster.conftest import Server
from cluster.test_cluster_verbs import Verbs
from polling import PATIENCE, eventually

STEPS = """
name: two
steps:
  - {name: one, shell: "echo one >> PLACE/effects"}
  - {name: two, shell: "echo two >> PLACE/effects"}
finally:
  - shell: "echo cleaned >> PLACE/effects"
"""
Start = Callable[..., "pexpect.spawn[str]"]


@pytest.fixture
def verbs(server: Server, tmp_path) -> Iterator[Verbs]:
    made = Verbs(server, tmp_path)
    (tmp_path / "playbooks" / "two.yaml").write_text(STEPS.replace("PLACE", str(tmp_path)))
    made.worker()
    yield made
    made.close()


@pytest.fixture
def terminal(verbs: Verbs) -> Iterator[Start]:
    opened: list[pexpect.spawn[str]] = []

    def start(*words: str) -> "pexpect.spawn[str]":
        child = pexpect.spawn(
            sys.executable, ["-m", "orchestrate", *words],
            cwd=str(verbs.root), encoding="utf-8", timeout=PATIENCE,
        )  # fmt: skip
        opened.append(child)
        return child

    yield start
    for child in opened:
        child.close(force=True)


def effects(verbs: Verbs) -> list[str]:
    written = verbs.root / "effects"
    return written.read_text().split() if written.exists() else []


def end_of(child: "pexpect.spawn[str]") -> str:
    child.expect(pexpect.EOF)
    child.close()
    return child.before or ""


def test_each_step_is_asked_about(verbs: Verbs, terminal: Start):
    child = terminal("run", "--playbook", "two", "--step-by-step")
    child.expect(r"run one\? .*bort: ")
    assert effects(verbs) == []
    child.sendline("perhaps")
    child.expect(r"run one\? .*bort: ")
    child.sendline("y")
    child.expect(r"run two\? .*bort: ")
    child.sendline("s")
    told = end_of(child)
    assert child.exitstatus == 0, told
    assert effects(verbs) == ["one", "cleaned"]
    shown = json.loads(verbs("status", "--workflow", "current", "--json").stdout)
    assert [one["state"] for one in shown["steps"]][:2] == ["succeeded", "skipped"]


def test_what_nobody_answered_is_asked_again_by_a_resume(verbs: Verbs, terminal: Start):
    child = terminal("run", "--playbook", "two", "--step-by-step")
    child.expect(r"run one\? .*bort: ")
    child.sendeof()
    end_of(child)
    assert child.exitstatus == 4
    verbs("resume", "--workflow", "current", fails=4)
    again = terminal("resume", "--workflow", "current")
    again.expect(r"run one\? .*bort: ")
    again.sendline("a")
    end_of(again)
    assert again.exitstatus == 130
    assert effects(verbs) == ["cleaned"]


def test_a_question_ends_with_a_cancel_from_here_or_elsewhere(verbs: Verbs, terminal: Start):
    here, there = (terminal("run", "--playbook", "two", "--step-by-step") for _ in range(2))
    for child in (here, there):
        child.expect(r"run one\? .*bort: ")
    here.sendintr()
    end_of(here)
    assert here.exitstatus == 130
    verbs("cancel", "current")
    there.expect("cancelled by")
    end_of(there)
    assert there.exitstatus == 130
    assert effects(verbs) == ["cleaned", "cleaned"]


def test_a_run_on_a_terminal_waits_until_people_approve(verbs: Verbs, terminal: Start):
    child = terminal("run", "--playbook", "blocked")
    asked = eventually(lambda: json.loads(verbs("approve", "--list", "--json").stdout), "it")
    assert asked[0]["path"] == "asks"
    verbs("approve", "current", "--comment", "fine")
    child.expect("succeeded")
    end_of(child)
    assert child.exitstatus == 0
