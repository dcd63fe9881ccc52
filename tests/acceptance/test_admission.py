"""Who may begin: groups, priorities, holds, freezes, required successes, rates, capacity."""

import sqlite3

import pytest
from this_year import YEAR

MARK = "  - shell: echo $ORCHESTRATE_WORKFLOW >> effects\n"
GROUP = 'concurrency: {group: "deploy-${environment}", overlap: %s}\nsteps:\n'


def summary(project, workflow: str):
    """What is listed of a workflow; empty if there is none."""
    listed = project.ok("status", "--all", "--json").json
    return next((one for one in listed if one["id"] == workflow), {})


def queued(project, until, workflow: str) -> str:
    """Why it is queued, once it is."""
    until(lambda: summary(project, workflow).get("reason"), "a reason")
    assert summary(project, workflow)["state"] == "queued"
    return summary(project, workflow)["reason"]


def test_members_of_a_group_queue_and_are_told_for_whom(project, waiting, until) -> None:
    project.playbook("deploy", GROUP % "queue" + waiting("a"))
    project.playbook("other", 'concurrency: "deploy-${environment}"\nsteps:\n' + MARK)
    first = project.start("run", "--playbook", "deploy")
    project.wait_for_file("a.started")
    second = project.start("run", "--playbook", "other")
    why = queued(project, until, f"WF-{YEAR}-002")
    assert why == f"WF-{YEAR}-001 of the group deploy-dev is not over"
    project.ok("run", "--playbook", "other", "--environment", "staging")
    assert project.lines("effects") == [f"WF-{YEAR}-003"]
    project.touch("a.go")
    assert project.finish(first).code == 0
    assert project.finish(second).code == 0
    assert project.lines("effects") == [f"WF-{YEAR}-003", "a", f"WF-{YEAR}-002"]
    assert summary(project, f"WF-{YEAR}-002")["reason"] == ""


def test_a_member_that_skips_is_not_made_and_says_who_is_in_the_way(project, waiting) -> None:
    project.playbook("deploy", GROUP % "skip" + waiting("a"))
    first = project.start("run", "--playbook", "deploy")
    project.wait_for_file("a.started")
    refused = project("run", "--playbook", "deploy")
    assert refused.code == 5
    assert f"WF-{YEAR}-001 (running) of the group deploy-dev is not over" in refused.err
    assert len(project.ok("status", "--all", "--json").json) == 1
    project.touch("a.go")
    assert project.finish(first).code == 0
    assert project("run", "--playbook", "deploy").code == 0


def test_a_member_that_cancels_waits_for_the_end_of_the_one_before(project, waiting) -> None:
    clean = "finally:\n  - shell: sleep 0.3; echo cleaned >> effects\n"
    project.playbook("long", GROUP % "cancel_previous" + waiting("a") + clean)
    project.playbook("next", GROUP % "cancel_previous" + MARK)
    first = project.start("run", "--playbook", "long")
    project.wait_for_file("a.started")
    project.ok("run", "--playbook", "next")
    assert project.finish(first).code == 130
    assert project.lines("effects") == ["cleaned", f"WF-{YEAR}-002"]
    assert summary(project, f"WF-{YEAR}-001")["reason"].endswith(f": superseded by WF-{YEAR}-002")


def test_the_more_urgent_goes_first(project, waiting, until) -> None:
    project.write("orchestrate.toml", "[engine]\nmax_workflows = 1\n")
    project.playbook("slow", "steps:\n" + waiting("a"))
    project.playbook("mark", "priority: low\nsteps:\n" + MARK)
    first = project.start("run", "--playbook", "slow")
    project.wait_for_file("a.started")
    others = []
    for number, priority in enumerate((None, "normal", "critical", "high"), 2):
        more = ("--priority", priority) if priority else ()
        others.append(project.start("run", "--playbook", "mark", *more))
        queued(project, until, f"WF-{YEAR}-00{number}")
    listed = project.ok("capacity", "--json").json
    assert [one["workflow"][-1] for one in listed["queue"]] == ["4", "5", "3", "2"]
    assert listed["pools"] == [{"name": "workflows", "used": 1, "of": 1}]
    project.touch("a.go")
    assert [project.finish(process).code for process in (first, *others)] == [0] * 5
    assert [name[-1] for name in project.lines("effects")] == ["a", "4", "5", "3", "2"]


def test_one_whose_process_died_in_the_queue_is_not_said_to_wait(project, waiting, until) -> None:
    project.write("orchestrate.toml", "[engine]\nmax_workflows = 1\n")
    project.playbook("slow", "steps:\n" + waiting("a"))
    project.playbook("mark", "steps:\n" + MARK)
    first = project.start("run", "--playbook", "slow")
    project.wait_for_file("a.started")
    second = project.start("run", "--playbook", "mark")
    which = f"WF-{YEAR}-002"
    assert queued(project, until, which).endswith("as many as may run at once")
    second.kill()
    second.wait()
    left = "nobody queues for it any more: the process that did has ended"
    assert summary(project, which)["reason"] == left
    assert left in project.ok("status", which).out
    project.touch("a.go")
    assert project.finish(first).code == 0
    project.ok("resume", which)
    assert project.lines("effects") == ["a", which]


