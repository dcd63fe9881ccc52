"""What verbs say, which workflow they mean, and how times and keys may be given."""

import json

import pytest
from this_year import YEAR

BAD = "steps:\n  - {name: bad, shell: exit 3}\n"
GOOD = "steps:\n  - {name: good, shell: exit 0}\n"


@pytest.fixture
def failed(project) -> str:
    project.playbook("bad", BAD)
    assert project("run", "--playbook", "bad").code == 1
    return f"WF-{YEAR}-001"


@pytest.fixture
def running(project, waiting) -> str:
    text = "steps:\n" + waiting("slow") + "finally:\n" + waiting("two")
    project.playbook("work", text)
    workflow = project.ok("run", "--playbook", "work", "--detach").out.strip()
    project.wait_for_file("slow.started")
    return workflow


def test_current_is_no_old_failure(project, failed) -> None:
    project.playbook("good", GOOD)
    project.ok("run", "--playbook", "good")
    done = project("resume", "--workflow", "current")
    assert done.code == 5
    assert f"WF-{YEAR}-001 (bad)" in done.err
    assert f"WF-{YEAR}-002 (good), which has succeeded" in done.err
    assert project.workflow()["steps"][0]["attempts"] == 1
    assert project("resume", "--workflow", "current", "--yes").code == 1


def test_an_error_of_resume_names_the_workflow(project, failed) -> None:
    done = project("resume", "current", "--from-step", "missing")
    assert done.code == 3
    assert f"WF-{YEAR}-001: --from-step missing" in done.err


def test_a_playbook_is_named_in_both_ways(project) -> None:
    project.playbook("good", GOOD)
    assert f"WF-{YEAR}-001 good succeeded" in project.ok("run", "good").out
    assert project.ok("validate", "good").out == project.ok("validate", "--playbook", "good").out
    assert "A playbook is run by `orchestrate run good`." in project("good").err
    assert "A playbook is run by `orchestrate run good`." in project("goood").err
    nameless = project("run")
    assert nameless.code == 2
    assert "which playbook shall be run?" in nameless.err
    assert "\n      good\n" in nameless.err


@pytest.mark.parametrize("verb", ["logs", "status", "checkpoints"])
def test_reading_verbs_take_the_id_in_both_ways(project, failed, verb: str) -> None:
    assert project.ok(verb, failed).out == project.ok(verb, "--workflow", failed).out
    assert project(verb, failed, "--workflow", f"WF-{YEAR}-002").code == 2


@pytest.mark.parametrize("verb", ["cancel", "pause", "resume", "complete", "rerun"])
def test_other_verbs_take_the_id_in_both_ways(project, verb: str) -> None:
    both = [project(verb, "WF-1999-001"), project(verb, "--workflow", "WF-1999-001")]
    assert [done.code for done in both] == [3, 3]
    assert project(verb).code == 2


def test_verbs_that_end_a_workflow_say_how_far_it_is(project, running) -> None:
    done = project.ok("complete", running, "--force", "--reason", "done by hand")
    assert done.out == f"{running} is being completed\n"
    project.wait_for_file("two.started")
    project.ok("complete", running, "--force")
    project.touch("two.go")
    project.wait_for_state("completed", running)
    assert project.workflow(running)["reason"] == "done by hand"
    (listed,) = project.ok("status", "--json").json
    assert listed["reason"] == "done by hand"


def test_nothing_that_runs_is_not_nothing_at_all(project, failed) -> None:
    assert project.ok("status", "--running").out.startswith("no workflow runs;")


def test_a_verb_with_verbs_of_its_own_lists_them(project) -> None:
    done = project("state")
    assert done.code == 2
    assert "`orchestrate state` needs a verb" in done.err
    assert "orchestrate state backup" in done.err


@pytest.mark.parametrize("given", ["5m", "90s", "0.5", "1h30m"])
def test_a_timeout_may_have_units(project, given: str) -> None:
    project.playbook("good", GOOD)
    project.ok("run", "--playbook", "good", "--timeout", given)


