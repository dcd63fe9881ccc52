"""`orchestrate audit`: who did what from where, as real commands leave it."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

PLAYBOOKS = {
    "short": "parameters: [{name: who, default: you}]\nsteps:\n  - command: /bin/echo ${who}\n",
    "asks": "steps:\n  - {name: sure, type: approval, message: go?, approvers: [nobody-at-all]}\n",
    "fails": "parameters: [{name: code, type: integer}]\nsteps:\n  - shell: exit ${code}\n",
}


class Place:
    """A project, and the command in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "playbooks").mkdir()
        for name, text in PLAYBOOKS.items():
            (root / "playbooks" / f"{name}.yaml").write_text(text)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("ORCHESTRATE_")}
        self.env |= {"SSH_CONNECTION": "10.9.8.7 50000 10.0.0.1 22", "SUDO_USER": "grace"}

    def call(self, *words: str, expect: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "orchestrate", *words],
            cwd=self.root, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == expect, f"{words}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr
        return done.stdout if expect in (0, 1) else done.stderr

    def audit(self, *words: str) -> list[Mapping[str, object]]:
        found: list[Mapping[str, object]] = json.loads(self.call("audit", "--json", *words))
        return found

    def tamper(self, statement: str) -> None:
        connection = sqlite3.connect(self.root / ".orchestrate" / "orchestrate.db")
        with connection:
            connection.execute(statement)
        connection.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    return Place(tmp_path)


def test_an_entry_tells_who_what_why_from_where_and_what_it_was_before(place):
    place.call("run", "--playbook", "fails", "--parameters", "code=3", expect=1)
    identity = json.loads(place.call("status", "--json"))[0]["id"]
    place.call("resume", "--workflow", identity, "--parameters", "code=0", "--from-step", "1")
    resumed, created = place.audit("--workflow", identity)
    origin = resumed["from"]
    assert (origin["ssh"], origin["sudo_user"]) == ("10.9.8.7", "grace")
    assert origin["host"] == os.uname().nodename
    assert created["action"] == "workflow_created"
    assert created["after"]["parameters"]["code"] == 3
    assert resumed["before"] == {"state": "failed", "parameters": {"code": 3}}
    assert resumed["after"]["parameters"] == {"code": 0}
    assert resumed["actor"] == created["actor"]


def test_whoever_tries_to_approve_and_may_not_is_told(place):
    place.call("run", "--playbook", "asks", expect=4)
    place.call("approve", "current", expect=5)
    (refused,) = place.audit("--action", "approval_refused")
    assert refused["details"] == {"step": "sure"}
    assert refused["from"]["ssh"] == "10.9.8.7"
    place.call("audit", "verify")


def test_what_is_done_beside_workflows_is_listed_with_filters(place):
    place.call("schedule", "--playbook", "short", "--cron", "0 2 * * *", "--name", "nightly")
    place.call("schedule", "nightly", "--enable")
    place.call("pause", "--all", "--reason", "a=b|c\\d\nnext line")
    place.call("resume", "--all")
    place.call("emit", "--source", "monitoring", "--event", "alert")
    names = [entry["action"] for entry in place.audit()]
    assert names == [
        "event_emitted", "hold_ended", "hold_begun", "schedule_enabled", "schedule_added",
        "store_begun",
    ]  # fmt: skip
    (enabled,) = place.audit("--action", "schedule_enabled")
    assert (enabled["before"]["enabled"], enabled["after"]["enabled"]) == (False, True)
    assert place.audit("--actor", "nobody-at-all", "--since", "1h") == []
    assert place.audit("--since", "2100-01-01T00:00:00Z") == []
    place.call("audit", "--since", "yesterday", expect=2)
    place.call("audit", "--workflow", "WF-1999-001", expect=3)
    place.call("audit", "export", "--format", "cef", "--output", "out.cef")
    _check_cef((place.root / "out.cef").read_text().splitlines())


def _check_cef(lines: list[str]) -> None:
    """What people type is escaped."""
    (line,) = [text for text in lines if "|hold_begun|" in text]
    header = line.split("|", 7)
    assert header[:3] == ["CEF:0", "orchestrate", "orchestrate"]
    assert header[4:7] == ["hold_begun", "hold begun", "6"]
    assert "reason=a\\=b|c\\\\d\\nnext line " in header[7]
    assert "src=10.9.8.7" in header[7]


