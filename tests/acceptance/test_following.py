import json
import os
import pty
import select
import subprocess
import time
from datetime import datetime

import pytest
from this_year import YEAR

RELEASE = "name: release\nsteps:\n"


@pytest.fixture
def running(project, waiting):
    project.playbook("release", RELEASE + waiting("slow"))
    started = project.start("run", "--playbook", "release")
    project.wait_for_file("slow.started")
    return project, started


def test_one_workflow_is_followed_to_its_end(running) -> None:
    project, started = running
    follower = project.start("status", "--workflow", f"WF-{YEAR}-001", "--follow")
    project.read_until(follower, "slow")
    project.touch("slow.go")
    done = project.finish(follower)
    assert done.code == 0
    assert f"WF-{YEAR}-001 succeeded" in done.out
    project.finish(started)


def test_events_are_seen_within_a_fifth_of_a_second(project, waiting) -> None:
    """The median of some in a row; on a busy machine there are many chances."""
    items = ", ".join(str(n) for n in range(500))
    loop = (
        f"  - {{name: s, type: foreach, items: [{items}], as: n, steps: [{{shell: sleep 0.1}}]}}\n"
    )
    project.playbook("release", RELEASE + waiting("slow") + loop)
    started = project.start("run", "--playbook", "release")
    project.wait_for_file("slow.started")
    follower = project.start("status", "--workflow", "current", "--follow", "--json")
    project.read_until(follower, "attempt_started")
    project.touch("slow.go")
    late: list[float] = []
    for line in follower.stdout:
        now = time.time()
        event = json.loads(line)
        late.append(now - datetime.fromisoformat(event["at"]).timestamp())
        if len(late) >= 24 and sorted(late[-24:])[12] < 0.2:
            break
    else:
        pytest.fail(f"never soon: {late}")
    project.ok("cancel", "current")
    assert project.finish(started).code == 130


def test_what_runs_is_followed_line_by_line(running) -> None:
    project, started = running
    follower = project.start("status", "--running", "--follow")
    assert f"WF-{YEAR}-001  running  release" in project.read_until(follower, "running")
    project.touch("slow.go")
    assert f"WF-{YEAR}-001  succeeded" in project.read_until(follower, "succeeded")
    follower.terminate()
    project.finish(started)


def test_a_terminal_shows_a_table_with_what_is_left(running) -> None:
    project, started = running
    project.touch("slow.go")
    project.finish(started)
    (project.root / "slow.go").unlink()
    (project.root / "slow.started").unlink()
    again = project.start("run", "--playbook", "release")
    project.wait_for_file("slow.started")
    leader, follower = pty.openpty()
    env = {**project.env, "TERM": "xterm", "COLUMNS": "160"}
    words = project.words("status", "--running", "--follow")
    shown = subprocess.Popen(words, cwd=project.root, env=env, stdin=follower, stdout=follower)
    os.close(follower)
    seen = b""
    end = time.monotonic() + 120
    while b"no workflow runs" not in seen and time.monotonic() < end:
        if select.select([leader], [], [], 0.2)[0]:
            seen += os.read(leader, 65536)
        if f"WF-{YEAR}-002".encode() in seen:
            project.touch("slow.go")
    shown.terminate()
    shown.wait(120)
    os.close(leader)
    text = seen.decode()
    assert "no workflow runs" in text
    assert "RUNNING" in text
    assert "slow" in text
    project.finish(again)


def test_lists_are_narrowed(project) -> None:
    project.playbook(
        "labelled", "name: labelled\nsteps:\n  - {name: a, type: deployment, shell: 'true'}\n"
    )
    project.playbook("plain", "name: plain\nsteps:\n  - {name: a, shell: exit 1}\n")
    project.ok("run", "--playbook", "labelled", "--environment", "staging")
    assert project("run", "--playbook", "plain").code == 1
    for words, ids in (
        (("--playbook", "plain"), [f"WF-{YEAR}-002"]),
        (("--state", "failed"), [f"WF-{YEAR}-002"]),
        (("--state", "failed", "--state", "succeeded"), [f"WF-{YEAR}-002", f"WF-{YEAR}-001"]),
        (("--environment", "staging"), [f"WF-{YEAR}-001"]),
        (("--label", "deployment"), [f"WF-{YEAR}-001"]),
        (("--label", "backup"), []),
        (("--all", "--environment", "dev"), [f"WF-{YEAR}-002"]),
    ):
        found = project.ok("status", *words, "--json").json
        assert [which["id"] for which in found] == ids, words
    assert "no workflow is like that" in project.ok("status", "--label", "backup").out
    for words in (
        ("--workflow", f"WF-{YEAR}-001", "--label", "x"),
        ("--running", "--state", "failed"),
        ("--follow", "--detailed"),
        ("--state", "nonsense"),
    ):
        assert project("status", *words).code == 2, words
