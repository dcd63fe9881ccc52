import json
from collections.abc import Callable
from typing import Any

CALL = {"ORCHESTRATE_WORKFLOW": "WF-2026-001", "ORCHESTRATE_STEP": "risky/notify"}


def test_a_target_that_is_not_configured_prints_and_warns(project: Any) -> None:
    done = project.call("notify", "team", "--severity", "high", **CALL)
    assert done.code == 0
    assert done.stdout == (
        "[high] WF-2026-001\nWorkflow WF-2026-001 in dev has reached the step risky/notify\n"
    )
    assert "warning: the notification target `team` is not configured" in done.stderr
    assert done.output == {"target": "team", "delivered": False}


def test_a_file_gets_a_line_for_each(project: Any) -> None:
    project.settings('[notify.team]\ntype = "file"\npath = "log/notes.jsonl"\n')
    for message in ("first\nline", "second"):
        done = project.call(
            "notify", "team", "--severity", "critical", "--title", "T", "--message", message, **CALL
        )
        assert done.code == 0, done.stderr
    lines = (project.root / "log/notes.jsonl").read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    assert [entry["message"] for entry in entries] == ["first\nline", "second"]
    assert entries[0]["severity"] == "critical"
    assert entries[0]["workflow"] == "WF-2026-001"
    assert entries[0]["step"] == "risky/notify"
    assert done.output == {"target": "team", "delivered": True}


def test_a_command_gets_the_message(project: Any) -> None:
    project.write(
        "bin/page",
        '#!/bin/sh\ncat >"$1"; echo "/$NOTIFY_SEVERITY/$NOTIFY_TITLE" >>"$1"\n',
        executable=True,
    )
    project.settings('[notify.pager]\ntype = "command"\nargv = ["./bin/page", "paged"]\n')
    value = "$(touch pwned) `x` ';"
    done = project.call("notify", "pager", "--title", value, "--message", "body")
    assert done.code == 0, done.stderr
    assert (project.root / "paged").read_text() == f"body/info/{value}\n"
    assert not (project.root / "pwned").exists()


def test_a_command_that_fails_fails_the_step(project: Any) -> None:
    project.settings('[notify.pager]\ntype = "command"\nargv = ["false"]\n')
    done = project.call("notify", "pager")
    assert done.code == 1
    assert "the notification command ended with exit code 1" in done.stderr


def test_a_url_is_delivered_over_the_network(
    project: Any, server: Any, answer: Callable[..., Any]
) -> None:
    project.settings(f'[notify.hook]\nurl = "json://127.0.0.1:{server.port}/hook"\n')
    done = project.call("notify", "hook", "--severity", "high", "--title", "T", "--message", "M")
    assert done.code == 0, done.stderr
    method, path, body = server.asked[0]
    assert (method, path) == ("POST", "/hook")
    sent = json.loads(body)
    assert (sent["title"], sent["message"], sent["type"]) == ("T", "M", "failure")
    server.answers["/hook"] = [answer(500, "no")]
    refused = project.call("notify", "hook")
    assert refused.code == 1
    assert "was not accepted" in refused.stderr


def test_a_url_may_come_from_the_environment(project: Any, server: Any) -> None:
    project.settings('[notify.hook]\nurl_variable = "HOOK_URL"\n')
    url = f"json://127.0.0.1:{server.port}/hook"
    assert project.call("notify", "hook", HOOK_URL=url).output["delivered"] is True
    unset = project.call("notify", "hook")
    assert unset.code == 0
    assert "warning: HOOK_URL is not set" in unset.stderr
    assert len(server.asked) == 1


def test_a_url_that_nobody_understands_is_not_shown(project: Any) -> None:
    project.settings('[notify.hook]\nurl = "nonsense://token-1234"\n')
    done = project.call("notify", "hook")
    assert done.code == 2
    assert "token-1234" not in done.stdout + done.stderr
