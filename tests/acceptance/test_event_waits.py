"""Steps that wait for events, through the command: whoever runs the workflow, or nobody."""

import signal

import pytest
from tests.acceptance.conftest import wait_until
from this_year import YEAR

LISTENING = """
parameters: [{name: version, default: 1.4.0}]
steps:
  - name: built
    type: wait
    event: build-*
    source: ci/*
    filter: ${event.data.version} == ${version}
    TIME
  - name: deploy
    shell: echo ${built.output.data.version} ${built.output.source} ${built.output.id} >> effects
"""
EMIT = ("emit", "--source", "ci/main", "--event", "build-finished")


def listens(project, path: str = "built", workflow: str = f"WF-{YEAR}-001") -> dict:
    def found():
        done = project("status", "--workflow", workflow, "--json")
        steps = done.json["steps"] if done.code == 0 else []
        return next((s["awaits"] for s in steps if s["path"] == path and "awaits" in s), None)

    return wait_until(found, f"{path} of {workflow} to wait")


def test_a_run_waits_for_its_event_and_is_woken(project) -> None:
    project.playbook("release", LISTENING.replace("TIME", "timeout: 5m"))
    project.ok(*EMIT, "--data", "version=1.4.0", "--id", "too-early")
    running = project.start("run", "--playbook", "release")
    assert listens(project) == {
        "event": "build-*",
        "source": "ci/*",
        "filter": "${event.data.version} == ${version}",
        "since": "step",
    }
    shown = project.ok("status", "--workflow", "current").out
    assert "built  waits for the event build-* from ci/*" in shown
    said = project.ok(*EMIT, "--data", "version=1.3.0", "--id", "another").out
    assert f"offered to WF-{YEAR}-001 built, which waits for such an event" in said
    elsewhere = project.ok("emit", "--source", "cd", "--event", "build-finished", "--id", "x")
    assert "offered" not in elsewhere.out
    project.ok(*EMIT, "--data", "version=1.4.0", "--id", "the-one")
    done = project.finish(running)
    assert (done.code, project.lines("effects")) == (0, ["1.4.0 ci/main the-one"])
    assert "waits for the event build-* from ci/* with ${event.data.version}" in done.out
    assert "build-finished arrived from ci/main (the-one)" in done.out
    output = project.step("built")["output"]
    assert (output["type"], output["received"]) == ("build-finished", True)
    assert "awaits" not in project.step("built")


def test_an_event_that_nobody_was_there_to_take_is_found_by_the_next_one(project) -> None:
    project.playbook("release", LISTENING.replace("TIME", ""))
    running = project.start("run", "--playbook", "release")
    listens(project)
    running.send_signal(signal.SIGKILL)
    running.wait()
    said = project.ok(*EMIT, "--data", "version=1.4.0", "--id", "meanwhile").out
    assert f"offered to WF-{YEAR}-001 built" in said
    assert project.lines("effects") == []
    resumed = project.ok("resume", "--workflow", "current").out
    assert "attach  built  waits for the event build-* from ci/*" in resumed
    assert project.lines("effects") == ["1.4.0 ci/main meanwhile"]


@pytest.mark.parametrize("point", ["event.taken", "launch.before"])
def test_whoever_dies_with_the_event_in_hand_leaves_it_to_the_next(project, point: str) -> None:
    project.playbook("release", LISTENING.replace("TIME", ""))
    project.env["ORCHESTRATE_CRASH_AT"] = point
    running = project.start("run", "--playbook", "release")
    del project.env["ORCHESTRATE_CRASH_AT"]
    listens(project)
    project.ok(*EMIT, "--data", "version=1.4.0", "--id", "one")
    assert running.wait(120) == -signal.SIGKILL
    project.ok(*EMIT, "--data", "version=1.4.0", "--id", "two")
    project.ok("resume", "--workflow", "current")
    assert project.lines("effects") == ["1.4.0 ci/main one"]
    received = [
        event["path"]
        for event in project.ok("status", "--workflow", "current", "--detailed", "--json").json[
            "events"
        ]
        if event["type"] == "event_received"
    ]
    assert received == ["built"]


def test_several_workflows_get_the_same_event(project) -> None:
    project.playbook("release", LISTENING.replace("TIME", ""))
    running = [project.start("run", "--playbook", "release") for _ in range(2)]
    for workflow in (f"WF-{YEAR}-001", f"WF-{YEAR}-002"):
        listens(project, workflow=workflow)
    project.ok(*EMIT, "--data", "version=1.4.0", "--id", "one")
    assert [project.finish(one).code for one in running] == [0, 0]
    assert project.lines("effects") == ["1.4.0 ci/main one"] * 2


def test_events_since_the_workflow_was_made_count_if_the_step_says_so(project) -> None:
    project.playbook(
        "release",
        """
steps:
  - shell: touch begun; until test -e slow.go; do sleep 0.05; done
  - {name: built, type: wait, event: built, since: workflow}
  - shell: echo ${built.output.id} >> effects
""",
    )
    project.ok("emit", "--source", "ci", "--event", "built", "--id", "before")
    running = project.start("run", "--playbook", "release")
    project.wait_for_file("begun")
    project.ok("emit", "--source", "ci", "--event", "built", "--id", "during")
    project.touch("slow.go")
    assert (project.finish(running).code, project.lines("effects")) == (0, ["during"])


def test_an_event_that_does_not_come_in_time(project) -> None:
    project.playbook("release", LISTENING.replace("TIME", "timeout: 300ms"))
    done = project("run", "--playbook", "release")
    assert done.code == 1
    assert "built: timed out after 0.3 s" in done.out
    going_on = LISTENING.replace("TIME", "timeout: 300ms\n    on_timeout: continue")
    project.playbook(
        "release",
        going_on.replace("- name: deploy", "- name: deploy\n    when: ${built.output.received}"),
    )
    project.ok("run", "--playbook", "release")
    assert project.states() == {"built": "succeeded", "deploy": "skipped"}
    assert project.lines("effects") == []


def test_a_workflow_of_which_nothing_runs_is_paused_at_once(project) -> None:
    project.playbook("release", LISTENING.replace("TIME", ""))
    running = project.start("run", "--playbook", "release")
    listens(project)
    assert f"WF-{YEAR}-001 is paused" in project.ok("pause", f"WF-{YEAR}-001").out
    project.ok(*EMIT, "--data", "version=1.4.0", "--id", "meanwhile")
    wait_until(lambda: "awaits" not in project.step("built"), "the event to be taken")
    assert (project.workflow()["state"], project.lines("effects")) == ("paused", [])
    project.ok("resume", f"WF-{YEAR}-001")
    assert project.finish(running).code == 0
    assert project.lines("effects") == ["1.4.0 ci/main meanwhile"]


def test_a_cancelled_wait_wants_no_event_any_more(project) -> None:
    project.playbook("release", LISTENING.replace("TIME", ""))
    running = project.start("run", "--playbook", "release")
    listens(project)
    project.ok("cancel", f"WF-{YEAR}-001")
    project.finish(running)
    assert "offered" not in project.ok(*EMIT, "--data", "version=1.4.0").out