def test_nothing_new_begins_while_it_is_held(project, until) -> None:
    project.playbook("mark", "steps:\n" + MARK)
    assert "no new workflows begin" in project.ok("pause", "--all", "--reason", "power works").out
    assert project("pause", "--all").code == 5
    refused = project("run", "--playbook", "mark")
    assert refused.code == 5
    assert "holds all new workflows: power works" in refused.err
    waits = project.start("run", "--playbook", "mark", "--wait")
    assert queued(project, until, f"WF-{YEAR}-001").endswith("holds all new workflows: power works")
    project.ok("run", "--playbook", "mark", "--override-freeze", "the site is down")
    assert project.lines("effects") == [f"WF-{YEAR}-002"]
    project.ok("resume", "--all")
    assert project.finish(waits).code == 0
    assert project("resume", "--all").code == 5
    created = project.ok("status", f"WF-{YEAR}-002", "--detailed", "--json").json["events"][0]
    assert created["data"]["overrides"] == {"freeze": "the site is down"}


def test_what_is_run_again_is_held_back_and_let_past_like_what_is_run(project, until) -> None:
    project.playbook("mark", "priority: low\nsteps:\n" + MARK)
    project.ok("run", "--playbook", "mark")
    project.ok("pause", "--all", "--reason", "power works")
    refused = project("rerun", f"WF-{YEAR}-001")
    assert refused.code == 5
    assert "Let it wait with --wait, or go past it: --override-freeze REASON." in refused.err
    assert project("rerun", f"WF-{YEAR}-001", "--override-freeze", " ").code == 2
    waits = project.start("rerun", f"WF-{YEAR}-001", "--wait", "--priority", "high")
    assert queued(project, until, f"WF-{YEAR}-002").endswith("holds all new workflows: power works")
    project.ok("rerun", f"WF-{YEAR}-001", "--override-freeze", "the site is down")
    assert project.lines("effects") == [f"WF-{YEAR}-001", f"WF-{YEAR}-003"]
    project.ok("resume", "--all")
    assert project.finish(waits).code == 0
    created = project.ok("status", f"WF-{YEAR}-002", "--detailed", "--json").json["events"][0]
    assert (created["data"]["rerun_of"], created["data"]["priority"]) == (f"WF-{YEAR}-001", "high")


def test_a_freeze_refuses_where_it_holds_and_says_until_when(project) -> None:
    project.write(
        "orchestrate.toml",
        '[[freeze]]\nname = "stock-taking"\nfrom = 2020-01-01\nuntil = 2999-01-01T00:00:00Z\n'
        'environments = ["production"]\nallow_priority = "high"\n',
    )
    project.playbook("mark", "steps:\n" + MARK)
    refused = project("run", "--playbook", "mark", "--environment", "production")
    assert refused.code == 5
    assert "frozen by stock-taking until 2999-01-01" in refused.err
    project.ok("run", "--playbook", "mark")
    project.ok("run", "--playbook", "mark", "--environment", "production", "--priority", "high")


def test_a_playbook_must_have_succeeded_elsewhere_as_it_is(project) -> None:
    project.playbook("mark", "require_success_in: staging\nsteps:\n" + MARK)
    there = ("run", "--playbook", "mark", "--environment", "production")
    refused = project(*there)
    assert refused.code == 5
    assert "has not succeeded in staging" in refused.err
    assert "orchestrate run --playbook mark --environment staging" in refused.err
    project.ok("run", "--playbook", "mark", "--environment", "staging")
    project.ok(*there)
    project.playbook("mark", "require_success_in: staging\nsteps:\n" + MARK + MARK)
    project.ok("run", "--playbook", "mark", "--environment", "staging", "--only", "1")
    assert project(*there).code == 5
    assert project(*there, "--override-required-success", " ").code == 2
    project.ok(*there, "--override-required-success", "urgent")