def test_a_wrong_timeout_says_how_to_write_one(project) -> None:
    project.playbook("good", GOOD)
    for given in ("soon", "0", "-1"):
        done = project("run", "--playbook", "good", "--timeout", given)
        assert done.code == 2
        assert "write minutes, such as 30, or `90s`" in done.err


def test_a_timeout_with_units_counts_in_them(project) -> None:
    project.playbook("nap", "steps:\n  - shell: sleep 30\n")
    assert project("run", "--playbook", "nap", "--timeout", "300ms").code == 124


def test_a_key_belongs_to_one_call(project) -> None:
    project.playbook("hi", "parameters: [{name: who}]\nsteps:\n  - shell: echo ${who}\n")
    words = ("run", "--playbook", "hi", "--idempotency-key", "k1", "--parameters")
    project.ok(*words, "who=ada")
    again = project.ok(*words, "who=ada")
    assert f"WF-{YEAR}-001 was started with this key before; it has succeeded" in again.err
    other = project(*words, "who=bob")
    assert other.code == 5
    assert f"k1 belongs to WF-{YEAR}-001" in other.err
    assert "who=ada there, who=bob here" in other.err
    assert len(project.ok("status", "--json").json) == 1


def test_an_unknown_sub_playbook_names_the_nearest(project) -> None:
    project.playbook("rotate", GOOD)
    project.playbook("main", "steps:\n  - {type: playbook, playbook: rotat}\n")
    assert "did you mean `rotate`?" in project("run", "--playbook", "main").err


def test_a_command_that_is_not_found_is_shown_where_it_stands(project) -> None:
    project.playbook("lost", "steps:\n  - name: one\n    type: x\n    command: /nowhere go\n")
    done = project("run", "--playbook", "lost")
    assert done.code == 2
    assert "playbooks/lost.yaml:4:14: error[command-not-found]" in done.err


def test_one_is_singular(project, failed) -> None:
    assert project.ok("prune", "--older-than", "1").out == "no workflow ended more than 1 day ago\n"


def test_a_header_of_logs_begins_a_line(project) -> None:
    text = "steps:\n  - {name: a, shell: printf unfinished}\n  - {name: b, shell: echo whole}\n"
    project.playbook("two", text)
    project.ok("run", "--playbook", "two")
    assert project.ok("logs", "current").out == ("==> a <==\nunfinished\n==> b <==\nwhole\n")
    assert project.ok("logs", "current", "--step", "a").out == "unfinished"


def test_json_logs_are_lines_and_whole_characters(project) -> None:
    script = "#!/usr/bin/env python3\nimport os, time\n"
    script += "for byte in 'Zürich\\nKöln'.encode():\n    os.write(1, bytes([byte]))\n"
    script += "    time.sleep(0.01)\nos.write(1, b'\\n\\xff\\n')\n"
    project.command("say", script)
    project.playbook("say", "steps:\n  - {name: say, command: /say}\n")
    project.ok("run", "--playbook", "say")
    lines = [json.loads(line) for line in project.ok("logs", "current", "--json").out.splitlines()]
    assert [line["text"] for line in lines] == ["Zürich\n", "Köln\n", "\ufffd\n"]
    assert lines[0].keys() == {"path", "attempt", "stream", "at", "text"}


def test_a_wrong_number_is_said_in_plain_words(project) -> None:
    project.playbook("one", "steps: [{command: /bin/true}]\n")
    done = project("run", "--playbook", "one", "--max-parallel", "two")
    assert (done.code, "'two' is not a whole number" in done.err) == (2, True)
    done = project("capacity", "--hours", "soon")
    assert (done.code, "'soon' is not a number" in done.err) == (2, True)


def test_a_preview_of_nothing_says_of_what_there_can_be_one(project) -> None:
    project.playbook("one", "steps: [{command: /bin/true}]\n")
    done = project("schedule", "--preview", "3")
    assert done.code == 2
    assert "name a schedule, or give --cron" in done.err
    assert "orchestrate schedule NAME --preview 5" in done.err