def test_a_changed_row_ends_verify_with_1_and_is_named(place):
    place.call("run", "--playbook", "short")
    assert "all as it was recorded" in place.call("audit", "verify")
    place.tamper("UPDATE events SET data = replace(data, 'succeeded', 'failed') WHERE seq = 5")
    found = json.loads(place.call("audit", "verify", "--json", expect=1))
    assert found["sound"] is False
    assert [(f["kind"], f["number"]) for f in found["findings"]] == [("changed", 5)]


def test_six_commands_at_once_leave_one_sound_chain(place):
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "orchestrate", *words],
            cwd=place.root, env=place.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )
        for number in range(3)
        for words in (
            ["run", "--playbook", "short"],
            ["schedule", "--playbook", "short", "--cron", "0 2 * * *", "--name", f"s{number}"],
        )
    ]  # fmt: skip
    for process in running:
        assert process.wait(120) == 0, process.communicate()[1]
        process.communicate()
    figures = json.loads(place.call("audit", "verify", "--json"))
    assert (figures["sound"], figures["workflows"]) == (True, 3)
    assert len(place.audit("--action", "schedule_added")) == 3


def test_an_export_has_every_event_once_with_the_digest_that_is_stored(place):
    place.call("run", "--playbook", "short")
    lines = [json.loads(line) for line in place.call("audit", "export").splitlines()]
    connection = sqlite3.connect(place.root / ".orchestrate" / "orchestrate.db")
    stored = connection.execute("SELECT seq, type, lower(hex(hash)) FROM events").fetchall()
    beside = connection.execute("SELECT number, action, lower(hex(hash)) FROM actions").fetchall()
    connection.close()
    journal = [line for line in lines if line["chain"] == "journal"]
    assert [(e["number"], e["action"], e["hash"]) for e in journal] == stored
    actions = [line for line in lines if line["chain"] == "actions"]
    assert [(e["number"], e["action"], e["hash"]) for e in actions] == beside
    exported = place.root / "exported"
    place.call("audit", "export", "--output", "exported")
    place.call("prune", "--older-than", "0", "--yes")
    place.call("audit", "verify", "--exported", "exported")
    exported.write_text(exported.read_text().replace(journal[-1]["hash"], "00" * 32))
    said = place.call("audit", "verify", "--exported", "exported", expect=1)
    assert f"event {len(journal)} is not the one that was exported" in said
    (removed,) = place.audit("--workflow", journal[0]["workflow"])
    assert removed["action"] == "workflow_pruned"


def test_a_checkpoint_is_signed_when_a_workflow_ends_and_not_twice_in_an_hour(place):
    place.call("audit", "sign", expect=2)
    place.call("audit", "key", "key.pem")
    place.call("audit", "key", "key.pem", expect=5)
    (place.root / "orchestrate.toml").write_text('[audit]\nkey = "key.pem"\n')
    place.call("run", "--playbook", "short")
    place.call("run", "--playbook", "short")
    found = json.loads(place.call("audit", "verify", "--json"))
    assert (found["sound"], found["checkpoints"]) == (True, 1)
    place.call("audit", "sign")
    assert json.loads(place.call("audit", "verify", "--json"))["checkpoints"] == 2
    place.call("audit", "key", "other.pem")
    said = place.call("audit", "verify", "--public-key", "other.pem.pub", expect=1)
    assert "has no checkpoint that this key has signed" in said
    place.call("audit", "verify", "--public-key", "orchestrate.toml", expect=2)


def test_a_store_that_is_gone_although_checkpoints_were_signed_is_no_empty_one(place):
    place.call("audit", "verify", expect=2)
    (place.root / "far.jsonl").write_text("{}\n")
    place.call("audit", "verify", "--checkpoints", "far.jsonl", expect=1)


def test_a_key_that_cannot_be_read_fails_no_workflow(place):
    (place.root / "orchestrate.toml").write_text('[audit]\nkey = "missing.pem"\n')
    place.call("run", "--playbook", "short")
    place.call("audit", "verify", expect=2)


def test_nothing_recorded_is_nothing_to_list(place):
    assert place.audit() == []
    assert place.call("audit", "export") == ""