def test_calls_keep_to_their_rate_and_waiting_is_no_part_of_their_timeout(project) -> None:
    project.write("orchestrate.toml", '[rate_limits]\n"echo" = "1/second"\n')
    branch = "      - {name: %s, steps: [{command: echo hello%s}]}\n"
    branches = "".join(branch % (name, ", timeout: 2" * (name == "d")) for name in "abcd")
    project.playbook("calls", "steps:\n  - type: parallel\n    branches:\n" + branches)
    done = project.ok("run", "--playbook", "calls")
    assert done.out.count("for the rate limit echo") == 3
    events = project.ok("status", f"WF-{YEAR}-001", "--detailed", "--json").json["events"]
    waits = [one["path"] for one in events if one["type"] == "rate_waiting"]
    assert waits == ["1/b/1", "1/c/1", "1/d/1"]
    connection = sqlite3.connect(project.root / ".orchestrate/orchestrate.db")
    tokens = connection.execute("SELECT at FROM rate_tokens ORDER BY at").fetchall()
    connection.close()
    assert len(tokens) == 4
    first = tokens[0][0]  # all asked in one turn
    assert [at - first for (at,) in tokens] == pytest.approx([0, 1, 2, 3], abs=0.001)


def test_a_forecast_names_what_will_collide(project) -> None:
    project.write("orchestrate.toml", "[engine]\nmax_workflows = 1\n")
    for name in ("backup", "audit"):
        project.playbook(name, "steps:\n  - shell: sleep 0.1\n")
        project.ok("run", "--playbook", name)
        project.ok("schedule", "--playbook", name, "--cron", "0 2 * * *", "--enabled")
    said = project.ok("capacity").out
    assert "in the next 24 hours: 2 scheduled, 1 of them late" in said
    assert "02:00: audit and backup need 2 of 1 workflows; backup will start about 02:00" in said
    found = project.ok("capacity", "--json").json
    assert [one["late"] for one in found["collisions"]] == ["backup"]
    assert "none of them late" not in project.ok("capacity", "--hours", "0.0001").out


def test_a_forecast_of_very_much_says_how_far_it_looks(project) -> None:
    for name in ("often", "seldom"):
        project.playbook(name, "steps:\n  - shell: 'true'\n")
        cron = "* * * * *" if name == "often" else "*/2 * * * *"
        project.ok("schedule", "--playbook", name, "--cron", cron, "--enabled")
    found = project.ok("capacity", "--hours", "48", "--json").json
    names = [one["schedule"] for one in found["scheduled"]]
    assert (len(names), names.count("often")) in ((1000, 666), (1000, 667))
    moments = [one["at"] for one in found["scheduled"]]
    assert moments == sorted(moments)
    assert moments[-1] <= found["until"]
    said = project.ok("capacity", "--hours", "48").out
    assert "in the next 11.1 hours: 1000 scheduled" in said
    assert "looked no further ahead: more is scheduled than can be told" in said
    assert "looked no further" not in project.ok("capacity", "--hours", "2").out


def test_a_forecast_counts_what_runs_at_once_with_the_values_of_the_schedule(project) -> None:
    project.write("orchestrate.toml", "[capacity]\nconnections = 4\n")
    text = (
        "parameters: [{name: size, type: integer, default: 1}]\nsteps:\n  - type: parallel\n"
        "    branches:\n"
    )
    for name in ("a", "b"):
        text += f"      - name: {name}\n        steps:\n          - command: /bin/true\n"
        text += "            resources: {connections: '${size}'}\n"
    project.playbook("copy", text)
    project.ok("run", "--playbook", "copy")  # so that it is known how long it takes
    for name, size in (("small", 1), ("large", 2)):
        project.ok(
            "schedule", "--playbook", "copy", "--cron", "0 2 * * *", "--enabled", "--name", name,
            "--parameters", f"size={size}",
        )  # fmt: skip
    found = project.ok("capacity", "--json").json
    needs = {one["schedule"]: one["needs"]["connections"] for one in found["scheduled"]}
    assert needs == {"small": 2, "large": 4}
    assert [one["needed"] for one in found["collisions"]] == [6]


def test_what_can_never_be_had_is_refused_before_anything_runs(project) -> None:
    project.write("orchestrate.toml", "[capacity]\nconnections = 4\n")
    text = "parameters: [{name: size, type: integer, default: 1}]\nresources: {connections: 3}\n"
    text += "steps:\n  - shell: echo ran >> effects\n"
    text += "  - {command: /bin/true, resources: {connections: '${size}'}}\n"
    project.playbook("copy", text)
    refused = project("run", "--playbook", "copy", "--parameters", "size=2")
    assert refused.code == 2
    assert "copy.yaml:5:5" in refused.err
    assert "asks for 2 of `connections`, and 3 more are held around it; there are 4" in refused.err
    unknown = text.replace("connections: 3", "conections: 3")
    project.playbook("other", unknown)
    refused = project("run", "--playbook", "other")
    assert refused.code == 2
    assert "there is no `conections` in `[capacity]` of orchestrate.toml" in refused.err
    assert "did you mean `connections`?" in refused.err
    assert project.lines("effects") == []
    assert project.ok("run", "--playbook", "copy").code == 0
    assert "unknown-resource" in project("validate", "--playbook", "other").out
