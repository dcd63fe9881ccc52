"""status, logs and checkpoints: what is shown, in words and as JSON."""

import json

import pytest
from this_year import YEAR

MARK = "  - name: {0}\n    shell: echo {0} >> effects\n"


def test_status_without_options_shows_open_workflows_and_the_last_ten(project) -> None:
    project.playbook("bad", "steps:\n  - shell: exit 1\n")
    project.playbook("one", "steps:\n" + MARK.format("one"))
    for _ in range(11):
        project.ok("run", "--playbook", "one")
    shown = project.ok("status")
    assert shown.out.count("WF-") == 10
    everything = project.ok("status", "--all")
    assert everything.out.count("WF-") == 11
    assert "succeeded" in everything.out


def test_status_json_is_a_list_without_steps(project) -> None:
    assert project.ok("status", "--json").json == []
    project.playbook("one", "steps:\n" + MARK.format("one"))
    project.ok("run", "--playbook", "one")
    (found,) = project.ok("status", "--json").json
    assert (found["playbook"], found["state"]) == ("one", "succeeded")
    assert "steps" not in found
    assert project.ok("status", "--history", "7", "--all", "--json").json == [found]
    assert project.ok("status", "--history", "0.0000001", "--json").json == []
    assert project.ok("status", "--running", "--json").json == []


def test_running_shows_only_what_runs(project, waiting) -> None:
    project.playbook("slow", "steps:\n" + waiting("slow"))
    project.playbook("one", "steps:\n" + MARK.format("one"))
    workflow = project.ok("run", "--playbook", "slow", "--detach").out.strip()
    project.ok("run", "--playbook", "one")
    (found,) = project.ok("status", "--running", "--json").json
    assert found["id"] == workflow
    assert workflow in project.ok("status", "--running").out
    project.touch("slow.go")
    project.wait_for_state("succeeded", workflow)


def test_a_workflow_is_shown_with_its_steps(project) -> None:
    text = "  - name: broken\n    shell: echo details; exit 3\n"
    project.playbook("bad", "steps:\n" + MARK.format("one") + text + MARK.format("never"))
    assert project("run", "--playbook", "bad").code == 1
    workflow = project.newest()
    plain = project.ok("status", "--workflow", workflow)
    assert "✓ one" in plain.out
    assert "✗ broken  exit code 3" in plain.out
    assert "never" in plain.out
    assert "details" not in plain.out
    detailed = project.ok("status", "--workflow", workflow, "--detailed")
    assert "| details" in detailed.out
    assert "broken failed: exit code 3" in detailed.out
    data = project.ok("status", "--workflow", workflow, "--detailed", "--json").json
    assert [event["seq"] for event in data["events"]] == list(range(1, len(data["events"]) + 1))


def test_the_documented_keys_are_there(project) -> None:
    text = "  - name: out\n    shell: 'echo a=1 >> $ORCHESTRATE_OUTPUT'\n"
    project.playbook("one", "steps:\n" + text)
    project.ok("run", "--playbook", "one")
    found = project.workflow(project.newest())
    assert {"id", "playbook", "state", "environment", "parameters", "started_at", "finished_at",
            "steps"} <= found.keys()  # fmt: skip
    (step,) = found["steps"]
    assert {"path", "name", "kind", "state", "attempts", "exit_code", "started_at", "finished_at",
            "duration", "output"} <= step.keys()  # fmt: skip
    assert step["output"] == {"a": "1"}


def test_options_that_contradict_each_other_are_refused(project) -> None:
    done = project("status", "--workflow", f"WF-{YEAR}-001", "--all")
    assert done.code == 2
    assert project("status", "--workflow", f"WF-{YEAR}-001").code == 3


@pytest.fixture
def talker(project) -> str:
    read = "until grep -rqs %s .orchestrate/workflows; do sleep 0.02; done"
    told = f"echo out1; {read % 'out1'}; echo err1 >&2; {read % 'err1'}; echo out2"
    text = f"  - name: talk\n    shell: '{told}'\n"
    text += "  - name: more\n    shell: 'for i in 1 2 3 4 5; do echo line $i; done'\n"
    project.playbook("talk", f"steps:\n{text}")
    project.ok("run", "--playbook", "talk")
    return project.newest()


def test_logs_keep_the_streams_apart(project, talker) -> None:
    done = project.ok("logs", talker)
    assert done.out == (
        "==> talk <==\nout1\nout2\n==> more <==\nline 1\nline 2\nline 3\nline 4\nline 5\n"
    )
    assert done.err == "err1\n"


def test_logs_of_one_step_and_its_tail(project, talker) -> None:
    assert project.ok("logs", talker, "--step", "talk").out == "out1\nout2\n"
    assert project.ok("logs", "--workflow", "current", "--step", "more", "--tail", "2").out == (
        "line 4\nline 5\n"
    )
    unknown = project("logs", talker, "--step", "tlak")
    assert unknown.code == 3
    assert "talk" in unknown.err
    assert project("logs").code == 2
    assert project("logs", "WF-1999-001").code == 3


def test_logs_as_json_are_one_object_a_line(project, talker) -> None:
    lines = project.ok("logs", talker, "--json").out.splitlines()
    pieces = [json.loads(line) for line in lines]
    assert [(p["path"], p["stream"], p["text"]) for p in pieces][:3] == [
        ("talk", "stdout", "out1\n"),
        ("talk", "stderr", "err1\n"),
        ("talk", "stdout", "out2\n"),
    ]


def test_logs_follow_until_the_workflow_ends(project) -> None:
    text = "  - name: talk\n    shell: 'echo first; while [ ! -e slow.go ]; do sleep 0.05; done;"
    project.playbook("talk", f"steps:\n{text} echo last'\n")
    workflow = project.ok("run", "--playbook", "talk", "--detach").out.strip()
    process = project.start("logs", workflow, "--follow")
    assert project.read_until(process, "first\n") == "==> talk <==\nfirst\n"
    project.touch("slow.go")
    assert project.finish(process) == (0, "last\n", "")


def test_checkpoints_are_listed_in_words(project) -> None:
    project.playbook("one", "steps:\n" + MARK.format("one"))
    project.ok("run", "--playbook", "one")
    assert "no checkpoints" in project.ok("checkpoints", "--workflow", "current").out
    project.ok("run", "--playbook", "one", "--checkpoint")
    shown = project.ok("checkpoints", "--workflow", project.newest()).out
    assert "CP-1" in shown
    assert "--checkpoint CP-1" in shown
